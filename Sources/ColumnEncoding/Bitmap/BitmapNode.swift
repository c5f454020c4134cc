import ColumnFormat

/// Booleans and validity, one bit each.
///
///     9, ⌈count ÷ 8⌉ bytes: value i is bit i mod 8 of byte i ÷ 8; the bits after the last are 0
@safe
final class BitmapNode: FixedNode {
    let count: Int
    private nonisolated(unsafe) let bits: UnsafeRawPointer

    init(_ reader: inout ByteReader, count: Int) throws(FormatError) {
        self.count = count
        let bytes = unsafe try reader.readBytes((count + 7) / 8)
        guard let base = bytes.baseAddress else { throw FormatError(.truncated, "no bits") }
        unsafe bits = base
        try NodeParser.expectEnd(reader)
    }

    var name: String { "bitmap" }

    func decode(_ rows: Range<Int>, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        let target = unsafe destination.assumingMemoryBound(to: UInt8.self)
        var row = rows.lowerBound
        var i = 0
        while row < rows.upperBound, row & 7 != 0 {
            unsafe target[i] = bit(row)
            row &+= 1
            i &+= 1
        }
        while row &+ 8 <= rows.upperBound {
            // Bit k of the byte to byte k of the word: copy the byte to all eight, keep one bit in each, make it 0 or 1.
            let byte = unsafe UInt64(bits.load(fromByteOffset: row &>> 3, as: UInt8.self))
            let kept = (byte &* 0x0101_0101_0101_0101) & 0x8040_2010_0804_0201
            let ones = Self.oneWhereSet(kept)
            unsafe (destination + i).storeBytes(of: ones.littleEndian, as: UInt64.self)
            row &+= 8
            i &+= 8
        }
        while row < rows.upperBound {
            unsafe target[i] = bit(row)
            row &+= 1
            i &+= 1
        }
    }

    /// 1 in each byte that is not 0. Bytes hold at most one bit each, so adding 0x7F carries into bit 7 and no further
    /// (0x80 has it already).
    @inline(__always)
    private static func oneWhereSet(_ word: UInt64) -> UInt64 {
        let low = (word & 0x7F7F_7F7F_7F7F_7F7F) &+ 0x7F7F_7F7F_7F7F_7F7F
        return ((low | word) &>> 7) & 0x0101_0101_0101_0101
    }

    @inline(__always)
    private func bit(_ row: Int) -> UInt8 {
        unsafe (bits.load(fromByteOffset: row &>> 3, as: UInt8.self) &>> UInt8(truncatingIfNeeded: row & 7)) & 1
    }

    func load(_ row: Int, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        unsafe destination.storeBytes(of: bit(row), as: UInt8.self)
    }

    // MARK: Encoding

    static func estimate(count: Int) -> Int { 1 + (count + 7) / 8 }

    static func encode(_ input: FixedInput) -> EncodedNode {
        let values = unsafe input.words(as: UInt8.self)
        var bytes = [UInt8](repeating: 0, count: estimate(count: input.count))
        bytes[0] = NodeCode.bitmap.rawValue
        for i in 0..<input.count where unsafe values[i] != 0 { bytes[1 + (i >> 3)] |= 1 << UInt8(i & 7) }
        return EncodedNode(bytes: bytes, name: "bitmap", decodeCost: 60)
    }
}
