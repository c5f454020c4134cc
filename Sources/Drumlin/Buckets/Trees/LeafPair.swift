internal import ColumnFormat

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Two trees that tell rows with large errors from rows with small ones, each grown on one half of the reference and
/// with the statistics of the other: so that no leaf is judged by the rows that shaped it.
///
/// A row is in a leaf of both, and counts half in each.
struct LeafPair: Sendable, Equatable {
    static let minimumRows = 50
    static let leafLimit = 255

    let inputs: TreeInputs
    let first: DecisionTree
    let second: DecisionTree
    let seed: UInt64

    init(fitting columns: ReferenceColumns, leaves: Int, seed: UInt64) {
        let rows = (0..<columns.rowCount).filter { columns.hasLabel($0) }
        let errors = rows.map { (columns.labels[$0] - columns.scores[$0]).magnitude }
        // The logarithm keeps a few huge errors from taking all the splits.
        let median = errors.sorted().dropFirst(errors.count / 2).first ?? 0
        let offset = max(0.01 * median, .leastNormalMagnitude)
        let target = errors.map { log($0 + offset) }
        inputs = TreeInputs(fitting: columns, target: target, rows: rows)
        let builder = TreeBuilder(inputs: inputs, columns: columns, rows: rows)
        let halves = rows.map { Self.isInFirstHalf(row: columns.position(of: $0), seed: seed) }
        func tree(_ isFirst: Bool) -> DecisionTree {
            builder.tree(
                rows: rows.indices.filter { halves[$0] == isFirst }, target: target, leafLimit: leaves,
                minimumRows: Self.minimumRows)
        }
        (first, second) = (tree(true), tree(false))
        self.seed = seed
    }

    /// Which half of the reference a row is in, by its position there.
    static func isInFirstHalf(row: Int, seed: UInt64) -> Bool {
        var generator = SeededGenerator(seed: seed &+ UInt64(row))
        return generator.next() >> 63 == 0
    }

    /// first leaf × leaves of the second tree + second leaf.
    func bucket<Features: FeatureSource & ~Copyable>(
        score: Double, predictedClass: Int, features: borrowing Features
    ) -> Int {
        unsafe inputs.withValues(score: score, predictedClass: predictedClass, features: features) { values in
            unsafe first.leaf(of: values) &* second.leafCount &+ second.leaf(of: values)
        }
    }

    func write(to writer: inout ByteWriter) {
        inputs.write(to: &writer)
        first.write(to: &writer)
        second.write(to: &writer)
        writer.append(seed)
    }

    init(from reader: inout ByteReader) throws(FormatError) {
        let start = reader.offset
        inputs = try TreeInputs(from: &reader)
        first = try DecisionTree(from: &reader, inputCount: inputs.count)
        second = try DecisionTree(from: &reader, inputCount: inputs.count)
        seed = try reader.read(UInt64.self)
        guard first.leafCount <= Self.leafLimit, second.leafCount <= Self.leafLimit else {
            throw FormatError(.invalid, "trees of \(first.leafCount) and \(second.leafCount) leaves", at: start)
        }
    }
}
