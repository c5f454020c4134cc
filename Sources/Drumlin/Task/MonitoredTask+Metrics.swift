public import ColumnFormat
public import ColumnStore
public import ColumnViews

extension MonitoredTask {
    /// The current values of the registered metrics, by metric, window and start.
    ///
    /// - Parameters:
    ///   - metric: only this metric.
    ///   - window: only this window, which must be registered for the metric.
    ///   - from: only windows that start at this time or later; cumulative and trailing ones and those of a number of
    ///     predictions are always given.
    ///   - to: only windows that start before this time.
    ///   - asOf: what was published up to this moment of the task's clock, in place of what is known now.
    ///   - segment: of which predictions: all of them, or slices that were registered with ``registerSegments(_:)``, as in
    ///     `segment: "vendor=2"`, `segment: .by(["vendor"])`, `segment: .every`.
    /// - Complexity: O(windows × cells), a slice; independent of the number of events.
    public func metrics(
        _ metric: Metric? = nil, window: Window? = nil, from: Timestamp? = nil, to: Timestamp? = nil,
        asOf: Timestamp? = nil, segment: SegmentSelection = .whole
    ) throws(StoreError) -> [MetricRow] {
        try metrics(named: metric?.name, window: window, from: from, to: to, asOf: asOf, segment: segment)
    }

    /// The same for a metric by its name, which may be that of a closure.
    public func metrics(
        named metric: String?, window: Window? = nil, from: Timestamp? = nil, to: Timestamp? = nil,
        asOf: Timestamp? = nil, segment: SegmentSelection = .whole
    ) throws(StoreError) -> [MetricRow] {
        try check(segment)
        if let metric, !store.read({ _ in shared.state.registrations.contains { $0.name == metric } }) {
            let known = registeredMetrics.map(\.name).joined(separator: ", ")
            throw StoreError(
                .notFound, "task '\(name)' has no metric '\(metric)'",
                remedy: known.isEmpty ? "none is registered yet" : "registered are \(known)")
        }
        if let asOf {
            return try published(metric: metric, window: window, from: from, to: to, asOf: asOf, segment: segment)
        }
        var rows: [MetricRow] = []
        for registration in store.read({ _ in shared.state.registrations }) {
            guard metric == nil || registration.name == metric else { continue }
            for kept in registration.windows where window == nil || kept == window {
                if segment.includesWhole {
                    if case .count(let count) = kept {
                        if let row = try countRow(registration, count) { rows.append(row) }
                    } else if let metric = registration.metric {
                        rows += try current(metric, kept, from, to)
                    } else {
                        rows += try closureRows(registration.name, kept, from, to)
                    }
                }
                if segment != .whole, kept.isOfTime, let metric = registration.metric {
                    rows += try currentSlices(metric, kept, from, to, segment)
                }
            }
        }
        return rows
    }

    /// The value of a metric over any interval of whole panes: see ``TaskStatus/paneWidth``. The metric must be registered.
    /// Throws `.invalidInput` naming the granularity where the interval's ends are no edges of panes.
    public func value(of metric: Metric, over interval: Range<Timestamp>) throws(StoreError) -> MetricRow {
        guard store.read({ _ in shared.state.registrations.contains { $0.metric == metric } }) else {
            throw StoreError(
                .notFound, "task '\(name)' has no metric '\(metric.name)'", remedy: "register it first")
        }
        let bounds = interval.lowerBound.microseconds..<interval.upperBound.microseconds
        let size = TimeSpan(microseconds: bounds.upperBound &- bounds.lowerBound)
        let window = WindowInterval(window: .tumbling(size), start: bounds.lowerBound, end: bounds.upperBound)
        return try store.read { _ throws(StoreError) in
            let state = shared.state
            try state.checkExists()
            do throws(ViewError) {
                try state.view.cells(over: bounds, into: &state.buffer)
                let unlabeled = state.buffer.count > 1 ? state.buffer[ReservedCell.unlabeled] : 0
                let status = state.view.clock.status(end: bounds.upperBound, unlabeled: unlabeled)
                return state.rows([metric], interval: window, cells: state.buffer, status: status, revision: 0)[0]
            } catch {
                throw StoreError(.invalidInput, "\(error)", remedy: "move the ends, or register a finer window")
            }
        }
    }

    // MARK: Current values

    struct WindowState {
        let interval: WindowInterval
        let status: WindowStatus
        let revision: Int
        let fingerprint: Int64
        let cells: [Int64]
    }

    /// Copies the state of the windows in one go under the lock, so that all are of one moment.
    func windowStates(
        _ window: Window, _ from: Timestamp?, _ to: Timestamp?, withCells: Bool
    ) throws(StoreError) -> [WindowState] {
        try store.read { _ throws(StoreError) in
            try shared.state.checkExists()
            let view = shared.state.view
            do {
                var states: [WindowState] = []
                for interval in try view.currentWindows(
                    window, from: from?.microseconds ?? .min, to: to?.microseconds ?? .max)
                {
                    states.append(
                        try windowState(
                            interval, status: try view.status(of: interval), revision: view.revision(of: interval),
                            withCells: withCells))
                }
                return states
            } catch let error as StoreError {
                throw error
            } catch {
                throw StoreError(.invalidInput, "\(error)")
            }
        }
    }

