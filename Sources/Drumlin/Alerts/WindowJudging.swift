internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

/// Judges the windows of a task that have closed, and logs what they come to.
struct WindowJudging {
    let task: MonitoredTask
    private let rows: TaskRows

    init(task: MonitoredTask) {
        self.task = task
        rows = TaskRows(task)
    }

    /// Nine of ten predictions have to have their label before labels are judged.
    static let matureShare = 0.9
    /// Of a gap without any prediction the end is judged, not each of its windows.
    private static let gapLimit: Int64 = 100

    /// What a look at the task showed.
    private struct Moment {
        let clock: Int64
        let horizon: Int64
        let lateness: Int64
        let hasEpochs: Bool
    }

    /// Judges what is due; returns when the next window is.
    func judge(_ work: inout TaskMonitor.Work) throws(StoreError) -> Int64 {
        let moment = task.store.read { _ in
            let state = task.shared.state
            return Moment(
                clock: state.clock, horizon: state.schema.labelHorizon.microseconds,
                lateness: state.schema.allowedLateness.microseconds, hasEpochs: !state.epochs.isEmpty)
        }
        let epochCount = task.store.read { _ in task.shared.state.epochs.count }
        if work.epochCount != epochCount {
            work.reference = try rows.reference()
            work.epochCount = epochCount
        }
        var next = Int64.max
        for place in work.monitors.indices {
            guard let grid = WindowGrid(work.monitors[place].window) else { continue }
            next = min(next, try judge(&work.monitors[place], grid, moment, work))
        }
        return next
    }

    private func judge(
        _ monitor: inout WindowMonitor, _ grid: WindowGrid, _ moment: Moment, _ work: TaskMonitor.Work
    ) throws(StoreError) -> Int64 {
        if monitor.nextOrdinal == nil {
            guard let times = try rows.times() else { return moment.clock == .min ? .min : moment.clock + 1 }
            let first = grid.firstOrdinal(containing: times.lowerBound)
            (monitor.nextOrdinal, monitor.nextLateOrdinal) = (first, first)
        }
        let late = try rows.lateColumns()
        let watermark = moment.clock.saturatingSubtract(moment.lateness)
        // Labels of a window before columns of the next, so that the order does not depend on how late all this is.
        var isWaiting = false
        while let ordinal = monitor.nextOrdinal, let lateOrdinal = monitor.nextLateOrdinal {
            if !isWaiting, lateOrdinal < ordinal, try isMature(lateOrdinal, grid, moment) {
                guard try judgeLate(&monitor, grid, moment, work, late) else { return moment.clock }
            } else if grid.end(ordinal) <= watermark {
                isWaiting = isWaiting || lateOrdinal < ordinal
                try skipGap(&monitor, grid, watermark)
                guard try judgeEarly(&monitor, grid, moment, work, late) else { return moment.clock }
            } else {
                return grid.end(ordinal).saturatingAdd(moment.lateness)
            }
        }
        return .max
    }

    /// Passes over windows without predictions, but for the last of them.
    private func skipGap(_ monitor: inout WindowMonitor, _ grid: WindowGrid, _ watermark: Int64) throws(StoreError) {
        guard let ordinal = monitor.nextOrdinal else { return }
        let last = grid.lastOrdinal(endingAtOrBefore: watermark)
        guard last - ordinal > Self.gapLimit else { return }
        let snapshot = task.store.read { _ in task.shared.state.predictions.snapshot() }
        let time = Timestamp(microseconds: grid.start(ordinal))
        let found = try snapshot.aggregate([.min("_at")], where: .greaterOrEqual("_at", .timestamp(time)))
        var first = last
        if case .timestamp(let at)? = found.rows.first?.values.first {
            first = min(last, grid.firstOrdinal(containing: at.microseconds))
        }
        guard first - ordinal > Self.gapLimit else { return }
        monitor.nextOrdinal = max(ordinal, first - WindowHistory.gapCount)
        monitor.nextLateOrdinal = max(monitor.nextLateOrdinal ?? ordinal, monitor.nextOrdinal ?? ordinal)
    }

    // MARK: What predictions bring

    private func judgeEarly(
        _ monitor: inout WindowMonitor, _ grid: WindowGrid, _ moment: Moment, _ work: TaskMonitor.Work,
        _ late: Set<String>
    ) throws(StoreError) -> Bool {
        guard let ordinal = monitor.nextOrdinal else { return false }
        let erasedCount = erasedCount
        var next = monitor
        let (start, end) = (grid.start(ordinal), grid.end(ordinal))
        let readsColumns = monitor.rules.contains(where: \.readsColumns)
        let columns = readsColumns ? watched(monitor).filter { !late.contains($0.name) } : []
        let summaries = try rows.summaries(of: columns, from: start, to: end, late: late)
        var count = summaries.first?.value.rowCount ?? 0
        if columns.isEmpty { count = try rows.count(from: start, to: end) }
        let record = WindowRecord(ordinal: ordinal, rowCount: count, columns: count > 0 ? summaries : [:])
        var events = next.judge(record, count > 0 ? columns : [], isLate: false, reference: work.reference)
        let verdicts = try MetricJudging(task: task, grid: grid).verdicts(
            next, ordinal, isLate: false, hasEstimates: moment.hasEpochs)
        let streams = try StreamJudging(task: task, grid: grid).verdicts(next, ordinal, isLate: false)
        events += next.take(verdicts + streams, at: ordinal)
        next.nextOrdinal = ordinal + 1
        return try log(next, record, events, grid, work.generation, erasedCount, isLate: false, late) {
            monitor = next
        }
    }

