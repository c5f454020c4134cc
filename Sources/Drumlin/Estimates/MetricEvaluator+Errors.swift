/// Metrics of errors that are no means of a loss: meanError, r2, quantiles.
extension MetricEvaluator {
    /// The mean of label − value, which may have either sign: a normal interval.
    func evaluateMeanError(_ estimate: inout MetricEstimate) {
        guard layout.labeledSignedErrors >= 0 else { return }
        let (labeled, unlabeled) = (Double(labeledCount), Double(unlabeledCount))
        let known = ExactSum.read(cells, at: layout.labeledSignedErrors)
        if labeled > 0 { estimate.labeledValue = known.isNaN ? nil : known / labeled }
        guard !strata.isEmpty, let expected = expectedErrors([1, 0, 0], .meanError) else { return }
        estimate.unlabeledValue = expected.sum / unlabeled
        let value = (known + expected.sum) / (labeled + unlabeled)
        guard value.isFinite else { return }
        let error = expected.variance.squareRoot() / (labeled + unlabeled)
        set(value: value, error: error, &estimate)
    }

    /// 1 − E / (Q − L²/W), from sums of labels L, of their squares Q, and of squared errors E over W rows; for a row without
    /// label they follow from its value and the moments of the errors.
    func evaluateDetermination(_ estimate: inout MetricEstimate) {
        guard layout.labeledSquaredErrors >= 0, layout.labeledTargets >= 0, layout.predictedValues >= 0 else { return }
        let targets = ExactSum.readPair(cells, at: layout.labeledTargets)
        let squares = ExactSum.readPair(cells, at: layout.labeledTargets + ExactSum.cellCount)
        let known = ExactSum.read(cells, at: layout.labeledSquaredErrors)
        estimate.labeledValue = Self.determination(known, targets, squares, Double(labeledCount))
        guard !strata.isEmpty, let errors = expectedErrors([1, 0, 0], .r2),
            let products = expectedErrors([0, 1, 0], .r2), let losses = expectedErrors([0, 0, 1], .r2)
        else { return }
        let values = ExactSum.readPair(cells, at: layout.predictedValues)
        let valueSquares = ExactSum.readPair(cells, at: layout.predictedValues + ExactSum.cellCount)
        // label = value + e, so its square is value² + 2·value·e + e².
        let expectedTargets = values + DoublePair(errors.sum)
        let expectedSquares = valueSquares + DoublePair(2 * products.sum + losses.sum)
        estimate.unlabeledValue = Self.determination(
            losses.sum, expectedTargets, expectedSquares, Double(unlabeledCount))
        let total = Double(labeledCount + unlabeledCount)
        let (allTargets, allSquares) = (targets + expectedTargets, squares + expectedSquares)
        let allErrors = known + losses.sum
        guard let value = Self.determination(allErrors, allTargets, allSquares, total) else { return }
        // The gradient by E, Q and L, then by e, value·e and e² of a row without label.
        let spread = Self.spread(allTargets, allSquares, total)
        let (byErrors, bySpread) = (-1 / spread, allErrors / (spread * spread))
        let mean = allTargets.high / total
        let weights = [-2 * mean * bySpread, 2 * bySpread, byErrors + bySpread]
        guard let change = expectedErrors(weights, .r2) else { return }
        set(value: value, error: change.variance.squareRoot(), &estimate)
        estimate.ciHigh = estimate.ciHigh.map { min(1, $0) }
    }

    private func set(value: Double, error: Double, _ estimate: inout MetricEstimate) {
        estimate.value = value
        estimate.standardError = error
        estimate.ciLow = value - Self.normalQuantile * error
        estimate.ciHigh = value + Self.normalQuantile * error
        if !strata.contains(where: \.isUnsupported) { (estimate.boundLow, estimate.boundHigh) = (value, value) }
    }

    private static func spread(_ targets: DoublePair, _ squares: DoublePair, _ count: Double) -> Double {
        (squares - targets * targets / count).high
    }

    /// nil for fewer than two rows, and where labels do not differ.
    private static func determination(
        _ errors: Double, _ targets: DoublePair, _ squares: DoublePair, _ count: Double
    ) -> Double? {
        guard count >= 2 else { return nil }
        let spread = spread(targets, squares, count)
        guard spread > 1e-25 * squares.high, spread.isFinite, errors.isFinite else { return nil }
        return 1 - errors / spread
    }

