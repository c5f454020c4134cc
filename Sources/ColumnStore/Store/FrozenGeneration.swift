package import ColumnFormat

/// Memtables that were frozen together, and what has to be durable before the logs that hold them can go.
package final class FrozenGeneration {
    package let memtables: [(table: TableState, memtable: Memtable)]
    /// The views' state after exactly the rows of these memtables, by name.
    package let checkpoints: [String: [UInt8]]
    /// The log in which the rows after these begin.
    package let nextLogNumber: UInt64
    /// The numbers of the rows in the memtables.
    package let sequences: Range<UInt64>
    package let lastArrival: Timestamp
    /// Rows that went since the memtables before were frozen, by table.
    package let removals: [UInt32: RowRemoval]
    /// About how many bytes of memory the rows take.
    package let byteCount: Int
    /// About how many bytes of the logs they take.
    package let logByteCount: Int

    package init(
        memtables: [(table: TableState, memtable: Memtable)], checkpoints: [String: [UInt8]], nextLogNumber: UInt64,
        sequences: Range<UInt64>, lastArrival: Timestamp, removals: [UInt32: RowRemoval] = [:],
        byteCount: Int = 0, logByteCount: Int = 0
    ) {
        self.memtables = memtables
        self.checkpoints = checkpoints
        self.nextLogNumber = nextLogNumber
        self.sequences = sequences
        self.lastArrival = lastArrival
        self.removals = removals
        self.byteCount = byteCount
        self.logByteCount = logByteCount
    }
}
