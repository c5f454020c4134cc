/// Expectation–maximization from a k-means++ start (Arthur and Vassilvitskii 2007), on at most 20,000 rows spread evenly.
extension GaussianMixture {
    static let fittingRowLimit = 20_000
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
            let next = fit.improve()
            rounds += 1
            if next - likelihood < Self.tolerance { break }
            likelihood = next
        }
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
