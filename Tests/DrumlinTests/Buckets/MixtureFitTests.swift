import Testing

@testable import Drumlin

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The fit in blocks beside one that does what the formulas say, row by row.
@Suite("A mixture's fit")
struct MixtureFitTests {
    /// Expectation and maximization of a few rows, as they stand in a book.
    private struct Book {
        let rows: [[Double]]
        let components: Int
        var shares: [[Double]]
        var offsets: [Double] = []
        var means: [[Double]] = []
        var inverses: [[Double]] = []

        init(_ rows: [[Double]], owners: [Int], components: Int) {
            self.rows = rows
            self.components = components
            shares = owners.map { owner in (0..<components).map { $0 == owner ? 1 : 0 } }
        }

        mutating func maximize() {
            let dimension = rows[0].count
            (offsets, means, inverses) = ([], [], [])
            for component in 0..<components {
                let weight = max(1e-12, shares.reduce(0) { $0 + $1[component] })
                let mean = (0..<dimension).map { column in
                    rows.indices.reduce(0) { $0 + shares[$1][component] * rows[$1][column] } / weight
                }
                var covariance = [Double](repeating: 0, count: dimension * dimension)
                for row in rows.indices {
                    for i in 0..<dimension {
                        for j in 0...i {
                            covariance[i * dimension + j] +=
                                shares[row][component] * (rows[row][i] - mean[i]) * (rows[row][j] - mean[j]) / weight
                        }
                    }
                }
                for i in 0..<dimension { covariance[i * dimension + i] += 1e-6 }
                let (inverse, logDeterminant) = MixtureFit.inverseCholesky(covariance, dimension: dimension)
                offsets.append(log(weight / Double(rows.count)) - logDeterminant / 2)
                means.append(mean)
                inverses.append(inverse)
            }
        }

        mutating func expect() -> Double {
            let dimension = rows[0].count
            var total = 0.0
            for row in rows.indices {
                let densities = (0..<components).map { component in
                    var sum = 0.0
                    for i in 0..<dimension {
                        var projected = 0.0
                        for j in 0...i {
                            projected += inverses[component][i * dimension + j] * (rows[row][j] - means[component][j])
                        }
                        sum += projected * projected
                    }
                    return offsets[component] - sum / 2
                }
                let greatest = densities.max()!
                let sum = densities.reduce(0) { $0 + exp($1 - greatest) }
                shares[row] = densities.map { exp($0 - greatest) / sum }
                total += greatest + log(sum)
            }
            return total / Double(rows.count)
        }

        /// The number of rounds.
        mutating func fit() -> Int {
            maximize()
            var (likelihood, rounds) = (-Double.infinity, 0)
            while rounds < 100 {
                let next = expect()
                maximize()
                rounds += 1
                if next - likelihood < 1e-3 { break }
                likelihood = next
            }
            return rounds
        }
    }

    @Test("is that of the formulas, whatever the numbers of rows, columns and components")
    func isTheFormulas() {
        var generator = SeededGenerator(seed: 21)
        for (rowCount, dimension, components) in [
            (40, 1, 1), (128, 2, 3), (129, 3, 2), (300, 4, 4), (135, 5, 2), (500, 6, 3), (260, 7, 2), (700, 13, 3),
        ] {
            var rows: [[Double]] = []
            var owners: [Int] = []
            for _ in 0..<rowCount {
                let owner = generator.index(below: components)
                // Some components are so far from others that these have nothing of their rows.
                let center = owner == 2 ? 40.0 : 1.5 * Double(owner)
                rows.append((0..<dimension).map { center + (1 + Double($0) / 4) * generator.normal() })
                owners.append(generator.uniform() < 0.8 ? owner : generator.index(below: components))
            }
            var book = Book(rows, owners: owners, components: components)
            let expected = book.fit()
            let (mixture, rounds) = GaussianMixture.fitted(
                rows: rows.flatMap { $0 }, dimension: dimension, owners: owners, components: components)
            #expect(rounds == expected)
            func agree(_ left: [Double], _ right: [Double], _ what: String) {
                let scale = right.reduce(1) { max($0, $1.magnitude) }
                let distance = zip(left, right).reduce(0) { max($0, ($1.0 - $1.1).magnitude) }
                #expect(left.count == right.count && distance < 1e-7 * scale, "\(what) of \(rowCount) × \(dimension)")
            }
            agree(mixture.offsets, book.offsets, "weights")
            agree(mixture.means, book.means.flatMap { $0 }, "means")
            agree(mixture.inverseFactors, book.inverses.flatMap { $0 }, "covariances")
        }
    }

    @Test("goes on where a component has no rows, or all rows are one")
    func degenerates() {
        let same = [Double](repeating: 3, count: 2 * 20)
        for components in [1, 2, 5] {
            let (mixture, _) = GaussianMixture.fitted(
                rows: same, dimension: 2, owners: [Int](repeating: 0, count: 20), components: components)
            #expect(mixture.componentCount == components && mixture.component(ofRow: 7, in: same) == 0)
            let isFinite = (mixture.offsets + mixture.means + mixture.inverseFactors).allSatisfy { $0.isFinite }
            #expect(isFinite)
        }
    }
}
