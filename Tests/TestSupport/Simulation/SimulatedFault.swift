/// Something that goes wrong at one operation of a simulated disk.
package enum SimulatedFault: Sendable, Equatable {
    /// The power goes before the operation is done; of a write, any part may have arrived.
    case crash
    /// EIO; of a write, a prefix has arrived.
    case inputOutput
    /// ENOSPC; of a write, a prefix has arrived.
    case noSpace
    /// A sync that fails and forgets what it was to make durable, while the files read on as if it were there: what Linux
    /// does. The next sync succeeds. For other operations as `inputOutput`.
    case syncLosesData
}

/// What of the pending operations is on the disk after a crash.
package enum CrashOutcome: Sendable, Equatable {
    /// Only what was synced.
    case nothing
    /// All, as if everything had been synced.
    case everything
    /// What happened up to a moment between two pending operations: the first so many of them.
    case prefix(Int)
    /// Any subset of the sectors and names, in any order.
    case subset(seed: UInt64)
}
