/// How long labels take, in log-linear cells: 32 to each doubling from 2¹⁰ µs (1 ms) to 2⁴⁵ µs (407 days).
///
/// A delay is read back as the middle of its cell, within 1/65 (1.6 %) of the truth. Cell 0 holds what is below 1,024 µs
/// (read as 0), labels older than their prediction included; the last cell what is above.
package enum DelayHistogram {
    package static let cellCount = 1 + 35 * 32 + 1

    @inlinable
    package static func cell(ofMicroseconds delay: Int64) -> Int {
        guard delay >= 1_024 else { return 0 }
        let octave = 63 &- delay.leadingZeroBitCount
        guard octave < 45 else { return 35 * 32 + 1 }
        return 1 &+ (octave &- 10) &* 32 &+ Int(truncatingIfNeeded: (delay &>> Int64(octave &- 5)) & 31)
    }

    /// The middle of a cell, in seconds.
    package static func seconds(ofCell cell: Int) -> Double {
        guard cell > 0 else { return 0 }
        guard cell <= 35 * 32 else { return Double(Int64(1) << 45) / 1e6 }
        let octave = (cell - 1) / 32 + 10
        let low = Int64(32 + (cell - 1) % 32) << Int64(octave - 5)
        return (Double(low) + Double(Int64(1) << Int64(octave - 5)) / 2) / 1e6
    }

    /// The delays at the given shares (ascending) of the `count` labels in the cells from `base` on, in seconds.
    package static func quantiles(_ shares: [Double], of cells: [Int64], at base: Int, count: Int64) -> [Double?] {
        guard count > 0 else { return shares.map { _ in nil } }
        var results: [Double?] = []
        var below: Int64 = 0
        var cell = 0
        for share in shares {
            let rank = max(1, Int64((share * Double(count)).rounded(.up)))
            while cell < cellCount, below + cells[base + cell] < rank {
                below += cells[base + cell]
                cell += 1
            }
            results.append(seconds(ofCell: min(cell, cellCount - 1)))
        }
        return results
    }
}
