/// Those who wait until what they logged is durable. One of them syncs for all who came before; who comes meanwhile waits for
/// the next sync.
///
/// Whoever has to wait for the disk anyway does the work, so that a sync begins without a change of threads.
final class CommitGroup: @unchecked Sendable {
    typealias Continuation = CheckedContinuation<Result<Void, StoreError>, Never>

    private let lock = SignalLock()
    private let clock = SystemClock()
    // All below is guarded by `lock`.
    private var isSyncing = false
    private var waitingCount = 0
    /// Callers who came since the last sync began, and how many that were before the syncs before.
    private var arrivedCount = 0
    private var recentCounts = (0, 0)
    private var syncStart: UInt64 = 0
    private var syncNanoseconds: UInt64 = 0
    private var isGathering = false
    private var continuations: [(sequence: UInt64, continuation: Continuation)] = []

    /// True for a caller who is to sync, and to `leave()` then; false where that was done for it.
    func enter(until isCovered: () -> Bool) -> Bool {
        if isCovered() { return false }
        lock.lock()
        defer { lock.unlock() }
        arrivedCount += 1
        if isGathering, arrivedCount >= max(recentCounts.0, recentCounts.1) { lock.broadcast() }
        while true {
            if isCovered() { return false }
            if !isSyncing {
                isSyncing = true
                return true
            }
            waitingCount += 1
            lock.wait()
            waitingCount -= 1
        }
    }

    /// Gives others who are likely to come a little time, so that they need no sync of their own: as many as came lately, at
    /// most half as long as a sync takes.
    func gather(microseconds: Int, isFull: () -> Bool) {
        lock.lock()
        defer { lock.unlock() }
        let expected = max(recentCounts.0, recentCounts.1)
        if microseconds > 0, arrivedCount < expected, !isFull() {
            let start = clock.monotonicNanoseconds
            let deadline = start + min(UInt64(microseconds) * 1_000, syncNanoseconds / 2)
            isGathering = true
            while arrivedCount < expected, clock.monotonicNanoseconds < deadline {
                lock.wait(untilNanoseconds: deadline)
            }
            isGathering = false
        }
        recentCounts = (recentCounts.1, arrivedCount)
        arrivedCount = 0
        syncStart = clock.monotonicNanoseconds
    }

    /// Ends a sync, also one that failed: all numbers below `durableUpTo` are durable.
    func leave(_ durableUpTo: UInt64) {
        lock.lock()
        isSyncing = false
        syncNanoseconds = clock.monotonicNanoseconds &- syncStart
        if waitingCount > 0 { lock.broadcast() }
        let covered = takeCovered(durableUpTo)
        lock.unlock()
        for entry in covered { entry.continuation.resume(returning: .success(())) }
    }

    /// Tells those who wait that somebody else has synced.
    func noteDurable(_ durableUpTo: UInt64) {
        lock.lock()
        if waitingCount > 0 { lock.broadcast() }
        let covered = takeCovered(durableUpTo)
        lock.unlock()
        for entry in covered { entry.continuation.resume(returning: .success(())) }
    }

    private func takeCovered(_ durableUpTo: UInt64) -> [(sequence: UInt64, continuation: Continuation)] {
        guard !continuations.isEmpty else { return [] }
        let covered = continuations.filter { $0.sequence <= durableUpTo }
        continuations.removeAll { $0.sequence <= durableUpTo }
        return covered
    }

    // MARK: Without holding a thread

    /// Adds one who waits without a thread. True for the first: it has to see to a sync.
    func add(_ sequence: UInt64, _ continuation: Continuation) -> Bool {
        lock.lock()
        defer { lock.unlock() }
        arrivedCount += 1
        continuations.append((sequence, continuation))
        return continuations.count == 1
    }

    /// Up to where has to be synced for those who wait without a thread; nil where none does.
    func lastWaiting() -> UInt64? {
        lock.lock()
        defer { lock.unlock() }
        return continuations.map(\.sequence).max()
    }

    /// Tells all who wait without a thread why there was no sync.
    func fail(_ error: StoreError) {
        lock.lock()
        let all = continuations
        continuations = []
        lock.unlock()
        for entry in all { entry.continuation.resume(returning: .failure(error)) }
    }
}
