import CommandSupport
import Drumlin

extension TaskSpecification {
    static func kind(_ root: KeyedObject) throws(JSONError) -> (TaskKind, probabilities: [String]) {
        guard let word = try root.string("kind") else {
            throw root.missing("kind", "\"binary\", \"multiclass\" or \"regression\"")
        }
        guard ["binary", "multiclass", "regression"].contains(word) else {
            throw JSONError(
                path: "kind", "\"\(PrintableText.excerpt(word))\" is no kind of task",
                remedy: "the kinds are binary, multiclass and regression")
        }
        func refuse(_ key: String, unless kind: String) throws(JSONError) {
            guard root.value(key) != nil else { return }
            throw JSONError(path: root.path(to: key), "a \(word) task has no \(key); it belongs to \(kind) tasks")
        }
        if word != "binary" { try refuse("threshold", unless: "binary") }
        if word != "multiclass" {
            try refuse("classes", unless: "multiclass")
            try refuse("probabilities", unless: "multiclass")
        }
        switch word {
        case "binary":
            let threshold = try root.number("threshold") ?? 0.5
            guard (0...1).contains(threshold) else {
                throw JSONError(path: "threshold", "\(threshold) is not in 0 to 1, where scores are")
            }
            return (.binary(threshold: threshold), [])
        case "multiclass": return try multiclass(root)
        default: return (.regression, [])
        }
    }

    private static func multiclass(_ root: KeyedObject) throws(JSONError) -> (TaskKind, probabilities: [String]) {
        guard let classes = try root.strings("classes") else {
            throw root.missing("classes", "the names of the classes, as in [\"cat\", \"dog\"]")
        }
        guard classes.count >= 2, Set(classes).count == classes.count else {
            throw JSONError(path: "classes", "at least two classes are needed, each once")
        }
        guard let members = try root.members("probabilities") else {
            return (.multiclass(classes: classes, hasProbabilities: false), [])
        }
        for member in members where !classes.contains(member.name) {
            throw JSONError(
                path: KeyedObject.join("probabilities", member.name), "this is none of the classes",
                remedy: "the classes are \(classes.joined(separator: ", "))")
        }
        var columns: [String] = []
        for name in classes {
            guard let member = members.first(where: { $0.name == name }) else {
                throw JSONError(
                    path: "probabilities", "the class \"\(name)\" is missing: name a column for every class")
            }
            guard case .string(let column) = member.value else {
                throw JSONError(
                    path: KeyedObject.join("probabilities", name),
                    "expected the name of a column, this is \(member.value.kind)")
            }
            columns.append(column)
        }
        return (.multiclass(classes: classes, hasProbabilities: true), columns)
    }

    static func columns(_ root: KeyedObject, kind: TaskKind, probabilities: [String]) throws(JSONError) -> Columns {
        var columns = Columns()
        columns.probabilities = probabilities
        guard let value = root.value("columns") else { return columns }
        let object = try KeyedObject(
            value, path: "columns", keys: ["id", "time", "score", "prediction", "label", "labelTime"])
        columns.id = try object.string("id")
        columns.time = try object.string("time")
        columns.score = try object.string("score")
        columns.prediction = try object.string("prediction")
        columns.label = try object.string("label")
        columns.labelTime = try object.string("labelTime")
        if case .binary = kind { return columns }
        guard columns.score == nil else {
            throw JSONError(
                path: "columns.score", "only binary tasks have a score",
                remedy: "name the column of the model's answer as \"prediction\"")
        }
        return columns
    }

    static func features(_ root: KeyedObject, _ key: String) throws(JSONError) -> [Feature] {
        var result: [Feature] = []
        for member in try root.members(key) ?? [] {
            let path = KeyedObject.join(key, member.name)
            guard case .string(let word) = member.value else {
                throw JSONError(path: path, "expected the name of a type, this is \(member.value.kind)")
            }
            guard let type = FeatureType(word) else {
                throw JSONError(
                    path: path, "\"\(PrintableText.excerpt(word))\" is no type",
                    remedy: "the types are bool, int8 to int64, uint8 to uint64, float32, float64, string, bytes, "
                        + "timestamp, uuid, category and vector[n]")
            }
            result.append(Feature(member.name, type))
        }
        return result
    }

