import Drumlin
import TestSupport
import Testing

/// Bad input: one clear error that names the place and the value, and everything stays as it was.
@Suite("Tasks and bad input")
struct TaskInputTests {
    static let at = Timestamp(microseconds: TaskEvents.first)

    /// A task with one prediction `known` and one label.
    static func harness(_ kind: TaskKind = .binary()) throws -> TaskHarness {
        let harness = try TaskHarness(TaskEvents.schema(kind))
        var random = TaskEvents(kind, seed: 1)
        try harness.register(TaskPropertyTests.metrics(kind)[0], [.tumbling(.days(1))])
        try harness.task.logPrediction(id: "known", at: at, prediction: random.output(), features: ["x": 1.5])
        try harness.task.logFeedback(id: "known", at: at, label: random.label())
        return harness
    }

    /// Expects `body` to throw an error of that code whose text has all of `texts`, and to leave the task as it was.
    static func expect(
        _ code: StoreError.Code, _ texts: String..., in harness: TaskHarness,
        _ body: (MonitoredTask) throws -> Void, _ location: SourceLocation = #_sourceLocation
    ) throws {
        let before = (harness.task.status, try harness.task.metrics(), try rowCounts(harness))
        do {
            try body(harness.task)
            Issue.record("nothing was thrown", sourceLocation: location)
        } catch let error as StoreError {
            #expect(error.code == code, "\(error)", sourceLocation: location)
            for text in texts {
                #expect(error.description.contains(text), "\(error) lacks \(text)", sourceLocation: location)
            }
        }
        #expect(harness.task.status == before.0, sourceLocation: location)
        #expect(try harness.task.metrics() == before.1, sourceLocation: location)
        #expect(try rowCounts(harness) == before.2, sourceLocation: location)
    }

    private static func rowCounts(_ harness: TaskHarness) throws -> [Int] {
        try ["predictions", "labels", "reference"].map { try harness.store.table("t/\($0)").rowCount }
    }

    @Test(
        "Scores that are none are refused by value",
        arguments: [(1.2, "1.2"), (-0.001, "-0.001"), (.nan, "nan"), (.infinity, "inf"), (-.infinity, "-inf")])
    func scores(score: Double, text: String) throws {
        let harness = try Self.harness()
        try Self.expect(.invalidInput, "score", text, in: harness) {
            try $0.logPrediction(id: "a", at: Self.at, prediction: .number(score), features: [:])
        }
        try Self.expect(.invalidInput, "score", text, in: harness) {
            try $0.logPrediction(id: "a", at: Self.at, prediction: .score(score, class: 1), features: [:])
        }
        let regression = try Self.harness(.regression)
        if !score.isFinite {
            try Self.expect(.invalidInput, text, in: regression) {
                try $0.logPrediction(id: "a", at: Self.at, prediction: .number(score), features: [:])
            }
            try Self.expect(.invalidInput, text, in: regression) {
                try $0.logFeedback(id: "known", at: Self.at, label: .number(score))
            }
        }
    }

    @Test("Outputs and labels of another kind of task are refused")
    func wrongKinds() throws {
        let binary = try Self.harness()
        try Self.expect(.invalidInput, "cat", in: binary) {
            try $0.logPrediction(id: "a", at: Self.at, prediction: "cat", features: [:])
        }
        try Self.expect(.invalidInput, "class 2", in: binary) {
            try $0.logPrediction(id: "a", at: Self.at, prediction: .score(0.5, class: 2), features: [:])
        }
        try Self.expect(.invalidInput, "0.5", in: binary) { try $0.logFeedback(id: "a", at: Self.at, label: 0.5) }
        try Self.expect(.invalidInput, "2", in: binary) { try $0.logFeedback(id: "a", at: Self.at, label: 2) }
        try Self.expect(.invalidInput, "cat", in: binary) { try $0.logFeedback(id: "a", at: Self.at, label: "cat") }
        let classes = try Self.harness(TaskEvents.kinds[1])
        try Self.expect(.invalidInput, "'d'", "a, b, c", in: classes) {
            try $0.logPrediction(id: "a", at: Self.at, prediction: "d", features: [:])
        }
        try Self.expect(.invalidInput, "'d'", "a, b, c", in: classes) {
            try $0.logFeedback(id: "known", at: Self.at, label: "d")
        }
        try Self.expect(.invalidInput, "2 probabilities", in: classes) {
            try $0.logPrediction(
                id: "a", at: Self.at, prediction: .class("a", probabilities: [0.5, 0.5]), features: [:])
        }
        for bad in [1.5, -0.5, .nan] {
            try Self.expect(.invalidInput, "probability \(bad)", in: classes) {
                try $0.logPrediction(
                    id: "a", at: Self.at, prediction: .class("a", probabilities: [0.5, bad, 0]), features: [:])
            }
        }
        try Self.expect(.invalidInput, "0.5", in: classes) {
            try $0.logPrediction(id: "a", at: Self.at, prediction: 0.5, features: [:])
        }
        try Self.expect(.invalidInput, in: try Self.harness(.regression)) {
            try $0.logFeedback(id: "a", at: Self.at, label: "cat")
        }
    }

