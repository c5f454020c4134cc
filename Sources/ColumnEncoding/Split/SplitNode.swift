internal import CDrumlinShims
import ColumnFormat

/// Floats of full precision: their sign, exponent and first bits are few different words, the rest is noise. The two
/// parts are stored each in its own way (ALP-RD, A. Afroozeh et al., SIGMOD 2023).
///
///     20, UInt8 right bits r      8·W − 16 ≤ r < 8·W, r ≥ 1      W = bytes of a value
///     left      varint byte count, node of count UInt32: value ÷ 2^r, as unsigned
///     right     the rest: node of count unsigned words of W bytes: what is left, below 2^r
///
/// value = left · 2^r + right, modulo 2^(8·W). A point read is that of both parts.
@safe
final class SplitNode: FixedNode {
    static let leftShape = FixedShape.count
    static let leftBits = 16

    let count: Int
    private let byteWidth: Int
    private let rightBits: Int
    private let left: any FixedNode
    private let right: any FixedNode

    init(_ reader: inout ByteReader, shape: FixedShape, count: Int, depth: Int) throws(FormatError) {
        self.count = count
        byteWidth = shape.byteWidth
        rightBits = Int(try reader.read(UInt8.self))
        guard rightBits >= max(1, shape.bitWidth - Self.leftBits), rightBits < shape.bitWidth else {
            throw FormatError(.invalid, "\(rightBits) right bits of \(shape.bitWidth)", at: reader.offset - 1)
        }
        left = try NodeParser.fixedChild(&reader, shape: Self.leftShape, count: count, depth: depth)
        right = try NodeParser.lastFixedChild(
            &reader, shape: FixedShape(kind: .unsigned, byteWidth: byteWidth), count: count, depth: depth)
    }

    var name: String { "split(\(left.name), \(right.name))" }

    func decode(_ rows: Range<Int>, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        let scratch = UnsafeMutableRawPointer.allocate(byteCount: PageLimits.vectorRowCount * 4, alignment: 64)
        defer { unsafe scratch.deallocate() }
        var row = rows.lowerBound
        while row < rows.upperBound {
            let end = min(rows.upperBound, (row / PageLimits.vectorRowCount + 1) * PageLimits.vectorRowCount)
            let target = unsafe destination + (row - rows.lowerBound) * byteWidth
            unsafe try left.decode(row..<end, into: scratch)
            unsafe try right.decode(row..<end, into: target)
            unsafe join(scratch, end - row, to: target)
            row = end
        }
    }

    func decode(vector: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch) throws(FormatError) {
        unsafe try right.decode(vector: vector, into: destination, scratch: scratch)
        unsafe try scratch.withRoom { room throws(FormatError) in
            unsafe try left.decode(vector: vector, into: room, scratch: scratch)
            unsafe join(room, rows(ofVector: vector).count, to: destination)
        }
    }

    private func join(_ left: UnsafeRawPointer, _ count: Int, to target: UnsafeMutableRawPointer) {
        if byteWidth == 4 {
            unsafe drumlin_join_u32(left, UInt32(count), UInt32(rightBits), target)
        } else {
            unsafe drumlin_join_u64(left, UInt32(count), UInt32(rightBits), target)
        }
    }

    func load(_ row: Int, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        let value = try left.word(at: row) &<< UInt64(rightBits) &+ right.word(at: row)
        unsafe destination.store(word: value, byteWidth: byteWidth)
    }
}
