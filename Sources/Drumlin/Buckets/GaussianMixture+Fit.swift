#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Expectation–maximization from a k-means++ start (Arthur and Vassilvitskii 2007), on at most 20,000 rows spread evenly.
extension GaussianMixture {
    static let fittingRowLimit = 20_000
    /// Added to the diagonal of every covariance of standardized columns.
    static let regularization = 1e-6
    private static let roundLimit = 100
    /// Rounds end once the mean log-likelihood of a row rises by less.
    private static let tolerance = 1e-3

    /// nil where there is no numeric column.
    init?(fitting reference: ReferenceColumns, components: Int, seed: UInt64) {
        let columns = Self.columns(of: reference)
        guard !columns.isEmpty, reference.rowCount > 0 else { return nil }
        var values = columns.map { Self.values(of: $0, in: reference) }
        var centers: [Double] = []
        var scales: [Double] = []
        for index in values.indices {
            let (center, scale) = Self.moments(values[index])
            centers.append(center)
            scales.append(scale)
            for row in values[index].indices {
                let scaled = (values[index][row] - center) / scale
                values[index][row] = scaled.isFinite ? scaled : 0
            }
        }
        let rowCount = min(reference.rowCount, Self.fittingRowLimit)
        var rows: [Double] = []
        rows.reserveCapacity(rowCount * columns.count)
        for index in 0..<rowCount {
            let row = index * reference.rowCount / rowCount
            for column in values.indices { rows.append(values[column][row]) }
        }
        var fit = MixtureFit(rows: rows, dimension: columns.count, generator: SeededGenerator(seed: seed))
        fit.start(components: min(components, rowCount))
        Self.run(&fit)
        self.init(
            columns: columns, centers: centers, scales: scales, offsets: fit.offsets, means: fit.means,
            inverseFactors: fit.inverseFactors)
    }

    /// A mixture of rows as they are, from a given start, and the number of rounds that it took.
    ///
    /// - Parameter owners: the component, below `components`, that each row begins with.
    package static func fitted(
        rows: [Double], dimension: Int, owners: [Int], components: Int
    ) -> (mixture: GaussianMixture, rounds: Int) {
        var fit = MixtureFit(rows: rows, dimension: dimension, generator: SeededGenerator(seed: 0))
        fit.start(owners: owners, components: components)
        let rounds = run(&fit)
        let mixture = GaussianMixture(
            columns: Array(0..<dimension), centers: [Double](repeating: 0, count: dimension),
            scales: [Double](repeating: 1, count: dimension), offsets: fit.offsets, means: fit.means,
            inverseFactors: fit.inverseFactors)
        return (mixture, rounds)
    }

    /// Rounds of expectation and maximization until they add little.
    @discardableResult
    private static func run(_ fit: inout MixtureFit) -> Int {
        var likelihood = -Double.infinity
        var rounds = 0
        while rounds < Self.roundLimit {
            fit.maximize(regularization: Self.regularization)
            let next = fit.expect()
            rounds += 1
            if next - likelihood < Self.tolerance { break }
            likelihood = next
        }
        fit.maximize(regularization: Self.regularization)
        return rounds
    }

    private static func columns(of reference: ReferenceColumns) -> [Int] {
        var columns: [Int] = reference.features.indices.filter {
            if case .numbers = reference.features[$0].values { true } else { false }
        }
        if reference.kind.classCount > 2 { columns.append(classColumn) }
        if reference.scores.contains(where: \.isFinite) { columns.append(scoreColumn) }
        return columns
    }

    private static func values(of column: Int, in reference: ReferenceColumns) -> [Double] {
        switch column {
        case scoreColumn: return reference.scores
        case classColumn: return reference.classes.map { Double($0) }
        default:
            guard case .numbers(let values) = reference.features[column].values else { return [] }
            return values
        }
    }

    private static func moments(_ values: [Double]) -> (center: Double, scale: Double) {
        var (count, sum) = (0.0, 0.0)
        for value in values where value.isFinite {
            count += 1
            sum += value
        }
        guard count > 0 else { return (0, 1) }
        let center = sum / count
        var squares = 0.0
        for value in values where value.isFinite { squares += (value - center) * (value - center) }
        let scale = (squares / count).squareRoot()
        return (center, scale > 0 && scale.isFinite ? scale : 1)
    }
}

/// The state of one fit: rows, responsibilities and parameters.
struct MixtureFit {
    let rows: [Double]
    let dimension: Int
    var generator: SeededGenerator
    /// Row by row, the share of each component.
    private var shares: [Double] = []
    private(set) var offsets: [Double] = []
    private(set) var means: [Double] = []
    private(set) var inverseFactors: [Double] = []
    private var componentCount = 0

    private var rowCount: Int { rows.count / dimension }

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

