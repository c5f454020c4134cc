/// What of the pending operations is on the disk after a crash.
package enum CrashOutcome: Sendable, Equatable {
    /// Only what was synced.
    case nothing
    /// All, as if everything had been synced.
    case everything
    /// What happened up to a moment between two pending operations: the first so many of them.
    case prefix(Int)
    /// What happened up to a moment within a pending operation: those before it, and of a write any of its sectors.
    case torn(seed: UInt64)
    /// Any subset of the sectors and names, in any order. The seed chooses the size of a sector, 512 or 4,096 bytes, how much
    /// is lost, and what reads where a file has grown and its data has not arrived: nothing, zeros, garbage, or old bytes of
    /// another file.
    case subset(seed: UInt64)
    /// The process was killed: what the system has is there, and not yet durable.
    case kill
}
