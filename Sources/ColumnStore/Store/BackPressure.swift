/// What becomes of events that come faster than the disk takes them, once the memory for them is full.
///
/// Memory holds two sets of rows, one that fills and one that is being sealed (``StoreOptions/memtableByteCount``), and what
/// the log has not written (``StoreOptions/logMemoryByteCount``). As long as there is room in both, a `.buffered` call never
/// waits for the disk, also where a write or a sync stalls for minutes. The policy is about calls that log events:
/// predictions, feedback, rows of tables of your own. They are taken or not as a whole, before anything of them is stored.
///
/// What keeps a promise waits under every policy: erasure, reference rows, registrations, `sync()`, `seal()`, `close()`; and a
/// call of a store with `.written` or `.durable` waits for its own write or sync. A process that must never stall uses
/// `.buffered`.
public enum BackPressure: String, Sendable, CaseIterable {
    /// The caller waits until there is room, or throws why there will be none. Nothing is lost. The default.
    case block
    /// The call throws ``StoreError/Code/overloaded``; nothing of it is stored. Counted in ``StoreStatus/refusedCalls``.
    case fail
    /// The call returns as if it had been stored, and nothing of it is. Counted in ``StoreStatus/droppedCalls`` and
    /// ``StoreStatus/droppedEvents``, and by its task. Feedback for a dropped prediction waits for it, like all feedback that
    /// comes first. Where the disk is full, events are dropped, too.
    case dropAndCount
}
