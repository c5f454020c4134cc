internal import ColumnFormat
public import ColumnStore
public import ColumnViews
internal import Synchronization

extension MonitoredTask {
    /// The newest windows that hold a prediction, of each registered metric, by metric, window and start; those of which
    /// there is one, `cumulative` and trailing ones, whatever `includingOpen` says.
    ///
    /// For those who ask again and again: the cost is that of the windows that are given, however many there have been, and
    /// values are computed outside of the store's lock. Values of closures are those last published, 64 windows of each at
    /// most; windows of a number of predictions, which are made from the rows, are left out.
    ///
    /// - Parameters:
    ///   - count: how many windows of each kind.
    ///   - metric: only this metric.
    ///   - window: only this kind of window.
    ///   - includingOpen: false for windows that have closed.
    /// - Throws: `.notFound` if the task was dropped, `.io` or `.corrupt` where the disk cannot be read.
    public func latestMetrics(
        _ count: Int = 1, named metric: String? = nil, window: Window? = nil, includingOpen: Bool = true
    ) throws(StoreError) -> [MetricRow] {
        struct Found {
            let interval: WindowInterval
            let status: WindowStatus
            let revision: Int
            let cells: [Int64]
        }
        let (maker, registrations, found) = try store.read { _ throws(StoreError) in
            let state = shared.state
            try state.checkExists()
            let registrations = state.registrations.filter { metric == nil || $0.name == metric }
            var found: [Window: [Found]] = [:]
            do throws(ViewError) {
                for registration in registrations where registration.metric != nil {
                    for kept in registration.timeWindows where found[kept] == nil && (window == nil || window == kept) {
                        var windows: [Found] = []
                        for interval in try state.view.latestWindows(kept, count: count, includingOpen: includingOpen) {
                            try state.view.cells(of: interval, into: &state.buffer)
                            windows.append(
                                Found(
                                    interval: interval, status: try state.view.status(of: interval),
                                    revision: state.view.revision(of: interval), cells: state.buffer))
                        }
                        found[kept] = windows
                    }
                }
            } catch {
                throw StoreError(.io, "task '\(name)': \(error)")
            }
            return (state.rowMaker, registrations, found)
        }
        // All metrics of a window at once: they share what is made of its cells.
        var rows: [Window: [String: [MetricRow]]] = [:]
        for (kept, windows) in found {
            let metrics = registrations.filter { $0.windows.contains(kept) }.compactMap(\.metric)
            for each in windows {
                for row in maker.rows(
                    metrics, interval: each.interval, cells: each.cells, status: each.status, revision: each.revision)
                {
                    rows[kept, default: [:]][row.metric, default: []].append(row)
                }
            }
        }
        let closures = registrations.filter { $0.metric == nil }
        let published = closures.isEmpty ? [:] : try followed().published
        return registrations.flatMap { registration in
            registration.timeWindows.filter { window == nil || window == $0 }.flatMap { kept -> [MetricRow] in
                if registration.metric != nil { return rows[kept]?[registration.name] ?? [] }
                let key = FollowedTables.Series(metric: registration.name, window: kept.description)
                return (published[key] ?? []).suffix(max(0, count)).map { row in
                    var row = row
                    row.method = "published"
                    return row
                }
            }
        }
    }

    /// The alerts that are on, in the order in which they were entered, as far as they have been judged. O(alerts) the first
    /// time, then O(those since).
    public func openAlerts() throws(StoreError) -> [AlertRow] {
        try followed().openAlerts.values.sorted { ($0.start, $0.alert) < ($1.start, $1.alert) }
    }

    /// What the tables say now.
    func followed() throws(StoreError) -> FollowedTables {
        let (alerts, metrics, closures, generation) = store.read { core in
            let state = shared.state
            return (
                core.table(named: "\(name)/\(AlertTable.name)")?.snapshot(), state.metricsTable.snapshot(),
                state.registrations.filter { $0.metric == nil }.map(\.name), state.generation
            )
        }
        return try shared.followed.withLock { followed throws(StoreError) in
            try followed.read(alerts, metrics, closures: closures, generation: generation, task: name)
            return followed
        }
    }
}
