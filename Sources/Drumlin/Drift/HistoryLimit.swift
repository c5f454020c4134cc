#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// How far a new value may lie from those before it.
enum HistoryLimit {
    /// What the next distance exceeds with chance `tail`, from distances that are as good as log-normal:
    /// exp(mean + t · sd · √(1 + 1/J)) of their logarithms. Nil for less than two.
    static func upper(ofDistances distances: [Double], tail: Double) -> Double? {
        let logs = distances.map { log(max($0, 1e-12)) }
        guard let range = prediction(logs, tail: tail) else { return nil }
        return exp(range.center + range.reach)
    }

    /// The middle of some values, and how far from it the next one is with chance `tail` on either side; nil for less than two.
    static func prediction(_ values: [Double], tail: Double) -> (center: Double, reach: Double, deviation: Double)? {
        guard values.count > 1 else { return nil }
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let deviation = (square / (count - 1)).squareRoot()
        let t = SpecialFunctions.studentQuantile(tail: tail, degrees: count - 1)
        return (mean, t * deviation * (1 + 1 / count).squareRoot(), deviation)
    }

    /// The median of some values, not empty.
    static func median(_ values: [Double]) -> Double { quantile(values.sorted(), 0.5) }

    /// The median, and 1.4826 times the median distance from it: the standard deviation of a normal distribution.
    static func robust(_ values: [Double]) -> (center: Double, deviation: Double) {
        let center = median(values)
        return (center, 1.482_602_218_505_602 * median(values.map { ($0 - center).magnitude }))
    }

    /// The quartiles, by linear interpolation.
    static func quartiles(_ values: [Double]) -> (low: Double, high: Double) {
        let sorted = values.sorted()
        return (quantile(sorted, 0.25), quantile(sorted, 0.75))
    }

    private static func quantile(_ sorted: [Double], _ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let below = Int(place)
        guard below + 1 < sorted.count else { return sorted[sorted.count - 1] }
        return sorted[below] + (place - Double(below)) * (sorted[below + 1] - sorted[below])
    }
}
