internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

/// Finds out where the alerts of a task stand.
struct MonitorLoading {
    let task: MonitoredTask
    let rules: [AlertRule]

    func load() throws(StoreError) -> TaskMonitor.Work {
        let columns = SummarizedColumn.all(task.schema, task.encoder.tables)
        let (generation, snapshot) = task.store.read { core in
            (task.shared.state.generation, core.table(named: "\(task.name)/\(SummaryTable.name)")?.snapshot())
        }
        var windows: [Window] = []
        for rule in rules where !windows.contains(rule.window) { windows.append(rule.window) }
        var monitors: [WindowMonitor] = []
        for window in windows {
            var monitor = WindowMonitor(
                window: window, rules: rules.filter { $0.window == window }, columns: columns)
            if let snapshot, let grid = WindowGrid(window), let state = try SummaryTable.state(snapshot, window) {
                try restore(&monitor, state)
                let start = grid.start(monitor.firstNeededOrdinal)
                let records = try SummaryTable.records(snapshot, window, from: start, grid: grid, columns: columns)
                for record in records { monitor.remember(record) }
            }
            monitors.append(monitor)
        }
        return TaskMonitor.Work(monitors: monitors, generation: generation)
    }

    private func restore(_ monitor: inout WindowMonitor, _ state: [UInt8]) throws(StoreError) {
        var restored = monitor
        let result = unsafe state.withUnsafeBytes { raw in
            Result { () throws(FormatError) in
                var reader = unsafe ByteReader(raw)
                try restored.restore(&reader)
            }
        }
        do {
            try result.get()
        } catch {
            throw StoreError(error, path: "table '\(task.name)/\(SummaryTable.name)'")
        }
        monitor = restored
    }
}
