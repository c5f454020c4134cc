/// Absolute errors in log-linear cells: 32 to each doubling from 2⁻⁶⁴ to 2⁶⁴.
///
/// A value is read back as the middle of its cell, within 1/65 (1.6 %) of the truth. Cell 0 holds what is smaller, 0
/// among it, and is read as 0; the last holds what is larger or no number, and is read as infinity.
package enum ErrorHistogram {
    package static let cellCount = 1 + 128 * 32 + 1

    package static func cell(of magnitude: Double) -> Int {
        guard magnitude < 0x1p64 else { return cellCount - 1 }
        guard magnitude >= 0x1p-64 else { return 0 }
        let bits = magnitude.bitPattern
        let octave = Int(bits &>> 52) &- 1_023 &+ 64
        return 1 &+ octave &* 32 &+ Int((bits &>> 47) & 31)
    }

    /// The middle of a cell.
    package static func value(ofCell cell: Int) -> Double {
        guard cell > 0 else { return 0 }
        guard cell < cellCount - 1 else { return .infinity }
        let low = Double(
            sign: .plus, exponent: (cell - 1) / 32 - 64, significand: 1 + (Double((cell - 1) % 32) + 0.5) / 32)
        return low
    }

    /// The value that at least `share` of the rows do not exceed, given how many are in each cell.
    static func quantile(_ share: Double, of counts: [Double]) -> Double? {
        let total = counts.reduce(0, +)
        guard total > 0 else { return nil }
        var below = 0.0
        // Estimated counts are no whole numbers: a rank that is reached but for rounding is reached.
        let rank = min(max(share, 0), 1) * total * (1 - 1e-12)
        for cell in counts.indices where counts[cell] > 0 {
            below += counts[cell]
            if below >= rank { return value(ofCell: cell) }
        }
        return value(ofCell: counts.lastIndex { $0 > 0 } ?? 0)
    }
}

/// How many reference rows of a place have their absolute error in which cell.
struct SparseHistogram: Sendable, Equatable {
    private(set) var cells: [Int32] = []
    private(set) var counts: [Int64] = []
    var total: Int64 { counts.reduce(0, +) }

    init() {}

    init(cells: [Int32], counts: [Int64]) {
        self.cells = cells
        self.counts = counts
    }

    init(_ magnitudes: [Double]) {
        for cell in magnitudes.map({ Int32(ErrorHistogram.cell(of: $0)) }).sorted() {
            if cells.last == cell {
                counts[counts.count - 1] += 1
            } else {
                cells.append(cell)
                counts.append(1)
            }
        }
    }

    /// The share of rows in the cells up to `cell`.
    func share(upTo cell: Int) -> Double {
        var below: Int64 = 0
        for place in cells.indices where Int(cells[place]) <= cell { below += counts[place] }
        return total > 0 ? Double(below) / Double(total) : 0
    }
}