    @Test("Features and observed columns of another name or type are refused by both")
    func columns() throws {
        let harness = try Self.harness()
        func log(_ features: [String: Value], observed: [String: Value] = [:]) -> (MonitoredTask) throws -> Void {
            { try $0.logPrediction(id: "a", at: Self.at, prediction: 0.5, features: features, observed: observed) }
        }
        try Self.expect(.schemaMismatch, "'y'", "x, n, place", in: harness, log(["y": 1]))
        try Self.expect(.schemaMismatch, "'_x'", in: harness, log(["_x": 1]))
        try Self.expect(.schemaMismatch, "'x'", "float64", "cash", in: harness, log(["x": "cash"]))
        try Self.expect(.schemaMismatch, "'n'", "int16", "70000", in: harness, log(["n": 70_000]))
        try Self.expect(.schemaMismatch, "'n'", "int16", "1.5", in: harness, log(["n": 1.5]))
        try Self.expect(.schemaMismatch, "'place'", "category", in: harness, log(["place": 3]))
        try Self.expect(.schemaMismatch, "'tips'", "tip", in: harness, log([:], observed: ["tips": 1]))
        try Self.expect(.schemaMismatch, "'tip'", "much", in: harness, log([:], observed: ["tip": "much"]))
        try Self.expect(.schemaMismatch, "'tips'", "tip", in: harness) {
            try $0.logFeedback(id: "known", at: Self.at, label: 1, observed: ["tips": 1])
        }
        try Self.expect(.schemaMismatch, "'tip'", in: harness) {
            try $0.logFeedback(id: "known", at: Self.at, label: 1, observed: ["tip": "much"])
        }
        try Self.expect(.schemaMismatch, "2 features of 3", in: harness) { task in
            let numbers = [1.0, 2]
            try task.logPrediction(id: "a", at: Self.at, score: 0.5, features: numbers.span)
        }
        try Self.expect(.schemaMismatch, "'n'", "2.5", in: harness) { task in
            let numbers = [1.0, 2.5, 0]
            try task.logPrediction(id: "a", at: Self.at, score: 0.5, features: numbers.span)
        }
        try Self.expect(.schemaMismatch, "'place'", in: harness) { task in
            let row = task.makePredictionRow()
            row.begin(id: "a", at: Self.at, prediction: 0.5)
            row.set(2, 1.0)
            try task.logPrediction(row)
        }
        // What was refused leaves nothing behind in memory that is used again.
        try harness.task.logPrediction(id: "a", at: Self.at, prediction: 0.5, features: ["n": 3])
        #expect(try harness.store.table("t/predictions").row(1)["n"] == .int(3))
    }

    @Test("Ids and times that cannot be")
    func idsAndTimes() throws {
        let harness = try Self.harness()
        for (id, text) in [("", "0 bytes"), (String(repeating: "é", count: 1_000), "2000 bytes")] {
            try Self.expect(.invalidInput, "id", text, in: harness) {
                try $0.logPrediction(id: id, at: Self.at, prediction: 0.5, features: [:])
            }
            try Self.expect(.invalidInput, "id", text, in: harness) {
                try $0.logFeedback(id: id, at: Self.at, label: 1)
            }
        }
        let year2262: Int64 = 9_223_372_036_854_775
        for time in [year2262, .max, .min, harness.simulated.clock.now.microseconds + 86_400_000_001] {
            let at = Timestamp(microseconds: time)
            try Self.expect(.invalidInput, "time", "\(at)", in: harness) {
                try $0.logPrediction(id: "a", at: at, prediction: 0.5, features: [:])
            }
            try Self.expect(.invalidInput, "time", "\(at)", in: harness) {
                try $0.logFeedback(id: "a", at: at, label: 1)
            }
        }
        let edge = Timestamp(microseconds: harness.simulated.clock.now.microseconds + 86_400_000_000)
        try harness.task.logPrediction(
            id: String(repeating: "x", count: 1_024), at: edge, prediction: 1, features: [:])
        #expect(harness.task.status.predictions == 2)
    }

