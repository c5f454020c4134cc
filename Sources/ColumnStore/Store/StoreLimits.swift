public import ColumnFormat

/// Bounds on what a store keeps for events that are not ordinary. Each has a default that ordinary use never meets.
public struct StoreLimits: Sendable {
    /// Ids of one task that have feedback and wait for their prediction. Feedback for one more is refused with
    /// ``StoreError/Code/limitReached`` and counted in the task's status.
    public var pendingLabels = 1 << 24
    /// How far behind the task's clock the time of a prediction may lie. One from before is refused with
    /// ``StoreError/Code/limitReached`` and counted in the task's status. (Late events that are stored count in their own
    /// windows; each window that they open anew takes memory.)
    public var lateness: TimeSpan = .days(36_525)
    /// Segments and index runs of all tables; each is a mapping of the process while the store is open. Rows that would need
    /// more are not sealed: they stay in memory and in the log, until a compaction or a retention has made room, and new ones
    /// meet the store's ``BackPressure``.
    public var files = 16_384
    /// Bytes of the logs, which an opening has to read: beyond it rows are sealed although memory has room for more.
    public var logByteCount = 512 << 20

    /// The defaults.
    public init() {}
}