    /// Gives each row to a component.
    mutating func start(owners: [Int], components: Int) {
        componentCount = components
        shares = [Double](repeating: 0, count: rowCount * componentCount)
        for row in 0..<rowCount { shares[row * componentCount + owners[row]] = 1 }
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

    /// Weights, means and covariances from the shares.
    mutating func maximize(regularization: Double) {
        offsets = []
        means = []
        inverseFactors = []
        for component in 0..<componentCount {
            var weight = 1e-12
            var mean = [Double](repeating: 0, count: dimension)
            for row in 0..<rowCount {
                let share = shares[row * componentCount + component]
                guard share > 0 else { continue }
                weight += share
                for column in 0..<dimension { mean[column] += share * rows[row * dimension + column] }
            }
            for column in 0..<dimension { mean[column] /= weight }
            let covariance = self.covariance(component: component, mean: mean, weight: weight, regularization)
            let (inverse, logDeterminant) = Self.inverseCholesky(covariance, dimension: dimension)
            offsets.append(log(weight / Double(rowCount)) - logDeterminant / 2)
            means += mean
            inverseFactors += inverse
        }
    }

    private func covariance(component: Int, mean: [Double], weight: Double, _ regularization: Double) -> [Double] {
        var covariance = [Double](repeating: 0, count: dimension * dimension)
        var centered = [Double](repeating: 0, count: dimension)
        let (dimension, componentCount) = (dimension, componentCount)
        unsafe rows.withUnsafeBufferPointer { rows in
            unsafe shares.withUnsafeBufferPointer { shares in
                unsafe covariance.withUnsafeMutableBufferPointer { covariance in
                    unsafe centered.withUnsafeMutableBufferPointer { centered in
                        for row in 0..<(rows.count / dimension) {
                            let share = unsafe shares[row &* componentCount &+ component]
                            guard share > Self.leastShare else { continue }
                            for i in 0..<dimension {
                                unsafe centered[i] = rows[row &* dimension &+ i] - mean[i]
                            }
                            for i in 0..<dimension {
                                let scaled = unsafe share * centered[i]
                                for j in 0...i {
                                    unsafe covariance[i &* dimension &+ j] += scaled * centered[j]
                                }
                            }
                        }
                    }
                }
            }
        }
        for i in 0..<dimension {
            for j in 0...i { covariance[i * dimension + j] /= weight }
            covariance[i * dimension + i] += regularization
        }
        return covariance
    }

    /// Rows with less of a component add nothing to it that a double would show.
    private static let leastShare = 0x1p-60

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

    /// New shares from the parameters; returns the mean log-likelihood of a row, but for a constant.
    mutating func expect() -> Double {
        let (dimension, componentCount, rowCount) = (dimension, componentCount, rowCount)
        // Column by column, so that one column's part of all projections is added at a time.
        var columns = [Double](repeating: 0, count: inverseFactors.count)
        for component in 0..<componentCount {
            let start = component * dimension * dimension
            for i in 0..<dimension {
                for j in 0...i { columns[start + j * dimension + i] = inverseFactors[start + i * dimension + j] }
            }
        }
        var total = 0.0
        var projected = [Double](repeating: 0, count: dimension)
        let (means, offsets) = (means, offsets)
        unsafe rows.withUnsafeBufferPointer { rows in
            unsafe columns.withUnsafeBufferPointer { columns in
                unsafe projected.withUnsafeMutableBufferPointer { projected in
                    unsafe shares.withUnsafeMutableBufferPointer { shares in
                        for row in 0..<rowCount {
                            var greatest = -Double.infinity
                            for component in 0..<componentCount {
                                unsafe projected.update(repeating: 0)
                                let start = component &* dimension &* dimension
                                for j in 0..<dimension {
                                    let distance =
                                        unsafe rows[row &* dimension &+ j] - means[component &* dimension &+ j]
                                    for i in j..<dimension {
                                        unsafe projected[i] += columns[start &+ j &* dimension &+ i] * distance
                                    }
                                }
                                var sum = 0.0
                                for i in 0..<dimension { sum += unsafe projected[i] * projected[i] }
                                let density = offsets[component] - sum / 2
                                unsafe shares[row &* componentCount &+ component] = density
                                greatest = max(greatest, density)
                            }
                            var sum = 0.0
                            for place in (row &* componentCount)..<((row &+ 1) &* componentCount) {
                                let share = unsafe exp(shares[place] - greatest)
                                unsafe shares[place] = share
                                sum += share
                            }
                            for place in (row &* componentCount)..<((row &+ 1) &* componentCount) {
                                unsafe shares[place] /= sum
                            }
                            total += greatest + log(sum)
                        }
                    }
                }
            }
        }
        return total / Double(rowCount)
    }
}
