public import ColumnFormat

/// How many predictions have a value of a feature that the reference rows of their model version never had.
///
/// An estimate of such a row is that of the nearest rows there were: see also `unsupported_mass` of a ``MetricRow``, which with buckets
/// by quantiles of the score says little of features.
public struct RangeRow: Sendable, Hashable {
    /// The task.
    public var task: String
    /// The version of the model.
    public var modelVersion: String
    /// The feature.
    public var column: String
    /// The least and the greatest number of the reference; nil for text.
    public var low: Double?
    /// See ``low``.
    public var high: Double?
    /// How many different texts the reference has; nil for numbers.
    public var knownCount: Int?
    /// Predictions with a value that is neither null nor NaN.
    public var valueCount: Int
    /// Those outside of the range, or with a text that the reference does not have.
    public var outsideCount: Int

    /// ``outsideCount`` of ``valueCount``; nil where there are none.
    public var outsideShare: Double? { valueCount > 0 ? Double(outsideCount) / Double(valueCount) : nil }

    /// The keys in JSON and CSV, in their order.
    public static let keys = [
        "task", "model_version", "column", "low", "high", "num_known", "num_values", "num_outside", "outside_share",
    ]

    /// The values in the order of ``keys``.
    public var values: [Value] {
        [
            .string(task), .string(modelVersion), .string(column), low.map { .float64($0) } ?? .null,
            high.map { .float64($0) } ?? .null, knownCount.map { .int(Int64($0)) } ?? .null, .int(Int64(valueCount)),
            .int(Int64(outsideCount)), outsideShare.map { .float64($0) } ?? .null,
        ]
    }
}
