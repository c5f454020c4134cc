internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

extension TaskState {
    /// Moves the task's clock and publishes what that makes due. `source` is the number of the event that moved it.
    func advance(to time: Int64, source: UInt64, core: StoreCore) throws(StoreError) {
        guard view.advance(to: time) else { return }
        try publishDue(source: source, core: core)
    }

    /// Moves the task's clock without an event. The log has it as a call without rows, so that the clock does not run back
    /// when the store is opened again.
    func moveClock(to time: Timestamp, core: StoreCore) throws(StoreError) {
        try checkExists()
        guard time.microseconds > clock else { return }
        let source = unsafe try core.append(
            0, rows: UnsafeRawBufferPointer(start: nil, count: 0), to: labels, arrival: time)
        try advance(to: time.microseconds, source: source, core: core)
    }

    /// Publishes the due windows of the built-in metrics, and leaves those of closures to the background.
    func publishDue(source: UInt64, core: StoreCore) throws(StoreError) {
        while view.isDue {
            let due = try takeDue()
            guard !due.isEmpty else { continue }
            try publish(due, source: source, core: core)
        }
    }

    func takeDue() throws(StoreError) -> [DueWindow] {
        do {
            return try view.takeDue(limit: max(1, 1_024 / publishedScopeCount))
        } catch {
            throw StoreError(.io, "task '\(name)': \(error)")
        }
    }

    func publish(_ due: [DueWindow], source: UInt64, core: StoreCore) throws(StoreError) {
        try publish(
            due.map { window in (window, registrations.filter { $0.windows.contains(window.window) }) }, source: source,
            core: core)
    }

    /// Publishes some metrics over each of some windows, of all rows and of each slice; or of the slices of one segmentation
    /// only.
    func publish(
        _ due: [(window: DueWindow, metrics: [MetricRegistration])], source: UInt64, core: StoreCore,
        only segmentation: SegmentState? = nil
    ) throws(StoreError) {
        for (window, metrics) in due {
            let interval = WindowInterval(window: window.window, start: window.start, end: window.end)
            for closure in metrics where closure.definition == .closure && segmentation == nil {
                // Where nobody takes them, as in a process without the closures, the first are as good as the last.
                if dueClosures.count < 10_000 { dueClosures.append(DueClosure(metric: closure.name, window: window)) }
            }
            let builtIn = metrics.compactMap(\.metric)
            guard !builtIn.isEmpty else { continue }
            if segmentation == nil {
                for row in try rows(builtIn, interval, status: window.status, revision: window.revision) {
                    MetricTable.append(row, source: source, to: &publishing)
                }
            }
            let slices = segmentation.map { [$0] } ?? segments
            for row in try sliceRows(builtIn, interval, revision: window.revision, of: slices) {
                MetricTable.append(row, source: source, to: &publishing)
            }
        }
        guard publishing.rowCount > 0 else { return }
        do {
            unsafe try core.append(
                publishing.rowCount, rows: publishing.bytes, to: metricsTable,
                arrival: Timestamp(microseconds: clock), isDerived: true)
        } catch {
            // The event that led here is accepted and must not seem refused: the rows wait for the next publication.
            guard publishing.count > Self.waitingByteLimit else { return }
        }
        publishing.removeAll()
    }

    /// How much may wait for room on the disk; beyond it published values are given up, never events.
    private static let waitingByteLimit = 16 << 20

    /// Publishes metrics over windows that were published before, for other metrics: for one that is registered late over
    /// windows that others have, whose history would else begin with the next change.
    func publishMissing(_ wanted: [MetricRegistration], core: StoreCore) throws(StoreError) {
        guard metricsTable.endRow > 0, !wanted.isEmpty else { return }
        var known: [String: Set<PublishedKey>] = [:]
        let scan = try metricsTable.snapshot().scan(
            columns: ["metric", "window", "window_start"], where: .in("metric", wanted.map { .string($0.name) }))
        while let batch = try scan.next() {
            let starts = batch.slice("window_start")
            for place in 0..<batch.rowCount {
                guard case .string(let metric) = batch[place, "metric"],
                    case .string(let text) = batch[place, "window"], let window = Window(text)
                else { continue }
                let start = starts.isNull(place) ? nil : starts.int64(at: place)
                known[metric, default: []].insert(PublishedKey(window: window, start: start, revision: 0))
            }
        }
        var missing: [(window: DueWindow, metrics: [MetricRegistration])] = []
        do {
            for window in view.windows {
                let metrics = wanted.filter { $0.windows.contains(window) }
                for interval in metrics.isEmpty ? [] : try view.currentWindows(window) {
                    let key = PublishedKey(window: window, start: interval.start, revision: 0)
                    let (status, revision) = (try view.status(of: interval), view.revision(of: interval))
                    let lacking = metrics.filter { known[$0.name]?.contains(key) != true }
                    guard status != .open, revision > 0, !lacking.isEmpty else { continue }
                    let due = DueWindow(
                        window: window, start: interval.start, end: interval.end, status: status, revision: revision,
                        reason: .changed)
                    missing.append((due, lacking))
                }
            }
        } catch {
            throw StoreError(.io, "task '\(name)': \(error)")
        }
        let step = max(1, 1_024 / publishedScopeCount)
        for first in stride(from: 0, to: missing.count, by: step) {
            let part = Array(missing[first..<min(first + step, missing.count)])
            try publish(part, source: core.nextSequence, core: core)
        }
    }

    /// A value of a closure that is to be published.
    struct DueClosure {
        let metric: String
        let window: DueWindow
    }

    // MARK: Rows

    /// The rows of some metrics over one window, from the state as it is now.
    func rows(
        _ metrics: [Metric], _ interval: WindowInterval, status: WindowStatus, revision: Int
    ) throws(StoreError) -> [MetricRow] {
        do throws(ViewError) {
            try view.cells(of: interval, into: &buffer)
        } catch {
            throw StoreError(.io, "task '\(name)': \(error)")
        }
        return rows(metrics, interval: interval, cells: buffer, status: status, revision: revision)
    }

    /// The rows of some metrics from cells that were merged before.
    func rows(
        _ metrics: [Metric], interval: WindowInterval, cells: [Int64], status: WindowStatus, revision: Int
    ) -> [MetricRow] {
        rowMaker.rows(metrics, interval: interval, cells: cells, status: status, revision: revision)
    }

    /// Makes rows as the task is now.
    var rowMaker: MetricRowMaker {
        MetricRowMaker(
            task: name, layout: layout, epochs: epochs, estimator: schema.resolvedEstimator, clock: view.clock.time,
            coveredFrom: coveredFrom)
    }
}
