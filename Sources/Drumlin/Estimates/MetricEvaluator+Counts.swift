#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Metrics of the confusion matrix. Outcomes are numbered label × classes + predicted class.
extension MetricEvaluator {
    private var classes: Int { layout.classCount }

    /// The labeled rows by outcome.
    var labeledOutcomes: [Double] {
        (0..<(classes * classes)).map { Double(cells[layout.labeledCounts + $0]) }
    }

    /// Calls `body` with each outcome that rows of a stratum can have, and its probability in the reference.
    ///
    /// Smoothed probabilities share one added row among the possible outcomes: (c + ½)/(n + 1) where there are two.
    @inline(__always)
    func forEachOutcome(
        _ stratum: Stratum, isSmoothed: Bool, _ body: (_ outcome: Int, _ probability: Double) -> Void
    ) {
        let isAdded = isSmoothed || stratum.referenceRows <= 0
        let addition = isAdded ? 1 / Double(stratum.countEnd - stratum.firstCount) : 0
        let total = stratum.referenceRows + (isAdded ? 1 : 0)
        for place in stratum.firstCount..<stratum.countEnd {
            body(outcomeCounts[place].outcome, (outcomeCounts[place].rows + addition) / total)
        }
    }

    /// Σ u_k μ_k by outcome.
    func expectedOutcomes(isSmoothed: Bool = false) -> [Double] {
        var sums = [Double](repeating: 0, count: classes * classes)
        for stratum in strata {
            forEachOutcome(stratum, isSmoothed: isSmoothed) { sums[$0] += stratum.rows * $1 }
        }
        return sums
    }

    /// φ² Σ_k u_k (1 + u_k/n_k) wᵀ Σ̃_k w, the variance of Σ w over the outcomes of the unlabeled rows.
    func variance(of weights: [Double], metric: Metric) -> Double {
        let factors = squaredOverdispersion(metric)
        var variance = 0.0
        for stratum in strata {
            var (mean, square) = (0.0, 0.0)
            forEachOutcome(stratum, isSmoothed: true) {
                let weighted = $1 * weights[$0]
                mean += weighted
                square += weighted * weights[$0]
            }
            let scale = factors[stratum.epoch] * stratum.rows * stratum.inflation
            variance += scale * max(0, square - mean * mean)
        }
        return variance
    }

    // MARK: Accuracy

    private func evaluateAccuracy(_ metric: Metric, _ estimate: inout MetricEstimate) {
        let labeled = Double(labeledCount)
        let unlabeled = Double(unlabeledCount)
        let total = labeled + unlabeled
        guard total > 0 else { return }
        var right = 0.0
        for one in 0..<classes { right += Double(cells[layout.labeledCounts + one * classes + one]) }
        if labeled > 0 { estimate.labeledValue = right / labeled }
        guard !strata.isEmpty else { return }
        let factors = squaredOverdispersion(metric)
        var (expected, smoothedSum, variance, supportedSum, unsupported) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for stratum in strata {
            var share = 0.0
            forEachOutcome(stratum, isSmoothed: false) { if $0 % (classes + 1) == 0 { share += $1 } }
            let smoothed = (share * stratum.referenceRows + 0.5) / (stratum.referenceRows + 1)
            expected += stratum.rows * share
            smoothedSum += stratum.rows * smoothed
            let scale = factors[stratum.epoch] * stratum.rows * stratum.inflation
            variance += scale * smoothed * (1 - smoothed)
            if stratum.isUnsupported { unsupported += stratum.rows } else { supportedSum += stratum.rows * share }
        }
        let value = (right + expected) / total
        estimate.value = value
        estimate.unlabeledValue = expected / unlabeled
        estimate.standardError = variance.squareRoot() / total
        let ends = Interval.wilson(
            share: expected / unlabeled, smoothed: smoothedSum / unlabeled, count: unlabeled, variance: variance)
        // Only whole numbers of right predictions are possible: outward to the next.
        let low = max(right, (right + unlabeled * ends.low).rounded(.down)) / total
        let high = min(right + unlabeled, (right + unlabeled * ends.high).rounded(.up)) / total
        estimate.ciLow = min(low, value)
        estimate.ciHigh = max(high, value)
        estimate.boundLow = min((right + supportedSum) / total, value)
        estimate.boundHigh = max((right + supportedSum + unsupported) / total, value)
    }

    // MARK: Ratios

    /// Below so many expected rows in a ratio, or below one on either side of it, labels are simulated: there the delta
    /// method does not hold.
    static let simulationLimit = 10.0

