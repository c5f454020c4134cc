import CommandSupport
import Drumlin

/// What `task.json` says: the task to open or create, its metrics, and the columns of the CSV files.
struct TaskSpecification {
    /// The names of CSV columns. Which of them are needed depends on the task and the file.
    struct Columns: Equatable {
        var id: String?
        var time: String?
        var score: String?
        var prediction: String?
        var label: String?
        /// When a label came, where the labels file calls that otherwise than `time`, or is the predictions file.
        var labelTime: String?
        /// Of a multiclass task: a column for each class, in the order of the classes.
        var probabilities: [String] = []
    }

    struct MetricWindows {
        let metric: Metric
        let windows: [Window]
    }

    /// The file it was read from.
    private(set) var file: String?
    let name: String
    let schema: TaskSchema
    let metrics: [MetricWindows]
    let segments: [Segmentation]
    let columns: Columns
    let constraints: ConstraintSpecification
    let alerts: [AlertRule]

    /// The longest file that is read as a specification.
    static let maximumByteCount = 16 << 20

    /// Reads the file at `path` (`-`: standard input).
    ///
    /// - Throws: ``CommandError`` where it cannot be read, ``JSONError`` where it is not as it should be.
    init(path: String) throws {
        let bytes = try InputFile.contents(of: path, limit: Self.maximumByteCount)
        do {
            try self.init(bytes)
            file = path
        } catch {
            var placed = error
            placed.file = path
            throw placed
        }
    }

    init(_ bytes: [UInt8]) throws(JSONError) {
        let root = try KeyedObject(
            try JSONParser.parse(bytes), path: "",
            keys: [
                "name", "kind", "threshold", "classes", "probabilities", "columns", "features", "observed", "metrics",
                "segments",
                "bucketing", "estimator", "shrinkTowardLabels", "allowedLateness", "labelHorizon", "constraints",
                "alerts", "monitor",
            ])
        guard let name = try root.string("name") else { throw root.missing("name", "what the task is called") }
        self.name = name
        let (kind, probabilities) = try Self.kind(root)
        let features = try Self.features(root, "features")
        columns = try Self.columns(root, kind: kind, probabilities: probabilities)
        schema = TaskSchema(
            kind: kind, features: features, observed: try Self.features(root, "observed"),
            bucketing: try Self.bucketing(root, features: features), estimator: try Self.estimator(root),
            shrinksTowardLabels: try root.bool("shrinkTowardLabels") ?? false,
            allowedLateness: try Self.span(root, "allowedLateness") ?? .hours(1),
            labelHorizon: try Self.span(root, "labelHorizon") ?? .days(30))
        metrics = try Self.metrics(root, kind: kind)
        segments = try Self.segments(root, schema.features + schema.observed)
        constraints = try ConstraintSpecification.parse(root)
        alerts = try AlertSpecification.parse(root)
    }
}
