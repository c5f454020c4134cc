public import ColumnFormat

/// That an alert was entered or left.
public struct AlertRow: Sendable, Hashable {
    /// The task.
    public var task: String
    /// The alert: the same when it is entered and when it is left, and never another one's.
    public var alert: String
    /// The rule's name.
    public var rule: String
    /// What was judged: a statistic of drift, an ``AnomalyKind``, `metric` or `violations`.
    public var kind: String
    /// The column, the metric or the constraint; nil for the number of predictions.
    public var subject: String?
    /// `entered` or `left`.
    public var state: String
    /// The kind of window, as text.
    public var window: String
    /// The window by which it was entered or left.
    public var start: Timestamp
    /// See ``start``.
    public var end: Timestamp
    /// The task's clock when that was found.
    public var computedAt: Timestamp?
    /// What was measured.
    public var value: Double
    /// What had been expected.
    public var expected: Double?
    /// The bound that ``value`` had to keep.
    public var limit: Double
    /// Rows of the window that ``value`` is of.
    public var rowCount: Int
    /// All of it in a sentence.
    public var message: String

    /// The keys in JSON and CSV, in their order.
    public static let keys = [
        "task", "alert", "rule", "kind", "subject", "state", "window", "window_start", "window_end", "computed_at",
        "value", "expected", "limit", "num_rows", "message",
    ]

    /// The values in the order of ``keys``.
    public var values: [Value] {
        [
            .string(task), .string(alert), .string(rule), .string(kind), subject.map { .string($0) } ?? .null,
            .string(state), .string(window), .timestamp(start), .timestamp(end),
            computedAt.map { .timestamp($0) } ?? .null, .float64(value), expected.map { .float64($0) } ?? .null,
            .float64(limit), .uint(UInt64(rowCount)), .string(message),
        ]
    }
}
