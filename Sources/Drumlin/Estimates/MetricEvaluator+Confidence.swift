/// Accuracy from confidences alone, to compare with: `atc` (Garg and others, 2022) and `doc` (Guillory and others, 2021).
extension MetricEvaluator {
    /// Replaces the values of an estimate; metrics other than accuracy have none.
    func replaceWithConfidence(_ metric: Metric, _ estimator: Estimator, _ estimate: inout MetricEstimate) {
        guard metric == .accuracy else {
            setPoint(nil, estimator, &estimate)
            estimate.value = nil
            return
        }
        var (right, rows) = (0.0, 0.0)
        for epoch in -1..<layout.epochCount {
            let entry = layout.cells(ofEpoch: epoch)
            let isOwn = epoch >= 0 && epoch < epochs.count
            let statistics = epochs[isOwn ? epoch : 0]
            let worths = statistics.worths(estimator)
            for slot in 0..<entry.slotCount {
                let count = Double(cells[entry.unlabeledCounts + slot])
                guard count != 0 else { continue }
                let bucket = slot / entry.slotsPerBucket
                let isKnown = isOwn && worths.indices.contains(bucket)
                right += count * (isKnown ? worths[bucket] : statistics.accuracy)
                rows += count
            }
        }
        setPoint(rows > 0 ? min(max(right / rows, 0), 1) : nil, estimator, &estimate)
    }
}

extension ReferenceStatistics {
    private var rightCount: Int64 { (0..<classCount).reduce(0) { $0 + classOutcomes[$1 * classCount + $1] } }

    /// The share of the reference rows that are right; 0 of none.
    fileprivate var accuracy: Double { Double(rightCount) / Double(max(1, rowCount)) }

    /// What a row in each cell of the confidence adds to the rows that are taken to be right.
    fileprivate func worths(_ estimator: Estimator) -> [Double] {
        if estimator == .atc {
            // From the most confident cell on, as many reference rows as are right.
            var worths = [Double](repeating: 0, count: bucketCount)
            var rest = Double(rightCount)
            for bucket in worths.indices.reversed() {
                let rows = Double(bucketCounts[bucket])
                guard rest > 0, rest >= rows / 2 else { break }
                worths[bucket] = 1
                rest -= rows
            }
            return worths
        }
        guard confidences.count == bucketCount else { return [] }
        var (sum, count) = (0.0, 0.0)
        for entry in confidences {
            sum += entry.mean * entry.count
            count += entry.count
        }
        let mean = count > 0 ? sum / count : 0
        return confidences.map { accuracy + ($0.count > 0 ? $0.mean - mean : 0) }
    }
}
