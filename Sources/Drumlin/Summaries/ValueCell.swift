/// The cells of numbers: each power of two in 128 equal parts, on both sides of zero, in the order of their values.
///
/// A value's cell is the upper bits of its pattern, so nothing is computed to find it. A cell is at most 1/128 of its values
/// wide. Integers up to 256, and every number with few enough digits to the base of two, begin a cell.
enum ValueCell {
    private static let shift: UInt64 = 45
    private static let zero: UInt32 = 1 << 18
    /// Keys are below this.
    static let limit: UInt32 = 1 << 19
    private static let infinite: UInt32 = 0x7FF << 7

    /// The cell of a number that is not NaN, and where in the cell it lies: 32 bits of a fraction, counted away from zero.
    @inline(__always)
    static func find(_ value: Double) -> (key: UInt32, fraction: Int64) {
        let bits = value.bitPattern
        let magnitude = bits & 0x7FFF_FFFF_FFFF_FFFF
        let place = UInt32(truncatingIfNeeded: magnitude &>> shift)
        let fraction = Int64(truncatingIfNeeded: (magnitude & ((1 &<< shift) &- 1)) &>> 13)
        // −0 is 0.
        let isNegative = bits &>> 63 != 0 && magnitude != 0
        return (isNegative ? zero &- 1 &- place : zero &+ place, fraction)
    }

    /// Whether the cell is that of an infinity.
    static func isInfinite(_ key: UInt32) -> Bool { magnitude(key) >= infinite }

    private static func isNegative(_ key: UInt32) -> Bool { key < zero }
    private static func magnitude(_ key: UInt32) -> UInt32 { isNegative(key) ? zero &- 1 &- key : key &- zero }

    /// The value at a fraction of the cell in [0, 1], counted away from zero.
    static func value(_ key: UInt32, at fraction: Double) -> Double {
        let place = magnitude(key)
        guard place < infinite else { return isNegative(key) ? -.infinity : .infinity }
        let value = Double(bitPattern: UInt64(place) &<< shift) + fraction * width(key)
        return isNegative(key) ? -value : value
    }

    /// How wide the cell is.
    static func width(_ key: UInt32) -> Double {
        let place = magnitude(key)
        guard place < infinite else { return 0 }
        // All cells of a power of two are as wide as the first; of the last power there is no next.
        let first = place & ~127
        return Double(bitPattern: UInt64(first + 1) &<< shift) - Double(bitPattern: UInt64(first) &<< shift)
    }
}
