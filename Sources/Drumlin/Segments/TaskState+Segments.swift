internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

extension TaskState {
    /// How many rows of one metric a window may come to.
    var publishedScopeCount: Int { segments.reduce(1) { $0 + $1.slices.count } }

    /// Adds the collected changes to the slices that a prediction is in.
    @inline(never)
    func applyChangesToSlices(of row: UInt64, at time: Int64) throws(StoreError) {
        for state in segments {
            let panes = try state.panes(ofRow: row, predictions)
            do {
                try panes.apply(changes, at: time)
            } catch {
                throw StoreError(.io, "task '\(name)': \(error)")
            }
        }
    }

    /// Takes a segmentation that is stored. What was logged before is counted for it from the stored rows.
    func add(_ registration: SegmentRegistration) throws(StoreError) {
        let state = SegmentState(registration, schema: tables.predictions, width: view.paneWidth)
        if predictions.endRow > 0 {
            var counting = SliceCounting(layout: layout, epochs: epochs, segments: [state])
            let rows = JoinedRows(
                kind: schema.kind, predictions: predictions.snapshot(), labels: labels.snapshot(),
                early: try pendingLabels().joined, features: registration.segmentation.columns)
            try rows.forEachBatch(of: predictions.firstRow..<predictions.endRow) { batch throws(StoreError) in
                try counting.count(batch)
                return true
            }
        }
        segments.append(state)
    }

    /// The rows of some metrics over the slices of one window that hold a prediction.
    func sliceRows(
        _ metrics: [Metric], _ interval: WindowInterval, revision: Int, of states: [SegmentState],
        _ selection: SegmentSelection = .every
    ) throws(StoreError) -> [MetricRow] {
        var result: [MetricRow] = []
        for state in states {
            for slice in state.slices where selection.includes(slice.name, of: state.segmentation) {
                result += try sliceRows(metrics, interval, revision: revision, slice)
            }
        }
        return result
    }

    func sliceRows(
        _ metrics: [Metric], _ interval: WindowInterval, revision: Int, _ slice: SegmentState.Slice
    ) throws(StoreError) -> [MetricRow] {
        let summary: PaneSummary
        do {
            summary = try slice.panes.summary(of: interval)
            guard summary.predictions > 0 else { return [] }
            try slice.panes.cells(of: interval, into: &buffer)
        } catch {
            throw StoreError(.io, "task '\(name)': \(error)")
        }
        var status = view.clock.status(end: interval.end, unlabeled: summary.unlabeled)
        if case .trailing = interval.window { status = .open }
        return rows(metrics, interval: interval, cells: buffer, status: status, revision: revision).map { row in
            var row = row
            row.segment = slice.name
            return row
        }
    }

    /// Publishes the slices of a segmentation over windows that were published without them.
    func publishMissing(_ state: SegmentState, core: StoreCore) throws(StoreError) {
        let metrics = registrations.filter { $0.metric != nil }
        guard metricsTable.endRow > 0, !metrics.isEmpty else { return }
        var known = Set<PublishedKey>()
        let names = Set(state.slices.map(\.name))
        let scan = try metricsTable.snapshot().scan(
            columns: ["segment", "window", "window_start"], where: .isNotNull("segment"))
        while let batch = try scan.next() {
            let starts = batch.slice("window_start")
            for place in 0..<batch.rowCount {
                guard case .string(let segment) = batch[place, "segment"], names.contains(segment),
                    case .string(let text) = batch[place, "window"], let window = Window(text)
                else { continue }
                let start = starts.isNull(place) ? nil : starts.int64(at: place)
                known.insert(PublishedKey(window: window, start: start, revision: 0))
            }
        }
        var missing: [(window: DueWindow, metrics: [MetricRegistration])] = []
        do {
            for window in view.windows {
                for interval in try view.currentWindows(window) {
                    let (status, revision) = (try view.status(of: interval), view.revision(of: interval))
                    // The cumulative window never closes.
                    guard status != .open || interval.start == nil, revision > 0,
                        !known.contains(PublishedKey(window: window, start: interval.start, revision: 0))
                    else { continue }
                    let due = DueWindow(
                        window: window, start: interval.start, end: interval.end, status: status, revision: revision,
                        reason: .changed)
                    missing.append((due, metrics.filter { $0.windows.contains(window) }))
                }
            }
        } catch {
            throw StoreError(.io, "task '\(name)': \(error)")
        }
        let step = max(1, 1_024 / publishedScopeCount)
        for first in stride(from: 0, to: missing.count, by: step) {
            let part = Array(missing[first..<min(first + step, missing.count)])
            try publish(part, source: core.nextSequence, core: core, only: state)
        }
    }
}
