import ColumnFormat

/// One value nearly everywhere, and the rows where there is another.
///
///     19
///     value        W bytes
///     varint k     rows with another value, 1…count
///     rows         varint byte count, node of k counts, strictly ascending, below count
///     values       the rest: node of k values of this shape
///
/// Parsing decodes the rows and their values, O(k); a point read is a binary search.
@safe
final class SparseNode: FixedNode {
    let count: Int
    private let byteWidth: Int
    private let value: UInt64
    private let rows: [UInt32]
    /// The other values, one for each of ``rows``.
    private let others: RawBuffer
    let name: String

    init(_ reader: inout ByteReader, shape: FixedShape, count: Int, depth: Int) throws(FormatError) {
        self.count = count
        byteWidth = shape.byteWidth
        let word = try reader.readWord(byteWidth: byteWidth)
        value = shape.kind == .bit ? word & 1 : word
        let otherCount = try reader.readCount(limit: count, of: "other values")
        guard otherCount >= 1 else { throw FormatError(.invalid, "no other values", at: reader.offset) }
        let node = try NodeParser.fixedChild(&reader, shape: .count, count: otherCount, depth: depth)
        let values = try NodeParser.lastFixedChild(&reader, shape: shape, count: otherCount, depth: depth)
        name = "sparse(\(node.name), \(values.name))"
        others = RawBuffer(byteCapacity: otherCount * byteWidth)
        unsafe try values.decode(0..<otherCount, into: others.base)
        let buffer = RawBuffer(byteCapacity: otherCount * 4)
        unsafe try node.decode(0..<otherCount, into: buffer.base)
        var rows: [UInt32] = []
        rows.reserveCapacity(otherCount)
        var previous = -1
        for i in 0..<otherCount {
            let row = unsafe buffer.base.load(fromByteOffset: i &* 4, as: UInt32.self)
            guard Int(row) > previous, Int(row) < count else {
                throw FormatError(.invalid, "row \(row) after \(previous) of \(count)")
            }
            previous = Int(row)
            rows.append(row)
        }
        withExtendedLifetime(buffer) {}
        self.rows = rows
    }

    /// The index of the first other value at or after `row`.
    private func firstIndex(at row: Int) -> Int {
        var (low, high) = (0, rows.count)
        while low < high {
            let middle = (low + high) / 2
            if Int(rows[middle]) < row { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func decode(_ rows: Range<Int>, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        switch byteWidth {
        case 1: unsafe decode(rows, destination, as: UInt8.self)
        case 2: unsafe decode(rows, destination, as: UInt16.self)
        case 4: unsafe decode(rows, destination, as: UInt32.self)
        default: unsafe decode(rows, destination, as: UInt64.self)
        }
    }

    private func decode<Word: WordType>(
        _ range: Range<Int>, _ destination: UnsafeMutableRawPointer, as type: Word.Type
    ) {
        let target = unsafe destination.assumingMemoryBound(to: type)
        unsafe target.update(repeating: Word(truncatingIfNeeded: value), count: range.count)
        let others = unsafe others.base.assumingMemoryBound(to: type)
        unsafe rows.withUnsafeBufferPointer { rows in
            var i = firstIndex(at: range.lowerBound)
            while i < rows.count, unsafe Int(truncatingIfNeeded: rows[i]) < range.upperBound {
                unsafe target[Int(truncatingIfNeeded: rows[i]) &- range.lowerBound] = others[i]
                i &+= 1
            }
        }
    }

    /// A vector without another value is a constant.
    func load(vector: Int, into buffer: VectorBuffer) throws(FormatError) -> VectorForm {
        let range = rows(ofVector: vector)
        let index = firstIndex(at: range.lowerBound)
        if index == rows.count || Int(rows[index]) >= range.upperBound {
            unsafe buffer.words.store(word: value, byteWidth: byteWidth)
            return .constant
        }
        unsafe try decode(range, into: buffer.words)
        return .words
    }

    func load(_ row: Int, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        let index = firstIndex(at: row)
        if index < rows.count, Int(rows[index]) == row {
            unsafe destination.copyMemory(from: others.base + index * byteWidth, byteCount: byteWidth)
        } else {
            unsafe destination.store(word: value, byteWidth: byteWidth)
        }
    }
}