    static func bucketing(_ root: KeyedObject, features: [Feature]) throws(JSONError) -> Bucketing? {
        guard let value = root.value("bucketing") else { return nil }
        let kinds = ["scoreQuantiles", "gaussianMixture", "category", "lossTree", "grid"]
        let any = try KeyedObject(
            value, path: "bucketing",
            keys: ["kind", "count", "components", "seed", "feature", "leaves", "features", "quantiles"])
        guard let kind = try any.string("kind") else {
            throw any.missing("kind", kinds.joined(separator: ", "))
        }
        switch kind {
        case "scoreQuantiles":
            let object = try KeyedObject(value, path: "bucketing", keys: ["kind", "count"])
            return .scoreQuantiles(Int(try object.integer("count", in: 1...10_000) ?? 20))
        case "gaussianMixture":
            let object = try KeyedObject(value, path: "bucketing", keys: ["kind", "components", "seed"])
            return .gaussianMixture(
                components: Int(try object.integer("components", in: 1...1_000) ?? 10),
                seed: UInt64(try object.integer("seed", in: 0...Int64.max) ?? 0))
        case "category":
            let object = try KeyedObject(value, path: "bucketing", keys: ["kind", "feature"])
            guard let feature = try object.string("feature") else {
                throw object.missing("feature", "the feature whose values are the buckets")
            }
            guard features.contains(where: { $0.name == feature }) else {
                throw JSONError(
                    path: "bucketing.feature", "\"\(PrintableText.excerpt(feature))\" is none of the features")
            }
            return .category(feature)
        case "lossTree":
            let object = try KeyedObject(value, path: "bucketing", keys: ["kind", "leaves", "seed"])
            return .lossTree(
                leaves: Int(try object.integer("leaves", in: 1...255) ?? 64),
                seed: UInt64(try object.integer("seed", in: 0...Int64.max) ?? 0))
        case "grid":
            let object = try KeyedObject(value, path: "bucketing", keys: ["kind", "features", "quantiles"])
            guard let names = try object.strings("features"), !names.isEmpty else {
                throw object.missing("features", "the features whose cells are the buckets")
            }
            for (index, name) in names.enumerated() where !features.contains(where: { $0.name == name }) {
                throw JSONError(
                    path: "bucketing.features[\(index)]",
                    "\"\(PrintableText.excerpt(name))\" is none of the features")
            }
            return .grid(names, quantiles: Int(try object.integer("quantiles", in: 1...10_000) ?? 4))
        default:
            throw JSONError(
                path: "bucketing.kind", "\"\(PrintableText.excerpt(kind))\" is no bucketing",
                remedy: "the bucketings are \(kinds.joined(separator: ", "))")
        }
    }

    static func estimator(_ root: KeyedObject) throws(JSONError) -> Estimator? {
        guard let name = try root.string("estimator") else { return nil }
        guard let estimator = Estimator(rawValue: name) else {
            throw JSONError(
                path: "estimator", "\"\(PrintableText.excerpt(name))\" is no estimator",
                remedy: "the estimators are \(Estimator.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return estimator
    }

    static func metrics(_ root: KeyedObject, kind: TaskKind) throws(JSONError) -> [MetricWindows] {
        var result: [MetricWindows] = []
        for (index, element) in (try root.array("metrics") ?? []).enumerated() {
            let object = try KeyedObject(element, path: "metrics[\(index)]", keys: ["name", "windows"])
            guard let name = try object.string("name") else { throw object.missing("name", "which metric") }
            let metrics: [Metric]
            if name == "confusion", kind != .regression {
                metrics = Metric.confusionMatrix(for: kind)
            } else if let metric = Metric(name), metric.isDefined(for: kind) {
                metrics = [metric]
            } else {
                throw JSONError(
                    path: object.path(to: "name"),
                    "\"\(PrintableText.excerpt(name))\" is no metric of this kind of task",
                    remedy: "the metrics are \(Metric.names(for: kind).joined(separator: ", "))")
            }
            guard let texts = try object.strings("windows"), !texts.isEmpty else {
                throw object.missing("windows", "over which windows, as in [\"1h\", \"7d/1d\", \"cumulative\"]")
            }
            var windows: [Window] = []
            for (position, text) in texts.enumerated() {
                guard let window = Window(text) else {
                    throw JSONError(
                        path: "\(object.path(to: "windows"))[\(position)]",
                        "\"\(PrintableText.excerpt(text))\" is no window", remedy: windowForms)
                }
                windows.append(window)
            }
            result += metrics.map { MetricWindows(metric: $0, windows: windows) }
        }
        return result
    }

    /// How windows are written.
    static let windowForms =
        "write SIZE (1h), SIZE/SLIDE (7d/1d), either with +OFFSET (7d+3d), trailing:SIZE, count:N or cumulative; sizes as 60s, 5m, 1h, 7d"

    static func span(_ root: KeyedObject, _ key: String) throws(JSONError) -> TimeSpan? {
        guard let text = try root.string(key) else { return nil }
        if text == "0s" { return 0 }
        guard case .tumbling(let size, let offset)? = Window(text), offset == 0 else {
            throw JSONError(
                path: key, "\"\(PrintableText.excerpt(text))\" is no length of time",
                remedy: "write it as 60s, 5m, 1h or 30d")
        }
        return size
    }
}
