/// Those who wait until what they logged is durable. One of them syncs for all who came before; who comes meanwhile waits for
/// the next sync.
///
/// Whoever has to wait for the disk anyway does the work, so that a sync begins without a change of threads. Nobody waits for more
/// callers to come: while they log their next event they are a group by themselves, and a delay only cost throughput.
final class CommitGroup: @unchecked Sendable {
    typealias Continuation = CheckedContinuation<Result<Void, StoreError>, Never>

    /// One condition for those of the sync that runs, one for those of the next.
    private let lock = SignalLock(conditionCount: 2)
    // All below is guarded by `lock`.
    private var isSyncing = false
    /// Which of the conditions those who come now wait for.
    private var side = 0
    private var waitingCounts = [0, 0]
    /// How often all who waited for a condition were let go.
    private var releaseCounts = [0, 0]
    private var continuations: [(sequence: UInt64, continuation: Continuation)] = []

    /// True for a caller who is to sync now, from `begin()` to `end(_:)`; false where that was done for it.
    func enter(until isCovered: () -> Bool) -> Bool {
        if isCovered() { return false }
        lock.lock()
        defer { lock.unlock() }
        while !isCovered() {
            if !isSyncing {
                isSyncing = true
                return true
            }
            let (place, releases) = (side, releaseCounts[side])
            waitingCounts[place] += 1
            lock.wait(for: place)
            if releaseCounts[place] == releases { waitingCounts[place] -= 1 }
        }
        // It may have been woken to sync for others.
        if !isSyncing { wakeNext() }
        return false
    }

    /// Begins a sync: who comes from now on waits for the next.
    func begin() {
        lock.lock()
        side ^= 1
        lock.unlock()
    }

    /// Ends a sync, also one that failed: all numbers below `durableUpTo` are durable. One of those who came meanwhile is woken for
    /// the next.
    func end(_ durableUpTo: UInt64) {
        lock.lock()
        isSyncing = false
        wakeNext()
        release(side ^ 1)
        let covered = takeCovered(durableUpTo)
        lock.unlock()
        for entry in covered { entry.continuation.resume(returning: .success(())) }
    }

    private func release(_ place: Int) {
        guard waitingCounts[place] > 0 else { return }
        waitingCounts[place] = 0
        releaseCounts[place] &+= 1
        lock.broadcast(place)
    }

    /// Wakes one of those who wait for a sync that nobody has begun.
    private func wakeNext() {
        if waitingCounts[side] > 0 { lock.signal(side) }
    }

    /// Tells those who wait that somebody else has synced.
    func noteDurable(_ durableUpTo: UInt64) {
        lock.lock()
        release(0)
        release(1)
        let covered = takeCovered(durableUpTo)
        lock.unlock()
        for entry in covered { entry.continuation.resume(returning: .success(())) }
    }

    /// Tells those who wait without a thread what is durable: it may have become so while they joined.
    func resumeCovered(_ durableUpTo: UInt64) {
        lock.lock()
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
