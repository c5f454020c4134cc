#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Labels drawn for the unlabeled rows of a window with few rows that matter to a ratio, where no expansion holds.
///
/// In each of 1,000 draws every stratum's outcome probabilities come from the Dirichlet distribution that the reference
/// supports, its counts plus the smoothing divided by φ², and the outcomes of its rows from those. The generator always
/// starts alike, so that the same window gives the same interval.
struct LabelSimulation {
    static let drawCount = 1_000

    private(set) var low: Double?
    private(set) var high: Double?
    private(set) var standardDeviation: Double?
    /// The share of draws in which the metric is undefined.
    private(set) var undefinedShare: Double

    init(evaluator: MetricEvaluator, metric: Metric, labeled: [Double], value: ([Double]) -> Double?) {
        var generator = SeededGenerator(seed: 0x6472_756D_6C69_6E)
        var values: [Double] = []
        for _ in 0..<Self.drawCount {
            var outcomes = labeled
            for stratum in evaluator.strata {
                let spread = evaluator.squaredOverdispersion(metric, stratum)
                var shares: [(outcome: Int, share: Double)] = []
                var total = 0.0
                evaluator.forEachOutcome(stratum, isSmoothed: true) { outcome, probability in
                    let share = generator.gamma(shape: probability * (stratum.referenceRows + 1) / spread)
                    shares.append((outcome, share))
                    total += share
                }
                var rows = Int(stratum.rows)
                for (outcome, share) in shares where rows > 0 {
                    let drawn = generator.binomial(rows, probability: total > 0 ? min(1, share / total) : 0)
                    outcomes[outcome] += Double(drawn)
                    rows -= drawn
                    total -= share
                }
                // What rounding left over belongs to the last outcome.
                if rows > 0, let last = shares.last { outcomes[last.outcome] += Double(rows) }
            }
            if let drawn = value(outcomes) { values.append(drawn) }
        }
        undefinedShare = 1 - Double(values.count) / Double(Self.drawCount)
        guard !values.isEmpty else { return }
        values.sort()
        low = values[Int(0.025 * Double(values.count))]
        high = values[min(values.count - 1, Int(0.975 * Double(values.count)))]
        standardDeviation = RowMoments(values).variance.squareRoot()
    }
}

extension SeededGenerator {
    /// A standard normal variate: the polar method of Marsaglia.
    mutating func normal() -> Double {
        while true {
            let (u, v) = (2 * uniform() - 1, 2 * uniform() - 1)
            let square = u * u + v * v
            if square > 0, square < 1 { return u * (-2 * log(square) / square).squareRoot() }
        }
    }

    /// A gamma variate of scale 1: Marsaglia and Tsang, "A simple method for generating gamma variables", 2000.
    mutating func gamma(shape: Double) -> Double {
        guard shape > 0 else { return 0 }
        if shape < 1 { return gamma(shape: shape + 1) * pow(max(uniform(), 0x1p-60), 1 / shape) }
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal()
            let v = 1 + c * x
            guard v > 0 else { continue }
            let cube = v * v * v
            if log(max(uniform(), 0x1p-60)) < 0.5 * x * x + d - d * cube + d * log(cube) { return d * cube }
        }
    }

    /// A binomial variate: by waiting times where few successes are expected, else by the normal approximation.
    mutating func binomial(_ count: Int, probability: Double) -> Int {
        guard count > 0, probability > 0 else { return 0 }
        guard probability < 1 else { return count }
        if probability > 0.5 { return count - binomial(count, probability: 1 - probability) }
        let mean = Double(count) * probability
        if mean > 40 {
            let drawn = (mean + normal() * (mean * (1 - probability)).squareRoot()).rounded()
            return Int(min(max(drawn, 0), Double(count)))
        }
        var (successes, position) = (0, 0.0)
        let scale = log1p(-probability)
        while true {
            position += (log(max(uniform(), 0x1p-60)) / scale).rounded(.down) + 1
            if position > Double(count) { return successes }
            successes += 1
        }
    }
}
