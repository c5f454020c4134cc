public import ColumnFormat
public import ColumnStore
public import ColumnViews

extension MonitoredTask {
    /// How far each window is from the reference rows of the newest model version, column by column, in order of time; columns
    /// that the reference does not have, or all where there is none, are compared with up to 28 windows before.
    ///
    /// Needs nothing to be registered; also in a process that only reads. Made of the rows as they are now: labels that come
    /// later count. Windows of fewer than 30 values, and without anything to compare them with, have no row.
    ///
    /// - Parameters:
    ///   - window: a tumbling window.
    ///   - statistics: of each column those that its type has.
    ///   - names: features, observed columns, `_prediction` and `_label`; nil for all.
    ///   - from: only windows that start at this time or later.
    ///   - to: only windows that start before this time.
    /// - Throws: `.invalidInput` for a window that does not tumble, or an unknown column.
    /// - Complexity: O(rows × columns) of the windows, and of 28 before them where there is no reference.
    public func drift(
        over window: Window = .tumbling(.days(1)), statistics: [DriftStatistic] = [.populationStability],
        columns names: [String]? = nil, from: Timestamp? = nil, to: Timestamp? = nil
    ) throws(StoreError) -> [DriftRow] {
        let grid = try Self.grid(of: window)
        let rows = TaskRows(self)
        let columns = try names.map { names throws(StoreError) in try rows.columns(named: names) } ?? rows.columns
        guard let times = try rows.times() else { return [] }
        let reference = try rows.reference()
        let late = try rows.lateColumns()
        let first = max(
            grid.firstOrdinal(containing: times.lowerBound),
            from.map { grid.firstOrdinal(startingAtOrAfter: $0.microseconds) } ?? .min)
        let end = min(
            grid.lastOrdinal(containing: times.upperBound) + 1,
            to.map { grid.firstOrdinal(startingAtOrAfter: $0.microseconds) } ?? .max)
        guard first < end else { return [] }
        let needsHistory = columns.contains { reference?.total($0.name)?.valueCount ?? 0 == 0 }
        var history: [String: [ColumnSummary]] = [:]
        var result: [DriftRow] = []
        let start =
            needsHistory
            ? max(first - Int64(WindowHistory.limit), grid.firstOrdinal(containing: times.lowerBound)) : first
        for ordinal in start..<end {
            let summaries = try rows.summaries(
                of: columns, from: grid.start(ordinal), to: grid.end(ordinal), late: late)
            if ordinal >= first {
                result += driftRows(
                    of: columns, summaries, statistics, window, grid.start(ordinal), grid.end(ordinal), reference,
                    history)
            }
            for (name, summary) in summaries where needsHistory && summary.rowCount > 0 {
                history[name, default: []].append(summary)
                if history[name, default: []].count > WindowHistory.limit { history[name]?.removeFirst() }
            }
        }
        return result
    }

    private func driftRows(
        of columns: [SummarizedColumn], _ summaries: [String: ColumnSummary], _ statistics: [DriftStatistic],
        _ window: Window, _ start: Int64, _ end: Int64, _ reference: ReferenceSummary?,
        _ history: [String: [ColumnSummary]]
    ) -> [DriftRow] {
        var result: [DriftRow] = []
        for statistic in statistics {
            let judge = DriftJudge(statistic: statistic, testCount: columns.count)
            var rows: [DriftRow] = []
            for column in columns {
                guard let summary = summaries[column.name],
                    let basis = reference.flatMap({
                        DriftJudge.Basis($0, column.name, rowCount: summary.rowCount)
                    }) ?? DriftJudge.Basis(history[column.name] ?? []),
                    let finding = judge.judge(summary, basis)
                else { continue }
                rows.append(
                    DriftRow(
                        task: name, column: column.name, statistic: statistic, window: window.description,
                        start: Timestamp(microseconds: start), end: Timestamp(microseconds: end), value: finding.value,
                        error: finding.error, limit: finding.limit, isDrifted: finding.isBad, pValue: finding.chance,
                        rowCount: Int(summary.valueCount), referenceCount: Int(basis.total.valueCount),
                        comparedWith: basis.name))
            }
            let adjusted = FalseDiscovery.adjusted(rows.map { $0.pValue ?? .nan })
            for place in rows.indices where rows[place].pValue != nil { rows[place].adjustedPValue = adjusted[place] }
            result += rows
        }
        return result
    }

    /// The places of a tumbling window's windows.
    static func grid(of window: Window) throws(StoreError) -> WindowGrid {
        do throws(ViewError) {
            try window.validate()
        } catch {
            throw StoreError(.invalidInput, "\(error)", remedy: "give another window")
        }
        guard case .tumbling = window, let grid = WindowGrid(window) else {
            throw StoreError(
                .invalidInput, "the window \(window) does not tumble: neighbours would share rows",
                remedy: "give a size alone, such as 1d, or 7d+4d")
        }
        return grid
    }
}
