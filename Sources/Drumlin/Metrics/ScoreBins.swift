package import ColumnFormat

/// Half-open cells of the number line, cut at ascending edges: cell i is [edges[i − 1], edges[i]).
///
/// There is one cell more than there are edges; the first has no lower end, the last no upper one. A value with a large
/// share of the rows owns a cell, [v, the next double).
package struct ScoreBins: Sendable, Equatable {
    package let edges: [Double]

    package var count: Int { edges.count + 1 }

    package init(edges: [Double]) { self.edges = edges }

    /// The cell of a value, in O(log count). NaN is in the first.
    @inlinable
    package func index(of value: Double) -> Int {
        Self.index(of: value, in: edges, from: 0, count: edges.count)
    }

    /// How many of the `count` ascending edges from `start` on are at or below `value`.
    @inlinable
    static func index(of value: Double, in edges: [Double], from start: Int, count: Int) -> Int {
        guard count > 0 else { return 0 }
        // Halves without a branch to guess: scores come in no order.
        var low = start
        var rest = count
        while rest > 1 {
            let half = rest &>> 1
            low = edges[low &+ half &- 1] <= value ? low &+ half : low
            rest = rest &- half
        }
        return low &- start &+ (edges[low] <= value ? 1 : 0)
    }

    package func lowerEdge(_ bin: Int) -> Double { bin > 0 ? edges[bin - 1] : -.infinity }
    package func upperEdge(_ bin: Int) -> Double { bin < edges.count ? edges[bin] : .infinity }

    /// Whether a cell holds a single value, so that all its rows are ties.
    package func isAtom(_ bin: Int) -> Bool {
        bin > 0 && bin < edges.count && edges[bin - 1].nextUp >= edges[bin]
    }
}

extension ScoreBins {
    /// Cells whose edges are quantiles of ½F₊ + ½F₋, so that rows of a rare class get as many cells as the others.
    ///
    /// A value that has 1/`count` of the mixture or more owns a cell. Non-finite values and NaN are passed over.
    /// - Parameters:
    ///   - isPositive: the class of each row for the mixture; nil for the plain quantiles.
    ///   - edges: further edges, such as the threshold between the predicted classes.
    /// - Complexity: O(n log n).
    package static func quantiles(
        of values: [Double], isPositive: [Bool]?, count: Int, including edges: [Double] = []
    ) -> ScoreBins {
        var rows: [(value: Double, isPositive: Bool)] = []
        rows.reserveCapacity(values.count)
        for index in values.indices where values[index].isFinite {
            rows.append((values[index], isPositive.map { $0[index] } ?? false))
        }
        rows.sort { $0.value < $1.value }
        let positiveCount = rows.reduce(0) { $0 + ($1.isPositive ? 1 : 0) }
        let negativeCount = rows.count - positiveCount
        let classes = (positiveCount > 0 ? 1.0 : 0) + (negativeCount > 0 ? 1.0 : 0)
        let positiveWeight = positiveCount > 0 ? 1 / (classes * Double(positiveCount)) : 0
        let negativeWeight = negativeCount > 0 ? 1 / (classes * Double(negativeCount)) : 0

        var found = edges.filter(\.isFinite)
        var (positives, negatives, next, index) = (0, 0, 1, 0)
        while index < rows.count {
            let value = rows[index].value
            let (positivesBefore, negativesBefore) = (positives, negatives)
            while index < rows.count, rows[index].value == value {
                if rows[index].isPositive { positives += 1 } else { negatives += 1 }
                index += 1
            }
            let share =
                Double(positives - positivesBefore) * positiveWeight
                + Double(negatives - negativesBefore) * negativeWeight
            let below = Double(positives) * positiveWeight + Double(negatives) * negativeWeight
            if share * Double(count) >= 1 - 1e-9 { found += [value, value.nextUp] }
            if next < count, below * Double(count) > Double(next) {
                found.append(value)
                while next < count, below * Double(count) > Double(next) { next += 1 }
            }
        }
        return ScoreBins(edges: ascending(found))
    }

    /// Cells for scores in [0, 1] where no reference says how they spread: 128 to each halving of the distance to 0 and
    /// to 1, down to 2⁻¹¹, and one cell each for exactly 0 and exactly 1.
    package static let unfitted: ScoreBins = {
        var found = [0, 0.0.nextUp, 0.5, 1.0, 1.0.nextUp]
        for octave in 2...11 {
            let low = 1 / Double(1 << octave)
            for step in 0..<128 {
                let edge = low * (1 + Double(step) / 128)
                found += [edge, 1 - edge]
            }
        }
        return ScoreBins(edges: ascending(found))
    }()

    private static func ascending(_ values: [Double]) -> [Double] {
        var edges: [Double] = []
        for value in values.sorted() where edges.last.map({ $0 < value }) ?? true { edges.append(value) }
        return edges
    }
}

extension ScoreBins {
    package static let edgeLimit = 1 << 20

    package func write(to writer: inout ByteWriter) {
        writer.append(varint: UInt64(edges.count))
        for edge in edges { writer.append(edge) }
    }

    package init(from reader: inout ByteReader) throws(FormatError) {
        let start = reader.offset
        let count = try reader.readCount(limit: min(Self.edgeLimit, reader.remaining / 8), of: "edges")
        var edges: [Double] = []
        edges.reserveCapacity(count)
        for _ in 0..<count {
            let edge = try reader.readDouble()
            guard edge.isFinite, edges.last.map({ $0 < edge }) ?? true else {
                throw FormatError(.invalid, "edges of cells do not ascend", at: start)
            }
            edges.append(edge)
        }
        self.init(edges: edges)
    }
}
