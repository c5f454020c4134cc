internal import CDrumlinShims
import ColumnFormat

/// Differences between neighbours, stored by any codec: few different ones, ones that repeat, ones that grow slowly (the
/// differences of differences), a few that are large. Every vector starts afresh.
///
///     22
///     firsts       V × W bytes: each vector's first value     V = ⌈count ÷ 1,024⌉ vectors, W = bytes of a value
///     differences  the rest: node of count signed words of W bytes; anything in the place of a first value
///
/// value[0] = first, value[i] = value[i − 1] + difference[i], modulo 2^(8·W). A point read decodes a vector's beginning.
@safe
final class DifferencesNode: FixedNode {
    let count: Int
    private let byteWidth: Int
    private nonisolated(unsafe) let firsts: UnsafeRawPointer
    private let differences: any FixedNode

    init(_ reader: inout ByteReader, shape: FixedShape, count: Int, depth: Int) throws(FormatError) {
        self.count = count
        byteWidth = shape.byteWidth
        let bytes = unsafe try reader.readBytes(PageLimits.vectorCount(count) * byteWidth)
        guard let base = bytes.baseAddress else { throw FormatError(.truncated, "no vectors") }
        unsafe firsts = base
        differences = try NodeParser.lastFixedChild(
            &reader, shape: FixedShape(kind: .signed, byteWidth: byteWidth), count: count, depth: depth)
    }

    var name: String { "differences(\(differences.name))" }

    func decode(_ rows: Range<Int>, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        switch byteWidth {
        case 1: unsafe try decode(rows, destination, as: UInt8.self)
        case 2: unsafe try decode(rows, destination, as: UInt16.self)
        case 4: unsafe try decode(rows, destination, as: UInt32.self)
        default: unsafe try decode(rows, destination, as: UInt64.self)
        }
    }

    private func decode<Word: WordType>(
        _ rows: Range<Int>, _ destination: UnsafeMutableRawPointer, as type: Word.Type
    ) throws(FormatError) {
        guard !rows.isEmpty else { return }
        let size = MemoryLayout<Word>.size
        var row = rows.lowerBound
        while row < rows.upperBound {
            let vector = row / PageLimits.vectorRowCount
            let start = vector * PageLimits.vectorRowCount
            let end = min(rows.upperBound, start + PageLimits.vectorRowCount)
            let target = unsafe destination + (row - rows.lowerBound) * size
            if row == start {
                unsafe try decodeVector(vector, start..<end, into: target, as: type)
            } else {
                // What comes before the row in its vector is needed, but not wanted.
                let scratch = UnsafeMutableRawPointer.allocate(byteCount: (end - start) * size, alignment: 64)
                defer { unsafe scratch.deallocate() }
                unsafe try decodeVector(vector, start..<end, into: scratch, as: type)
                unsafe target.copyMemory(from: scratch + (row - start) * size, byteCount: (end - row) * size)
            }
            row = end
        }
    }

    private func decodeVector<Word: WordType>(
        _ vector: Int, _ rows: Range<Int>, into target: UnsafeMutableRawPointer, as type: Word.Type
    ) throws(FormatError) {
        unsafe try differences.decode(rows, into: target)
        unsafe addUp(vector, rows.count, target, as: type)
    }

    func decode(vector: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch) throws(FormatError) {
        unsafe try differences.decode(vector: vector, into: destination, scratch: scratch)
        let count = rows(ofVector: vector).count
        switch byteWidth {
        case 1: unsafe addUp(vector, count, destination, as: UInt8.self)
        case 2: unsafe addUp(vector, count, destination, as: UInt16.self)
        case 4: unsafe addUp(vector, count, destination, as: UInt32.self)
        default: unsafe addUp(vector, count, destination, as: UInt64.self)
        }
    }

    private func addUp<Word: WordType>(
        _ vector: Int, _ count: Int, _ target: UnsafeMutableRawPointer, as type: Word.Type
    ) {
        let values = unsafe target.assumingMemoryBound(to: type)
        var sum = unsafe firsts.loadUnaligned(fromByteOffset: vector &* MemoryLayout<Word>.size, as: type)
        unsafe values[0] = sum
        if Word.self == UInt64.self { return unsafe drumlin_running_sum_u64(target, UInt32(count)) }
        if Word.self == UInt32.self { return unsafe drumlin_running_sum_u32(target, UInt32(count)) }
        for i in 1..<max(count, 1) {
            unsafe sum = sum &+ values[i]
            unsafe values[i] = sum
        }
    }

    func load(_ row: Int, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        unsafe try decode(row..<row + 1, into: destination)
    }
}