    /// A metric x / (x + y), on the logarithm of x / y.
    private func evaluateRatio(
        _ metric: Metric, _ function: CountMetric, _ numerator: [Double], _ rest: [Double], _ sums: CountSums,
        _ estimate: inout MetricEstimate
    ) {
        guard let value = estimate.value else { return }
        setRatioBounds(numerator, rest, value: value, outcomes: sums.outcomes, &estimate)
        func both(_ outcomes: [Double]) -> (x: Double, y: Double, rows: Double) {
            var (x, y, rows) = (0.0, 0.0, 0.0)
            for outcome in outcomes.indices {
                x += numerator[outcome] * outcomes[outcome]
                y += rest[outcome] * outcomes[outcome]
                if numerator[outcome] + rest[outcome] > 0 { rows += outcomes[outcome] }
            }
            return (x, y, rows)
        }
        // At Ŝ; where one of the sums is 0 and its logarithm without value, at the smoothed sums.
        var (x, y, rows) = both(sums.outcomes)
        if x <= 0 || y <= 0 {
            let smoothed = expectedOutcomes(isSmoothed: true)
            (x, y, _) = both(zip(sums.labeled, smoothed).map { $0 + $1 })
        }
        let isCertain = x <= 0 || y <= 0  // No label that is still to come can change the ratio.
        if rows < Self.simulationLimit || (min(x, y) < 1 && !isCertain) {
            simulate(metric, function, sums, value, &estimate)
            return
        }
        if isCertain {
            (estimate.ciLow, estimate.ciHigh, estimate.standardError) = (value, value, 0)
            return
        }
        let weights = numerator.indices.map { numerator[$0] / x - rest[$0] / y }
        let error = variance(of: weights, metric: metric).squareRoot()
        let share = x / (x + y)
        let ends = Interval.logit(share: share, standardError: error)
        estimate.standardError = share * (1 - share) * error
        estimate.ciLow = min(ends.low, value)
        estimate.ciHigh = max(ends.high, value)
    }

    private func simulate(
        _ metric: Metric, _ function: CountMetric, _ sums: CountSums, _ value: Double, _ estimate: inout MetricEstimate
    ) {
        let simulation = LabelSimulation(evaluator: self, metric: metric, labeled: sums.labeled) { function.value($0) }
        estimate.method += ":simulated"
        estimate.undefinedProbability = simulation.undefinedShare
        estimate.standardError = simulation.standardDeviation
        estimate.ciLow = simulation.low.map { min($0, value) }
        estimate.ciHigh = simulation.high.map { max($0, value) }
    }

    /// With every unsupported row's label chosen, within its predicted class, so that the ratio is least and greatest.
    private func setRatioBounds(
        _ numerator: [Double], _ rest: [Double], value: Double, outcomes: [Double], _ estimate: inout MetricEstimate
    ) {
        var supported = outcomes
        var unsupported = [Double](repeating: 0, count: classes)
        for stratum in strata where stratum.isUnsupported {
            forEachOutcome(stratum, isSmoothed: false) {
                supported[$0] = max(0, supported[$0] - stratum.rows * $1)
                unsupported[$0 % classes] += stratum.rows * $1
            }
        }
        var (x, y) = (0.0, 0.0)
        for outcome in supported.indices {
            x += numerator[outcome] * supported[outcome]
            y += rest[outcome] * supported[outcome]
        }
        var (low, high) = ((x: x, y: y), (x: x, y: y))
        for predicted in 0..<classes where unsupported[predicted] > 0 {
            let possible = (0..<classes).map { $0 * classes + predicted }
            // No outcome has a part in both sums.
            let worst = possible.max { rest[$0] - numerator[$0] < rest[$1] - numerator[$1] } ?? predicted
            let best = possible.max { numerator[$0] - rest[$0] < numerator[$1] - rest[$1] } ?? predicted
            low.x += unsupported[predicted] * numerator[worst]
            low.y += unsupported[predicted] * rest[worst]
            high.x += unsupported[predicted] * numerator[best]
            high.y += unsupported[predicted] * rest[best]
        }
        if low.x + low.y > 0 { estimate.boundLow = min(low.x / (low.x + low.y), value) }
        if high.x + high.y > 0 { estimate.boundHigh = max(high.x / (high.x + high.y), value) }
    }

    // MARK: All metrics of counts

    /// What all of them begin with.
    private struct CountSums {
        var labeled: [Double]
        var outcomes: [Double]
    }

