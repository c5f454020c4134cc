internal import CDrumlinShims

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The state of one fit: rows and parameters.
///
/// A round goes through the rows once, in blocks that lie column by column: what each component has of a block's rows, and what
/// those add to its weight, mean and covariance, while the block is in the cache.
struct MixtureFit {
    private let rows: [Double]
    private let dimension: Int
    private var generator: SeededGenerator
    private(set) var offsets: [Double] = []
    private(set) var means: [Double] = []
    private(set) var inverseFactors: [Double] = []
    private var componentCount = 0
    private var blocks: [Double] = []
    /// By strip of eight rows, the component that was likeliest when it was last looked at.
    private var leaders: [UInt32] = []

    private var rowCount: Int { rows.count / dimension }

    /// Added to the diagonal of every covariance of standardized columns.
    private static let regularization = 1e-6

    init(rows: [Double], dimension: Int, generator: SeededGenerator) {
        self.rows = rows
        self.dimension = dimension
        self.generator = generator
    }

    /// Of five k-means, each from its own k-means++ centers, the one with the least squared distances gives each row to
    /// its center.
    mutating func start(components: Int) {
        var best: (owners: [Int], count: Int, distance: Double)?
        for _ in 0..<5 {
            let centers = spreadCenters(components)
            let (owners, distance) = refined(centers)
            if best.map({ distance < $0.distance }) ?? true {
                best = (owners, centers.count / dimension, distance)
            }
        }
        if let best { start(owners: best.owners, components: best.count) }
    }

    /// Gives each row to a component, and fits these to their rows.
    mutating func start(owners: [Int], components: Int) {
        componentCount = components
        let counts = owners.reduce(into: [Int](repeating: 0, count: components)) { $0[$1] += 1 }
        let centers = centroids(owners, old: [Double](repeating: 0, count: components * dimension))
        arrange(by: owners, counts)
        offsets = []
        means = centers
        inverseFactors = []
        let covariances = covariances(of: owners, counts, around: centers)
        for component in 0..<components {
            let start = component * dimension * dimension
            append(
                weight: Double(counts[component]),
                covariance: Array(covariances[start..<(start + dimension * dimension)]))
        }
    }

    /// Rows of one owner lie together: then most components have nothing of most strips, which is soon found out.
    private mutating func arrange(by owners: [Int], _ counts: [Int]) {
        let (block, strip) = (drumlin_mixture_block, drumlin_mixture_strip)
        blocks = [Double](repeating: 0, count: (rowCount + block - 1) / block * block * dimension)
        leaders = [UInt32](repeating: 0, count: (rowCount + strip - 1) / strip)
        var places = counts.indices.map { counts[..<$0].reduce(0, +) }
        for row in 0..<rowCount {
            let place = places[owners[row]]
            places[owners[row]] += 1
            if place % strip == 0 { leaders[place / strip] = UInt32(owners[row]) }
            let first = place / block * block * dimension + place % block
            for column in 0..<dimension { blocks[first + column * block] = rows[row * dimension + column] }
        }
    }

    /// The lower triangles of each component's covariance.
    private func covariances(of owners: [Int], _ counts: [Int], around centers: [Double]) -> [Double] {
        var covariances = [Double](repeating: 0, count: counts.count * dimension * dimension)
        var centered = [Double](repeating: 0, count: dimension)
        for row in 0..<rowCount {
            let owner = owners[row]
            for i in 0..<dimension { centered[i] = rows[row * dimension + i] - centers[owner * dimension + i] }
            for i in 0..<dimension {
                let start = (owner * dimension + i) * dimension
                for j in 0...i { covariances[start + j] += centered[i] * centered[j] }
            }
        }
        for index in covariances.indices {
            covariances[index] /= max(Double(counts[index / (dimension * dimension)]), Self.leastWeight)
        }
        return covariances
    }

    /// What a component without rows is taken to have.
    private static let leastWeight = 1e-12

    /// Adds a component's offset and factor, given the lower triangle of its covariance.
    private mutating func append(weight: Double, covariance: [Double]) {
        var covariance = covariance
        for i in 0..<dimension { covariance[i * dimension + i] += Self.regularization }
        let (inverse, logDeterminant) = Self.inverseCholesky(covariance, dimension: dimension)
        offsets.append(log(max(weight, Self.leastWeight) / Double(rowCount)) - logDeterminant / 2)
        inverseFactors += inverse
    }

