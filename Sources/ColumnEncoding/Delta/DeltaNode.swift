internal import CDrumlinShims
import ColumnFormat

/// Differences between neighbours, for times in order and counters. Every vector starts afresh.
///
///     4
///     widths   V bytes: the bits of a packed difference      V = ⌈count ÷ 1,024⌉ vectors, W = bytes of a value
///     firsts   V × W bytes: each vector's first value
///     steps    V × W bytes: each vector's smallest difference
///     packed   each vector's differences less the step, see ``BitPacking``; 0 in the place of the first value
///
/// value[0] = first, value[i] = value[i − 1] + step + packed[i], modulo 2^(8·W). A point read unpacks a part of one
/// vector.
@safe
final class DeltaNode: FixedNode {
    let count: Int
    private let byteWidth: Int
    private nonisolated(unsafe) let firsts: UnsafeRawPointer
    private nonisolated(unsafe) let steps: UnsafeRawPointer
    private let vectors: PackedVectors

    init(_ reader: inout ByteReader, shape: FixedShape, count: Int) throws(FormatError) {
        self.count = count
        byteWidth = shape.byteWidth
        let vectorCount = PageLimits.vectorCount(count)
        let widths = unsafe try reader.readBytes(vectorCount)
        let firstBytes = unsafe try reader.readBytes(vectorCount * byteWidth)
        let stepBytes = unsafe try reader.readBytes(vectorCount * byteWidth)
        guard let first = firstBytes.baseAddress, let step = stepBytes.baseAddress else {
            throw FormatError(.truncated, "no vectors")
        }
        unsafe firsts = first
        unsafe steps = step
        vectors = unsafe try PackedVectors(&reader, widths: widths, count: count, bitWidth: shape.bitWidth)
    }

    var name: String { "delta" }

    func decode(_ rows: Range<Int>, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        switch byteWidth {
        case 1: unsafe decode(rows, destination, as: UInt8.self)
        case 2: unsafe decode(rows, destination, as: UInt16.self)
        case 4: unsafe decode(rows, destination, as: UInt32.self)
        default: unsafe decode(rows, destination, as: UInt64.self)
        }
    }

    private func decode<Word: WordType>(
        _ rows: Range<Int>, _ destination: UnsafeMutableRawPointer, as type: Word.Type
    ) {
        unsafe forEachVector(of: rows, count: count, into: destination, as: type) { vector, valueCount, target in
            unsafe decodeVector(vector, valueCount: valueCount, into: target, as: type)
        }
    }

    @inline(__always)
    private func decodeVector<Word: WordType>(
        _ vector: Int, valueCount: Int, into target: UnsafeMutableRawPointer, as type: Word.Type
    ) {
        let step = unsafe steps.loadUnaligned(fromByteOffset: vector &* MemoryLayout<Word>.size, as: Word.self)
        let first = unsafe firsts.loadUnaligned(fromByteOffset: vector &* MemoryLayout<Word>.size, as: Word.self)
        unsafe BitPacking.unpack(
            vectors.start(vector), width: vectors.width(vector), valueCount: valueCount, base: step, into: target)
        let values = unsafe target.assumingMemoryBound(to: Word.self)
        unsafe values[0] = first
        if Word.self == UInt64.self {
            unsafe drumlin_running_sum_u64(target, UInt32(valueCount))
        } else if Word.self == UInt32.self {
            unsafe drumlin_running_sum_u32(target, UInt32(valueCount))
        } else {
            var sum = first
            for i in 1..<max(valueCount, 1) {
                unsafe sum = sum &+ values[i]
                unsafe values[i] = sum
            }
        }
    }

    func decode(vector: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch) throws(FormatError) {
        let valueCount = PageLimits.valueCount(ofVector: vector, of: count)
        switch byteWidth {
        case 1: unsafe decodeVector(vector, valueCount: valueCount, into: destination, as: UInt8.self)
        case 2: unsafe decodeVector(vector, valueCount: valueCount, into: destination, as: UInt16.self)
        case 4: unsafe decodeVector(vector, valueCount: valueCount, into: destination, as: UInt32.self)
        default: unsafe decodeVector(vector, valueCount: valueCount, into: destination, as: UInt64.self)
        }
    }

    func load(_ row: Int, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        switch byteWidth {
        case 1: unsafe load(row, destination, as: UInt8.self)
        case 2: unsafe load(row, destination, as: UInt16.self)
        case 4: unsafe load(row, destination, as: UInt32.self)
        default: unsafe load(row, destination, as: UInt64.self)
        }
    }

    private func load<Word: WordType>(_ row: Int, _ destination: UnsafeMutableRawPointer, as type: Word.Type) {
        let vector = row / PageLimits.vectorRowCount
        let index = row % PageLimits.vectorRowCount
        let size = MemoryLayout<Word>.size
        let scratch = UnsafeMutableRawPointer.allocate(byteCount: PageLimits.vectorRowCount &* size, alignment: 64)
        defer { unsafe scratch.deallocate() }
        // Only the differences up to the row's are unpacked, and added in no order, which vectorises.
        let step = unsafe steps.loadUnaligned(fromByteOffset: vector &* size, as: Word.self)
        unsafe BitPacking.unpack(
            vectors.start(vector), width: vectors.width(vector), valueCount: index &+ 1, base: step, into: scratch)
        let differences = unsafe scratch.assumingMemoryBound(to: Word.self)
        var value = unsafe firsts.loadUnaligned(fromByteOffset: vector &* size, as: Word.self)
        for i in 1..<index &+ 1 { unsafe value = value &+ differences[i] }
        unsafe destination.storeBytes(of: value, as: Word.self)
    }
}