    func evaluateCounts(_ metric: Metric, _ estimate: inout MetricEstimate) {
        guard let function = CountMetric(metric, kind: layout.kind) else { return }
        if case .accuracy = function.shape { return evaluateAccuracy(metric, &estimate) }
        let labeled = labeledOutcomes
        if labeledCount > 0 { estimate.labeledValue = function.value(labeled) }
        guard !strata.isEmpty else { return }
        let expected = expectedOutcomes()
        estimate.unlabeledValue = function.value(expected)
        let sums = CountSums(labeled: labeled, outcomes: zip(labeled, expected).map { $0 + $1 })
        estimate.value = function.value(sums.outcomes)
        guard let value = estimate.value else { return }
        if case .ratio(let numerator, let rest) = function.shape {
            return evaluateRatio(metric, function, numerator, rest, sums, &estimate)
        }
        if case .total(let weights) = function.shape {
            return setTotal(weights, metric, value: value, sums: sums, &estimate)
        }
        if metric == .f1Macro {
            setMacroBounds(value: value, outcomes: sums.outcomes, &estimate)
        } else if !strata.contains(where: \.isUnsupported) {
            (estimate.boundLow, estimate.boundHigh) = (value, value)
        }
        if classes == 2, isSparse(sums.outcomes) { return simulate(metric, function, sums, value, &estimate) }
        let error = variance(of: function.gradient(sums.outcomes), metric: metric).squareRoot()
        estimate.standardError = error
        let half = Self.normalQuantile * error
        switch function.shape {
        case .mcc where value.magnitude < 1, .kappa where value.magnitude < 1:
            let ends = Interval.correlation(value, standardError: error)
            (estimate.ciLow, estimate.ciHigh) = (ends.low, ends.high)
        case .mean where value > 0 && value < 1:
            let ends = Interval.logit(share: value, standardError: error / (value * (1 - value)))
            (estimate.ciLow, estimate.ciHigh) = (ends.low, ends.high)
        case .mean: (estimate.ciLow, estimate.ciHigh) = (max(0, value - half), min(1, value + half))
        default: (estimate.ciLow, estimate.ciHigh) = (max(-1, value - half), min(1, value + half))
        }
    }

    /// Whether a label or a predicted class is so rare that no expansion holds.
    private func isSparse(_ outcomes: [Double]) -> Bool {
        (0..<classes).contains { one in
            var (labels, predictions) = (0.0, 0.0)
            for other in 0..<classes {
                labels += outcomes[one * classes + other]
                predictions += outcomes[other * classes + one]
            }
            return labels < Self.simulationLimit || predictions < Self.simulationLimit
        }
    }

    /// A weighted sum over outcomes: a normal interval, within what is possible.
    private func setTotal(
        _ weights: [Double], _ metric: Metric, value: Double, sums: CountSums, _ estimate: inout MetricEstimate
    ) {
        var (least, greatest, low, high) = (0.0, 0.0, 0.0, 0.0)
        for outcome in weights.indices {
            least += weights[outcome] * sums.labeled[outcome]
        }
        (greatest, low, high) = (least, value, value)
        for stratum in strata {
            var (mean, smallest, largest) = (0.0, Double.infinity, -Double.infinity)
            forEachOutcome(stratum, isSmoothed: true) {
                mean += $1 * weights[$0]
                smallest = min(smallest, weights[$0])
                largest = max(largest, weights[$0])
            }
            least += stratum.rows * smallest
            greatest += stratum.rows * largest
            if stratum.isUnsupported {
                low += stratum.rows * (smallest - mean)
                high += stratum.rows * (largest - mean)
            }
        }
        let error = variance(of: weights, metric: metric).squareRoot()
        estimate.standardError = error
        estimate.ciLow = min(value, max(least, value - Self.normalQuantile * error))
        estimate.ciHigh = max(value, min(greatest, value + Self.normalQuantile * error))
        (estimate.boundLow, estimate.boundHigh) = (min(low, value), max(high, value))
    }

    // MARK: Macro f1

    /// Each class's 2TP and 2TP + FP + FN.
    private func classSums(_ outcomes: [Double]) -> [(twice: Double, total: Double)] {
        (0..<classes).map { one in
            var total = 0.0
            for other in 0..<classes { total += outcomes[one * classes + other] + outcomes[other * classes + one] }
            return (2 * outcomes[one * classes + one], total)
        }
    }

    /// Class by class as for f1, which holds the macro mean from outside.
    private func setMacroBounds(value: Double, outcomes: [Double], _ estimate: inout MetricEstimate) {
        var unsupported = [Double](repeating: 0, count: classes)
        var supported = outcomes
        for stratum in strata where stratum.isUnsupported {
            unsupported[max(0, stratum.predictedClass)] += stratum.rows
            forEachOutcome(stratum, isSmoothed: false) { supported[$0] = max(0, supported[$0] - stratum.rows * $1) }
        }
        let total = unsupported.reduce(0, +)
        let sums = classSums(supported)
        var (low, high, count) = (0.0, 0.0, 0.0)
        for (one, sum) in sums.enumerated() where sum.total + unsupported[one] > 0 {
            count += 1
            low += sum.twice / (sum.total + total)
            let best = sum.total + 2 * unsupported[one]
            high += best > 0 ? (sum.twice + 2 * unsupported[one]) / best : 0
        }
        guard count > 0 else { return }
        estimate.boundLow = min(low / count, value)
        estimate.boundHigh = max(high / count, value)
    }
}
