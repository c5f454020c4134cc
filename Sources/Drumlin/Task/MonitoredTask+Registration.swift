internal import ColumnFormat
public import ColumnStore
public import ColumnViews
internal import Synchronization

extension MonitoredTask {
    /// Keeps a metric over some windows, from the first prediction on: what was logged before is read again.
    ///
    /// The same registration at the next start is a no-op. Throws `.invalidInput` where the kind of task does not have the
    /// metric or a window is not possible, `.schemaMismatch` if it is registered with other windows.
    public func registerMetric(_ metric: Metric, windows: [Window]) throws(StoreError) {
        guard metric.isDefined(for: schema.kind) else {
            let valid = Metric.names(for: schema.kind).joined(separator: ", ")
            throw StoreError(
                .invalidInput, "\"\(metric.name)\" is no metric of a \(schema.kind.name) task",
                remedy: "the metrics are \(valid)")
        }
        try register(MetricRegistration(name: metric.name, definition: .builtIn(metric), windows: windows))
    }

    /// Keeps a metric of your own over some windows: arrays of labels and predictions in, a number out.
    ///
    /// The predictions are scores (binary), class indexes (multiclass) or values. `compute` is called outside of every lock
    /// and only for windows that changed since it was called last; where it throws, the row carries the error and all
    /// others are as usual. Register it again at every start: the store knows its name, not its code. Another process shows
    /// the values as they were last published.
    ///
    /// It is called with the labeled rows, for `labeledValue`; and where a training set was logged and rows wait for their
    /// label, with reference rows that stand for these, for `unlabeledValue`, and with both, for `value`. Such a row says
    /// `closure:resample` for its method: of each bucket as many reference rows are taken as it has unlabeled rows, since a
    /// function of arrays cannot be estimated from sums. So the arrays are as long as the window has predictions, 16 bytes
    /// each, and a metric must not depend on the order of rows.
    ///
    /// - Parameter intervalDraws: how often it is computed of rows drawn at random in their place, for the interval: 0 for
    ///   none, else 10 to 1,000; 40 give its width within about a tenth. The interval is Student's of their standard
    ///   deviation, and so right for metrics that change smoothly with the rows, not for a maximum.
    public func registerMetric(
        _ name: String, windows: [Window], intervalDraws: Int = 0,
        compute: @escaping @Sendable ([Double], [Double]) throws -> Double
    ) throws(StoreError) {
        guard intervalDraws == 0 || (10...1_000).contains(intervalDraws) else {
            throw StoreError(
                .invalidInput, "\(intervalDraws) draws for the interval of '\(name)'",
                remedy: "draw 10 to 1,000 times, or not at all (0)")
        }
        guard Metric(name) == nil, (1...200).contains(name.utf8.count) else {
            throw StoreError(
                .invalidInput, "'\(name)' cannot be the name of a metric of your own",
                remedy: "use 1 to 200 bytes that are none of \(Metric.names(for: nil).joined(separator: ", "))")
        }
        try register(MetricRegistration(name: name, definition: .closure, windows: windows)) {
            shared.closures.withLock { $0[name] = .init(compute: compute, intervalDraws: intervalDraws) }
            // Another closure under the name may give other values.
            shared.closureValues.withLock { values in values = values.filter { $0.key.metric != name } }
        }
    }

    /// Ends a metric; what was published of it stays in the table `metrics`. Throws `.notFound` if there is none.
    public func unregisterMetric(_ name: String) throws(StoreError) {
        try shared.registration.withLock { _ throws(StoreError) in
            var registrations = store.read { _ in shared.state.registrations }
            guard let place = registrations.firstIndex(where: { $0.name == name }) else {
                throw StoreError(.notFound, "task '\(self.name)' has no metric '\(name)'")
            }
            let removed = registrations.remove(at: place)
            try store.setMetadata([TaskKeys(self.name).metrics: MetricRegistration.bytes(of: registrations)])
            store.read { _ in
                shared.state.registrations = registrations
                for window in removed.windows where !registrations.contains(where: { $0.windows.contains(window) }) {
                    shared.state.view.unregister(window)
                }
                shared.state.dueClosures.removeAll { $0.metric == name }
            }
            shared.closures.withLock { $0[name] = nil }
            shared.closureValues.withLock { values in values = values.filter { $0.key.metric != name } }
        }
    }

