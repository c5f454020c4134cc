public import ColumnFormat

/// What the checks of one constraint came to, on events of one kind.
public struct CheckRow: Sendable, Hashable {
    /// The task.
    public var task: String
    /// The constraint, as its text.
    public var constraint: String
    /// The column that it is about.
    public var column: String
    /// `prediction` or `feedback`.
    public var event: String
    /// Events that were checked.
    public var checkedCount: Int
    /// Those among them that violate the constraint.
    public var violationCount: Int
    /// Their share, in [0, 1]; nil where none was checked.
    public var share: Double?
    /// The times of the first and the last event that violates it.
    public var firstAt: Timestamp?
    /// See ``firstAt``.
    public var lastAt: Timestamp?
    /// The value of the last one that was logged, as text; nil for a null.
    public var example: String?
    /// The id of the last one that was logged.
    public var exampleID: String?

    /// The keys in JSON and CSV, in their order.
    public static let keys = [
        "task", "constraint", "column", "event", "num_checked", "num_violations", "violation_share", "first_at",
        "last_at", "example", "example_id",
    ]

    /// The values in the order of ``keys``.
    public var values: [Value] {
        [
            .string(task), .string(constraint), .string(column), .string(event), .uint(UInt64(checkedCount)),
            .uint(UInt64(violationCount)), share.map { .float64($0) } ?? .null,
            firstAt.map { .timestamp($0) } ?? .null, lastAt.map { .timestamp($0) } ?? .null,
            example.map { .string($0) } ?? .null, exampleID.map { .string($0) } ?? .null,
        ]
    }
}
