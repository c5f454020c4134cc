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

    /// A stratum's possible outcomes and the weight of each in the Dirichlet distribution.
    private struct Urn {
        var rows: Int
        var outcomes: [Int] = []
        var weights: [Double] = []
        var total = 0.0
    }

    init(evaluator: MetricEvaluator, metric: Metric, labeled: [Double], value: ([Double]) -> Double?) {
        let factors = evaluator.squaredOverdispersion(metric)
        let urns = evaluator.strata.map { stratum in
            var urn = Urn(rows: Int(max(0, stratum.rows)))
            let scale = (stratum.referenceRows + 1) / factors[stratum.epoch]
            evaluator.forEachOutcome(stratum, isSmoothed: true) { outcome, probability in
                urn.outcomes.append(outcome)
                urn.weights.append(probability * scale)
                urn.total += probability * scale
            }
            return urn
        }
        var generator = SeededGenerator(seed: 0x6472_756D_6C69_6E)
        var values: [Double] = []
        values.reserveCapacity(Self.drawCount)
        // Used again in every draw: a small window is simulated at each of its publications.
        var outcomes = labeled
        var weights = [Double](repeating: 0, count: urns.map(\.weights.count).max() ?? 0)
        let drawn = urns.filter { !$0.outcomes.isEmpty && $0.rows > 0 }
        for _ in 0..<Self.drawCount {
            for index in labeled.indices { outcomes[index] = labeled[index] }
            for urn in drawn {
                if urn.rows <= 32 {
                    Self.drawOneByOne(urn, &outcomes, &weights, &generator)
                } else {
                    Self.drawTogether(urn, &outcomes, &generator)
                }
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

    /// Pólya's urn: each row's outcome makes itself likelier for the next, which is the same distribution.
    private static func drawOneByOne(
        _ urn: Urn, _ outcomes: inout [Double], _ weights: inout [Double], _ generator: inout SeededGenerator
    ) {
        let count = urn.weights.count
        for index in 0..<count { weights[index] = urn.weights[index] }
        for row in 0..<urn.rows {
            var target = generator.uniform() * (urn.total + Double(row))
            var chosen = count - 1
            for index in 0..<count {
                target -= weights[index]
                if target < 0 {
                    chosen = index
                    break
                }
            }
            weights[chosen] += 1
            outcomes[urn.outcomes[chosen]] += 1
        }
    }

    /// Probabilities from gamma variates, then binomial counts one outcome after another.
    private static func drawTogether(_ urn: Urn, _ outcomes: inout [Double], _ generator: inout SeededGenerator) {
        let shares = urn.weights.map { generator.gamma(shape: $0) }
        var total = shares.reduce(0, +)
        var rows = urn.rows
        for index in shares.indices where rows > 0 {
            let isLast = index == shares.count - 1
            let probability = total > 0 ? min(1, shares[index] / total) : 0
            let drawn = isLast ? rows : generator.binomial(rows, probability: probability)
            outcomes[urn.outcomes[index]] += Double(drawn)
            rows -= drawn
            total -= shares[index]
        }
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
