internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

/// Puts together what a report says of one task.
struct ReportCollection {
    let task: MonitoredTask
    let options: ReportOptions
    private let rows: TaskRows

    init(_ task: MonitoredTask, _ options: ReportOptions) {
        self.task = task
        self.options = options
        rows = TaskRows(task)
    }

    func report() throws(StoreError) -> TaskReport {
        var report = TaskReport(name: task.name, schema: task.schema, status: task.status)
        let epoch = task.store.read { _ in task.shared.state.epochs.last }
        report.times = try rows.times()
        report.referenceCount = epoch?.rows.count ?? 0
        report.referenceRole = epoch?.role
        report.failures = [task.alertFailure, task.checkFailure].compactMap { $0?.message }
        report.series = try series()
        var alerts = try task.alerts(from: options.from, to: options.to)
        report.areAlertsRegistered = !task.alertRules.isEmpty
        let interval = (options.from ?? Timestamp(microseconds: .min))..<(options.to ?? Timestamp(microseconds: .max))
        report.checks = try task.checks(during: options.from == nil && options.to == nil ? nil : interval)
            .filter { $0.checkedCount > 0 }.map { ReportCheck(row: $0) }
        if let (window, grid, windows, count) = try columnWindows(report.times) {
            var columns = ReportColumns(window: window.description, size: grid.size / 1_000_000)
            columns.windowCount = count
            alerts += try collectColumns(window, grid, windows, &columns)
            report.columns = columns
            if let epoch, var buckets = ReportBuckets(epoch) {
                let (snapshot, index) = task.store.read { _ in
                    (task.shared.state.predictions.snapshot(), task.shared.state.epochs.count - 1)
                }
                try buckets.count(snapshot, epoch: index, grid: grid, windows: windows)
                report.buckets = buckets
            }
            try countViolations(grid, windows, &report.checks)
        }
        report.incidents = ReportIncident.all(alerts)
        report.findings = ReportFindings(report).all()
        return report
    }

    // MARK: Metrics

    private func series() throws(StoreError) -> [ReportSeries] {
        let current = try task.metrics(from: options.from, to: options.to, segment: .every)
        let first = try firstPublications()
        var result: [ReportSeries] = []
        var places: [SeriesKey: Int] = [:]
        for row in current {
            let key = SeriesKey(metric: row.metric, window: row.window, segment: row.segment)
            let then = row.start.flatMap { first[PointKey(series: key, start: $0.microseconds)] }
            let point = ReportSeries.Point(now: row, then: then)
            if let place = places[key] {
                result[place].add(point)
            } else {
                places[key] = result.count
                result.append(
                    ReportSeries(metric: row.metric, window: row.window, segment: row.segment, points: [point]))
            }
        }
        result = Self.withLargestSlices(result)
        let references = try referenceValues(Set(result.map(\.metric)))
        let limit = max(500, min(10_000, ReportOptions.pointLimit / max(1, result.count)))
        for place in result.indices {
            result[place].thin(to: limit)
            if result[place].segment == nil { result[place].reference = references[result[place].metric] }
        }
        return result
    }

    private static let sliceLimit = 24

    /// Without those slices that have fewer predictions than others.
    private static func withLargestSlices(_ all: [ReportSeries]) -> [ReportSeries] {
        var sizes: [String: Int] = [:]
        for series in all {
            guard let segment = series.segment else { continue }
            let size = series.points.reduce(0) { $0 + $1.now.labeledCount + $1.now.unlabeledCount }
            sizes[segment] = max(sizes[segment] ?? 0, size)
        }
        let largest = Set(
            sizes.sorted { (-$0.value, $0.key) < (-$1.value, $1.key) }.prefix(sliceLimit).map(\.key))
        return all.filter { $0.segment.map(largest.contains) ?? true }
    }

    private struct SeriesKey: Hashable {
        let metric: String
        let window: String
        let segment: String?
    }

    private struct PointKey: Hashable {
        let series: SeriesKey
        let start: Int64
    }

    /// What was published of each window first.
    private func firstPublications() throws(StoreError) -> [PointKey: MetricRow] {
        guard let table = task.store.read({ $0.table(named: "\(task.name)/metrics")?.snapshot() }) else { return [:] }
        var conditions: [Predicate] = [.equal("revision", .uint(1)), .isNotNull("window_start")]
        if let from = options.from { conditions.append(.greaterOrEqual("window_start", .timestamp(from))) }
        if let to = options.to { conditions.append(.less("window_start", .timestamp(to))) }
        let scan = try table.scan(where: .and(conditions))
        var result: [PointKey: MetricRow] = [:]
        while let batch = try scan.next() {
            for place in 0..<batch.rowCount {
                let row = MetricTable.row(batch, place, task: task.name)
                guard let start = row.start, !row.window.hasPrefix("trailing:") else { continue }
                let key = SeriesKey(metric: row.metric, window: row.window, segment: row.segment)
                let point = PointKey(series: key, start: start.microseconds)
                if result[point] == nil { result[point] = row }
            }
        }
        return result
    }

    /// Reading the reference once a metric is worth so many rows in all.
    private static let referenceRowLimit = 4_000_000

