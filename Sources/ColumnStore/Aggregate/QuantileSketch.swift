/// How many values there are of each size: what quantiles are read from.
///
/// A value is counted in the cell of the 19 highest bits of its float64: sign, exponent and 7 bits of its significand. The values
/// of a cell differ by less than 1/128 of themselves, so the cell's middle differs from each by at most 1/256 (by at
/// most 2⁻¹⁰³⁰ for subnormal ones). Cells are kept in pages of 128, one for each sign and exponent that occurs: 1 KiB
/// each, at most 4,096. Counts are integers, so sketches merge exactly, in any order.
final class QuantileSketch {
    private static let cellBits = 7

    private var pages: [[UInt64]?]
    private var count: UInt64 = 0
    private var low = Double.infinity
    private var high = -Double.infinity

    init() { pages = Array(repeating: nil, count: 4_096) }

    /// Takes in one value; NaN is left out.
    @inline(__always)
    func add(_ value: Double) {
        if value.isNaN { return }
        // In the order of the bits, negative values have to be turned around.
        let bits = value.bitPattern
        let ordered = bits &>> 63 == 0 ? bits | (1 &<< 63) : ~bits
        let cell = Int(truncatingIfNeeded: ordered &>> UInt64(52 &- Self.cellBits))
        let page = cell &>> Self.cellBits
        if pages[page] == nil { pages[page] = Array(repeating: 0, count: 1 << Self.cellBits) }
        pages[page]![cell & ((1 << Self.cellBits) - 1)] &+= 1
        count &+= 1
        low = min(low, value)
        high = max(high, value)
    }

    func merge(_ other: QuantileSketch) {
        for (number, page) in other.pages.enumerated() {
            guard let page else { continue }
            if pages[number] == nil {
                pages[number] = page
            } else {
                for cell in page.indices { pages[number]![cell] &+= page[cell] }
            }
        }
        count &+= other.count
        low = min(low, other.low)
        high = max(high, other.high)
    }

    /// The value at rank ⌈q · count⌉, within 1/256 of it; nil of no values.
    func quantile(_ q: Double) -> Double? {
        guard count > 0 else { return nil }
        let rank = min(max(UInt64((q * Double(count)).rounded(.up)), 1), count)
        var seen: UInt64 = 0
        for (number, page) in pages.enumerated() {
            guard let page else { continue }
            for cell in page.indices {
                seen += page[cell]
                if seen >= rank { return min(max(Self.middle(number << Self.cellBits | cell), low), high) }
            }
        }
        return high
    }

    private static func middle(_ cell: Int) -> Double {
        let shift = UInt64(52 - cellBits)
        func value(_ ordered: UInt64) -> Double {
            Double(bitPattern: ordered >> 63 == 1 ? ordered & ~(1 << 63) : ~ordered)
        }
        let first = UInt64(cell) << shift
        let (a, b) = (value(first), value(first | ((1 << shift) - 1)))
        // An infinity has a cell of its own; what else is in it are NaNs, which do not come here.
        if a.isInfinite || b.isInfinite { return a.isInfinite ? a : b }
        return a + (b - a) / 2
    }
}
