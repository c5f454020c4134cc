#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension ColumnSummary {
    /// The share of rows without a value; nil where there are no rows.
    var nullShare: Double? { rowCount > 0 ? Double(nullCount) / Double(rowCount) : nil }
    /// The share of NaN among rows that are not null.
    var nanShare: Double? { rowCount > nullCount ? Double(nanCount) / Double(rowCount - nullCount) : nil }

    /// Finite values.
    private var finiteCells: [Cell] { cells.filter { !ValueCell.isInfinite($0.key) } }

    /// The mean and the standard deviation of the finite values; the latter nil of fewer than two.
    var moments: (mean: Double, deviation: Double?)? {
        let finite = finiteCells
        let count = finite.reduce(0) { $0 + Double($1.count) }
        guard count > 0 else { return nil }
        // Around a value of theirs, so that nothing cancels where all lie far from zero.
        let origin = finite[finite.count / 2].mean
        var (sum, variation) = (0.0, 0.0)
        for cell in finite { sum += Double(cell.count) * (cell.mean - origin) }
        let mean = origin + sum / count
        for cell in finite {
            let distance = cell.mean - mean
            variation += Double(cell.count) * (distance * distance + cell.variance)
        }
        return (mean, count > 1 ? (variation / (count - 1)).squareRoot() : nil)
    }

    /// The least value that at least a share of the values do not exceed; nil where there is none. To 1/128 of itself, and
    /// exact where the values of its cell are equal.
    func quantile(_ share: Double) -> Double? {
        let count = cells.reduce(0) { $0 + $1.count }
        guard count > 0 else { return nil }
        // The product may lie a little above a whole number that it ought to be.
        let rank = max(1, (share * Double(count) - 1e-9 * Double(count)).rounded(.up))
        var below: Int64 = 0
        for cell in cells {
            below += cell.count
            if Double(below) >= rank { return cell.mean }
        }
        return cells.last?.mean
    }

    /// The mean of the values between the quartiles: unmoved by outliers, as the median is, and moved by every shift, also of
    /// whole numbers. Nil where there is no value.
    var middleMean: Double? {
        let count = Double(cells.reduce(0) { $0 + $1.count })
        guard count > 0 else { return nil }
        let (low, high) = (count / 4, count * 3 / 4)
        var (below, sum) = (0.0, 0.0)
        for cell in cells {
            let above = below + Double(cell.count)
            let inside = min(above, high) - max(below, low)
            if inside > 0 { sum += inside * cell.mean }
            below = above
        }
        return sum / (high - low)
    }

    /// The least and the greatest value, to 1/128 of themselves.
    var minimum: Double? { cells.first?.mean }
    var maximum: Double? { cells.last?.mean }

    /// About how many different values there are, from the hashes that occur: to 5 % up to 3,000; nil beyond.
    var distinctCount: Double? {
        guard !hashes.isEmpty else { return nil }
        let occurring = hashes.count { $0 > 0 }
        let all = Double(Self.hashCount)
        guard occurring < Self.hashCount * 19 / 20 else { return nil }
        let estimate = -all * log1p(-Double(occurring) / all)
        return max(Double(max(occurring, cells.count)), estimate.rounded())
    }

    /// The share of the values with a hash; nil where there is no value.
    func share(ofHash hash: Int) -> Double? {
        let count = hashes.reduce(0, +)
        return count > 0 ? Double(hashes[hash]) / Double(count) : nil
    }
}