    /// - Parameter accepted: called when the registration is known to be possible, before anything is computed for it.
    private func register(
        _ registration: MetricRegistration, accepted: () -> Void = {}
    ) throws(StoreError) {
        guard !registration.windows.isEmpty else {
            throw StoreError(
                .invalidInput, "the metric '\(registration.name)' has no windows", remedy: "give at least one")
        }
        guard Set(registration.windows).count == registration.windows.count else {
            throw StoreError(
                .invalidInput, "the metric '\(registration.name)' has a window twice", remedy: "give each once")
        }
        try shared.registration.withLock { _ throws(StoreError) in
            let (known, layout) = try store.read { _ throws(StoreError) in
                try shared.state.checkExists()
                return (shared.state.registrations, shared.state.layout)
            }
            if let existing = known.first(where: { $0.name == registration.name }) {
                guard existing == registration else {
                    throw StoreError(
                        .schemaMismatch,
                        "the metric '\(registration.name)' is registered over "
                            + existing.windows.map(\.description).joined(separator: ", "),
                        remedy: "register it so, or call unregisterMetric first")
                }
                return accepted()
            }
            var grown = layout
            if let metric = registration.metric {
                do {
                    try grown.require(metric)
                } catch {
                    throw StoreError(.invalidInput, "\(error)")
                }
            }
            try checkWindows(known.flatMap(\.windows) + registration.windows)
            var writer = ByteWriter()
            grown.write(to: &writer)
            let keys = TaskKeys(name)
            try store.setMetadata([
                keys.metrics: MetricRegistration.bytes(of: known + [registration]), keys.layout: writer.bytes,
            ])
            accepted()
            let isLate = try store.write { core throws(StoreError) in
                try shared.state.add(registration, layout: grown)
                try shared.state.publishDue(source: core.nextSequence, core: core)
                try shared.state.publishMissing([registration], core: core)
                return shared.state.predictions.endRow > 0
            }
            // What was computed from all rows is kept, so that the next start need not do it again. If that fails, it will.
            if isLate { try? store.seal() }
        }
        publishClosuresLater()
    }

    /// Refuses windows that cannot be kept together, before anything is stored.
    private func checkWindows(_ windows: [Window]) throws(StoreError) {
        do {
            for window in windows { try window.validate() }
            _ = try WindowedView(
                windows: windows.reduce(into: []) { if $1.isOfTime, !$0.contains($1) { $0.append($1) } })
        } catch {
            throw StoreError(.invalidInput, "\(error)", remedy: "give other windows")
        }
    }

    // MARK: The reference

    /// Opens an epoch: fits the task's buckets on the reference rows of a version of the model, once and for good.
    ///
    /// The same rows under the same version change nothing, so an inference process may call it at every start. Predictions
    /// logged from now on belong to this epoch. Throws `.schemaMismatch` if the version exists with other rows,
    /// `.invalidInput` for an empty set, one of another schema, or one that the bucketing cannot be fitted on.
    ///
    /// - Parameters:
    ///   - set: the rows.
    ///   - modelVersion: the version of the model that made these predictions, and will make the next.
    ///   - role: whether the rows are held out from the model's training.
    /// - Complexity: that of the bucketing.
    public func logTrainingSet(
        _ set: TrainingSet, modelVersion: String, role: ReferenceRole = .heldOut
    ) throws(StoreError) {
        guard (1...1_024).contains(modelVersion.utf8.count) else {
            throw StoreError(.invalidInput, "a model version has 1 to 1,024 bytes", remedy: "name the version")
        }
        guard set.schema.adoptingEstimator(of: schema).bytes() == schema.bytes() else {
            throw StoreError(
                .schemaMismatch, "the reference rows were made for another schema",
                remedy: "make the set with TrainingSet(schema:) of this task")
        }
        guard set.rowCount > 0 else {
            throw StoreError(.invalidInput, "a reference set without rows", remedy: "give rows with known labels")
        }
        try shared.registration.withLock { _ throws(StoreError) in
            let (epochs, layout) = store.read { _ in (shared.state.epochs, shared.state.layout) }
            let fingerprint = set.fingerprint
            if let known = epochs.first(where: { $0.modelVersion == modelVersion }) {
                guard known.fingerprint == fingerprint, known.role == role else {
                    throw StoreError(
                        .schemaMismatch,
                        "model version '\(modelVersion)' has another reference set, of \(known.rows.count) "
                            + "\(known.role.rawValue) rows",
                        remedy: "give this one a model version of its own")
                }
                return
            }
            try open(set, modelVersion, role, fingerprint, epochs.count, layout)
        }
    }

