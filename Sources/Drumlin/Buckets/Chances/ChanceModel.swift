internal import ColumnFormat

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// P(label 1) of a row: its score, calibrated on the reference, and corrected by small trees for what the score does not
/// know of the features.
///
/// logit p = logit isotonic(s) + the mean over the trees of the leaf's correction. A tree is grown on one half of the
/// reference; the correction of a leaf, Σ(y − p₀) / (Σ p₀(1 − p₀) + κ), comes from the other half, so that no leaf is
/// judged by the rows that shaped it. Without trees it is a plain calibration (CBPE).
///
/// A row's bucket is the level of its p: see ``LevelTable``.
struct ChanceModel: Sendable, Equatable {
    static let treeCount = 16
    static let leafLimit = 16
    static let minimumRows = 200
    /// κ, which draws corrections of leaves with few rows to nothing.
    static let shrinkage = 20.0

    let calibration: IsotonicMap
    let inputs: TreeInputs
    let trees: [DecisionTree]
    /// Each leaf's share of the correction, tree by tree.
    let corrections: [Double]
    /// Where a tree's leaves begin in `corrections`.
    let firstLeaves: [Int]
    let levels: LevelTable

    /// - Parameter treeCount: an even number; 0 for a plain calibration.
    init(fitting columns: ReferenceColumns, treeCount: Int, seed: UInt64) {
        let rows = (0..<columns.rowCount).filter { columns.hasLabel($0) && columns.scores[$0].isFinite }
        let isPositive = rows.map { columns.labels[$0] == 1 }
        let calibration = IsotonicMap(fitting: rows.map { columns.scores[$0] }, isPositive: isPositive)
        let plain = rows.map { calibration.logit(at: columns.scores[$0]) }
        let chances = plain.map { logistic($0) }
        let residuals = rows.indices.map { (isPositive[$0] ? 1 : 0) - chances[$0] }
        let spreads = chances.map { $0 * (1 - $0) }
        var grown: [DecisionTree] = []
        var corrections: [Double] = []
        var firstLeaves: [Int] = []
        var logits = plain
        let inputs = TreeInputs(fitting: columns, target: residuals, rows: rows)
        if treeCount > 0, rows.count >= 4 * Self.minimumRows {
            let builder = TreeBuilder(inputs: inputs, columns: columns, rows: rows)
            for pair in 0..<(treeCount / 2) {
                let seed = seed &+ UInt64(pair) &* 0x9E37_79B9_7F4A_7C15
                let halves = rows.map { LeafPair.isInFirstHalf(row: $0, seed: seed) }
                for isFirst in [true, false] {
                    let tree = builder.tree(
                        rows: rows.indices.filter { halves[$0] == isFirst }, target: residuals,
                        leafLimit: Self.leafLimit, minimumRows: Self.minimumRows)
                    let leaves = builder.leaves(of: tree)
                    var sums = [Double](repeating: 0, count: tree.leafCount)
                    var weights = [Double](repeating: Self.shrinkage, count: tree.leafCount)
                    for row in rows.indices where halves[row] != isFirst {
                        sums[leaves[row]] += residuals[row]
                        weights[leaves[row]] += spreads[row]
                    }
                    let shares = sums.indices.map { sums[$0] / weights[$0] / Double(treeCount) }
                    for row in rows.indices { logits[row] += shares[leaves[row]] }
                    grown.append(tree)
                    firstLeaves.append(corrections.count)
                    corrections += shares
                }
            }
        }
        self.calibration = calibration
        self.inputs = inputs
        trees = grown
        self.corrections = corrections
        self.firstLeaves = firstLeaves
        levels = LevelTable(logits: logits, isPositive: isPositive)
    }

    /// Whether features have a part in it.
    var needsFeatures: Bool { !trees.isEmpty }

    @inline(__always)
    func level<Features: FeatureSource & ~Copyable>(
        score: Double, predictedClass: Int, features: borrowing Features
    ) -> Int {
        let plain = calibration.logit(at: score)
        guard !trees.isEmpty else { return LevelTable.level(ofLogit: plain) }
        let logit = unsafe inputs.withValues(score: score, predictedClass: predictedClass, features: features) {
            values in
            var sum = plain
            for tree in trees.indices {
                sum += corrections[firstLeaves[tree] &+ (unsafe trees[tree].leaf(of: values))]
            }
            return sum
        }
        return LevelTable.level(ofLogit: logit)
    }

    func write(to writer: inout ByteWriter) {
        calibration.write(to: &writer)
        inputs.write(to: &writer)
        writer.append(varint: UInt64(trees.count))
        for tree in trees { tree.write(to: &writer) }
        for correction in corrections { writer.append(correction) }
        levels.write(to: &writer)
    }

    init(from reader: inout ByteReader) throws(FormatError) {
        let start = reader.offset
        calibration = try IsotonicMap(from: &reader)
        inputs = try TreeInputs(from: &reader)
        var trees: [DecisionTree] = []
        var firstLeaves: [Int] = []
        var leafCount = 0
        for _ in 0..<(try reader.readCount(limit: 1_024, of: "trees")) {
            let tree = try DecisionTree(from: &reader, inputCount: inputs.count)
            trees.append(tree)
            firstLeaves.append(leafCount)
            leafCount += tree.leafCount
        }
        (self.trees, self.firstLeaves) = (trees, firstLeaves)
        corrections = try reader.readDoubles(leafCount)
        levels = try LevelTable(from: &reader)
        guard corrections.allSatisfy(\.isFinite), levels.count == LevelTable.levelCount else {
            throw FormatError(.invalid, "a model of chances with \(levels.count) levels", at: start)
        }
    }
}

/// 1 / (1 + e⁻ˣ).
func logistic(_ value: Double) -> Double { 1 / (1 + exp(-value)) }
