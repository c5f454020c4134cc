/// A bit of a file that is the wrong way round.
package struct FlippedBit: Hashable, Sendable {
    /// Where its byte is, in bytes from the start of the file.
    package let byte: Int
    /// 0…7, from the lowest.
    package let bit: Int

    package init(byte: Int, bit: Int) {
        self.byte = byte
        self.bit = bit
    }

    /// The bit in which `found`, eight bytes at `offset`, differs from `expected`; nil where none does, or several do.
    init?(of found: UInt64, expected: UInt64, at offset: Int) {
        let difference = found ^ expected
        guard difference.nonzeroBitCount == 1 else { return nil }
        self.init(byte: offset + difference.trailingZeroBitCount / 8, bit: difference.trailingZeroBitCount % 8)
    }

    /// The bit of a byte that should be zero; nil where several are set.
    init?(ofZero byte: UInt8, at offset: Int) {
        guard byte.nonzeroBitCount == 1 else { return nil }
        self.init(byte: offset, bit: byte.trailingZeroBitCount)
    }

    func moved(by distance: Int) -> FlippedBit { FlippedBit(byte: byte + distance, bit: bit) }
}
