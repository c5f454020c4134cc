#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Average precision from rows in cells of the score, best first.
///
/// In a cell whose rows tie, all come at once, as in scikit-learn; in any other their order is unknown, and the value is
/// the mean over all orders.
struct PrecisionCurve: Sendable {
    struct Cell: Sendable {
        /// n, and P of them labeled 1; both may be expected numbers.
        var rows: Double
        var positives: Double
        /// The variance of P.
        var variance: Double
        var isTied: Bool
    }

    private(set) var value: Double?
    /// The change of the value by one row more labeled 1 in place of 0, by cell.
    private(set) var gradient: [Double] = []
    /// How far the value may be from that of the rows in their true order.
    private(set) var binningError = 0.0

    init(_ cells: [Cell], withGradient: Bool = false) {
        let total = cells.reduce(0) { $0 + $1.positives }
        guard total > 0 else { return }
        var (rows, hits, sum, best, worst) = (0.0, 0.0, 0.0, 0.0, 0.0)
        var own = [Double](repeating: 0, count: withGradient ? cells.count : 0)
        var byHits = own
        for (place, cell) in cells.enumerated() where cell.rows > 0 {
            let (n, p) = (cell.rows, cell.positives)
            let pairs = p * p + cell.variance
            if cell.isTied {
                let term = (p * hits + pairs) / (rows + n)
                sum += term
                best += term
                worst += term
                if withGradient {
                    own[place] = (hits + 2 * p) / (rows + n)
                    byHits[place] = p / (rows + n)
                }
            } else if p > 0 {
                let harmonic = Self.digamma(rows + n + 1) - Self.digamma(rows + 1)
                let both = n > 1 ? max(0, pairs - p) / (n * (n - 1)) : 0
                let spread = n - (rows + 1) * harmonic
                sum += p / n * (hits + 1) * harmonic + both * spread
                best += p + (hits - rows) * (Self.digamma(rows + p + 1) - Self.digamma(rows + 1))
                let above = rows + n - p
                worst += p + (hits - above) * (Self.digamma(above + p + 1) - Self.digamma(above + 1))
                if withGradient {
                    own[place] = (hits + 1) * harmonic / n + (n > 1 ? (2 * p - 1) / (n * (n - 1)) * spread : 0)
                    byHits[place] = p / n * harmonic
                }
            } else if withGradient {
                own[place] = (hits + 1) * (Self.digamma(rows + n + 1) - Self.digamma(rows + 1)) / n
            }
            rows += n
            hits += p
        }
        let value = min(max(sum / total, 0), 1)
        self.value = value
        binningError = max(best / total - value, value - worst / total, 0)
        guard withGradient else { return }
        gradient = own
        var later = 0.0
        for place in cells.indices.reversed() {
            gradient[place] = (own[place] + later - value) / total
            later += byHits[place]
        }
    }

    /// ψ(x) for x > 0: the recurrence up to 8, then the asymptotic series.
    static func digamma(_ value: Double) -> Double {
        var (x, sum) = (value, 0.0)
        while x < 8 {
            sum -= 1 / x
            x += 1
        }
        let square = 1 / (x * x)
        let series =
            square * (1.0 / 12 - square * (1.0 / 120 - square * (1.0 / 252 - square * (1.0 / 240 - square / 132))))
        return sum + log(x) - 0.5 / x - series
    }
}
