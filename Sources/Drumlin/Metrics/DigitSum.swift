package import ColumnViews

/// A sum of doubles kept as an integer in base 2³², one digit a cell, carries deferred until it is read.
///
///     cell          base + 0        base + 1        …   base + digitCount − 1
///     weight    2^lowestExponent  2^(lowest + 32)   …
///
/// A value touches the two or three digits that its 53 bits overlap. Each event adds less than 2³² in magnitude to a
/// cell, so sums of up to 2³¹ values are exact. Since only integers are added, the state does not depend on the order
/// of the values, and adding with sign −1 takes a value out again exactly.
package struct DigitSum: Sendable, Equatable {
    /// The exponent of the lowest bit that is kept.
    package let lowestExponent: Int
    package let digitCount: Int

    package init(lowestExponent: Int, digitCount: Int) {
        self.lowestExponent = lowestExponent
        self.digitCount = digitCount
    }

    /// Adds `sign` × `value`, a finite number below 2^(lowestExponent + 32·digitCount), to the digits from `base` on.
    ///
    /// Bits below the lowest are rounded to nearest, ties to even; larger values are cut to the largest that fits.
    /// Both treat a value and its negative alike, so that a removal always undoes its addition.
    @inlinable
    package func add<Sink: CellSink & ~Copyable>(_ value: Double, sign: Int64, at base: Int, to sink: inout Sink) {
        let bits = value.bitPattern
        let biased = Int(truncatingIfNeeded: (bits &>> 52) & 0x7FF)
        var mantissa = bits & 0xF_FFFF_FFFF_FFFF
        if biased != 0 { mantissa |= 0x10_0000_0000_0000 }
        guard mantissa != 0 else { return }
        // The value is mantissa × 2^(max(biased, 1) − 1075); `position` is its lowest bit, counted from our lowest.
        var position = max(biased, 1) - 1_075 - lowestExponent
        if position < 0 {
            mantissa = Self.roundedShift(mantissa, by: -position)
            position = 0
        } else if position + 53 > 32 * digitCount {
            let room = 32 * digitCount - position
            if room < 64 - mantissa.leadingZeroBitCount {
                mantissa = ~0
                position = 32 * digitCount - 64
            }
        }
        let signed = value.sign == .minus ? 0 &- sign : sign
        let digit = base &+ (position &>> 5)
        let shift = UInt64(position & 31)
        let low = mantissa &<< shift
        let high = shift == 0 ? 0 : mantissa &>> (64 &- shift)
        let first = Int64(low & 0xFFFF_FFFF)
        let second = Int64(low &>> 32)
        if first != 0 { sink.add(signed &* first, to: digit) }
        if second != 0 { sink.add(signed &* second, to: digit &+ 1) }
        if high != 0 { sink.add(signed &* Int64(high), to: digit &+ 2) }
    }

    @inlinable
    static func roundedShift(_ mantissa: UInt64, by count: Int) -> UInt64 {
        guard count < 64 else { return 0 }
        let quotient = mantissa &>> UInt64(count)
        let rest = mantissa & ((1 &<< UInt64(count)) &- 1)
        let half: UInt64 = 1 &<< UInt64(count - 1)
        let isUp = rest > half || (rest == half && quotient & 1 == 1)
        return isUp ? quotient + 1 : quotient
    }

    /// The sum, rounded once to the nearest double (ties to even); ± infinity beyond the largest.
    package func read(_ cells: [Int64], at base: Int) -> Double {
        var digits = [UInt64](repeating: 0, count: digitCount + 2)
        var carry: Int64 = 0
        for index in 0..<digitCount {
            let cell = cells[base + index]
            let sum = (cell & 0xFFFF_FFFF) + carry
            digits[index] = UInt64(sum & 0xFFFF_FFFF)
            carry = (cell >> 32) + (sum >> 32)
        }
        digits[digitCount] = UInt64(carry & 0xFFFF_FFFF)
        digits[digitCount + 1] = UInt64((carry >> 32) & 0xFFFF_FFFF)
        let isNegative = carry < 0
        if isNegative { Self.negate(&digits) }
        let magnitude = round(digits)
        return isNegative ? -magnitude : magnitude
    }

    private static func negate(_ digits: inout [UInt64]) {
        var carry: UInt64 = 1
        for index in digits.indices {
            let sum = (digits[index] ^ 0xFFFF_FFFF) + carry
            digits[index] = sum & 0xFFFF_FFFF
            carry = sum >> 32
        }
    }

    /// The double nearest to a natural number in digits. A result among the subnormals is exact: no value that was
    /// added has bits below 2⁻¹⁰⁷⁴.
    private func round(_ digits: [UInt64]) -> Double {
        guard let top = digits.lastIndex(where: { $0 != 0 }) else { return 0 }
        func digit(_ index: Int) -> UInt64 { index >= 0 ? digits[index] : 0 }
        // The 64 bits from the highest set one on, and whether any bit below is set.
        let lead = digit(top).leadingZeroBitCount - 32
        let upper = digit(top) << 32 | digit(top - 1)
        var window = upper << UInt64(lead)
        var isInexact = false
        let next = digit(top - 2)
        if lead > 0 {
            window |= next >> UInt64(32 - lead)
            isInexact = next & ((1 << UInt64(32 - lead)) - 1) != 0
        } else {
            isInexact = next != 0
        }
        if top >= 3 { isInexact = isInexact || digits[0..<(top - 2)].contains { $0 != 0 } }
        var significand = window >> 11
        let rest = window & 0x7FF
        if rest > 0x400 || (rest == 0x400 && (isInexact || significand & 1 == 1)) { significand += 1 }
        // window's lowest bit has the exponent below; the significand's is 11 higher.
        let exponent = lowestExponent + 32 * (top - 1) - lead + 11
        return Double(sign: .plus, exponent: exponent, significand: Double(significand))
    }
}

