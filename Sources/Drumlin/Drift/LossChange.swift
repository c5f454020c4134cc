public import ColumnFormat

/// Where the losses of a task's predictions have changed.
public struct LossChange: Sendable, Hashable {
    /// The task.
    public var task: String
    /// The test that says so.
    public var test: LossTest
    /// The time of the prediction by which it was found: the change is somewhat before.
    public var at: Timestamp
    /// The mean loss since the change before, or since the beginning, and that of the losses behind the change as far as they
    /// are known by then; nil where the test forgets them.
    public var meanBefore: Double
    /// See ``meanBefore``.
    public var meanAfter: Double?
    /// How many losses there were since the change before.
    public var rowCount: Int

    /// The keys in JSON and CSV, in their order.
    public static let keys = ["task", "test", "at", "mean_before", "mean_after", "num_rows"]

    /// The values in the order of ``keys``.
    public var values: [Value] {
        [
            .string(task), .string(test.rawValue), .timestamp(at), .float64(meanBefore),
            meanAfter.map { .float64($0) } ?? .null, .uint(UInt64(rowCount)),
        ]
    }
}
