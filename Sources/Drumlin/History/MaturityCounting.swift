internal import ColumnFormat

/// Counts predictions by what is known of them at some ages: in all, and by the bucket they are in.
struct MaturityCounting {
    /// Of one bucket of one epoch.
    struct Counts {
        var rows = 0
        var scoreSum = 0.0
        var scoredRows = 0
        var predictedClass: Int32?
        var isMixed = false
        /// By age.
        var predictions: [Int]
        var labeled: [Int]

        mutating func add(_ facts: PredictionFacts, isOld: (Int) -> Bool, isLabeled: (Int) -> Bool) {
            rows += 1
            if facts.score.isFinite {
                scoreSum += facts.score
                scoredRows += 1
            }
            if let known = predictedClass, known != facts.predictedClass { isMixed = true }
            predictedClass = facts.predictedClass
            for place in predictions.indices where isOld(place) {
                predictions[place] += 1
                if isLabeled(place) { labeled[place] += 1 }
            }
        }
    }

    struct Place: Hashable {
        let epoch: Int32
        let bucket: Int
    }

    let ages: [Int64]
    let clock: Int64
    private let epochs: [Epoch]
    private(set) var total: Counts
    private(set) var counts: [Place: Counts] = [:]

    init(ages: [Int64], clock: Int64, epochs: [Epoch]) {
        self.ages = ages
        self.clock = clock
        self.epochs = epochs
        total = Self.empty(ages.count)
    }

    private static func empty(_ count: Int) -> Counts {
        Counts(
            predictions: [Int](repeating: 0, count: count), labeled: [Int](repeating: 0, count: count))
    }

    mutating func add(_ batch: JoinedBatch, times: Range<Int64>?) {
        for row in 0..<batch.count {
            let at = batch.facts.time(at: row)
            guard times?.contains(at) ?? true else { continue }
            let facts = batch.facts.facts(at: row)
            let label = batch.label(at: row)?.at
            let (age, ages) = (clock.subtractingReportingOverflow(at), ages)
            let isOld = { (place: Int) in age.overflow ? clock > at : age.partialValue >= ages[place] }
            let isLabeled = { (place: Int) in
                guard let label else { return false }
                let delay = label.subtractingReportingOverflow(at)
                return delay.overflow ? label < at : delay.partialValue <= ages[place]
            }
            total.add(facts, isOld: isOld, isLabeled: isLabeled)
            guard let place = place(of: facts) else { continue }
            counts[place, default: Self.empty(ages.count)].add(facts, isOld: isOld, isLabeled: isLabeled)
        }
    }

    /// Levels are too many to look at one by one: their groups are. So are pairs of leaves: those of the first tree are.
    private func place(of facts: PredictionFacts) -> Place? {
        guard epochs.indices.contains(Int(facts.epoch)) else { return nil }
        let buckets = epochs[Int(facts.epoch)].buckets
        guard facts.bucket >= 0, Int(facts.bucket) < buckets.count else { return nil }
        let bucket: Int
        switch buckets.shape {
        case .levels(let table):
            bucket = Int(table.groups[Int(facts.bucket)]) * 2 + min(max(Int(facts.predictedClass), 0), 1)
        case .pairs(_, let second): bucket = Int(facts.bucket) / second
        default: bucket = Int(facts.bucket)
        }
        return Place(epoch: facts.epoch, bucket: bucket)
    }
}