    /// The columns that some rule looks at.
    private func watched(_ monitor: WindowMonitor) -> [SummarizedColumn] {
        monitor.columns.filter { column in
            monitor.rules.contains { $0.readsColumns && $0.columns?.contains(column.name) ?? true }
        }
    }

    // MARK: What comes with feedback

    /// Whether labels of a window say what they will: nine tenths are there, or none is waited for any more.
    private func isMature(_ ordinal: Int64, _ grid: WindowGrid, _ moment: Moment) throws(StoreError) -> Bool {
        let (start, end) = (grid.start(ordinal), grid.end(ordinal))
        if moment.clock >= end.saturatingAdd(moment.horizon) { return true }
        let (labeled, all) = try rows.labelCounts(from: start, to: end)
        return Double(labeled) >= Self.matureShare * Double(all)
    }

    private func judgeLate(
        _ monitor: inout WindowMonitor, _ grid: WindowGrid, _ moment: Moment, _ work: TaskMonitor.Work,
        _ late: Set<String>
    ) throws(StoreError) -> Bool {
        guard let ordinal = monitor.nextLateOrdinal else { return false }
        let erasedCount = erasedCount
        var next = monitor
        let (start, end) = (grid.start(ordinal), grid.end(ordinal))
        let readsColumns = monitor.rules.contains(where: \.readsColumns)
        let columns = readsColumns ? watched(monitor).filter { late.contains($0.name) } : []
        let summaries = try rows.summaries(of: columns, from: start, to: end, late: late)
        let count = summaries.first?.value.rowCount ?? 0
        let record = WindowRecord(ordinal: ordinal, rowCount: count, columns: count > 0 ? summaries : [:])
        var events: [WindowMonitor.Event] = []
        if count > 0 { events = next.judge(record, columns, isLate: true, reference: work.reference) }
        let verdicts = try MetricJudging(task: task, grid: grid).verdicts(
            next, ordinal, isLate: true, hasEstimates: moment.hasEpochs)
        let streams = try StreamJudging(task: task, grid: grid).verdicts(next, ordinal, isLate: true)
        events += next.take(verdicts + streams, at: ordinal)
        next.nextLateOrdinal = ordinal + 1
        return try log(next, record, events, grid, work.generation, erasedCount, isLate: true, late) {
            monitor = next
        }
    }

    // MARK: The log

    private var erasedCount: Int { task.store.read { _ in task.shared.state.predictions.erased.count } }

    /// Logs what a window came to as one call, and then calls `logged`.
    ///
    /// Not where the task was cleared or dropped meanwhile, or where rows were erased that the summaries may still count: it is
    /// judged again then.
    private func log(
        _ monitor: WindowMonitor, _ record: WindowRecord, _ events: [WindowMonitor.Event], _ grid: WindowGrid,
        _ generation: Int, _ erasedCount: Int, isLate: Bool, _ late: Set<String>, logged: () -> Void
    ) throws(StoreError) -> Bool {
        let start = grid.start(record.ordinal)
        let window = monitor.window
        let state = monitor.bytes
        var alerts: [AlertRow] = []
        let description = AlertDescription(task: task, rows: rows, window: window, grid: grid, late: late)
        for event in events { alerts.append(try description.row(event)) }
        let isLogged = try task.store.write { core throws(StoreError) in
            let task = self.task.shared.state
            guard task.generation == generation, !task.isDropped, task.predictions.erased.count == erasedCount,
                let summaryTable = core.table(named: "\(task.name)/\(SummaryTable.name)"),
                let alertTable = core.table(named: "\(task.name)/\(AlertTable.name)")
            else { return false }
            let source = core.nextSequence
            var summaries = RowWriter()
            if !isLate {
                SummaryTable.append(
                    window, start: start, column: SummaryTable.volume, rowCount: record.rowCount, bytes: [],
                    source: source, to: &summaries)
            }
            for (name, summary) in record.columns.sorted(by: { $0.key < $1.key }) {
                SummaryTable.append(
                    window, start: start, column: name, rowCount: summary.rowCount, bytes: summary.bytes,
                    source: source, to: &summaries)
            }
            SummaryTable.append(
                window, start: start, column: SummaryTable.state, rowCount: 0, bytes: state, source: source,
                to: &summaries)
            var writer = RowWriter()
            for var row in alerts {
                row.computedAt = task.view.clock.time.map { Timestamp(microseconds: $0) }
                AlertTable.append(row, source: source, to: &writer)
            }
            unsafe try core.add(summaries.rowCount, rows: summaries.bytes, to: summaryTable)
            if writer.rowCount > 0 { unsafe try core.add(writer.rowCount, rows: writer.bytes, to: alertTable) }
            try core.commit(arrival: core.lastArrival)
            return true
        }
        if isLogged { logged() }
        return isLogged
    }
}
