/// Rows drawn at random in place of even steps: how far the value of a closure may be off.
extension ReferenceResample {
    /// φ for a metric of which nothing is known: the largest of all metrics.
    func overdispersion(_ epochs: [ReferenceStatistics]) -> Double { epochs.flatMap(\.overdispersion).max() ?? 1 }

    /// `count` rows as they may turn out: each unlabeled row's outcome drawn from its bucket, where the shares of outcomes, and the
    /// rows that show them, are drawn anew from the reference before. So a bucket of u rows that n reference rows stand for varies as
    /// u (1 + u/n), as it does for every estimate; and what the predictions of a bucket differ by is added, though those of a
    /// window are known. O(count + reference rows of the strata).
    func drawnRows(
        for evaluator: MetricEvaluator, count: Int, _ generator: inout SeededGenerator
    ) -> (labels: [Double], predictions: [Double])? {
        let parts = Dictionary(grouping: shares(of: evaluator), by: \.stratum).sorted { $0.key < $1.key }
        let total = parts.reduce(0) { $1.value.reduce($0) { $0 + $1.weight } }
        guard total > 0, total.isFinite else { return nil }
        var labels: [Double] = []
        var predictions: [Double] = []
        labels.reserveCapacity(count)
        predictions.reserveCapacity(count)
        var end = 0.0
        for (stratum, shares) in parts {
            end += shares.reduce(0) { $0 + $1.weight }
            let wanted = Int((end / total * Double(count)).rounded()) - labels.count
            guard wanted > 0, let first = shares.first else { continue }
            let rows = epochs[first.epoch]
            let limits = Self.drawnLimits(shares, evaluator.strata[stratum].referenceRows, &generator)
            let seen = shares.map { share in
                (0..<share.rows.count).map { _ in share.rows.lowerBound + generator.index(below: share.rows.count) }
            }
            for _ in 0..<wanted {
                let point = generator.uniform() * (limits.last ?? 0)
                let place = limits.firstIndex { point < $0 } ?? limits.count - 1
                let row = seen[place][generator.index(below: seen[place].count)]
                labels.append(rows.label(of: row, outcome: shares[place].outcome))
                predictions.append(rows.prediction(of: row, outcome: shares[place].outcome))
            }
        }
        return (labels, predictions)
    }

    /// The running sums of a stratum's shares as another reference of its size would have them.
    private static func drawnLimits(
        _ shares: [Share], _ referenceRows: Double, _ generator: inout SeededGenerator
    ) -> [Double] {
        let total = shares.reduce(0) { $0 + $1.weight }
        // Of many rows some stand for all: their deviation, scaled.
        let count = min(max(1, referenceRows.rounded()), Double(groupLimit))
        let scale = (count / max(1, referenceRows)).squareRoot()
        var drawn = [Double](repeating: 0, count: shares.count)
        for _ in 0..<Int(count) {
            var point = generator.uniform() * total
            var place = 0
            while place + 1 < shares.count, point >= shares[place].weight {
                point -= shares[place].weight
                place += 1
            }
            drawn[place] += 1
        }
        var sum = 0.0
        return shares.indices.map { place in
            let share = shares[place].weight / total
            sum += max(0, share + scale * (drawn[place] / count - share))
            return sum
        }
    }
}