/// The exact sum of any doubles: 66 digits over the whole range of exponents, and a count each of NaN, +∞ and −∞.
///
/// Reading gives the exact sum rounded once; NaN where a NaN or both infinities were added, else the infinity.
package enum ExactSum {
    @usableFromInline package static let digits = DigitSum(lowestExponent: -1_088, digitCount: 66)
    package static let cellCount = 69

    @inlinable
    package static func add<Sink: CellSink & ~Copyable>(
        _ value: Double, sign: Int64, at base: Int, to sink: inout Sink
    ) {
        if value.isFinite {
            digits.add(value, sign: sign, at: base, to: &sink)
        } else {
            sink.add(sign, to: base &+ (value.isNaN ? 66 : value > 0 ? 67 : 68))
        }
    }

    package static func read(_ cells: [Int64], at base: Int) -> Double {
        let (undefined, above, below) = (cells[base + 66], cells[base + 67], cells[base + 68])
        if undefined != 0 || (above != 0 && below != 0) { return .nan }
        if above != 0 { return .infinity }
        if below != 0 { return -.infinity }
        return digits.read(cells, at: base)
    }
}

/// Sums of values of a small known range: squared scores, clipped logarithms.
///
/// Three digits below the point keep each value to 2⁻⁹⁷: a mean loss of 10⁻¹⁵ still has 14 correct digits.
package enum FixedPointSum {
    @usableFromInline package static let digits = DigitSum(lowestExponent: -96, digitCount: 4)
    package static let cellCount = 4

    /// Adds a value of magnitude below 2³². NaN counts as 0: scores are checked before they come here.
    @inlinable
    package static func add<Sink: CellSink & ~Copyable>(
        _ value: Double, sign: Int64, at base: Int, to sink: inout Sink
    ) {
        digits.add(value.isNaN ? 0 : value, sign: sign, at: base, to: &sink)
    }

    package static func read(_ cells: [Int64], at base: Int) -> Double { digits.read(cells, at: base) }
}
