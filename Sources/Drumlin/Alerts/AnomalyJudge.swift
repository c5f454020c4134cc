#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Compares a window with windows before it.
struct AnomalyJudge {
    let method: AnomalyMethod
    /// How many comparisons share the chance of a false alarm.
    let testCount: Int

    /// Fewer windows tell nothing.
    static let leastCount = 7
    private static let leastRowCount: Int64 = 30
    private static let chance = 0.005

    /// - Parameters:
    ///   - history: windows that are known to be in order.
    ///   - recent: the windows just before, whatever they were like, in order.
    func judge(
        _ kind: AnomalyKind, _ column: String?, _ window: WindowRecord, history: [WindowRecord], recent: [WindowRecord]
    ) -> Judgement? {
        switch kind {
        case .volume: return volume(window, history, recent)
        case .nulls, .nans, .level, .value:
            guard let column, let summary = window.columns[column], summary.form != .opaque || kind == .nulls else {
                return nil
            }
            let before = history.compactMap { $0.columns[column] }.filter { $0.rowCount >= Self.leastRowCount }
            guard summary.rowCount >= Self.leastRowCount, before.count >= Self.leastCount else { return nil }
            switch kind {
            case .nulls: return share(summary.nullShare, before.map(\.nullShare), summary.rowCount)
            case .nans: return share(summary.nanShare, before.map(\.nanShare), summary.rowCount)
            case .level: return level(summary, before)
            default: return value(summary, before)
            }
        }
    }

    // MARK: Kinds

    private func volume(_ window: WindowRecord, _ history: [WindowRecord], _ recent: [WindowRecord]) -> Judgement? {
        func scale(_ count: Double) -> Double { log(max(count, 0.5)) }
        let counts = history.map { Double($0.rowCount) }
        guard counts.count >= Self.leastCount, counts.contains(where: { $0 > 0 }) else { return nil }
        let mean = counts.reduce(0, +) / Double(counts.count)
        let count = Double(window.rowCount)
        guard
            var judgement = deviation(
                scale(count), counts.map(scale), least: log(2), error: 1 / max(1, mean).squareRoot())
        else { return nil }
        judgement.rowCount = window.rowCount
        (judgement.value, judgement.expected, judgement.limit) = (
            count, exp(judgement.expected), exp(judgement.limit)
        )
        // A level that falls slowly takes its history along: a week beside all that is older.
        let week = recent.suffix(6).map { Double($0.rowCount) } + [count]
        let older = history.filter { $0.ordinal <= window.ordinal - 7 }.map { Double($0.rowCount) }
        guard week.count == 7, older.count >= Self.leastCount else { return judgement }
        let usual = HistoryLimit.median(older)
        let ratio = (scale(week.reduce(0, +) / 7) - scale(usual)).magnitude
        if ratio >= log(3), !judgement.isBad {
            (judgement.value, judgement.expected) = (week.reduce(0, +) / 7, usual)
            judgement.limit = judgement.value < usual ? usual / 3 : usual * 3
            judgement.isBad = true
            judgement.isSevere = true
        }
        judgement.isClear = judgement.isClear && ratio < 0.8 * log(3)
        return judgement
    }

    private func share(_ share: Double?, _ before: [Double?], _ rowCount: Int64) -> Judgement? {
        let before = before.compactMap { $0 }
        guard let share, before.count >= Self.leastCount else { return nil }
        let mean = before.reduce(0, +) / Double(before.count)
        var judgement = deviation(
            share, before, least: Self.leastShare, error: Self.shareError(mean, Double(rowCount)))
        judgement?.rowCount = rowCount
        return judgement
    }

    private static let leastShare = 0.05

    private static func shareError(_ share: Double, _ count: Double) -> Double {
        ((share * max(0, 1 - share) + 1 / count) / count).squareRoot()
    }

