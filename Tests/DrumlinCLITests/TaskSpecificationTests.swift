import CommandSupport
import Drumlin
import Testing

@testable import DrumlinCLI

@Suite struct TaskSpecificationTests {
    static let example = """
        { "name": "taxi_tip", "kind": "binary", "threshold": 0.5,
          "columns": { "id": "id", "time": "at", "score": "y_pred_proba", "prediction": "y_pred", "label": "y_true" },
          "features": { "trip_distance": "float32", "payment_type": "category", "a": "vector[3]" },
          "observed": { "tip_amount": "float32" },
          "metrics": [ { "name": "accuracy", "windows": ["1h", "7d/1d", "cumulative"] }, { "name": "f1", "windows": ["1d"] } ],
          "bucketing": { "kind": "scoreQuantiles", "count": 20 }, "labelHorizon": "7d" }
        """

    func failure(_ text: String) -> String? {
        do {
            _ = try TaskSpecification(Array(text.utf8))
            return nil
        } catch {
            return error.commandError.report
        }
    }

    /// The example with a part of it replaced.
    func failure(_ part: String, _ replacement: String) -> String? {
        precondition(Self.example.contains(part))
        return failure(Self.example.replacing(part, with: replacement))
    }

    @Test func readsTheExample() throws {
        let specification = try TaskSpecification(Array(Self.example.utf8))
        #expect(specification.name == "taxi_tip")
        #expect(specification.schema.kind == .binary(threshold: 0.5))
        #expect(
            specification.schema.features == [
                Feature("trip_distance", .float32), Feature("payment_type", .category),
                Feature("a", .vector(dimension: 3)),
            ])
        #expect(specification.schema.observed == [Feature("tip_amount", .float32)])
        #expect(specification.schema.labelHorizon == .days(7) && specification.schema.allowedLateness == .hours(1))
        #expect(specification.schema.bucketing == .scoreQuantiles(20))
        #expect(specification.metrics.map(\.metric.name) == ["accuracy", "f1"])
        #expect(
            specification.metrics[0].windows == [
                .tumbling(.hours(1)), .sliding(.days(7), every: .days(1)), .cumulative,
            ])
        #expect(
            specification.columns
                == .init(id: "id", time: "at", score: "y_pred_proba", prediction: "y_pred", label: "y_true"))
    }

    /// Twenty features whose names sort otherwise than they stand.
    @Test func readsSegments() throws {
        func segments(_ text: String) throws -> [Segmentation] {
            try TaskSpecification(
                Array(Self.example.replacing("\"bucketing\"", with: "\"segments\": \(text), \"bucketing\"").utf8)
            ).segments
        }
        #expect(try TaskSpecification(Array(Self.example.utf8)).segments.isEmpty)
        #expect(
            try segments(
                "[\"payment_type\", [\"payment_type\", \"tip_amount\"], {\"columns\": [\"payment_type\"], \"limit\": 3}]"
            )
                == [["payment_type"], ["payment_type", "tip_amount"], Segmentation(["payment_type"], limit: 3)])
        for (text, expected) in [
            ("[\"vendor\"]", "segments[0]"), ("[[]]", "no column"), ("[[1]]", "segments[0][0]"),
            ("[{\"columns\": [\"a\"], \"limit\": 0}]", "1 to 1000"), ("[{\"limit\": 2}]", "columns"),
        ] {
            let report = failure("\"bucketing\"", "\"segments\": \(text), \"bucketing\"")
            #expect(report?.contains(expected) == true, "\(text): \(report ?? "")")
        }
    }

    @Test func keepsTheOrderOfFeatures() throws {
        let names = (0..<20).map { "f\(($0 * 7) % 20)" }
        let features = names.map { "\"\($0)\": \"float32\"" }.joined(separator: ",")
        let specification = try TaskSpecification(
            Array("{\"name\":\"t\",\"kind\":\"regression\",\"features\":{\(features)}}".utf8))
        #expect(specification.schema.features.map(\.name) == names)
        #expect(specification.metrics.isEmpty && specification.schema.bucketing == nil)
    }

    @Test func readsTheOtherKinds() throws {
        let text = """
            {"name":"t","kind":"multiclass","classes":["cat","dog"],"probabilities":{"dog":"p_dog","cat":"p_cat"},
             "columns":{"prediction":"y"},"bucketing":{"kind":"gaussianMixture","components":5,"seed":7},
             "features":{"zone":"category"},"metrics":[{"name":"f1_macro","windows":["1d"]}],"allowedLateness":"0s"}
            """
        let specification = try TaskSpecification(Array(text.utf8))
        #expect(specification.schema.kind == .multiclass(classes: ["cat", "dog"], hasProbabilities: true))
        #expect(specification.columns.probabilities == ["p_cat", "p_dog"])
        #expect(specification.schema.bucketing == .gaussianMixture(components: 5, seed: 7))
        #expect(specification.schema.allowedLateness == 0)
        let category = text.replacing(
            "\"gaussianMixture\",\"components\":5,\"seed\":7", with: "\"category\",\"feature\":\"zone\"")
        #expect(try TaskSpecification(Array(category.utf8)).schema.bucketing == .category("zone"))
        let grid = text.replacing(
            "\"gaussianMixture\",\"components\":5,\"seed\":7", with: "\"grid\",\"features\":[\"zone\"],\"quantiles\":3")
        #expect(try TaskSpecification(Array(grid.utf8)).schema.bucketing == .grid(["zone"], quantiles: 3))
        let mean = text.replacing("\"name\":\"t\"", with: "\"name\":\"t\",\"estimator\":\"bucketMean\"")
        #expect(try TaskSpecification(Array(mean.utf8)).schema.estimator == .bucketMean)
        #expect(try !TaskSpecification(Array(text.utf8)).schema.shrinksTowardLabels)
        let shrinking = text.replacing("\"name\":\"t\"", with: "\"name\":\"t\",\"shrinkTowardLabels\":true")
        #expect(try TaskSpecification(Array(shrinking.utf8)).schema.shrinksTowardLabels)
    }

    @Test func errorsNameThePathOfKeysAndWhatWouldDo() {
        #expect(
            failure("\"threshold\"", "\"treshold\"")
                == """
                error: treshold: there is no key "treshold" here
                  remedy: the keys are name, kind, threshold, classes, probabilities, columns, features, observed, metrics, segments, bucketing, estimator, shrinkTowardLabels, allowedLateness, labelHorizon, constraints, alerts, monitor
                """)
        #expect(
            failure("\"taxi_tip\"", "7")
                == """
                error: name: expected a string, this is a number
                  remedy: write it as "name": "text"
                """)
        #expect(
            failure("\"name\": \"taxi_tip\", ", "") == "error: the key \"name\" is missing: what the task is called")
        #expect(
            failure("\"binary\"", "\"bin\"")
                == "error: kind: \"bin\" is no kind of task\n  remedy: the kinds are binary, multiclass and regression")
        #expect(failure("0.5", "1.5") == "error: threshold: 1.5 is not in 0 to 1, where scores are")
        #expect(
            failure("\"id\": \"id\"", "\"ID\": \"id\"")?.hasPrefix("error: columns.ID: there is no key \"ID\" here")
                == true)
        #expect(
            failure("\"category\"", "\"float\"")?.hasPrefix("error: features.payment_type: \"float\" is no type")
                == true)
        #expect(
            failure("\"category\"", "{}")
                == "error: features.payment_type: expected the name of a type, this is an object")
        #expect(
            failure("\"f1\"", "\"mae\"")
                == "error: metrics[1].name: \"mae\" is no metric of this kind of task\n  remedy: the metrics are "
                + "accuracy, precision, recall, f1, logLoss, brier, rocAUC, specificity, fbeta:BETA, balancedAccuracy, mcc, "
                + "cohenKappa, averagePrecision, confusion:actual=A,predicted=B, business_value:TP,FP,FN,TN, "
                + "expectedCalibrationError")
        #expect(
            failure("\"7d/1d\"", "\"7x\"")?.hasPrefix("error: metrics[0].windows[1]: \"7x\" is no window\n  remedy: ")
                == true)
        #expect(failure("\"7d/1d\"", "7") == "error: metrics[0].windows[1]: expected a string, this is a number")
        #expect(failure("[\"1d\"]", "[]")?.hasPrefix("error: metrics[1]: the key \"windows\" is missing") == true)
        #expect(
            failure("\"count\": 20", "\"count\": 0") == "error: bucketing.count: expected an integer from 1 to 10000")
        #expect(
            failure("\"count\": 20", "\"seed\": 20")?.hasPrefix("error: bucketing.seed: there is no key \"seed\" here")
                == true)
        #expect(
            failure("scoreQuantiles", "kmeans")?.hasPrefix("error: bucketing.kind: \"kmeans\" is no bucketing") == true)
        #expect(
            failure("\"7d\" }", "\"7d/1d\" }")?.hasPrefix("error: labelHorizon: \"7d/1d\" is no length of time") == true
        )
        #expect(
            failure("{ \"tip_amount\": \"float32\" }", "[]")
                == """
                error: observed: expected an object, this is an array
                  remedy: write it as "observed": { … }
                """)
        #expect(failure("[1]") == "error: expected an object, this is an array")
        #expect(
            failure("{\"name\": \"a\",")
                == """
                error: line 1, column 14: expected a name in quotation marks
                  remedy: correct the JSON there, or what stands before it
                """)
        #expect(
            failure("\"threshold\": 0.5", "\"classes\": [\"a\"]")
                == "error: classes: a binary task has no classes; it belongs to multiclass tasks")
    }

    @Test func errorsOfMulticlassTasks() {
        func multiclass(_ rest: String) -> String? { failure("{\"name\":\"t\",\"kind\":\"multiclass\"\(rest)}") }
        #expect(multiclass("")?.hasPrefix("error: the key \"classes\" is missing") == true)
        #expect(multiclass(",\"classes\":[\"a\"]") == "error: classes: at least two classes are needed, each once")
        #expect(
            multiclass(",\"classes\":[\"a\",\"a\"]") == "error: classes: at least two classes are needed, each once")
        #expect(
            multiclass(",\"classes\":[\"a\",\"b\"],\"probabilities\":{\"a\":\"x\"}")
                == "error: probabilities: the class \"b\" is missing: name a column for every class")
        #expect(
            multiclass(",\"classes\":[\"a\",\"b\"],\"probabilities\":{\"c\":\"x\"}")?
                .hasPrefix("error: probabilities.c: this is none of the classes") == true)
        #expect(
            multiclass(",\"classes\":[\"a\",\"b\"],\"columns\":{\"score\":\"x\"}")?
                .hasPrefix("error: columns.score: only binary tasks have a score") == true)
        #expect(multiclass(",\"classes\":[\"a\",\"b\"],\"threshold\":0.5")?.hasPrefix("error: threshold: ") == true)
    }

    @Test func aFileThatIsNotThereOrNoTextIsNamed() {
        let missing = #expect(throws: CommandError.self) { try TaskSpecification(path: "/nonexistent/task.json") }
        #expect(missing?.status == .cannotRead && missing?.place == "/nonexistent/task.json")
    }
}
