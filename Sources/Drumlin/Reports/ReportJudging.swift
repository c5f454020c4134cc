internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

/// Judges the windows of a task that no rule watches by the rules that `watch()` would have registered, for a report alone: nothing
/// is written, and all is judged by what is known now.
struct ReportJudging {
    let rows: TaskRows
    let window: Window
    let grid: WindowGrid
    let columns: [SummarizedColumn]
    let late: Set<String>

    /// Before the first window.
    var monitor: WindowMonitor {
        WindowMonitor(
            window: window, rules: [.drift(over: window), .anomalies(over: window)], columns: columns)
    }

    /// What the next window comes to.
    func alerts(
        of ordinal: Int64, _ summaries: [String: ColumnSummary], _ reference: ReferenceSummary?,
        _ monitor: inout WindowMonitor?
    ) throws(StoreError) -> [AlertRow] {
        let (start, end) = (grid.start(ordinal), grid.end(ordinal))
        let watermark = rows.task.store.read { _ in
            rows.task.shared.state.clock.saturatingSubtract(rows.task.schema.allowedLateness.microseconds)
        }
        // A window that is still open has fewer rows than others, and means nothing by it.
        guard end <= watermark, var next = monitor else { return [] }
        let labels = try rows.labelCounts(from: start, to: end)
        let isMature = Double(labels.labeled) >= WindowJudging.matureShare * Double(labels.all)
        let judged = columns.filter { isMature || !late.contains($0.name) }
        let count = summaries.values.first?.rowCount ?? 0
        let kept = count > 0 ? summaries.filter { entry in judged.contains { $0.name == entry.key } } : [:]
        let record = WindowRecord(ordinal: ordinal, rowCount: count, columns: kept)
        let events = next.judge(record, count > 0 ? judged : [], isLate: false, reference: reference)
        next.nextOrdinal = ordinal + 1
        next.nextLateOrdinal = ordinal + 1
        monitor = next
        let description = AlertDescription(task: rows.task, rows: rows, window: window, grid: grid, late: late)
        var result: [AlertRow] = []
        for event in events { result.append(try description.row(event)) }
        return result
    }
}