    @Test("A batch with one bad row stores none of it")
    func batches() throws {
        let harness = try Self.harness()
        try Self.expect(.duplicateID, "known", in: harness) { task in
            let batch = task.makePredictionBatch()
            try batch.append(
                ids: ["b0", "known"], times: [Self.at, Self.at], predictions: [0.5, 0.25], features: [:])
            try task.logPredictions(batch)
        }
        try Self.expect(.duplicateID, "b0", "twice", in: harness) { task in
            let batch = task.makePredictionBatch()
            try batch.append(ids: ["b0", "b0"], times: [Self.at, Self.at], predictions: [0.5, 0.25], features: [:])
            try task.logPredictions(batch)
        }
        let batch = harness.task.makePredictionBatch()
        try batch.append(ids: ["c0"], times: [Self.at], predictions: [0.5], features: ["x": [2.5]])
        try Self.expect(.invalidInput, "1.2", in: harness) { _ in
            try batch.append(
                ids: ["c1", "c2"], times: [Self.at, Self.at], predictions: [0.5, 1.2], features: ["x": [1.5, 2.5]])
        }
        try Self.expect(.schemaMismatch, "'y'", in: harness) { _ in
            try batch.append(ids: ["c1"], times: [Self.at], predictions: [0.5], features: ["y": [1.5]])
        }
        try Self.expect(.invalidInput, "lengths", in: harness) { _ in
            try batch.append(ids: ["c1"], times: [], predictions: [0.5], features: [:])
        }
        #expect(batch.count == 1)
        try Self.expect(.invalidInput, "label 3", in: harness) { task in
            var feedback = FeedbackBatch()
            feedback.append(id: "known", at: Self.at, label: 0)
            feedback.append(id: "c0", at: Self.at, label: 3)
            try task.logFeedback(feedback)
        }
        try batch.append(
            ids: ["c3", "c0"], times: [Self.at, Self.at], predictions: [0.25, 0.5], features: ["x": [.null, 2.5]])
        try harness.task.logPredictions(batch)
        #expect(harness.task.status.predictions == 3)
        #expect(harness.task.status.duplicates == 1)
        try harness.task.logPredictions(batch)
        #expect(harness.task.status.predictions == 3)
    }

    @Test("An identical prediction changes nothing, NaN in a feature included")
    func identicalPredictions() throws {
        let harness = try Self.harness()
        for _ in 0..<3 {
            try harness.task.logPrediction(id: "n", at: Self.at, prediction: 0.5, features: ["x": .float64(.nan)])
        }
        #expect(harness.task.status.predictions == 2)
        #expect(harness.task.status.duplicates == 2)
        try Self.expect(.duplicateID, "'n'", in: harness) {
            try $0.logPrediction(id: "n", at: Self.at, prediction: 0.5, features: ["x": .null])
        }
        // Ids are bytes: these two look alike.
        try harness.task.logPrediction(id: "e\u{301}", at: Self.at, prediction: 0.5, features: [:])
        try harness.task.logPrediction(id: "\u{E9}", at: Self.at, prediction: 0.75, features: [:])
        #expect(harness.task.status.predictions == 4)
    }

    @Test("Schemas that cannot be, and another schema under the name")
    func schemas() throws {
        let harness = try Self.harness()
        func make(_ name: String, _ schema: TaskSchema) -> (MonitoredTask) throws -> Void {
            { _ in _ = try harness.store.task(name, schema: schema) }
        }
        let double = TaskSchema(kind: .binary(), features: [Feature("x", .bool)], observed: [Feature("x", .bool)])
        try Self.expect(
            .invalidInput, "'_x'", in: harness, make("u", TaskSchema(kind: .binary(), features: ["_x": .bool])))
        try Self.expect(.invalidInput, "'x'", in: harness, make("u", double))
        try Self.expect(.invalidInput, "0 ", in: harness, make("u", TaskSchema(kind: .binary(), features: ["": .bool])))
        try Self.expect(
            .invalidInput, "1.5", in: harness, make("u", TaskSchema(kind: .binary(threshold: 1.5), features: [:])))
        for classes in [["a"], ["a", "a"]] {
            let kind = TaskKind.multiclass(classes: classes, hasProbabilities: false)
            try Self.expect(.invalidInput, "classes", in: harness, make("u", TaskSchema(kind: kind, features: [:])))
        }
        try Self.expect(.invalidInput, in: harness, make("a/b", TaskEvents.schema(.binary())))
        try Self.expect(.schemaMismatch, "'t'", in: harness, make("t", TaskEvents.schema(.binary(threshold: 0.25))))
        try harness.reopen()
        try Self.expect(.schemaMismatch, "'t'", in: harness, make("t", TaskEvents.schema(.regression)))
        try Self.expect(.notFound, "'u'", "t", in: harness) { _ in _ = try harness.store.task("u") }
        #expect(harness.store.taskNames == ["t"])
    }

