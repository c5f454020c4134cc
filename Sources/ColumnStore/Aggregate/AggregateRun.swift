internal import ColumnFormat
internal import Synchronization

/// Aggregates the blocks of a snapshot, on one thread or several, and puts their results together in the order of the
/// blocks: so the number of threads shows in nothing but the time.
final class AggregateRun: Sendable {
    private let plan: AggregatePlan
    private let blocks: [SnapshotBlock]
    private let progress: Mutex<Progress>

    private struct Progress {
        /// The next block that no thread has taken.
        var taken = 0
        /// The next block whose result is to be added.
        var added = 0
        /// Results that wait for those before them.
        var waiting: [Int: BlockResult] = [:]
        var total = AggregateTotal()
        var failure: (block: Int, error: StoreError)?
    }

    init(_ plan: AggregatePlan, snapshot: TableSnapshot) {
        self.plan = plan
        blocks = snapshot.blocks()
        progress = Mutex(Progress())
    }

    /// Runs on the calling thread and up to `parallelism` − 1 others.
    func run(parallelism: Int) throws(StoreError) -> AggregateResult {
        let threadCount = max(1, min(parallelism, blocks.count))
        let helpers = (1..<threadCount).map { ThreadExecutor(name: "drumlin-agg-\($0)") }
        for helper in helpers { helper.submit { self.work() } }
        work()
        for helper in helpers { helper.stop() }
        let (total, failure) = progress.withLock { ($0.total, $0.failure?.error) }
        if let failure { throw failure }
        return try total.result(plan)
    }

    /// Takes blocks until there are none left, or one failed.
    private func work() {
        let aggregator = BlockAggregator(plan)
        while let number = take() {
            do throws(StoreError) {
                finish(number, try aggregator.aggregate(blocks[number]))
            } catch {
                fail(number, error)
                return
            }
        }
    }

    private func take() -> Int? {
        progress.withLock { progress in
            guard progress.failure == nil, progress.taken < blocks.count else { return nil }
            progress.taken += 1
            return progress.taken - 1
        }
    }

    private func finish(_ number: Int, _ result: BlockResult) {
        progress.withLock { progress in
            progress.waiting[number] = result
            while progress.failure == nil, let next = progress.waiting.removeValue(forKey: progress.added) {
                progress.total.add(next, plan)
                progress.added += 1
                if progress.total.groupCount > plan.groupLimit { progress.failure = (number, plan.tooManyGroups) }
            }
        }
    }

    /// Of several failures that of the first block is thrown.
    private func fail(_ number: Int, _ error: StoreError) {
        progress.withLock { progress in
            if let known = progress.failure, known.block < number { return }
            progress.failure = (number, error)
        }
    }
}
