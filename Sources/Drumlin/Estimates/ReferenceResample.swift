/// Reference rows that stand for a window's unlabeled rows, where a metric is a function of rows and not of sums: a
/// user's closures.
///
/// Each stratum of the window (``Stratum``: a bucket of an epoch) takes as many reference rows of its own as it has
/// unlabeled rows, and of each outcome the share that estimates of counts take. Rows are drawn at even steps of the
/// running sum of these weights, in the order of outcome, bucket and prediction (regression: bucket and error), so
/// nothing is left to chance: between any two rows of that order the number drawn is right to one. It assumes what every
/// estimate does, P(label, prediction | bucket) unchanged since the reference.
struct ReferenceResample: Sendable {
    /// What it was made of; while this stays, it is the same.
    struct Moment: Sendable, Equatable {
        let generation: Int
        let epochCount: Int
        let rowCount: Int
        let endRow: UInt64
    }

    /// Of each outcome of a bucket at most so many reference rows are kept, at even steps of their order.
    static let groupLimit = 4_096

    let moment: Moment
    let epochs: [EpochRows]

    /// Which rows stand for each other: label × classes + predicted class at a place of the statistics.
    struct Key: Hashable, Sendable {
        let place: Int
        let outcome: Int
    }

    /// A run of rows with the window's weight.
    struct Share {
        let stratum: Int
        let outcome: Int
        let epoch: Int
        let place: Int
        let weight: Double
        let rows: Range<Int>
    }

    /// As many rows as `count` says; nil where there are none to draw from. O(strata + count).
    func rows(for evaluator: MetricEvaluator, count: Int) -> (labels: [Double], predictions: [Double])? {
        let shares = shares(of: evaluator)
        let total = shares.reduce(0) { $0 + $1.weight }
        guard total > 0, total.isFinite else { return nil }
        var labels: [Double] = []
        var predictions: [Double] = []
        labels.reserveCapacity(count)
        predictions.reserveCapacity(count)
        let step = total / Double(count)
        var start = 0.0
        for (number, share) in shares.enumerated() {
            // Rounding must not leave the last row out.
            let end = number + 1 < shares.count ? start + share.weight : .infinity
            let rows = epochs[share.epoch]
            while labels.count < count {
                let point = (Double(labels.count) + 0.5) * step
                guard point < end else { break }
                let offset = min(
                    max(Int((point - start) / share.weight * Double(share.rows.count)), 0), share.rows.count - 1)
                // Errors up one leaf and down the next: where two leaves meet, rows that are alike do.
                let isDescending = rows.classCount == 1 && !number.isMultiple(of: 2)
                let row = isDescending ? share.rows.upperBound - 1 - offset : share.rows.lowerBound + offset
                labels.append(rows.label(of: row, outcome: share.outcome))
                predictions.append(rows.prediction(of: row, outcome: share.outcome))
            }
            start += share.weight
        }
        return (labels, predictions)
    }

    /// What the rows are drawn from, in order.
    func shares(of evaluator: MetricEvaluator) -> [Share] {
        var shares: [Share] = []
        for (number, stratum) in evaluator.strata.enumerated() where epochs.indices.contains(stratum.epoch) {
            let rows = epochs[stratum.epoch]
            func add(_ outcome: Int, _ weight: Double) {
                guard weight > 0, let own = rows.rows(at: stratum.place, outcome: outcome) else { return }
                shares.append(
                    Share(
                        stratum: number, outcome: outcome, epoch: stratum.epoch, place: stratum.place, weight: weight,
                        rows: own))
            }
            if rows.classCount == 1 {
                add(0, stratum.rows)
                continue
            }
            let outcomes = evaluator.outcomeCounts[stratum.firstCount..<stratum.countEnd]
            let total = outcomes.reduce(0) { $0 + $1.rows }
            for entry in outcomes { add(entry.outcome, stratum.rows * entry.rows / total) }
        }
        return shares.sorted { ($0.outcome, $0.epoch, $0.place) < ($1.outcome, $1.epoch, $1.place) }
    }
}

extension ReferenceResample {
    /// The labeled reference rows of an epoch, by bucket and outcome. 16 bytes a row, three times at most.
    struct EpochRows: Sendable {
        /// 1 for regression.
        let classCount: Int
        private let bucketCount: Int
        private let hasScores: Bool
        private var ranges: [Key: Range<Int>] = [:]
        private var labels: [Double] = []
        private var predictions: [Double] = []

        init(_ columns: ReferenceColumns, _ buckets: FittedBuckets, _ statistics: ReferenceStatistics) {
            classCount = columns.kind.classCount
            bucketCount = statistics.bucketCount
            hasScores = !columns.kind.isMulticlass
            let places = buckets.places(of: buckets.assign(columns), columns)
            let isRegression = columns.kind.isRegression
            let order = columns.labels.indices.filter { columns.hasLabel($0) }.map { row in
                (key: isRegression ? columns.labels[row] - columns.scores[row] : columns.scores[row], row: row)
            }.sorted { $0.key == $1.key ? $0.row < $1.row : $0.key < $1.key }
            var groups: [Key: [Int]] = [:]
            for (_, row) in order {
                let predicted = min(max(columns.classes[row], 0), classCount - 1)
                let label = isRegression ? 0 : Int(columns.labels[row])
                let outcome = label * classCount + predicted
                for place in [places[row], bucketCount + predicted, bucketCount + classCount] {
                    groups[Key(place: place, outcome: outcome), default: []].append(row)
                }
                groups[anyPrediction(label), default: []].append(row)
            }
            for (key, rows) in groups {
                let count = min(rows.count, ReferenceResample.groupLimit)
                let first = labels.count
                for number in 0..<count {
                    let row = rows[(2 * number + 1) * rows.count / (2 * count)]
                    labels.append(columns.labels[row])
                    predictions.append(columns.scores[row])
                }
                ranges[key] = first..<labels.count
            }
        }

        /// The rows with a label, whatever was predicted.
        private func anyPrediction(_ label: Int) -> Key { Key(place: bucketCount + classCount + 1, outcome: label) }

        /// Rows with an outcome: of the place, else of its predicted class, else with its label; nil if there are none.
        func rows(at place: Int, outcome: Int) -> Range<Int>? {
            ranges[Key(place: place, outcome: outcome)]
                ?? ranges[Key(place: bucketCount + outcome % classCount, outcome: outcome)]
                ?? ranges[anyPrediction(outcome / classCount)]
        }

        /// What a closure takes as the label.
        func label(of row: Int, outcome: Int) -> Double {
            classCount == 1 ? labels[row] : Double(outcome / classCount)
        }

        /// What a closure takes as the prediction: the class itself where there are several.
        func prediction(of row: Int, outcome: Int) -> Double {
            hasScores ? predictions[row] : Double(outcome % classCount)
        }
    }
}
