/// A decimal number taken apart: ± significand × 10^exponent.
struct DecimalText {
    var isNegative = false
    /// The first 19 significant digits.
    var significand: UInt64 = 0
    var exponent = 0
    /// Whether digits beyond the nineteenth were left out of ``significand``.
    var isTruncated = false

    /// Powers of ten that a Double holds exactly.
    static let exactPowers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20,
        1e21, 1e22,
    ]

    /// Nil where `bytes` are not `[+-] digits [. digits] [e [+-] digits]` with at least one digit before the `e`.
    @inline(__always)
    init?(_ bytes: UnsafeRawBufferPointer) {
        var at = 0
        let end = bytes.count
        guard end > 0 else { return nil }
        let first = unsafe bytes[0]
        if first == 0x2D || first == 0x2B {
            isNegative = first == 0x2D
            at = 1
        }
        var digits = 0
        var anyDigit = false
        var sawPoint = false
        while at < end {
            let digit = unsafe bytes[at] &- 0x30
            if digit < 10 {
                anyDigit = true
                if digits < 19 {
                    significand = significand &* 10 &+ UInt64(digit)
                    // Leading zeros are no significant digits.
                    if significand != 0 { digits &+= 1 }
                    if sawPoint { exponent &-= 1 }
                } else {
                    if digit != 0 { isTruncated = true }
                    if !sawPoint { exponent &+= 1 }
                }
            } else if digit == 0xFE, !sawPoint {  // '.'
                sawPoint = true
            } else {
                break
            }
            at &+= 1
        }
        guard anyDigit else { return nil }
        if at == end { return }
        guard unsafe bytes[at] | 0x20 == 0x65 else { return nil }  // 'e'
        guard let written = unsafe Self.exponent(bytes, from: at + 1) else { return nil }
        exponent &+= written
    }

    /// The exponent after the `e`, held within ±100,000, beyond which every number is zero or infinite.
    private static func exponent(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var at = start
        var isNegative = false
        if at < bytes.count, unsafe bytes[at] == 0x2D || bytes[at] == 0x2B {
            isNegative = unsafe bytes[at] == 0x2D
            at += 1
        }
        guard at < bytes.count else { return nil }
        var value = 0
        while at < bytes.count {
            let digit = unsafe bytes[at] &- 0x30
            guard digit < 10 else { return nil }
            value = min(value * 10 + Int(digit), 100_000)
            at += 1
        }
        return isNegative ? -value : value
    }
}
