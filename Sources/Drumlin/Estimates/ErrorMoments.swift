/// Means and covariances, in a place of the reference, of what `meanError` and `r2` need of a row: its error
/// e = label − value, its value × e, and e².
struct ErrorMoments: Sendable, Equatable {
    var count = 0.0
    /// e, value × e, e².
    var means = [0.0, 0.0, 0.0]
    /// Row by row of the lower triangle.
    var covariances = [Double](repeating: 0, count: 6)

    init() {}

    init(count: Double, means: [Double], covariances: [Double]) {
        self.count = count
        self.means = means
        self.covariances = covariances
    }

    init(errors: [Double], values: [Double]) {
        count = Double(errors.count)
        guard count > 0 else { return }
        let columns = [errors, zip(errors, values).map { $0 * $1 }, errors.map { $0 * $0 }]
        means = columns.map { $0.reduce(0, +) / count }
        guard count > 1 else { return }
        covariances = []
        for one in 0..<3 {
            for other in 0...one {
                var sum = 0.0
                for row in errors.indices {
                    sum += (columns[one][row] - means[one]) * (columns[other][row] - means[other])
                }
                covariances.append(sum / (count - 1))
            }
        }
    }

    /// e alone.
    var error: RowMoments { RowMoments(count: count, mean: means[0], variance: covariances[0]) }

    /// The variance of a weighted sum of the three.
    func variance(of weights: [Double]) -> Double {
        var (sum, place) = (0.0, 0)
        for one in 0..<3 {
            for other in 0...one {
                sum += weights[one] * weights[other] * covariances[place] * (one == other ? 1 : 2)
                place += 1
            }
        }
        return max(0, sum)
    }
}
