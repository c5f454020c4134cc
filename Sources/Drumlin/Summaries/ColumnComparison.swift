/// Two summaries of one column beside each other.
struct ColumnComparison {
    let reference: ColumnSummary
    let window: ColumnSummary
    let groups: ColumnGroups
    private let referenceCounts: [Double]
    private let windowCounts: [Double]

    /// Nil where one of the two has no values.
    ///
    /// - Parameter groups: those of the reference; made here where nil.
    init?(_ reference: ColumnSummary, _ window: ColumnSummary, groups: ColumnGroups? = nil) {
        guard reference.form != .opaque, reference.valueCount > 0, window.valueCount > 0 else { return nil }
        self.reference = reference
        self.window = window
        self.groups = groups ?? ColumnGroups(reference)
        referenceCounts = self.groups.counts(reference)
        windowCounts = self.groups.counts(window)
        guard referenceCounts.contains(where: { $0 > 0 }), windowCounts.contains(where: { $0 > 0 }) else { return nil }
    }

    /// What a statistic comes to.
    struct Result: Sendable {
        var value: Double
        /// How much more the value may be of the rows themselves, as far as the summaries can tell.
        var error: Double
        /// The chance of at least this where nothing has changed and rows are independent; nil where it is not known.
        var chance: Double?
    }

    /// Nil where the column does not have the statistic.
    func result(_ statistic: DriftStatistic) -> Result? {
        guard statistic.isOfGroups || reference.form == .number else { return nil }
        let (n, m) = (Double(reference.valueCount), Double(window.valueCount))
        switch statistic {
        case .populationStability:
            let cells = zip(referenceCounts, windowCounts).count { $0 + $1 > 0 }
            let value = Distance.populationStability(referenceCounts, windowCounts)
            let chance =
                cells > 1
                ? SpecialFunctions.chiSquareTail(value / (1 / n + 1 / m), degrees: Double(cells - 1)) : nil
            return Result(value: value, error: 0, chance: chance)
        case .jensenShannon:
            return Result(value: Distance.jensenShannon(referenceCounts, windowCounts), error: 0, chance: nil)
        case .hellinger:
            return Result(value: Distance.hellinger(referenceCounts, windowCounts), error: 0, chance: nil)
        case .lInfinity:
            return Result(value: Distance.lInfinity(referenceCounts, windowCounts), error: 0, chance: nil)
        case .chiSquare:
            let found = Distance.chiSquare(referenceCounts, windowCounts)
            return Result(value: found.value, error: 0, chance: found.chance)
        case .kolmogorovSmirnov:
            let cells = commonCells()
            let found = Distance.kolmogorovSmirnov(cells.first, cells.second) { cells.isExact[$0] }
            return Result(
                value: found.value, error: found.error, chance: Distance.kolmogorovSmirnovChance(found.value, n, m))
        case .wasserstein:
            let cells = commonCells(finiteOnly: true)
            guard cells.first.contains(where: { $0 > 0 }), cells.second.contains(where: { $0 > 0 }) else { return nil }
            let value = Distance.wasserstein(cells.first, cells.second, positions: cells.positions)
            return Result(value: value, error: Self.spread(reference) + Self.spread(window), chance: nil)
        }
    }

    /// What the stability index is above with chance `tail`, of independent rows that have not changed.
    func stabilityLimit(tail: Double) -> Double {
        Distance.populationStabilityLimit(referenceCounts, windowCounts, tail: tail)
    }

    /// How far the values of a summary lie from the means of their cells, on average and at most.
    private static func spread(_ summary: ColumnSummary) -> Double {
        let all = Double(summary.cells.reduce(0) { $0 + $1.count })
        return summary.cells.reduce(0) { sum, cell in
            sum + (cell.isConstant ? 1.0 / 65_536 : 0.5) * ValueCell.width(cell.key) * Double(cell.count) / all
        }
    }

    private struct CommonCells {
        var first: [Double] = []
        var second: [Double] = []
        var positions: [(first: Double, second: Double)] = []
        /// Whether the cell hides no difference of the distribution functions.
        var isExact: [Bool] = []
    }

    private func commonCells(finiteOnly: Bool = false) -> CommonCells {
        var result = CommonCells()
        var (i, j) = (0, 0)
        let (a, b) = (reference.cells, window.cells)
        while i < a.count || j < b.count {
            let key = min(i < a.count ? a[i].key : .max, j < b.count ? b[j].key : .max)
            let mine: ColumnSummary.Cell? = i < a.count && a[i].key == key ? a[i] : nil
            let other: ColumnSummary.Cell? = j < b.count && b[j].key == key ? b[j] : nil
            if mine != nil { i += 1 }
            if other != nil { j += 1 }
            if finiteOnly, ValueCell.isInfinite(key) { continue }
            result.first.append(Double(mine?.count ?? 0))
            result.second.append(Double(other?.count ?? 0))
            let (mean, otherMean) = (mine?.mean, other?.mean)
            result.positions.append((mean ?? otherMean ?? 0, otherMean ?? mean ?? 0))
            let tolerance = ValueCell.width(key) / 65_536
            // A cell with values of one of the two alone cannot hide a difference.
            let isEqual =
                if let mine, let other {
                    mine.isConstant && other.isConstant && ((mean ?? 0) - (otherMean ?? 0)).magnitude <= tolerance
                } else {
                    true
                }
            result.isExact.append(isEqual)
        }
        return result
    }
}
