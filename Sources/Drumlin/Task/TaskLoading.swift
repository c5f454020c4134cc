internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

/// Brings a task of a store to life: its registrations from the manifest, its windows from their checkpoint and the rows
/// that came after, or from all rows where there is no checkpoint to be used.
struct TaskLoading {
    let store: Store
    let name: String
    let schema: TaskSchema

    /// Memory for the panes of one task; older panes are kept in a compact form beyond it.
    static let viewByteLimit = 64 << 20

    func load() throws(StoreError) -> TaskShared {
        let keys = TaskKeys(name)
        let registrations: [MetricRegistration] =
            try parse(keys.metrics) { (reader) throws(FormatError) in
                try MetricRegistration.read(&reader)
            } ?? []
        var epochs: [Epoch] = []
        while let epoch = try parse(
            keys.epoch(epochs.count),
            { (reader) throws(FormatError) in try Epoch(reading: &reader, bucketing: schema.bucketing) })
        {
            epochs.append(epoch)
        }
        let layout =
            try parse(keys.layout) { (reader) throws(FormatError) in try CellLayout(from: &reader) }
            ?? CellLayout(kind: schema.kind, keepsSlotLabels: schema.shrinksTowardLabels)
        guard layout.keepsSlotLabels == schema.shrinksTowardLabels else {
            throw StoreError.corrupt("task '\(name)' has the cells of another schema", path: store.path)
        }
        guard layout.epochCount == epochs.count else {
            throw StoreError.corrupt(
                "task '\(name)' has \(epochs.count) epochs and cells for \(layout.epochCount)", path: store.path)
        }
        try check(layout, registrations)
        let constraints = try parse(keys.constraints) { (reader) throws(FormatError) in
            try Constraint.read(&reader)
        }
        let segments =
            try parse(keys.segments) { (reader) throws(FormatError) in try SegmentRegistration.read(&reader) } ?? []
        for column in segments.flatMap(\.segmentation.columns)
        where TaskTables(schema).predictions.position(of: column) == nil {
            throw .corrupt("task '\(name)' has segments by '\(column)', which is none of its columns", path: store.path)
        }
        let rules = try parse(keys.alerts) { (reader) throws(FormatError) in try AlertRule.read(&reader) }
        var checked: [CheckKey: UInt64] = [:]
        if let violations = store.read({ $0.table(named: "\(name)/\(ViolationTable.name)")?.snapshot() }) {
            checked = try ViolationTable.progress(violations)
        }
        let view = try emptyView(registrations)
        let checkpoint = try readCheckpoint()
        return try store.read { core throws(StoreError) in
            let state = TaskState(
                name: name, schema: schema, tables: TaskTables(schema), predictions: try table("predictions", core),
                labels: try table("labels", core), metricsTable: try table("metrics", core),
                registrations: registrations, epochs: epochs, layout: layout, view: view)
            state.events = store.counters[name]
            state.limits = store.options.limits
            state.refusals = RefusalRules(constraints ?? [], schema, state.tables)
            state.segments = segments.map {
                SegmentState($0, schema: state.tables.predictions, width: view.paneWidth)
            }
            if let edge = store.metadata(keys.edge), edge.count == 8 {
                state.storedEdge = Int64(bitPattern: edge.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
            }
            try fill(state, checkpoint: checkpoint, core: core)
            for (key, row) in checked { state.noteChecked(key, upTo: row) }
            core.checkpointProviders[name] = { (try? state.checkpoint()) ?? [] }
            let shared = TaskShared(state)
            shared.checks.replace(constraints ?? [], schema)
            shared.monitor.replace(rules ?? [])
            return shared
        }
    }

    /// Whether the registrations belong together: each may be whole, and from another store.
    private func check(
        _ layout: CellLayout, _ registrations: [MetricRegistration]
    ) throws(StoreError) {
        let metrics = registrations.compactMap { registration in
            if case .builtIn(let metric) = registration.definition { metric } else { nil }
        }
        guard layout.kind == schema.kind, metrics.allSatisfy({ $0.isDefined(for: schema.kind) }) else {
            throw .corrupt("the registrations of task '\(name)' are of another kind of task", path: store.path)
        }
        for (suffix, expected) in TaskTables(schema).named(name) {
            guard let found = try? store.table(suffix).schema, found.columns == expected.columns else {
                throw .corrupt("table '\(suffix)' does not have the columns of its task", path: store.path)
            }
        }
    }

    private func fill(_ state: TaskState, checkpoint: [UInt8]?, core: StoreCore) throws(StoreError) {
        var unpublished: [TaskState.Unpublished] = []
        // Of predictions in the log, all feedback is there too, and is noted as it is replayed.
        state.labeledRows.begin(at: state.predictions.sealedEndRow)
        if let checkpoint, state.restore(checkpoint: checkpoint, byteLimit: Self.viewByteLimit) {
            state.replayedLabelRow = state.labels.sealedEndRow
            try state.retractRemoved(core.removals)
            unpublished = try state.replay(core.journal)
            if core.removals[state.predictions.id] != nil || core.removals[state.labels.id] != nil {
                try state.recountPending()
            }
            state.origin = .checkpoint
        } else if isWhole(core.journal, of: state.predictions), isWhole(core.journal, of: state.labels),
            isWhole(core.journal, of: state.metricsTable)
        {
            unpublished = try state.replay(core.journal)
            state.origin = .log
        } else {
            unpublished = try rebuild(state, core)
            state.labeledRows.begin(at: state.predictions.endRow)
            state.origin = .rows
        }
        guard !store.isReadOnly else { return }
        for entry in unpublished {
            try state.publish([(entry.window, entry.metrics)], source: entry.source, core: core)
        }
        // A crash may have come between a registration and its first publications.
        if state.origin != .checkpoint || state.hasNewMetrics {
            try state.publishMissing(state.registrations.filter { $0.definition != .closure }, core: core)
            for segments in state.segments { try state.publishMissing(segments, core: core) }
        }
    }

    private func isWhole(_ journal: ReplayJournal, of table: TableState) -> Bool {
        journal.rowCount(ofTable: table.id) == table.endRow
    }

    /// Counts all rows anew. What was published before is known from the metrics table and is not published again.
    private func rebuild(_ state: TaskState, _ core: StoreCore) throws(StoreError) -> [TaskState.Unpublished] {
        try state.rebuild(into: state.view)
        try state.noteAllPublished()
        // The clock stood at least at the arrivals that the logs still have, and, as far as only the rows can tell, at
        // the newest event; events from the future do not count.
        let ids = [state.predictions.id, state.labels.id, state.metricsTable.id]
        let journal = core.journal
        for place in 0..<journal.count where ids.contains(journal[place].tableID) {
            state.view.advance(to: journal[place].arrival)
        }
        let latest = min(state.latestEvent, core.lastArrival.microseconds)
        if latest > .min { state.view.advance(to: latest) }
        do {
            return try state.view.resume().map { window in
                TaskState.Unpublished(
                    window: window, source: core.nextSequence,
                    metrics: state.registrations.filter { $0.windows.contains(window.window) })
            }
        } catch {
            throw StoreError(.io, "task '\(name)': \(error)")
        }
    }

    private func emptyView(_ registrations: [MetricRegistration]) throws(StoreError) -> WindowedView {
        var windows: [Window] = []
        for window in registrations.flatMap(\.timeWindows) where !windows.contains(window) { windows.append(window) }
        do {
            return try WindowedView(
                windows: windows,
                clock: EventClock(allowedLateness: schema.allowedLateness, labelHorizon: schema.labelHorizon),
                byteLimit: Self.viewByteLimit)
        } catch {
            throw StoreError(.invalidInput, "task '\(name)': \(error)")
        }
    }

    private func table(_ suffix: String, _ core: StoreCore) throws(StoreError) -> TableState {
        guard let table = core.table(named: "\(name)/\(suffix)") else {
            throw StoreError.corrupt("task '\(name)' has no table '\(suffix)'", path: store.path)
        }
        return table
    }

    /// Nil where there is none, or none that is whole: the rows say the same.
    private func readCheckpoint() throws(StoreError) -> [UInt8]? {
        guard let record = store.manifest.state.checkpoints[name] else { return nil }
        let path = FilePath.join(store.path, record.fileName)
        guard
            let bytes = try? store.options.environment.fileSystem.readFile(
                path, limit: Int(clamping: record.byteCount)),
            Checksum.of(bytes) == record.checksum
        else { return nil }
        return bytes
    }

    private func parse<T>(
        _ key: String, _ body: (inout ByteReader) throws(FormatError) -> T
    ) throws(StoreError) -> T? {
        guard var bytes = store.metadata(key) else { return nil }
        do {
            let result = unsafe bytes.withUnsafeMutableBytes { raw in
                Result { () throws(FormatError) in
                    var reader = unsafe ByteReader(UnsafeRawBufferPointer(raw))
                    return try body(&reader)
                }
            }
            return try result.get()
        } catch {
            throw StoreError(error, path: "\(store.path) (registration '\(key)')")
        }
    }
}
