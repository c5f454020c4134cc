public import ColumnFormat

/// How far one column of one window is from the reference, or from the windows before it.
public struct DriftRow: Sendable, Hashable {
    /// The task.
    public var task: String
    /// A feature or an observed column, or `_prediction` or `_label`.
    public var column: String
    /// How the distance is measured.
    public var statistic: DriftStatistic
    /// The kind of window, as text.
    public var window: String
    /// The window's start and end.
    public var start: Timestamp
    /// See ``start``.
    public var end: Timestamp
    /// The distance, in the unit of the statistic.
    public var value: Double
    /// How much more than ``value`` it may be of the rows themselves: the summaries' error. 0 where it is exact.
    public var error: Double
    /// From where on the distance is drift: 0.1, or more where the reference, or the windows before, differ by more among
    /// themselves.
    public var limit: Double
    /// Whether ``value`` is above ``limit``. An alert needs that twice running, or twice the limit.
    public var isDrifted: Bool
    /// The chance of as much where rows are independent and nothing has changed; nil where it is not known. On real traffic that
    /// is small all the time.
    public var pValue: Double?
    /// ``pValue`` raised for the number of columns of the window, by Benjamini and Hochberg: see ``FalseDiscovery``.
    public var adjustedPValue: Double?
    /// Rows of the window with a value, and rows it is compared with.
    public var rowCount: Int
    /// See ``rowCount``.
    public var referenceCount: Int
    /// What it is compared with: `reference 1`, of model version 1, or `28 windows before`.
    public var comparedWith: String

    /// The keys in JSON and CSV, in their order.
    public static let keys = [
        "task", "column", "statistic", "window", "window_start", "window_end", "value", "error", "limit", "drifted",
        "p_value", "adjusted_p_value", "num_rows", "num_reference", "compared_with",
    ]

    /// The values in the order of ``keys``.
    public var values: [Value] {
        [
            .string(task), .string(column), .string(statistic.rawValue), .string(window), .timestamp(start),
            .timestamp(end), .float64(value), .float64(error), .float64(limit), .bool(isDrifted),
            pValue.map { .float64($0) } ?? .null, adjustedPValue.map { .float64($0) } ?? .null,
            .uint(UInt64(rowCount)), .uint(UInt64(referenceCount)), .string(comparedWith),
        ]
    }
}
