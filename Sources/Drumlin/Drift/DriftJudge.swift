/// Says how far a window of a column is from where it should be, and from where on that is drift.
///
/// The limit comes from the same distance between parts of the reference and the rest of it, left out in turn: what moves
/// from day to day without anything being wrong is in there, which no p-value knows. Without a reference the windows before
/// take its place.
struct DriftJudge: Sendable {
    /// What the window is compared with.
    struct Basis: Sendable {
        let total: ColumnSummary
        let groups: ColumnGroups
        /// Parts of `total` of about the window's size; fewer than eight tell no limit.
        let parts: [ColumnSummary]
        let name: String

        /// The reference, in parts like the window; nil where it does not have the column.
        init?(_ reference: ReferenceSummary, _ column: String, rowCount: Int64) {
            guard let total = reference.total(column), let groups = reference.groups(column), total.valueCount > 0
            else { return nil }
            self.total = total
            self.groups = groups
            parts = reference.parts(column, rowCount: rowCount)
            name = "reference \(reference.modelVersion)"
        }

        /// The windows before; nil where they are too few.
        init?(_ history: [ColumnSummary]) {
            let filled = history.filter { $0.valueCount >= DriftJudge.leastRowCount }
            guard filled.count >= DriftJudge.leastPartCount, var total = filled.first else { return nil }
            for window in filled.dropFirst() { total += window }
            self.total = total
            groups = ColumnGroups(total)
            parts = filled
            name = "\(filled.count) windows before"
        }

        /// How far a part is from the rest.
        func distance(ofPart part: ColumnSummary, _ statistic: DriftStatistic) -> Double? {
            guard statistic.isOfGroups else {
                var rest = total
                rest -= part
                return ColumnComparison(rest, part, groups: groups)?.result(statistic)?.value
            }
            let counts = groups.counts(part)
            let rest = zip(groups.counts(total), counts).map { $0 - $1 }
            guard counts.contains(where: { $0 > 0 }), rest.contains(where: { $0 > 0 }) else { return nil }
            switch statistic {
            case .populationStability: return Distance.populationStability(rest, counts)
            case .jensenShannon: return Distance.jensenShannon(rest, counts)
            case .hellinger: return Distance.hellinger(rest, counts)
            case .lInfinity: return Distance.lInfinity(rest, counts)
            case .chiSquare: return Distance.chiSquare(rest, counts).value
            case .kolmogorovSmirnov, .wasserstein: return nil
            }
        }
    }

    /// What was found.
    struct Finding: Sendable {
        var value: Double
        var error: Double
        var chance: Double?
        var limit: Double
        var isBad: Bool { value > limit }
        /// Found at once, and not only if it comes twice running.
        var isSevere: Bool { value > 2 * limit }
        /// Back where it should be.
        var isClear: Bool { value <= 0.8 * limit }
    }

    let statistic: DriftStatistic
    /// How many columns are judged together: chances are shared out among them.
    let testCount: Int

    /// Windows with fewer values are not judged.
    static let leastRowCount: Int64 = 30
    static let leastPartCount = 8
    /// The chance of a false alarm in one window.
    private static let chance = 0.05

    /// Nil where the window has too few values, or the column does not have the statistic.
    func judge(_ window: ColumnSummary, _ basis: Basis) -> Finding? {
        guard window.valueCount >= Self.leastRowCount,
            let comparison = ColumnComparison(basis.total, window, groups: basis.groups),
            let found = comparison.result(statistic)
        else { return nil }
        let tail = Self.chance / Double(max(1, testCount))
        var limit = floor(basis.total)
        if statistic == .populationStability { limit = max(limit, comparison.stabilityLimit(tail: tail / 5)) }
        if basis.parts.count >= Self.leastPartCount {
            let distances = basis.parts.compactMap { basis.distance(ofPart: $0, statistic) }
            if distances.count >= Self.leastPartCount,
                let upper = HistoryLimit.upper(ofDistances: distances, tail: tail)
            {
                limit = max(limit, upper)
            }
        }
        return Finding(value: found.value, error: found.error, chance: found.chance, limit: limit)
    }

    /// The least distance that matters, whatever the history.
    private func floor(_ total: ColumnSummary) -> Double {
        switch statistic {
        case .wasserstein: 0.1 * (total.moments?.deviation ?? 0)
        case .chiSquare: 0
        case .kolmogorovSmirnov, .populationStability, .jensenShannon, .hellinger, .lInfinity: 0.1
        }
    }
}