    private func open(
        _ set: TrainingSet, _ modelVersion: String, _ role: ReferenceRole, _ fingerprint: UInt64, _ index: Int,
        _ layout: CellLayout
    ) throws(StoreError) {
        let columns = set.columns
        let buckets: FittedBuckets
        do {
            buckets = try FittedBuckets(fitting: schema.fittedBucketing, to: columns)
        } catch {
            throw StoreError(.invalidInput, "\(error)", remedy: "choose another bucketing")
        }
        guard buckets.count < Int(UInt16.max) else {
            throw StoreError(.invalidInput, "\(buckets.count) buckets, at most 65,534 are possible")
        }
        let statistics = ReferenceStatistics(fitting: columns, buckets: buckets)
        var grown = layout
        do {
            _ = try grown.openEpoch(buckets.shape, bins: statistics.calibration?.bins ?? ScoreBins(edges: []))
        } catch {
            throw StoreError(.invalidInput, "\(error)")
        }
        // Rows first, then the registration that names them: what a crash leaves between the two is named by nobody.
        let rows = unsafe try set.withRows(epoch: index) { (bytes) throws(StoreError) in
            try store.write { core throws(StoreError) in
                guard let table = core.table(named: "\(name)/reference") else {
                    throw StoreError(.notFound, "task '\(name)' was dropped")
                }
                let first = table.endRow
                unsafe try core.append(set.rowCount, rows: bytes, to: table, arrival: core.lastArrival)
                return first..<table.endRow
            }
        }
        try store.sync()
        let epoch = Epoch(
            modelVersion: modelVersion, role: role, fingerprint: fingerprint, rows: rows, buckets: buckets,
            statistics: statistics)
        var writer = ByteWriter()
        grown.write(to: &writer)
        let keys = TaskKeys(name)
        try store.setMetadata([keys.epoch(index): epoch.bytes(), keys.layout: writer.bytes])
        store.read { _ in
            shared.state.epochs.append(epoch)
            shared.state.layout = grown
            shared.context = shared.state.context
        }
    }

    // MARK: Clearing

    /// Removes everything that was logged, for good: predictions, feedback, reference rows, published metrics. What is
    /// registered – the schema, metrics and their windows – stays.
    public func clear() throws(StoreError) {
        try shared.registration.withLock { _ throws(StoreError) in
            try store.read { _ throws(StoreError) in try shared.state.checkExists() }
            let keys = TaskKeys(name)
            var layout = CellLayout(kind: schema.kind, keepsSlotLabels: schema.shrinksTowardLabels)
            let registrations = store.read { _ in shared.state.registrations }
            for metric in registrations.compactMap(\.metric) {
                do {
                    try layout.require(metric)
                } catch {
                    throw StoreError(.invalidInput, "\(error)")
                }
            }
            var writer = ByteWriter()
            layout.write(to: &writer)
            let epochKeys = store.metadataKeys.filter { $0.hasPrefix(keys.all + "epoch/") }
            var tables = TaskTables(schema).named(name)
            if !shared.checks.constraints.isEmpty {
                tables.append(("\(name)/\(ViolationTable.name)", ViolationTable.schema))
            }
            let derived = [(AlertTable.name, AlertTable.schema), (SummaryTable.name, SummaryTable.schema)]
            for (suffix, schema) in derived where store.read({ $0.table(named: "\(name)/\(suffix)") != nil }) {
                tables.append(("\(name)/\(suffix)", schema))
            }
            try store.replaceTables(
                tables, removingMetadata: epochKeys + [keys.edge],
                settingMetadata: [keys.layout: writer.bytes]
            ) { core in
                shared.state.reset(layout: layout, core: core)
                shared.context = shared.state.context
            }
            shared.closureValues.withLock { $0.removeAll() }
            shared.monitor.replace(shared.monitor.rules)
            shared.countedRows.withLock { $0 = nil }
        }
    }
}

extension TaskState {
    /// Takes a registration that is stored. What was logged before is counted for it from the stored rows.
    func add(_ registration: MetricRegistration, layout grown: CellLayout) throws(StoreError) {
        let needsCells = grown.cellCount > layout.cellCount
        layout = grown
        registrations.append(registration)
        do {
            var finer: [Window] = []
            for window in registration.timeWindows {
                if case .needsRebuild = try view.register(window) { finer.append(window) }
            }
            guard !finer.isEmpty || needsCells && predictions.endRow > 0 else { return try noteAllPublished() }
            let missing = registration.timeWindows.filter { !view.windows.contains($0) }
            try rebuild(into: try view.emptyCopy(adding: missing))
            try noteAllPublished()
        } catch let error as ViewError {
            throw StoreError(.invalidInput, "\(error)")
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError(.io, "\(error)")
        }
    }

    /// Begins anew with empty tables, which exist.
    func reset(layout: CellLayout, core: StoreCore) {
        guard let predictions = core.table(named: "\(name)/predictions"),
            let labels = core.table(named: "\(name)/labels"), let metrics = core.table(named: "\(name)/metrics"),
            let empty = try? WindowedView(
                windows: view.windows,
                clock: EventClock(allowedLateness: schema.allowedLateness, labelHorizon: schema.labelHorizon),
                byteLimit: TaskLoading.viewByteLimit)
        else { preconditionFailure("the tables were made under this lock, and the windows are registered") }
        self.predictions = predictions
        self.labels = labels
        metricsTable = metrics
        epochs = []
        self.layout = layout
        counters = TaskCounters()
        recentFacts.removeAll()
        pendingCount = 0
        (storedEdge, coveredFrom) = (.min, nil)
        hasIDLabels = false
        replayedLabelRow = 0
        dueClosures = []
        publishing.removeAll()
        labeledRows.begin(at: 0)
        checkProgress = [:]
        generation += 1
        view = empty
        for state in segments { state.reset(width: view.paneWidth) }
    }
}
