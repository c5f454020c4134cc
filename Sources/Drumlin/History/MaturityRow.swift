public import ColumnFormat

/// How many of some predictions have their label at each age: one point of a maturity curve.
public struct MaturityRow: Sendable, Hashable {
    /// The task.
    public var task: String
    /// The version of the model that predicted; nil for all predictions together.
    public var modelVersion: String?
    /// A bucket of that version's reference, by number; nil for all of its predictions together.
    public var bucket: Int?
    /// The class that its rows were predicted to be, where all have the same one.
    public var predictedClass: Int?
    /// The mean score, value, or probability of the predicted class of its rows; nil where none has any.
    public var meanScore: Double?
    /// The age, from the prediction's time on.
    public var age: TimeSpan
    /// Predictions that are at least so old.
    public var predictionCount: Int
    /// Those of them whose label had come by then.
    public var labeledCount: Int

    /// ``labeledCount`` of ``predictionCount``; nil where none is so old.
    public var labeledShare: Double? {
        predictionCount > 0 ? Double(labeledCount) / Double(predictionCount) : nil
    }

    /// The keys in JSON and CSV, in their order.
    public static let keys = [
        "task", "model_version", "bucket", "predicted_class", "mean_score", "age", "num_predictions", "num_labeled",
        "labeled_share",
    ]

    /// The values in the order of ``keys``; the age in seconds.
    public var values: [Value] {
        [
            .string(task), modelVersion.map { .string($0) } ?? .null, bucket.map { .int(Int64($0)) } ?? .null,
            predictedClass.map { .int(Int64($0)) } ?? .null, meanScore.map { .float64($0) } ?? .null,
            .float64(Double(age.microseconds) / 1e6), .int(Int64(predictionCount)), .int(Int64(labeledCount)),
            labeledShare.map { .float64($0) } ?? .null,
        ]
    }
}