    private func referenceValues(_ metrics: Set<String>) throws(StoreError) -> [String: Double] {
        let count = task.store.read { _ in task.shared.state.epochs.last?.rows.count ?? 0 }
        guard count * metrics.count <= Self.referenceRowLimit else { return [:] }
        var result: [String: Double] = [:]
        for metric in metrics { result[metric] = try ReferenceMetric(task: task).value(metric) }
        return result
    }

    // MARK: Columns

    /// The windows by which columns are shown: their kind, and how many there are; nil without any prediction.
    private func columnWindows(
        _ times: ClosedRange<Int64>?
    ) throws(StoreError) -> (window: Window, grid: WindowGrid, windows: Range<Int64>, count: Int)? {
        guard let times else { return nil }
        let (low, high) = (
            max(times.lowerBound, options.from?.microseconds ?? .min),
            min(times.upperBound, options.to.map { $0.microseconds.saturatingSubtract(1) } ?? .max)
        )
        guard low <= high else { return nil }
        let rowCount = try rows.count(from: low, to: high.saturatingAdd(1))
        let window =
            options.window ?? watchedWindow(low, high)
            ?? Self.window(for: high.saturatingSubtract(low), rowCount: Int(clamping: rowCount))
        let grid = try MonitoredTask.grid(of: window)
        let (first, end) = (grid.lastOrdinal(containing: low), grid.lastOrdinal(containing: high) + 1)
        let limited = max(first, end - Int64(ReportOptions.windowLimit))
        return (window, grid, limited..<end, Int(end - first))
    }

    /// The windows of a rule that watches columns, where they are not too many.
    private func watchedWindow(_ low: Int64, _ high: Int64) -> Window? {
        task.alertRules.lazy.filter(\.readsColumns).map(\.window).first { window in
            guard case .tumbling = window, let grid = WindowGrid(window) else { return false }
            return grid.lastOrdinal(containing: high) - grid.lastOrdinal(containing: low)
                < Int64(ReportOptions.windowLimit)
        }
    }

    /// Windows long enough to hold some rows and short enough to show when something changed. Weeks begin on Monday.
    static func window(for span: Int64, rowCount: Int) -> Window {
        let windows: [Window] = [
            .tumbling(.minutes(1)), .tumbling(.minutes(10)), .tumbling(.hours(1)), .tumbling(.days(1)),
            .tumbling(.days(7), offset: .days(4)), .tumbling(.days(30)), .tumbling(.days(360)),
        ]
        func count(_ window: Window) -> Int64 { span / (window.size?.microseconds ?? 1) + 1 }
        // From the longest on: the first of which there are enough, if it holds enough rows.
        let place = windows.lastIndex { count($0) >= leastWindowCount } ?? 0
        let isFilled = Int64(rowCount) >= leastRowCount.saturatingMultiply(count(windows[place]))
        let chosen = isFilled ? place : min(place + 1, windows.count - 1)
        return windows[chosen...].first { count($0) <= Int64(ReportOptions.windowLimit) } ?? windows[windows.count - 1]
    }

    private static let leastWindowCount: Int64 = 60
    private static let leastRowCount: Int64 = 50

    /// Fills `columns`; where no rule watches columns, judges them by the standard ones and returns what these say.
    private func collectColumns(
        _ window: Window, _ grid: WindowGrid, _ windows: Range<Int64>, _ columns: inout ReportColumns
    ) throws(StoreError) -> [AlertRow] {
        let late = try rows.lateColumns()
        let reference = try rows.reference()
        let shown = Array(rows.columns.filter { $0.form != .opaque }.prefix(ReportOptions.columnLimit))
        let collection = ReportColumnCollection(
            rows: rows, columns: shown, late: late, reference: reference, grid: grid)
        let judge =
            task.alertRules.contains(where: \.readsColumns)
            ? nil : ReportJudging(rows: rows, window: window, grid: grid, columns: shown, late: late)
        var alerts: [AlertRow] = []
        var monitor = judge?.monitor
        try collection.collect(windows, into: &columns) { (ordinal, summaries) throws(StoreError) in
            guard let judge else { return }
            alerts += try judge.alerts(of: ordinal, summaries, reference, &monitor)
        }
        return alerts
    }

    private func countViolations(
        _ grid: WindowGrid, _ windows: Range<Int64>, _ checks: inout [ReportCheck]
    ) throws(StoreError) {
        guard let table = task.store.read({ $0.table(named: "\(task.name)/\(ViolationTable.name)")?.snapshot() }),
            checks.contains(where: { $0.row.violationCount > 0 })
        else { return }
        for place in checks.indices where checks[place].row.violationCount > 0 {
            checks[place].counts = Array(repeating: 0, count: windows.count)
        }
        let scan = try table.scan(columns: ["constraint", "event", "at"])
        while let batch = try scan.next() {
            let (constraints, events, times) = (batch.slice("constraint"), batch.slice("event"), batch.slice("at"))
            for row in 0..<batch.rowCount {
                let window = grid.lastOrdinal(containing: times.int64(at: row))
                guard windows.contains(window), case .string(let constraint) = constraints.value(at: row),
                    case .string(let event) = events.value(at: row),
                    let place = checks.firstIndex(where: {
                        $0.row.constraint == constraint && $0.row.event == event && !$0.counts.isEmpty
                    })
                else { continue }
                checks[place].counts[Int(window - windows.lowerBound)] += 1
            }
        }
    }
}
