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
        setPoint(weight > 0 ? sum / weight : nil, estimator, &estimate)
    }

    /// Blends an estimate of the unlabeled rows with the labeled ones, share by share; nothing goes with it.
    func setPoint(_ unlabeled: Double?, _ estimator: Estimator, _ estimate: inout MetricEstimate) {
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
        func mean(_ moments: [RowMoments]) -> Double {
            moments.indices.contains(place) && moments[place].count > 0 ? moments[place].mean : .nan
        }
        switch metric.form {
        case .brier: return brier[place].count > 0 ? brier[place].meanLoss : .nan
        case .logLoss where kind.isBinary: return logLoss[place].count > 0 ? logLoss[place].meanLoss : .nan
        case .logLoss: return mean(rowLoss)
        case .mae: return mean(absoluteErrors)
        case .mse: return mean(squaredErrors)
        case .rmse: return mean(squaredErrors).squareRoot()
        case .msle: return mean(logErrors)
        case .rmsle: return mean(logErrors).squareRoot()
        case .mape: return mean(relativeErrors)
        case .meanError: return mean(signedErrors.map(\.error))
        case .rocAUC: return ownAUC[place]
        default: return CountMetric(metric, kind: kind)?.value(ownOutcomes(place: place)) ?? .nan
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
}

extension Metric {
    /// Whether a mean of the buckets' own values means anything.
    var hasBucketMean: Bool {
        switch form {
        case .averagePrecision, .expectedCalibrationError, .r2, .absoluteErrorQuantile, .confusion, .businessValue:
            false
        default: true
        }
    }
}