    /// The expected sum over the unlabeled rows of a weighted sum of e, value·e and e², and its variance; nil where the
    /// reference was fitted before these were kept.
    private func expectedErrors(_ weights: [Double], _ metric: Metric) -> (sum: Double, variance: Double)? {
        let factors = squaredOverdispersion(metric)
        var (sum, variance) = (0.0, 0.0)
        for stratum in strata {
            let statistics = epochs[stratum.epoch]
            guard statistics.signedErrors.indices.contains(stratum.place) else { return nil }
            let moments = statistics.signedErrors[stratum.place]
            let own = [stratum.ownErrors.signed, stratum.ownErrors.products, stratum.ownErrors.squared]
            for place in weights.indices where weights[place] != 0 {
                let mean = stratum.mean(moments.means[place], of: moments.count, base: own[place], cells: cells)
                sum += stratum.rows * weights[place] * mean
            }
            variance += factors[stratum.epoch] * stratum.rows * stratum.inflation * moments.variance(of: weights)
        }
        return (sum, variance)
    }

    /// Woodruff's interval: the quantiles at the ends of the share's own interval.
    func evaluateErrorQuantile(_ metric: Metric, _ estimate: inout MetricEstimate) {
        guard layout.labeledErrorHistogram >= 0, case .numbers(let numbers) = metric.arguments else { return }
        let share = numbers[0]
        var counts = (0..<ErrorHistogram.cellCount).map { Double(cells[layout.labeledErrorHistogram + $0]) }
        estimate.binningError = 1.0 / 65
        estimate.labeledValue = ErrorHistogram.quantile(share, of: counts)
        guard !strata.isEmpty else { return }
        var expected = [Double](repeating: 0, count: counts.count)
        for stratum in strata {
            let histograms = epochs[stratum.epoch].errorHistograms
            guard histograms.indices.contains(stratum.place) else { return }
            let histogram = histograms[stratum.place]
            let scale = stratum.rows / Double(max(histogram.total, 1))
            for place in histogram.cells.indices {
                expected[Int(histogram.cells[place])] += scale * Double(histogram.counts[place])
            }
        }
        estimate.unlabeledValue = ErrorHistogram.quantile(share, of: expected)
        for cell in counts.indices { counts[cell] += expected[cell] }
        guard let value = ErrorHistogram.quantile(share, of: counts) else { return }
        estimate.value = value
        let cell = ErrorHistogram.cell(of: value)
        let factors = squaredOverdispersion(metric)
        var variance = 0.0
        for stratum in strata {
            let below = epochs[stratum.epoch].errorHistograms[stratum.place].share(upTo: cell)
            let smoothed = (below * stratum.referenceRows + 0.5) / (stratum.referenceRows + 1)
            variance += factors[stratum.epoch] * stratum.rows * stratum.inflation * smoothed * (1 - smoothed)
        }
        let half = Self.normalQuantile * variance.squareRoot() / Double(labeledCount + unlabeledCount)
        estimate.ciLow = ErrorHistogram.quantile(share - half, of: counts).map { min($0, value) }
        estimate.ciHigh = share + half >= 1 ? .infinity : ErrorHistogram.quantile(share + half, of: counts)
        if estimate.ciHigh == .infinity { estimate.ciHigh = nil }
        if let low = estimate.ciLow, let high = estimate.ciHigh {
            estimate.standardError = (high - low) / (2 * Self.normalQuantile)
        }
    }
}

/// A number in two doubles, for differences of sums that nearly cancel.
struct DoublePair: Sendable, Equatable {
    var high: Double
    var low: Double

    init(_ high: Double, _ low: Double = 0) {
        self.high = high + low
        self.low = low - (self.high - high)
    }

    static func + (left: DoublePair, right: DoublePair) -> DoublePair {
        let sum = left.high + right.high
        let part = sum - left.high
        let rest = (left.high - (sum - part)) + (right.high - part)
        return DoublePair(sum, rest + left.low + right.low)
    }

    static func - (left: DoublePair, right: DoublePair) -> DoublePair {
        left + DoublePair(-right.high, -right.low)
    }

    static func * (left: DoublePair, right: DoublePair) -> DoublePair {
        let product = left.high * right.high
        let rest = (-product).addingProduct(left.high, right.high)
        return DoublePair(product, rest + left.high * right.low + left.low * right.high)
    }

    static func / (left: DoublePair, right: Double) -> DoublePair {
        let quotient = left.high / right
        let rest = left.high.addingProduct(-quotient, right) + left.low
        return DoublePair(quotient, rest / right)
    }
}

extension ExactSum {
    /// The exact sum rounded to two doubles.
    static func readPair(_ cells: [Int64], at base: Int) -> DoublePair {
        let high = read(cells, at: base)
        guard high.isFinite else { return DoublePair(high) }
        var rest = DenseCells(count: cellCount)
        for cell in 0..<cellCount { rest.cells[cell] = cells[base + cell] }
        add(high, sign: -1, at: 0, to: &rest)
        return DoublePair(high, read(rest.cells, at: 0))
    }
}
