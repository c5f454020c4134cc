#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Numbers from text, correctly rounded, without making a String.
///
/// Reals are decimal (`-12.5e3`) or `nan`, `inf`, `infinity` in any case with an optional sign. No blanks, no thousands
/// separators, no hexadecimal.
package enum NumberParser {
    /// The real number that `bytes` spell, rounded to nearest (ties to even); nil where they spell none. Numbers beyond
    /// the range of Double become infinite, as in Swift.
    package static func float64(_ bytes: UnsafeRawBufferPointer) -> Double? {
        guard let text = unsafe DecimalText(bytes) else { return unsafe special(bytes) }
        if let value = exactFloat64(text) { return value }
        return unsafe withCString(bytes) { unsafe strtod($0, nil) }
    }

    /// As ``float64(_:)``, rounded once to Float.
    package static func float32(_ bytes: UnsafeRawBufferPointer) -> Float? {
        guard let text = unsafe DecimalText(bytes) else { return unsafe special(bytes).map { Float($0) } }
        if let value = exactFloat64(text) {
            // Rounding twice goes wrong only where the Double lies exactly between two Floats; below the normal Floats
            // that midpoint has another bit pattern, and there the C library decides.
            let isMidpoint = value.bitPattern & 0x1FFF_FFFF == 0x1000_0000
            let isNormal = value == 0 || value.magnitude >= 0x1p-125
            if !isMidpoint && isNormal { return Float(value) }
        }
        return unsafe withCString(bytes) { unsafe strtof($0, nil) }
    }

    /// The integer that `bytes` spell: `[+-] digits`; nil where they spell none or one beyond Int64.
    package static func int64(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        guard let (magnitude, isNegative) = unsafe integer(bytes) else { return nil }
        if isNegative {
            guard magnitude <= UInt64(Int64.max) + 1 else { return nil }
            return Int64(truncatingIfNeeded: 0 &- magnitude)
        }
        return Int64(exactly: magnitude)
    }

    /// The integer that `bytes` spell; nil where they spell none, a negative one, or one beyond UInt64.
    package static func uint64(_ bytes: UnsafeRawBufferPointer) -> UInt64? {
        guard let (magnitude, isNegative) = unsafe integer(bytes), !isNegative || magnitude == 0 else { return nil }
        return magnitude
    }

    /// `true`, `false`, `t`, `f`, `yes`, `no`, `y`, `n` in any case, `1` or `0`.
    package static func bool(_ bytes: UnsafeRawBufferPointer) -> Bool? {
        if bytes.count == 1 {
            switch unsafe bytes[0] {
            case UInt8(ascii: "1"), UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "y"), UInt8(ascii: "Y"):
                return true
            case UInt8(ascii: "0"), UInt8(ascii: "f"), UInt8(ascii: "F"), UInt8(ascii: "n"), UInt8(ascii: "N"):
                return false
            default: return nil
            }
        }
        if unsafe equals(bytes, "true") || equals(bytes, "yes") { return true }
        if unsafe equals(bytes, "false") || equals(bytes, "no") { return false }
        return nil
    }

    // MARK: Parts

    /// Clinger's fast path: significand and power of ten are both exact in a Double, so one operation rounds once.
    @inline(__always)
    private static func exactFloat64(_ text: DecimalText) -> Double? {
        guard text.significand < 1 << 53, !text.isTruncated, text.exponent.magnitude <= 22 else {
            return text.significand == 0 && !text.isTruncated ? (text.isNegative ? -0.0 : 0) : nil
        }
        let magnitude = Double(text.significand)
        let value =
            text.exponent < 0
            ? magnitude / DecimalText.exactPowers[-text.exponent] : magnitude * DecimalText.exactPowers[text.exponent]
        return text.isNegative ? -value : value
    }

    private static func integer(_ bytes: UnsafeRawBufferPointer) -> (magnitude: UInt64, isNegative: Bool)? {
        guard bytes.count > 0 else { return nil }
        let sign = unsafe bytes[0]
        let start = sign == 0x2D || sign == 0x2B ? 1 : 0
        guard start < bytes.count else { return nil }
        var value: UInt64 = 0
        for index in start..<bytes.count {
            let digit = unsafe bytes[index] &- 0x30
            guard digit < 10 else { return nil }
            let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tenfold.addingReportingOverflow(UInt64(digit))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return (value, sign == 0x2D)
    }

    private static func special(_ bytes: UnsafeRawBufferPointer) -> Double? {
        guard bytes.count >= 3 else { return nil }
        let sign = unsafe bytes[0]
        let start = sign == 0x2D || sign == 0x2B ? 1 : 0
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[start...])
        if unsafe equals(rest, "nan") { return .nan }
        if unsafe equals(rest, "inf") || equals(rest, "infinity") { return sign == 0x2D ? -.infinity : .infinity }
        return nil
    }

    private static func equals(_ bytes: UnsafeRawBufferPointer, _ lowercase: StaticString) -> Bool {
        guard bytes.count == lowercase.utf8CodeUnitCount else { return false }
        for index in 0..<bytes.count where unsafe bytes[index] | 0x20 != lowercase.utf8Start[index] { return false }
        return true
    }

    /// `body` on a copy that ends in NUL, as the C library wants it. The commands never set a locale, so its decimal
    /// point is a point.
    private static func withCString<T>(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafePointer<CChar>) -> T) -> T {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { copy in
            for index in 0..<bytes.count { unsafe copy[index] = CChar(bitPattern: bytes[index]) }
            unsafe copy[bytes.count] = 0
            return unsafe body(UnsafePointer(copy.baseAddress!))
        }
    }
}
