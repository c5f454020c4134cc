internal import ColumnEncoding
internal import ColumnFormat

/// A condition at work on the vectors of blocks. Columns are loaded only where the parts before them leave a row open. A
/// single comparison is looked for in the whole block at once, where its page can do that. For one thread.
@safe
final class VectorFilter {
    private let condition: Condition
    private let root: Node
    private let columns: BlockColumns
    private let mask = VectorMask()
    private let marks: BlockMarks?
    /// The move of the columns to the block that was asked about last, and whether it is marked.
    private var markedMove = -1
    private var isMarked = false

    /// The condition with what its parts keep between vectors.
    private indirect enum Node {
        case comparison(ComparisonTest)
        case isNull(column: Int, isNegated: Bool)
        case all([Node], VectorMask)
        case any([Node], VectorMask)
    }

    init(_ condition: Condition, columns: BlockColumns) {
        self.condition = condition
        self.columns = columns
        root = Self.node(condition)
        if case .comparison(let test) = root { marks = BlockMarks(test) } else { marks = nil }
    }

    private static func node(_ condition: Condition) -> Node {
        switch condition {
        case .comparison(let comparison): .comparison(ComparisonTest(comparison))
        case .isNull(let column): .isNull(column: column, isNegated: false)
        case .isNotNull(let column): .isNull(column: column, isNegated: true)
        case .all(let parts): .all(parts.map(node), VectorMask())
        case .any(let parts): .any(parts.map(node), VectorMask())
        }
    }

    /// The rows of vector `vector` of the current block on which the condition is true, one byte a row, and how many there are;
    /// nil for the mask where it is all of them. Valid until the next call.
    func rows(ofVector vector: Int, count: Int) throws(StoreError) -> (mask: UnsafePointer<UInt8>?, count: Int) {
        if let marks = try blockMarks() {
            let taken = marks.takenCount(ofVector: vector)
            if taken < count { marks.spread(vector, into: mask) }
            return unsafe (taken == count ? nil : UnsafePointer(mask.bytes), taken)
        }
        switch try outcome(root, vector) {
        case .never:
            mask.fill(false, count: count)
            return unsafe (UnsafePointer(mask.bytes), 0)
        case .always: return (nil, count)
        case .possible: break
        }
        try evaluate(root, vector, count, into: mask)
        let taken = mask.takenCount(of: count)
        return unsafe (taken == count ? nil : UnsafePointer(mask.bytes), taken)
    }

    /// The same where there are at most `limit` rows, and that is known of the whole block: how many there are, their places
    /// in `places`; else nil.
    func fewRows(
        ofVector vector: Int, limit: Int, places: UnsafeMutablePointer<UInt32>
    ) throws(StoreError) -> Int? {
        guard let marks = try blockMarks() else { return nil }
        let taken = marks.takenCount(ofVector: vector)
        guard taken <= limit else { return nil }
        if taken > 0 { unsafe marks.places(ofVector: vector, into: places) }
        return taken
    }

    private func blockMarks() throws(StoreError) -> BlockMarks? {
        guard let marks else { return nil }
        if columns.moveCount != markedMove {
            guard let block = columns.block else { return nil }
            isMarked = try marks.mark(block, columns)
            markedMove = columns.moveCount
        }
        return isMarked ? marks : nil
    }

    /// What is known of a vector before anything of it is decoded.
    private func outcome(_ node: Node, _ vector: Int) throws(StoreError) -> ZoneOutcome {
        switch node {
        case .comparison(let test):
            guard test.hasBounds, let bounds = try columns.bounds(test.column, vector: vector) else { return .possible }
            return test.outcome(within: bounds.low...bounds.high, mayBeNull: bounds.mayBeNull)
        case .isNull: return .possible
        case .all(let parts, _):
            var common = ZoneOutcome.always
            for part in parts {
                let outcome = try outcome(part, vector)
                if outcome == .never { return .never }
                if outcome == .possible { common = .possible }
            }
            return common
        case .any(let parts, _):
            var common = ZoneOutcome.never
            for part in parts {
                let outcome = try outcome(part, vector)
                if outcome == .always { return .always }
                if outcome == .possible { common = .possible }
            }
            return common
        }
    }

    private func evaluate(_ node: Node, _ vector: Int, _ count: Int, into mask: VectorMask) throws(StoreError) {
        switch node {
        case .comparison(let test): test.mark(try columns.cursor(test.column, vector: vector), into: mask)
        case .isNull(let column, let isNegated):
            let cursor = try columns.cursor(column, vector: vector)
            if let validity = unsafe cursor.validity {
                unsafe mask.copy(validity, count: count)
                if !isNegated { mask.invert(count: count) }
            } else {
                mask.fill(isNegated, count: count)
            }
        case .all(let parts, let other):
            mask.fill(true, count: count)
            for (number, part) in parts.enumerated() {
                try evaluate(part, vector, count, into: number == 0 ? mask : other)
                if number > 0 { unsafe mask.formIntersection(other.bytes, count: count) }
                // What is false already needs no other column.
                if number + 1 < parts.count, mask.takenCount(of: count) == 0 { return }
            }
        case .any(let parts, let other):
            mask.fill(false, count: count)
            for (number, part) in parts.enumerated() {
                try evaluate(part, vector, count, into: number == 0 ? mask : other)
                if number > 0 { unsafe mask.formUnion(other.bytes, count: count) }
                if number + 1 < parts.count, mask.takenCount(of: count) == count { return }
            }
        }
    }
}
