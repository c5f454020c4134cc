import ColumnFormat

/// Runs of equal values.
///
///     5, varint run count (1…count)
///     lengths   varint byte count, node of run count UInt32: each at least 1, together count
///     values    the rest: node of run count values of this node's shape
///
/// Parsing sums the lengths and decodes the values, O(runs); a point read is a binary search.
@safe
final class RunLengthNode: FixedNode {
    let count: Int
    private let byteWidth: Int
    let name: String
    /// One for each run.
    private let values: RawBuffer
    /// Where each run ends.
    private let ends: [UInt32]

    init(_ reader: inout ByteReader, shape: FixedShape, count: Int, depth: Int) throws(FormatError) {
        self.count = count
        byteWidth = shape.byteWidth
        let runCount = try reader.readCount(limit: count, of: "runs")
        guard runCount >= 1 else { throw FormatError(.invalid, "no runs", at: reader.offset) }
        let lengths = try NodeParser.fixedChild(&reader, shape: .count, count: runCount, depth: depth)
        let node = try NodeParser.lastFixedChild(&reader, shape: shape, count: runCount, depth: depth)
        name = "runLength(\(lengths.name), \(node.name))"
        values = RawBuffer(byteCapacity: runCount * byteWidth)
        unsafe try node.decode(0..<runCount, into: values.base)
        ends = try Self.sums(of: lengths, count: count)
    }

    private static func sums(of lengths: any FixedNode, count: Int) throws(FormatError) -> [UInt32] {
        let buffer = RawBuffer(byteCapacity: lengths.count * 4)
        unsafe try lengths.decode(0..<lengths.count, into: buffer.base)
        var ends: [UInt32] = []
        ends.reserveCapacity(lengths.count)
        var total = 0
        for run in 0..<lengths.count {
            let length = unsafe Int(buffer.base.load(fromByteOffset: run &* 4, as: UInt32.self))
            guard length >= 1, length <= count - total else {
                throw FormatError(.invalid, "run \(run) of length \(length) after \(total) of \(count) values")
            }
            total += length
            ends.append(UInt32(total))
        }
        withExtendedLifetime(buffer) {}
        guard total == count else { throw FormatError(.invalid, "runs of \(total) values, expected \(count)") }
        return ends
    }

    /// The run that `row` is in.
    private func run(of row: Int) -> Int {
        var low = 0
        var high = ends.count - 1
        while low < high {
            let middle = (low + high) / 2
            if Int(ends[middle]) > row { high = middle } else { low = middle + 1 }
        }
        return low
    }

    func load(_ row: Int, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        unsafe destination.copyMemory(from: values.base + run(of: row) * byteWidth, byteCount: byteWidth)
    }

    func decode(_ rows: Range<Int>, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        guard !rows.isEmpty else { return }
        switch byteWidth {
        case 1: unsafe spread(over: rows, destination, as: UInt8.self)
        case 2: unsafe spread(over: rows, destination, as: UInt16.self)
        case 4: unsafe spread(over: rows, destination, as: UInt32.self)
        default: unsafe spread(over: rows, destination, as: UInt64.self)
        }
    }

    /// A vector within one run is constant.
    func load(vector: Int, into buffer: VectorBuffer) throws(FormatError) -> VectorForm {
        let rows = rows(ofVector: vector)
        let run = run(of: rows.lowerBound)
        if Int(ends[run]) >= rows.upperBound {
            unsafe buffer.words.storeBytes(of: 0, as: UInt64.self)
            unsafe buffer.words.copyMemory(from: values.base + run * byteWidth, byteCount: byteWidth)
            return .constant
        }
        unsafe try decode(vector: vector, into: buffer.words, scratch: buffer.scratch)
        return .words
    }

    private func spread<Word: WordType>(
        over rows: Range<Int>, _ destination: UnsafeMutableRawPointer, as _: Word.Type
    ) {
        let words = unsafe values.base.assumingMemoryBound(to: Word.self)
        let target = unsafe destination.assumingMemoryBound(to: Word.self)
        var run = run(of: rows.lowerBound)
        unsafe ends.withUnsafeBufferPointer { ends in
            var row = rows.lowerBound
            while row < rows.upperBound {
                let end = unsafe min(Int(ends[run]), rows.upperBound)
                let word = unsafe words[run]
                while row < end {
                    unsafe target[row &- rows.lowerBound] = word
                    row &+= 1
                }
                run &+= 1
            }
        }
    }
}
