#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// How much likelier rows such as those of the reference are in a window than in the reference: the odds that boosted trees see
/// between the two, which are told apart by features, score and predicted class.
struct DensityRatio {
    static let roundCount = 30
    static let leafLimit = 8
    static let minimumRows = 100
    static let rate = 0.1
    /// Added to the weight of a leaf, which draws its odds to those of all rows.
    static let shrinkage = 1.0

    /// By reference row, about 1 in the mean.
    let weights: [Double]

    /// Weights of 1 where nothing tells the two apart, or either has no rows.
    ///
    /// - Complexity: O(rows × inputs × rounds), after sorting each input.
    init(of window: ReferenceColumns, to reference: ReferenceColumns) {
        let (known, new) = (reference.rowCount, window.rowCount)
        guard known > 0, new > 0 else {
            weights = [Double](repeating: 1, count: known)
            return
        }
        let joint = reference.joined(with: window)
        let rows = Array(0..<joint.rowCount)
        let isNew = rows.map { $0 < known ? 0.0 : 1.0 }
        let inputs = TreeInputs(fitting: joint, target: isNew, rows: rows)
        let builder = TreeBuilder(inputs: inputs, columns: joint, rows: rows)
        let share = Double(new) / Double(known)
        var logits = [Double](repeating: log(share), count: rows.count)
        for _ in 0..<Self.roundCount {
            let chances = logits.map { logistic($0) }
            let residuals = rows.map { isNew[$0] - chances[$0] }
            let tree = builder.tree(
                rows: rows, target: residuals, leafLimit: Self.leafLimit, minimumRows: Self.minimumRows)
            guard tree.leafCount > 1 else { break }
            let leaves = builder.leaves(of: tree)
            var sums = [Double](repeating: 0, count: tree.leafCount)
            var spreads = [Double](repeating: Self.shrinkage, count: tree.leafCount)
            for row in rows {
                sums[leaves[row]] += residuals[row]
                spreads[leaves[row]] += chances[row] * (1 - chances[row])
            }
            for row in rows { logits[row] += Self.rate * sums[leaves[row]] / spreads[leaves[row]] }
        }
        weights = logits.prefix(known).map { exp($0) / share }
    }

    init(weights: [Double]) { self.weights = weights }

    /// Labeled rows of the reference, each as often as its weight says, and as many as they are worth together: (Σ w)² ÷ Σ w².
    ///
    /// They are drawn at even steps of the weights' running sum, in the order of labels and scores: so that between any two
    /// scores there are as many rows of a label as their weights come to, less or more than one.
    func drawnRows(of reference: ReferenceColumns) -> [Int] {
        let rows = (0..<reference.rowCount).filter { reference.hasLabel($0) }
        let total = rows.reduce(0) { $0 + weights[$1] }
        let squares = rows.reduce(0) { $0 + weights[$1] * weights[$1] }
        guard total > 0, squares > 0, total.isFinite, squares.isFinite else { return rows }
        let count = min(max(1, (total * total / squares).rounded()), Double(rows.count))
        let step = total / count
        let order = rows.sorted {
            (reference.labels[$0], reference.scores[$0], $0) < (reference.labels[$1], reference.scores[$1], $1)
        }
        var drawn: [Int] = []
        var (sum, next) = (0.0, step / 2)
        for row in order {
            sum += weights[row]
            while next < sum, drawn.count < Int(count) {
                drawn.append(row)
                next += step
            }
        }
        return drawn.sorted()
    }
}

extension ReferenceColumns {
    /// The rows of both, one behind the other; they have the same features.
    func joined(with other: ReferenceColumns) -> ReferenceColumns {
        var result = self
        result.scores += other.scores
        result.classes += other.classes
        result.labels += other.labels
        result.probabilities += other.probabilities
        result.features = zip(features, other.features).map { own, added in
            switch (own.values, added.values) {
            case (.numbers(let left), .numbers(let right)): Feature(name: own.name, values: .numbers(left + right))
            case (.texts(let left), .texts(let right)): Feature(name: own.name, values: .texts(left + right))
            default: own
            }
        }
        return result
    }

    /// Some rows, in the order of `rows`; one may come several times.
    func taking(_ rows: [Int]) -> ReferenceColumns {
        let classCount = probabilities.isEmpty ? 0 : kind.classCount
        return ReferenceColumns(
            kind: kind, scores: rows.map { scores[$0] }, classes: rows.map { classes[$0] },
            labels: rows.map { labels[$0] },
            features: features.map { feature in
                switch feature.values {
                case .numbers(let values): Feature(name: feature.name, values: .numbers(rows.map { values[$0] }))
                case .texts(let values): Feature(name: feature.name, values: .texts(rows.map { values[$0] }))
                }
            },
            probabilities: rows.flatMap { row in probabilities[(row * classCount)..<((row + 1) * classCount)] })
    }
}
