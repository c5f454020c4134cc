#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// How far two distributions over the same cells are apart.
///
/// Each takes the counts of the two samples, cell by cell, of which each has at least one above zero. Cells of ordered values
/// are in their order.
enum Distance {
    /// Σ (p − q) ln(p/q), the population stability index. Of both samples half a row is added to each cell, so that an empty
    /// one makes it large and not infinite.
    static func populationStability(_ first: [Double], _ second: [Double]) -> Double {
        let (n, m) = (sum(first), sum(second))
        let added = 0.5 * Double(first.count)
        var result = 0.0
        for cell in first.indices {
            let p = (first[cell] + 0.5) / (n + added)
            let q = (second[cell] + 0.5) / (m + added)
            result += (p - q) * log(p / q)
        }
        return result
    }

    /// What ``populationStability(_:_:)`` is above with chance `tail` where both samples are from one distribution:
    /// χ² of one degree less than cells, times 1/n + 1/m.
    static func populationStabilityLimit(_ first: [Double], _ second: [Double], tail: Double) -> Double {
        let cells = zip(first, second).count { $0 + $1 > 0 }
        guard cells > 1 else { return 0 }
        return SpecialFunctions.chiSquareQuantile(tail: tail, degrees: Double(cells - 1))
            * (1 / sum(first) + 1 / sum(second))
    }

    /// The Jensen–Shannon distance to the base of 2: the root of the divergence, in [0, 1].
    static func jensenShannon(_ first: [Double], _ second: [Double]) -> Double {
        let (n, m) = (sum(first), sum(second))
        var result = 0.0
        for cell in first.indices {
            let (p, q) = (first[cell] / n, second[cell] / m)
            let mean = (p + q) / 2
            if p > 0 { result += p * log2(p / mean) / 2 }
            if q > 0 { result += q * log2(q / mean) / 2 }
        }
        return max(0, result).squareRoot()
    }

    /// Hellinger's distance, in [0, 1].
    static func hellinger(_ first: [Double], _ second: [Double]) -> Double {
        let (n, m) = (sum(first), sum(second))
        var result = 0.0
        for cell in first.indices {
            let difference = (first[cell] / n).squareRoot() - (second[cell] / m).squareRoot()
            result += difference * difference
        }
        return (result / 2).squareRoot()
    }

    /// The greatest difference of a cell's shares.
    static func lInfinity(_ first: [Double], _ second: [Double]) -> Double {
        let (n, m) = (sum(first), sum(second))
        return first.indices.reduce(0) { max($0, (first[$1] / n - second[$1] / m).magnitude) }
    }

    /// The greatest difference of the shares up to a cell, and how much larger it may be inside of one: no more than the
    /// larger of its shares, which do not cross more than that.
    static func kolmogorovSmirnov(
        _ first: [Double], _ second: [Double], isExact: (Int) -> Bool = { _ in false }
    ) -> (value: Double, error: Double) {
        let (n, m) = (sum(first), sum(second))
        var (below, value, upper) = (0.0, 0.0, 0.0)
        var (p, q) = (0.0, 0.0)
        for cell in first.indices {
            p += first[cell]
            q += second[cell]
            let after = p / n - q / m
            value = max(value, after.magnitude)
            // Within the cell one of the two may rise by all of its share before the other does.
            let inside =
                isExact(cell) ? 0 : max((below + first[cell] / n).magnitude, (below - second[cell] / m).magnitude)
            upper = max(upper, inside, after.magnitude)
            below = after
        }
        return (value, upper - value)
    }

    /// P(D > value) where both samples are from one distribution without ties; Stephens' correction for samples that are not
    /// large.
    static func kolmogorovSmirnovChance(_ value: Double, _ n: Double, _ m: Double) -> Double {
        let root = (n * m / (n + m)).squareRoot()
        return SpecialFunctions.kolmogorovTail((root + 0.12 + 0.11 / root) * value)
    }

    /// The mean way that rows have to be moved, in the unit of `positions`, which are those of the cells in either sample.
    static func wasserstein(
        _ first: [Double], _ second: [Double], positions: [(first: Double, second: Double)]
    ) -> Double {
        // Moves in the order of values: what one sample has left of a cell goes to the next of the other.
        let (n, m) = (sum(first), sum(second))
        var (i, j) = (0, 0)
        var (leftOfFirst, leftOfSecond) = (0.0, 0.0)
        var result = 0.0
        while true {
            while i < first.count, leftOfFirst <= 0 {
                leftOfFirst = first[i] / n
                if leftOfFirst <= 0 { i += 1 }
            }
            while j < second.count, leftOfSecond <= 0 {
                leftOfSecond = second[j] / m
                if leftOfSecond <= 0 { j += 1 }
            }
            guard i < first.count, j < second.count else { return result }
            let moved = min(leftOfFirst, leftOfSecond)
            result += moved * (positions[i].first - positions[j].second).magnitude
            leftOfFirst -= moved
            leftOfSecond -= moved
            if leftOfFirst <= 0 { i += 1 }
            if leftOfSecond <= 0 { j += 1 }
        }
    }

    /// Pearson's statistic of the table of two rows, its degrees of freedom, and the chance of more where both samples are
    /// from one distribution.
    static func chiSquare(
        _ first: [Double], _ second: [Double]
    ) -> (value: Double, degrees: Int, chance: Double) {
        let (n, m) = (sum(first), sum(second))
        var (value, cells) = (0.0, 0)
        for cell in first.indices where first[cell] + second[cell] > 0 {
            let both = first[cell] + second[cell]
            let (e, f) = (both * n / (n + m), both * m / (n + m))
            value += (first[cell] - e) * (first[cell] - e) / e + (second[cell] - f) * (second[cell] - f) / f
            cells += 1
        }
        guard cells > 1 else { return (0, 0, 1) }
        return (value, cells - 1, SpecialFunctions.chiSquareTail(value, degrees: Double(cells - 1)))
    }

    private static func sum(_ counts: [Double]) -> Double { counts.reduce(0, +) }
}
