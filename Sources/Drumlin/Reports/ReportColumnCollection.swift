internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

/// Summarizes the columns of a task window by window, and keeps of each what a report shows.
struct ReportColumnCollection {
    let rows: TaskRows
    let columns: [SummarizedColumn]
    let late: Set<String>
    let reference: ReferenceSummary?
    let grid: WindowGrid

    /// A column on its way.
    private struct Progress {
        var column: ReportColumn
        /// Windows before, where the reference does not have the column.
        var history: [ColumnSummary] = []
        /// What the bars are made of, where that is the first windows.
        var firstWindows: [(place: Int, summary: ColumnSummary)] = []
        let hasReference: Bool
    }

    /// Calls `body` with each window's summaries too, in their order.
    func collect(
        _ windows: Range<Int64>, into report: inout ReportColumns,
        _ body: (Int64, [String: ColumnSummary]) throws(StoreError) -> Void
    ) throws(StoreError) {
        var all = columns.map(begin)
        for ordinal in windows {
            let (start, end) = (grid.start(ordinal), grid.end(ordinal))
            let summaries = try rows.summaries(of: columns, from: start, to: end, late: late)
            report.starts.append(start)
            report.rowCounts.append(summaries.values.first?.rowCount ?? 0)
            for (place, column) in columns.enumerated() {
                guard let summary = summaries[column.name] else { continue }
                add(summary, to: &all[place])
            }
            try body(ordinal, summaries)
        }
        for place in all.indices { finish(&all[place]) }
        for (place, column) in columns.enumerated() where column.form == .text {
            try addTexts(column, windows, to: &all[place].column)
        }
        let found = all.map(\.column)
        // Features and the rest in the order of how far they have moved; the same ones in that of the schema.
        report.columns = found.enumerated().sorted {
            ($1.element.movement, $0.offset) < ($0.element.movement, $1.offset)
        }.map(\.element)
    }

    private func begin(_ column: SummarizedColumn) -> Progress {
        var report = ReportColumn(name: column.name, kind: "\(column.kind)")
        let total = reference?.total(column.name).flatMap { $0.valueCount > 0 ? $0 : nil }
        if let total {
            report.referenceMissing = total.nullShare
            report.referenceMean = total.moments?.mean
            report.histogram = ReportHistogram(total)
            if let histogram = report.histogram { report.referenceCounts = histogram.counts(total) }
        }
        return Progress(column: report, hasReference: total != nil)
    }

    private func add(_ summary: ColumnSummary, to progress: inout Progress) {
        let place = progress.column.distances.count
        let basis =
            reference.flatMap { DriftJudge.Basis($0, progress.column.name, rowCount: summary.rowCount) }
            ?? DriftJudge.Basis(progress.history)
        let judge = DriftJudge(statistic: .populationStability, testCount: columns.count)
        let finding = basis.flatMap { judge.judge(summary, $0) }
        if finding != nil { progress.column.comparedWith = basis?.name }
        progress.column.distances.append(finding?.value)
        progress.column.limits.append(finding?.limit)
        progress.column.missing.append(summary.nullShare)
        progress.column.means.append(summary.moments?.mean)
        progress.column.counts.append(summary.valueCount > 0 ? progress.column.histogram?.counts(summary) ?? [] : [])
        guard !progress.hasReference, summary.rowCount > 0 else { return }
        progress.history.append(summary)
        if progress.history.count > WindowHistory.limit { progress.history.removeFirst() }
        guard summary.valueCount > 0, progress.column.histogram == nil else { return }
        progress.firstWindows.append((place, summary))
        if progress.firstWindows.count == WindowHistory.limit { makeBars(&progress) }
    }

    private func finish(_ progress: inout Progress) {
        if progress.column.histogram == nil { makeBars(&progress) }
    }

    /// Takes the first windows for the reference.
    private func makeBars(_ progress: inout Progress) {
        let first = progress.firstWindows
        progress.firstWindows = []
        guard var total = first.first?.summary else { return }
        for window in first.dropFirst() { total += window.summary }
        progress.column.referenceMissing = total.nullShare
        progress.column.referenceMean = total.moments?.mean
        guard let histogram = ReportHistogram(total) else { return }
        progress.column.histogram = histogram
        progress.column.referenceCounts = histogram.counts(total)
        for window in first { progress.column.counts[window.place] = histogram.counts(window.summary) }
    }

    // MARK: Text

    private static let textLimit = 12

    /// Bars of a column of text, whose values summaries do not have. None where it comes with feedback, or has too many values.
    private func addTexts(
        _ column: SummarizedColumn, _ windows: Range<Int64>, to report: inout ReportColumn
    ) throws(StoreError) {
        guard !late.contains(column.name) else { return }
        let task = rows.task
        let (predictions, epochCount, table) = task.store.read { core in
            (
                task.shared.state.predictions.snapshot(), task.shared.state.epochs.count,
                core.table(named: "\(task.name)/reference")?.snapshot()
            )
        }
        var known: [String: Int64] = [:]
        if column.isInReference, let table, epochCount > 0 {
            let isNewest = Predicate.equal("_epoch", .uint(UInt64(epochCount - 1)))
            guard let counts = try? table.counts(of: column.stored, where: isNewest) else { return }
            known = counts
        }
        var byWindow: [[String: Int64]] = []
        for ordinal in windows {
            let inTime = Predicate.and([
                .greaterOrEqual("_at", .timestamp(Timestamp(microseconds: grid.start(ordinal)))),
                .less("_at", .timestamp(Timestamp(microseconds: grid.end(ordinal)))),
            ])
            guard let counts = try? predictions.counts(of: column.stored, where: inTime) else { return }
            byWindow.append(counts)
        }
        if known.isEmpty {
            for counts in byWindow.filter({ !$0.isEmpty }).prefix(WindowHistory.limit) {
                known.merge(counts) { $0 + $1 }
            }
        }
        let last = byWindow.last { !$0.isEmpty } ?? [:]
        func share(_ text: String, _ counts: [String: Int64]) -> Double {
            Double(counts[text] ?? 0) / Double(max(1, counts.values.reduce(0, +)))
        }
        let texts = Set(known.keys).union(last.keys)
        let weights = texts.map { (text: $0, weight: share($0, known) + share($0, last)) }
        let shown = weights.sorted { ($1.weight, $0.text) < ($0.weight, $1.text) }.prefix(Self.textLimit).map(\.text)
        func bars(_ counts: [String: Int64]) -> [Int64] {
            let each = shown.map { counts[$0] ?? 0 }
            return each + [counts.values.reduce(0, +) - each.reduce(0, +)]
        }
        report.histogram = .texts(shown)
        report.referenceCounts = bars(known)
        report.counts = byWindow.map { $0.isEmpty ? [] : bars($0) }
    }
}

extension TableSnapshot {
    /// How often each text of a column occurs; throws where there are more than ten thousand.
    fileprivate func counts(of column: String, where predicate: Predicate) throws(StoreError) -> [String: Int64] {
        let found = try aggregate([.count], where: predicate, groupBy: [.column(column)], groupLimit: 10_000)
        var result: [String: Int64] = [:]
        for row in found.rows {
            guard case .string(let text)? = row.keys.first, case .int(let count)? = row.values.first else { continue }
            result[text] = count
        }
        return result
    }
}