    /// A round of expectation and maximization; returns the mean log-likelihood of a row before it, but for a constant.
    mutating func improve() -> Double {
        let columns = dimension + 1
        let block = drumlin_mixture_block
        let squareCount = componentCount * columns * columns
        var lanes = [Double](repeating: 0, count: squareCount * 4)
        let scratchCount: Int = componentCount * block + dimension * drumlin_mixture_strip + 2 * columns * block
        var scratch = [Double](repeating: 0, count: scratchCount)
        let total = unsafe drumlin_mixture_round(
            blocks, rowCount, UInt32(dimension), UInt32(componentCount), offsets, means, inverseFactors, &leaders,
            &lanes, &scratch)
        var sums = [Double](repeating: 0, count: squareCount)
        for index in sums.indices {
            let first = index * 4
            sums[index] = (lanes[first] + lanes[first + 1]) + (lanes[first + 2] + lanes[first + 3])
        }
        offsets = []
        inverseFactors = []
        for component in 0..<componentCount {
            let start = component * columns * columns
            let last = start + dimension * columns
            let weight = max(sums[last + dimension], Self.leastWeight)
            // How far the mean moves: the sums are of distances from where it was.
            let shift = (0..<dimension).map { sums[last + $0] / weight }
            var covariance = [Double](repeating: 0, count: dimension * dimension)
            for i in 0..<dimension {
                for j in 0...i {
                    covariance[i * dimension + j] = sums[start + i * columns + j] / weight - shift[i] * shift[j]
                }
                means[component * dimension + i] += shift[i]
            }
            append(weight: weight, covariance: covariance)
        }
        return total / Double(rowCount)
    }

    /// Centers at rows that are drawn by their squared distance from the centers before.
    private mutating func spreadCenters(_ count: Int) -> [Double] {
        let first = generator.index(below: rowCount)
        var centers = Array(rows[(first * dimension)..<((first + 1) * dimension)])
        var nearest = (0..<rowCount).map { squaredDistance(row: $0, centers, center: 0) }
        while centers.count < count * dimension {
            let total = nearest.reduce(0, +)
            guard total > 0 else { break }  // Fewer distinct rows than components.
            var target = generator.uniform() * total
            var chosen = rowCount - 1
            for row in 0..<rowCount {
                target -= nearest[row]
                if target < 0 {
                    chosen = row
                    break
                }
            }
            centers += rows[(chosen * dimension)..<((chosen + 1) * dimension)]
            let last = centers.count / dimension - 1
            for row in 0..<rowCount {
                nearest[row] = min(nearest[row], squaredDistance(row: row, centers, center: last))
            }
        }
        return centers
    }

    /// The rows' centers after up to 20 rounds of k-means, and the sum of their squared distances.
    private func refined(_ start: [Double]) -> (owners: [Int], distance: Double) {
        var centers = start
        let count = centers.count / dimension
        var owners = [Int](repeating: -1, count: rowCount)
        var total = Double.infinity
        for _ in 0..<20 {
            var hasChanged = false
            total = 0
            for row in 0..<rowCount {
                var (best, bestDistance) = (0, Double.infinity)
                for center in 0..<count {
                    let distance = squaredDistance(row: row, centers, center: center)
                    if distance < bestDistance { (best, bestDistance) = (center, distance) }
                }
                total += bestDistance
                if owners[row] != best {
                    owners[row] = best
                    hasChanged = true
                }
            }
            if !hasChanged { break }
            centers = centroids(owners, old: centers)
        }
        return (owners, total)
    }

    private func squaredDistance(row: Int, _ centers: [Double], center: Int) -> Double {
        var sum = 0.0
        for column in 0..<dimension {
            let difference = rows[row * dimension + column] - centers[center * dimension + column]
            sum += difference * difference
        }
        return sum
    }

    private func centroids(_ owners: [Int], old: [Double]) -> [Double] {
        var sums = [Double](repeating: 0, count: old.count)
        var counts = [Double](repeating: 0, count: old.count / dimension)
        for row in 0..<rowCount {
            counts[owners[row]] += 1
            for column in 0..<dimension { sums[owners[row] * dimension + column] += rows[row * dimension + column] }
        }
        for index in sums.indices {
            let count = counts[index / dimension]
            sums[index] = count > 0 ? sums[index] / count : old[index]
        }
        return sums
    }

    /// The inverse of the lower Cholesky factor, and ln of the determinant. Pivots that rounding made too small are
    /// raised, so that a column that others determine does no harm.
    static func inverseCholesky(_ matrix: [Double], dimension: Int) -> (inverse: [Double], logDeterminant: Double) {
        var factor = [Double](repeating: 0, count: dimension * dimension)
        var logDeterminant = 0.0
        for i in 0..<dimension {
            for j in 0...i {
                var sum = matrix[i * dimension + j]
                for k in 0..<j { sum -= factor[i * dimension + k] * factor[j * dimension + k] }
                if i == j {
                    let pivot = max(sum, 1e-9)
                    factor[i * dimension + i] = pivot.squareRoot()
                    logDeterminant += log(pivot)
                } else {
                    factor[i * dimension + j] = sum / factor[j * dimension + j]
                }
            }
        }
        var inverse = [Double](repeating: 0, count: dimension * dimension)
        for column in 0..<dimension {
            for i in column..<dimension {
                var sum = i == column ? 1.0 : 0.0
                for k in column..<i { sum -= factor[i * dimension + k] * inverse[k * dimension + column] }
                inverse[i * dimension + column] = sum / factor[i * dimension + i]
            }
        }
        return (inverse, logDeterminant)
    }
}