    /// Under the lock.
    func windowState(
        _ interval: WindowInterval, status: WindowStatus, revision: Int, withCells: Bool
    ) throws(StoreError) -> WindowState {
        let view = shared.state.view
        do throws(ViewError) {
            if withCells { try view.cells(of: interval, into: &shared.state.buffer) }
            return WindowState(
                interval: interval, status: status, revision: revision,
                fingerprint: try view.summary(of: interval).fingerprint, cells: withCells ? shared.state.buffer : [])
        } catch {
            throw StoreError(.io, "task '\(name)': \(error)")
        }
    }

    private func current(
        _ metric: Metric, _ window: Window, _ from: Timestamp?, _ to: Timestamp?
    ) throws(StoreError) -> [MetricRow] {
        let states = try windowStates(window, from, to, withCells: true)
        return store.read { _ in
            states.flatMap { window in
                shared.state.rows(
                    [metric], interval: window.interval, cells: window.cells, status: window.status,
                    revision: window.revision)
            }
        }
    }

    /// The slices one after another, each in the order of time.
    private func currentSlices(
        _ metric: Metric, _ window: Window, _ from: Timestamp?, _ to: Timestamp?, _ selection: SegmentSelection
    ) throws(StoreError) -> [MetricRow] {
        try store.read { _ throws(StoreError) in
            let state = shared.state
            try state.checkExists()
            let intervals: [WindowInterval]
            do {
                intervals = try state.view.currentWindows(
                    window, from: from?.microseconds ?? .min, to: to?.microseconds ?? .max)
            } catch {
                throw StoreError(.invalidInput, "\(error)")
            }
            var rows: [MetricRow] = []
            for segmentState in state.segments {
                for slice in segmentState.slices where selection.includes(slice.name, of: segmentState.segmentation) {
                    for interval in intervals {
                        rows += try state.sliceRows(
                            [metric], interval, revision: state.view.revision(of: interval), slice)
                    }
                }
            }
            return rows
        }
    }

    // MARK: Published values

    /// The newest publication of each window up to a moment.
    func published(
        metric: String?, window: Window?, from: Timestamp?, to: Timestamp?, asOf: Timestamp,
        segment: SegmentSelection = .whole
    ) throws(StoreError) -> [MetricRow] {
        let states = store.read { _ in
            shared.state.segments.map { ($0.segmentation, names: Set($0.slices.map(\.name))) }
        }
        func isIncluded(_ name: String?) -> Bool {
            guard let name else { return segment.includesWhole }
            return states.contains { $0.names.contains(name) && segment.includes(name, of: $0.0) }
        }
        var conditions: [Predicate] = [.lessOrEqual("computed_at", .timestamp(asOf))]
        if let metric { conditions.append(.equal("metric", .string(metric))) }
        if let window { conditions.append(.equal("window", .string(window.description))) }
        let scan = try store.snapshot(of: "\(name)/metrics").scan(where: .and(conditions))
        struct Key: Hashable {
            let metric: String
            let window: String
            let segment: String?
            let start: Timestamp?
        }
        var newest: [Key: MetricRow] = [:]
        while let batch = try scan.next() {
            for place in 0..<batch.rowCount {
                let row = MetricTable.row(batch, place, task: name)
                guard isIncluded(row.segment) else { continue }
                if let start = row.start, !row.window.hasPrefix("trailing:"),
                    from.map({ start < $0 }) ?? false || to.map({ start >= $0 }) ?? false
                {
                    continue
                }
                // A trailing window is one window, which moves.
                let start = row.window.hasPrefix("trailing:") ? nil : row.start
                newest[Key(metric: row.metric, window: row.window, segment: row.segment, start: start)] = row
            }
        }
        let registrations = store.read { _ in shared.state.registrations }
        /// As current values are ordered: by registration, then by its windows.
        func order(_ row: MetricRow) -> (Int, Int) {
            guard let place = registrations.firstIndex(where: { $0.name == row.metric }) else { return (.max, .max) }
            let windows = registrations[place].windows.map(\.description)
            return (place, windows.firstIndex(of: row.window) ?? .max)
        }
        return newest.values.sorted { left, right in
            let (a, b) = (order(left), order(right))
            if a != b { return a < b }
            if left.metric != right.metric { return left.metric < right.metric }
            if left.window != right.window { return left.window < right.window }
            if left.segment != right.segment { return left.segment ?? "" < right.segment ?? "" }
            return (left.start?.microseconds ?? .min) < (right.start?.microseconds ?? .min)
        }
    }
}