    @Test("References: the same again is nothing new, others under the same version are refused")
    func references() throws {
        let harness = try Self.harness()
        let schema = harness.schema
        try harness.task.logTrainingSet(TaskEvents.reference(schema, epoch: 0), modelVersion: "v0")
        for _ in 0..<2 {
            let status = harness.task.status
            try harness.task.logTrainingSet(TaskEvents.reference(schema, epoch: 0), modelVersion: "v0")
            #expect(harness.task.status == status)
            #expect(try harness.store.table("t/reference").rowCount == 240)
            try Self.expect(.schemaMismatch, "'v0'", in: harness) {
                try $0.logTrainingSet(TaskEvents.reference(schema, epoch: 1), modelVersion: "v0")
            }
            try Self.expect(.schemaMismatch, "'v0'", in: harness) {
                try $0.logTrainingSet(TaskEvents.reference(schema, epoch: 0), modelVersion: "v0", role: .training)
            }
            try harness.reopen()
        }
        try Self.expect(.invalidInput, "without rows", in: harness) {
            try $0.logTrainingSet(TrainingSet(schema: schema), modelVersion: "v1")
        }
        try Self.expect(.invalidInput, "version", in: harness) {
            try $0.logTrainingSet(TaskEvents.reference(schema, epoch: 1), modelVersion: "")
        }
        try Self.expect(.schemaMismatch, "schema", in: harness) {
            try $0.logTrainingSet(TaskEvents.reference(TaskEvents.schema(.regression), epoch: 1), modelVersion: "v1")
        }
        let set = TrainingSet(schema: schema)
        try Self.expect(.invalidInput, "without a label", in: harness) { _ in
            try set.append(prediction: 0.5, label: nil, features: [:])
        }
        try Self.expect(.schemaMismatch, "'y'", in: harness) { _ in
            try set.append(prediction: 0.5, label: 1, features: ["y": 1])
        }
        try Self.expect(.invalidInput, "1.2", in: harness) { _ in
            try set.append(prediction: 1.2, label: 1, features: [:])
        }
        #expect(set.rowCount == 0)
    }

    @Test("Registrations: the same again is nothing new, a different one is refused")
    func registrations() throws {
        let harness = try Self.harness()
        try harness.task.registerMetric(.accuracy, windows: [.tumbling(.days(1))])
        try Self.expect(.schemaMismatch, "accuracy", "1d", in: harness) {
            try $0.registerMetric(.accuracy, windows: [.tumbling(.days(2))])
        }
        try Self.expect(.invalidInput, "mae", "binary", "accuracy", in: harness) {
            try $0.registerMetric(.mae, windows: [.tumbling(.days(1))])
        }
        try Self.expect(.invalidInput, "f1", in: harness) { try $0.registerMetric(.f1, windows: []) }
        try Self.expect(.invalidInput, "twice", in: harness) {
            try $0.registerMetric(.f1, windows: [.cumulative, .cumulative])
        }
        for window: Window in [
            .tumbling(0), .tumbling(-5), .tumbling(TimeSpan(microseconds: 500_000)), .sliding(60, every: 120),
            .tumbling(60, offset: 60), .sliding(60, every: 0), .trailing(.days(40_000)), .tumbling(60, offset: -1),
        ] {
            try Self.expect(.invalidInput, in: harness) { try $0.registerMetric(.f1, windows: [window]) }
        }
        try Self.expect(.invalidInput, "'accuracy'", in: harness) {
            try $0.registerMetric("accuracy", windows: [.cumulative]) { _, _ in 0 }
        }
        try Self.expect(.notFound, "f1", "accuracy", in: harness) { _ = try $0.metrics(.f1) }
        try Self.expect(.notFound, "f1", in: harness) { _ = try $0.value(of: .f1, over: Self.at..<Self.at) }
        try Self.expect(.notFound, "f1", in: harness) { try $0.unregisterMetric("f1") }
        try Self.expect(.invalidInput, "1d", in: harness) {
            _ = try $0.value(
                of: .accuracy, over: Self.at..<Timestamp(microseconds: Self.at.microseconds + 3_600_000_000))
        }
        #expect(harness.task.registeredMetrics.map(\.name) == ["accuracy"])
    }

    @Test("Any interval of panes has a value, the emptiest and the widest included")
    func intervals() throws {
        let harness = try Self.harness()
        let day: Int64 = 86_400_000_000
        let all = try harness.task.value(
            of: .accuracy, over: Timestamp(microseconds: .min)..<Timestamp(microseconds: .max))
        #expect(all.labeledCount == 1)
        let none = try harness.task.value(of: .accuracy, over: Self.at..<Self.at)
        #expect(none.labeledCount == 0 && none.value == nil && none.labeledValue == nil)
        let one = try harness.task.value(
            of: .accuracy, over: Self.at..<Timestamp(microseconds: Self.at.microseconds + day))
        #expect(one.labeledCount == 1 && one.value == one.labeledValue)
    }
}