    private func level(_ summary: ColumnSummary, _ before: [ColumnSummary]) -> Judgement? {
        guard summary.form == .number, summary.valueCount >= Self.leastRowCount else { return nil }
        let before = before.filter { $0.valueCount >= Self.leastRowCount }
        guard before.count >= Self.leastCount else { return nil }
        let widths = before.map { ($0.quantile(0.75) ?? .nan) - ($0.quantile(0.25) ?? .nan) }.filter(\.isFinite)
        let width = widths.isEmpty ? 0 : HistoryLimit.median(widths)
        let count = Double(summary.valueCount)
        var judgement: Judgement?
        if width > 0 {
            let scale = width / 1.349
            judgement = deviation(
                summary.middleMean ?? .nan, before.map { $0.middleMean ?? .nan }, least: 0.25 * scale,
                error: 1.1 * scale / count.squareRoot())
        } else if case let scale = HistoryLimit.median(before.map { $0.moments?.deviation ?? 0 }), scale > 0 {
            judgement = deviation(
                summary.moments?.mean ?? .nan, before.map { $0.moments?.mean ?? .nan }, least: 0.25 * scale,
                error: scale / count.squareRoot())
        }
        judgement?.rowCount = summary.valueCount
        return judgement
    }

    /// The hash whose share has risen most beyond what chance and the windows before allow.
    private func value(_ summary: ColumnSummary, _ before: [ColumnSummary]) -> Judgement? {
        let before = before.filter { $0.valueCount >= Self.leastRowCount }
        let count = Double(summary.valueCount)
        guard count >= 100, before.count >= Self.leastCount, !summary.hashes.isEmpty else { return nil }
        let counts = before.map { Double($0.valueCount) }
        var worst: Judgement?
        for hash in summary.hashes.indices {
            let share = Double(summary.hashes[hash]) / count
            guard share >= 0.8 * Self.leastShare else { continue }
            let shares = zip(before, counts).map { Double($0.hashes[hash]) / $1 }
            let mean = shares.reduce(0, +) / Double(shares.count)
            guard share - mean >= 0.5 * Self.leastShare,
                var found = deviation(share, shares, least: Self.leastShare, error: Self.shareError(mean, count))
            else { continue }
            found.hash = hash
            if found.value - found.limit > worst.map({ $0.value - $0.limit }) ?? -.infinity { worst = found }
        }
        if var worst {
            worst.rowCount = summary.valueCount
            return worst
        }
        let largest = Double(summary.hashes.max() ?? 0) / count
        return Judgement(
            value: largest, expected: largest, limit: min(1, largest + Self.leastShare), isBad: false, isSevere: false,
            isClear: true, rowCount: summary.valueCount)
    }

    // MARK: Deviations

    /// Judges a number by those before it.
    ///
    /// - Parameters:
    ///   - least: what never is an anomaly.
    ///   - error: the standard error that the number has from its rows alone.
    func deviation(_ value: Double, _ before: [Double], least: Double, error: Double) -> Judgement? {
        let before = before.filter(\.isFinite)
        guard value.isFinite, before.count >= Self.leastCount else { return nil }
        let count = Double(before.count)
        let tail = Self.chance / Double(max(1, testCount))
        let t = SpecialFunctions.studentQuantile(tail: tail, degrees: count - 1)
        let center: Double
        let spread: Double
        switch method {
        case .standardDeviation:
            guard let found = HistoryLimit.prediction(before, tail: tail) else { return nil }
            (center, spread) = (found.center, found.deviation)
        case .medianDeviation: (center, spread) = HistoryLimit.robust(before)
        case .quartiles:
            let (low, high) = HistoryLimit.quartiles(before)
            (center, spread) = ((low + high) / 2, (high - low) / 1.349)
        }
        // Few windows may agree by chance: less than the rows' own error they never vary.
        let reach = max(least, t * max(spread, error) * (1 + 1 / count).squareRoot())
        let distance = (value - center).magnitude
        return Judgement(
            value: value, expected: center, limit: value < center ? center - reach : center + reach,
            isBad: distance > reach, isSevere: distance > reach, isClear: distance <= 0.8 * reach, rowCount: 0)
    }
}
