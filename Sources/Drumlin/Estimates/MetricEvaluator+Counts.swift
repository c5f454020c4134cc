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

    func evaluateAccuracy(_ estimate: inout MetricEstimate) {
        let labeled = Double(labeledCount)
        let unlabeled = Double(unlabeledCount)
        let total = labeled + unlabeled
        guard total > 0 else { return }
        var right = 0.0
        for one in 0..<classes { right += Double(cells[layout.labeledCounts + one * classes + one]) }
        if labeled > 0 { estimate.labeledValue = right / labeled }
        guard !strata.isEmpty else { return }
        let factors = squaredOverdispersion(.accuracy)
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

    // MARK: Precision, recall, f1

    /// A metric x / (x + y), where x and y are sums over the outcomes TN, FP, FN, TP.
    private struct Ratio {
        var numerator: [Double]
        var rest: [Double]

        init(_ metric: Metric) {
            switch metric {
            case .precision: (numerator, rest) = ([0, 0, 0, 1], [0, 1, 0, 0])
            case .recall: (numerator, rest) = ([0, 0, 0, 1], [0, 0, 1, 0])
            default: (numerator, rest) = ([0, 0, 0, 2], [0, 1, 1, 0])
            }
        }

        func sums(_ outcomes: [Double]) -> (x: Double, y: Double) {
            var (x, y) = (0.0, 0.0)
            for outcome in 0..<4 {
                x += numerator[outcome] * outcomes[outcome]
                y += rest[outcome] * outcomes[outcome]
            }
            return (x, y)
        }

        func value(_ outcomes: [Double]) -> Double? {
            let (x, y) = sums(outcomes)
            return x + y > 0 ? x / (x + y) : nil
        }

        /// How many rows the ratio is over: TP + FP + FN for f1.
        func rows(_ outcomes: [Double]) -> Double {
            var sum = 0.0
            for outcome in 0..<4 where numerator[outcome] + rest[outcome] > 0 { sum += outcomes[outcome] }
            return sum
        }
    }

    /// Below so many expected rows in a ratio, or below one on either side of it, labels are simulated: there the delta
    /// method does not hold.
    static let simulationLimit = 10.0

    func evaluateRatio(_ metric: Metric, _ estimate: inout MetricEstimate) {
        let ratio = Ratio(metric)
        let labeled = labeledOutcomes
        estimate.labeledValue = ratio.value(labeled)
        guard !strata.isEmpty else { return }
        let expected = expectedOutcomes()
        estimate.unlabeledValue = ratio.value(expected)
        let outcomes = zip(labeled, expected).map { $0 + $1 }
        estimate.value = ratio.value(outcomes)
        guard let value = estimate.value else { return }
        setRatioBounds(metric, value: value, outcomes: outcomes, &estimate)

        // At Ŝ; where one of the sums is 0 and its logarithm without value, at the smoothed sums.
        var (x, y) = ratio.sums(outcomes)
        if x <= 0 || y <= 0 {
            let smoothed = expectedOutcomes(isSmoothed: true)
            (x, y) = ratio.sums(zip(labeled, smoothed).map { $0 + $1 })
        }
        let isCertain = x <= 0 || y <= 0  // No label that is still to come can change the ratio.
        if ratio.rows(outcomes) < Self.simulationLimit || (min(x, y) < 1 && !isCertain) {
            let simulation = LabelSimulation(evaluator: self, metric: metric, labeled: labeled) { ratio.value($0) }
            estimate.method += ":simulated"
            estimate.undefinedProbability = simulation.undefinedShare
            estimate.standardError = simulation.standardDeviation
            estimate.ciLow = simulation.low.map { min($0, value) }
            estimate.ciHigh = simulation.high.map { max($0, value) }
            return
        }
        if isCertain {
            (estimate.ciLow, estimate.ciHigh, estimate.standardError) = (value, value, 0)
            return
        }
        let weights = (0..<4).map { ratio.numerator[$0] / x - ratio.rest[$0] / y }
        let error = variance(of: weights, metric: metric).squareRoot()
        let share = x / (x + y)
        let ends = Interval.logit(share: share, standardError: error)
        estimate.standardError = share * (1 - share) * error
        estimate.ciLow = min(ends.low, value)
        estimate.ciHigh = max(ends.high, value)
    }

    private func setRatioBounds(
        _ metric: Metric, value: Double, outcomes: [Double], _ estimate: inout MetricEstimate
    ) {
        var positives = 0.0  // a⁺ and a⁻: unsupported rows by predicted class, taken out of the expected outcomes.
        var negatives = 0.0
        var supported = outcomes
        for stratum in strata where stratum.isUnsupported {
            if stratum.predictedClass == 1 { positives += stratum.rows } else { negatives += stratum.rows }
            forEachOutcome(stratum, isSmoothed: false) { supported[$0] -= stratum.rows * $1 }
        }
        let (fp, fn, tp) = (max(0, supported[1]), max(0, supported[2]), max(0, supported[3]))
        let low: (Double, Double)
        let high: (Double, Double)
        switch metric {
        case .precision:
            low = (tp, tp + fp + positives)
            high = (tp + positives, tp + fp + positives)
        case .recall:
            low = (tp, tp + fn + negatives)
            high = (tp + positives, tp + positives + fn)
        default:
            low = (2 * tp, 2 * tp + fp + fn + positives + negatives)
            high = (2 * (tp + positives), 2 * (tp + positives) + fp + fn)
        }
        if low.1 > 0 { estimate.boundLow = min(low.0 / low.1, value) }
        if high.1 > 0 { estimate.boundHigh = max(high.0 / high.1, value) }
    }

    // MARK: Macro f1

    func evaluateMacro(_ estimate: inout MetricEstimate) {
        let labeled = labeledOutcomes
        estimate.labeledValue = macro(labeled)
        guard !strata.isEmpty else { return }
        let expected = expectedOutcomes()
        estimate.unlabeledValue = macro(expected)
        let outcomes = zip(labeled, expected).map { $0 + $1 }
        guard let value = macro(outcomes) else { return }
        estimate.value = value
        let error = variance(of: macroGradient(outcomes), metric: .f1Macro).squareRoot()
        estimate.standardError = error
        if value > 0, value < 1 {
            let ends = Interval.logit(share: value, standardError: error / (value * (1 - value)))
            (estimate.ciLow, estimate.ciHigh) = (ends.low, ends.high)
        } else {
            let half = Self.normalQuantile * error
            (estimate.ciLow, estimate.ciHigh) = (max(0, value - half), min(1, value + half))
        }
        setMacroBounds(value: value, outcomes: outcomes, &estimate)
    }

    /// Each class's 2TP and 2TP + FP + FN.
    private func classSums(_ outcomes: [Double]) -> [(twice: Double, total: Double)] {
        (0..<classes).map { one in
            var total = 0.0
            for other in 0..<classes { total += outcomes[one * classes + other] + outcomes[other * classes + one] }
            return (2 * outcomes[one * classes + one], total)
        }
    }

    private func macro(_ outcomes: [Double]) -> Double? {
        let present = classSums(outcomes).filter { $0.total > 0 }
        guard !present.isEmpty else { return nil }
        return present.reduce(0) { $0 + $1.twice / $1.total } / Double(present.count)
    }

    private func macroGradient(_ outcomes: [Double]) -> [Double] {
        let sums = classSums(outcomes)
        let count = Double(sums.reduce(0) { $0 + ($1.total > 0 ? 1 : 0) })
        var gradient = [Double](repeating: 0, count: classes * classes)
        for one in 0..<classes where sums[one].total > 0 {
            let (twice, total) = sums[one]
            for other in 0..<classes where other != one {
                gradient[one * classes + other] -= twice / (total * total) / count
                gradient[other * classes + one] -= twice / (total * total) / count
            }
            gradient[one * classes + one] += 2 * (total - twice) / (total * total) / count
        }
        return gradient
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
