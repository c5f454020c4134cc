/// The texts for what numbers cannot spell, as ``FieldBuffer`` writes them.
package enum SpecialNumber {
    /// The bits in `NaN(0x7ff8000000000001)`, of at most `digits` hexadecimal digits; nil for any other text.
    package static func nanBits(_ bytes: UnsafeRawBufferPointer, digits: Int) -> UInt64? {
        guard bytes.count > 7, bytes.count <= 7 + digits, unsafe bytes[bytes.count - 1] == 0x29 else { return nil }
        for (index, byte) in "nan(0x".utf8.enumerated() where unsafe bytes[index] | 0x20 != byte | 0x20 { return nil }
        var bits: UInt64 = 0
        for index in 6..<bytes.count - 1 {
            guard let digit = unsafe hexadecimal(bytes[index]) else { return nil }
            bits = bits << 4 | UInt64(digit)
        }
        return bits
    }

    /// The value of one hexadecimal digit in either case.
    package static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte &- 0x30
        case 0x41...0x46: byte &- 0x37
        case 0x61...0x66: byte &- 0x57
        default: nil
        }
    }
}
