import ColumnFormat

/// Frame of reference and bit-packing: each vector keeps its smallest value and, of every value, the distance to it
/// in as few bits as the vector needs.
///
///     3
///     widths   V bytes: the bits of a distance, 0…8·W        V = ⌈count ÷ 1,024⌉ vectors, W = bytes of a value
///     bases    V × W bytes, little-endian
///     packed   the distances of each vector: see ``BitPacking``
///
/// A value is base + distance, modulo 2^(8·W): signed values and floats by their bits. A point read is O(1).
@safe
final class BitPackedNode: FixedNode {
    let count: Int
    private let byteWidth: Int
    private nonisolated(unsafe) let bases: UnsafeRawPointer
    private let vectors: PackedVectors

    init(_ reader: inout ByteReader, shape: FixedShape, count: Int) throws(FormatError) {
        self.count = count
        byteWidth = shape.byteWidth
        let vectorCount = PageLimits.vectorCount(count)
        let widths = unsafe try reader.readBytes(vectorCount)
        guard let base = unsafe try reader.readBytes(vectorCount * byteWidth).baseAddress else {
            throw FormatError(.truncated, "no vectors")
        }
        unsafe bases = base
        vectors = unsafe try PackedVectors(&reader, widths: widths, count: count, bitWidth: shape.bitWidth)
    }

    var name: String { "bitPacked" }

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
            unsafe BitPacking.unpack(
                vectors.start(vector), width: vectors.width(vector), valueCount: valueCount,
                base: base(vector, as: type), into: target)
        }
    }

    @inline(__always)
    private func base<Word: WordType>(_ vector: Int, as _: Word.Type) -> Word {
        unsafe bases.loadUnaligned(fromByteOffset: vector &* MemoryLayout<Word>.size, as: Word.self)
    }

    func load(_ row: Int, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        let vector = row / PageLimits.vectorRowCount
        let distance = unsafe BitPacking.value(
            vectors.start(vector), width: vectors.width(vector), at: row % PageLimits.vectorRowCount)
        switch byteWidth {
        case 1: unsafe store(distance, vector, destination, as: UInt8.self)
        case 2: unsafe store(distance, vector, destination, as: UInt16.self)
        case 4: unsafe store(distance, vector, destination, as: UInt32.self)
        default: unsafe store(distance, vector, destination, as: UInt64.self)
        }
    }

    private func store<Word: WordType>(
        _ distance: UInt64, _ vector: Int, _ destination: UnsafeMutableRawPointer, as type: Word.Type
    ) {
        let value = base(vector, as: type) &+ Word(truncatingIfNeeded: distance)
        unsafe destination.storeBytes(of: value, as: Word.self)
    }
}
