/// The course's estimator: the mean of the buckets' own metrics, weighted by where the unlabeled rows are.
extension MetricEvaluator {
    /// Replaces the values of an estimate; no interval and no bounds go with this estimator.
    ///
    /// A bucket whose own metric is undefined (f1 where nothing is positive) has no weight. Rows in a bucket without
    /// reference rows count with the metric of their predicted class, so that none disappears.
    func replaceWithBucketMean(_ metric: Metric, _ estimator: Estimator, _ estimate: inout MetricEstimate) {
        var (sum, weight) = (0.0, 0.0)
        for epoch in -1..<layout.epochCount {
            let entry = layout.cells(ofEpoch: epoch)
            let isOwn = epoch >= 0 && epoch < epochs.count
            let statistics = epochs[isOwn ? epoch : 0]
            for slot in 0..<entry.slotCount {
                let rows = Double(cells[entry.unlabeledCounts + slot])
                guard rows != 0 else { continue }
                let bucket = slot / entry.slotsPerBucket
                let hasRows = isOwn && bucket < statistics.bucketCount && statistics.bucketCounts[bucket] > 0
                let parent = statistics.bucketCount + slot % layout.classCount
                let value = statistics.ownValue(metric, place: hasRows ? bucket : parent)
                guard !value.isNaN else { continue }
                sum += rows * value
                weight += rows
            }
        }
        let unlabeled = weight > 0 ? sum / weight : nil
        estimate.unlabeledValue = unlabeled
        let (labeledRows, unlabeledRows) = (Double(labeledCount), Double(unlabeledCount))
        switch (estimate.labeledValue, unlabeled) {
        case (let labeled?, let unlabeled?):
            estimate.value = (labeledRows * labeled + unlabeledRows * unlabeled) / (labeledRows + unlabeledRows)
        case (let labeled, let unlabeled):
            estimate.value = unlabeled ?? labeled
        }
        estimate.method = estimator.rawValue
        estimate.undefinedProbability = nil
        (estimate.ciLow, estimate.ciHigh, estimate.standardError) = (nil, nil, nil)
        (estimate.boundLow, estimate.boundHigh) = (nil, nil)
    }
}

extension ReferenceStatistics {
    /// The metric of the reference rows in one place, NaN where it is undefined. Buckets come first, then a parent for
    /// each predicted class, then all rows.
    func ownValue(_ metric: Metric, place: Int) -> Double {
        switch metric {
        case .brier: return brier[place].count > 0 ? brier[place].meanLoss : .nan
        case .logLoss where kind.isBinary: return logLoss[place].count > 0 ? logLoss[place].meanLoss : .nan
        case .logLoss: return rowLoss[place].count > 0 ? rowLoss[place].mean : .nan
        case .mae: return absoluteErrors[place].count > 0 ? absoluteErrors[place].mean : .nan
        case .mse, .rmse:
            let mean = squaredErrors[place].count > 0 ? squaredErrors[place].mean : .nan
            return metric == .rmse ? mean.squareRoot() : mean
        case .rocAUC: return ownAUC[place]
        default: return ownCountMetric(metric, counts: ownOutcomes(place: place))
        }
    }

    private func ownOutcomes(place: Int) -> [Double] {
        let classes = classCount
        var counts = [Double](repeating: 0, count: classes * classes)
        for actual in 0..<classes {
            for predicted in 0..<classes {
                let outcome = actual * classes + predicted
                let isIncluded: Bool
                let count: Int64
                if place >= bucketCount {
                    isIncluded = place == bucketCount + classes || place == bucketCount + predicted
                    count = classOutcomes[outcome]
                } else if fixesClass {
                    isIncluded = place % classes == predicted
                    count = outcomes[place * classes + actual]
                } else {
                    isIncluded = true
                    count = outcomes[place * classes * classes + outcome]
                }
                if isIncluded { counts[outcome] = Double(count) }
            }
        }
        return counts
    }

    private func ownCountMetric(_ metric: Metric, counts: [Double]) -> Double {
        let classes = classCount
        let total = counts.reduce(0, +)
        switch metric {
        case .accuracy:
            return (0..<classes).reduce(0) { $0 + counts[$1 * classes + $1] } / total
        case .precision: return counts[3] / (counts[3] + counts[1])
        case .recall: return counts[3] / (counts[3] + counts[2])
        case .f1: return 2 * counts[3] / (2 * counts[3] + counts[1] + counts[2])
        default:
            var values: [Double] = []
            for one in 0..<classes {
                var rows = 0.0
                for other in 0..<classes { rows += counts[one * classes + other] + counts[other * classes + one] }
                if rows > 0 { values.append(2 * counts[one * classes + one] / rows) }
            }
            return values.reduce(0, +) / Double(values.count)
        }
    }
}
