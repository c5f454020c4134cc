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
                if progress.total.keys.count > plan.groupLimit { progress.failure = (number, plan.tooManyGroups) }
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

/// The groups of all blocks so far.
struct AggregateTotal {
    private(set) var keys: [[GroupPart]] = []
    private var places: [[GroupPart]: Int] = [:]
    /// The same of groups by one key that is a word, and the place of each word.
    private var words = WordTable()
    private var placeOfWord: [Int] = []
    private var rowCounts: [Int] = []
    /// Those of a group are neighbours, one for each measure.
    private var measurements: [Measurement] = []
    private var prunedRowCount = 0
    private var summarizedRowCount = 0

    mutating func add(_ block: BlockResult, _ plan: AggregatePlan) {
        prunedRowCount += block.prunedRowCount
        summarizedRowCount += block.summarizedRowCount
        let measureCount = plan.measures.count
        for (group, key) in block.keys.enumerated() {
            let place = place(of: key, plan)
            rowCounts[place] += block.rowCounts[group]
            for measure in 0..<measureCount {
                measurements[place * measureCount + measure].add(block.measurements[measure][group])
            }
        }
    }

    private mutating func place(of key: [GroupPart], _ plan: AggregatePlan) -> Int {
        if key.count == 1, case .word(_, let bits) = key[0] {
            let number = Int(words.number(of: bits))
            if number == placeOfWord.count { placeOfWord.append(append(key, plan)) }
            return placeOfWord[number]
        }
        if let known = places[key] { return known }
        let place = append(key, plan)
        places[key] = place
        return place
    }

    private mutating func append(_ key: [GroupPart], _ plan: AggregatePlan) -> Int {
        keys.append(key)
        rowCounts.append(0)
        for _ in plan.measures { measurements.append(Measurement()) }
        return keys.count - 1
    }

    func result(_ plan: AggregatePlan) throws(StoreError) -> AggregateResult {
        var total = self
        if plan.keys.isEmpty { _ = total.place(of: [], plan) }
        var order = Array(total.keys.indices)
        order.sort { total.keys[$0].lexicographicallyPrecedes(total.keys[$1]) }
        var rows: [AggregateResult.Row] = []
        rows.reserveCapacity(order.count)
        for place in order {
            let keys = zip(total.keys[place], plan.keys).map { $0.value(type: $1.type) }
            let first = place * plan.measures.count
            let values = try plan.values(
                rowCount: total.rowCounts[place], measurements: total.measurements[first..<first + plan.measures.count])
            rows.append(AggregateResult.Row(keys: keys, values: values))
        }
        return AggregateResult(
            aggregates: plan.aggregates, groupKeys: plan.groupKeys, rows: rows,
            prunedRowCount: prunedRowCount, summarizedRowCount: summarizedRowCount)
    }
}
