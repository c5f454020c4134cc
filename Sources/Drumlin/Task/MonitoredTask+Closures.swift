internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews
internal import Synchronization

// Metrics of a user's own. A closure is called outside of every lock, with arrays.

extension MonitoredTask {
    /// Labels and predictions, as a closure takes them.
    typealias ClosureRows = (labels: [Double], predictions: [Double])

    func closureRows(
        _ metric: String, _ window: Window, _ from: Timestamp?, _ to: Timestamp?
    ) throws(StoreError) -> [MetricRow] {
        guard let closure = shared.closures.withLock({ $0[metric] }) else {
            return try lastPublished(metric, window, from, to)
        }
        var rows: [MetricRow] = []
        for state in try windowStates(window, from, to, withCells: true) {
            rows.append(
                try closureRow(metric, closure, state) { () throws(StoreError) in
                    try labeledRows(from: state.interval.start, to: state.interval.end)
                })
        }
        return rows
    }

    /// - Parameter labeledRows: labels and predictions of the window's rows; called where the value is not known.
    func closureRow(
        _ metric: String, _ closure: TaskShared.Closure, _ state: WindowState,
        labeledRows: () throws(StoreError) -> ClosureRows
    ) throws(StoreError) -> MetricRow {
        let (maker, edge) = store.read { _ in (shared.state.rowMaker, shared.state.edge) }
        let evaluator = maker.evaluator(of: state.cells)
        var row = maker.closureRow(
            metric, interval: state.interval, status: state.status, revision: state.revision, evaluator)
        // A closure sees rows, not panes.
        row.coverageFrom = MetricRowMaker.coverage(of: state.interval, from: edge)
        row.take(try closureValue(metric, closure, state, evaluator, maker.epochs, labeledRows))
        if row.method != TaskShared.ClosureValue.labelMethod, maker.epochs.contains(where: { $0.role == .training }) {
            row.method = (row.method ?? "") + ":training"
        }
        return row
    }

    private func closureValue(
        _ metric: String, _ closure: TaskShared.Closure, _ state: WindowState, _ evaluator: MetricEvaluator,
        _ epochs: [Epoch], _ labeledRows: () throws(StoreError) -> ClosureRows
    ) throws(StoreError) -> TaskShared.ClosureValue {
        let key = TaskShared.ClosureKey(metric: metric, interval: state.interval)
        let reference = evaluator.strata.isEmpty ? nil : referenceMoment(epochs)
        if let known = shared.closureValues.withLock({ $0[key] }), known.fingerprint == state.fingerprint,
            known.reference == reference?.moment
        {
            return known
        }
        let resample = try reference.map { moment, rows throws(StoreError) in
            try referenceResample(epochs, moment, rows)
        }
        let labeled = try labeledRows()
        let start = TaskShared.ClosureValue(fingerprint: state.fingerprint, reference: reference?.moment)
        var result = start
        do {
            result.labeledValue = try call(closure, labeled)
            result.value = result.labeledValue
            if let resample { try estimate(&result, closure, labeled, resample, evaluator) }
        } catch {
            result = start
            result.error = "\(error)"
        }
        let final = result
        shared.closureValues.withLock { values in
            // A bound on what is remembered: a value that was forgotten is computed again.
            if values.count > 100_000 { values.removeAll() }
            values[key] = final
        }
        return result
    }

    /// The values with reference rows in the place of unlabeled ones.
    private func estimate(
        _ result: inout TaskShared.ClosureValue, _ closure: TaskShared.Closure, _ labeled: ClosureRows,
        _ resample: ReferenceResample, _ evaluator: MetricEvaluator
    ) throws {
        let unlabeled = Int(evaluator.unlabeledCount)
        guard let all = resample.rows(for: evaluator, count: unlabeled) else { return }
        result.method = TaskShared.ClosureValue.resampleMethod
        result.unlabeledValue = try call(closure, all)
        let (known, counted) = (labeled.labels.count, Int(evaluator.labeledCount))
        var count = unlabeled
        if known > counted {
            // Labels came since the cells were copied.
            count = max(0, counted + unlabeled - known)
        } else if known < counted {
            // Retention took rows that their panes still count: those that are left keep their share.
            count = Int((Double(known) / Double(counted) * Double(unlabeled)).rounded())
        }
        func blended(_ rows: ClosureRows?) throws -> Double? {
            let rest = rows ?? ([], [])
            return try call(closure, (labeled.labels + rest.labels, labeled.predictions + rest.predictions))
        }
        result.value =
            known == 0 && counted == 0
            ? result.unlabeledValue : try blended(resample.rows(for: evaluator, count: count))
        guard closure.intervalDraws > 0, count > 0, result.value != nil else { return }
        var generator = SeededGenerator(seed: UInt64(bitPattern: result.fingerprint))
        var (mean, squares) = (0.0, 0.0)
        for number in 1...closure.intervalDraws {
            // Rows as they may turn out can be such that the metric is not defined.
            guard let value = try? blended(resample.drawnRows(for: evaluator, count: count, &generator)) else { return }
            let distance = value - mean
            mean += distance / Double(number)
            squares += distance * (value - mean)
        }
        let degrees = Double(closure.intervalDraws - 1)
        result.halfWidth =
            (squares / degrees).squareRoot() * resample.overdispersion(evaluator.epochs)
            * SpecialFunctions.studentQuantile(tail: 0.025, degrees: degrees)
    }

    /// Nil where there are no rows.
    private func call(_ closure: TaskShared.Closure, _ rows: ClosureRows) throws -> Double? {
        guard !rows.labels.isEmpty else { return nil }
        shared.closureCallCount.add(1, ordering: .relaxed)
        let value = try closure.compute(rows.labels, rows.predictions)
        guard value.isFinite else { throw NoNumber(value: value) }
        return value
    }

    private struct NoNumber: Error, CustomStringConvertible {
        let value: Double
        var description: String { "the closure returned \(value)" }
    }

    /// The reference as it is now; nil where there is none.
    private func referenceMoment(_ epochs: [Epoch]) -> (moment: ReferenceResample.Moment, rows: TableSnapshot)? {
        store.read { core in
            core.table(named: "\(name)/reference").map { table in
                let rows = table.snapshot()
                let moment = ReferenceResample.Moment(
                    generation: shared.state.generation, epochCount: epochs.count, rowCount: rows.rowCount,
                    endRow: rows.endRow)
                return (moment, rows)
            }
        }
    }

    /// The rows that stand for unlabeled ones, read again only after the reference has changed.
    private func referenceResample(
        _ epochs: [Epoch], _ moment: ReferenceResample.Moment, _ reference: TableSnapshot
    ) throws(StoreError) -> ReferenceResample {
        if let known = shared.referenceResample.withLock({ $0 }), known.moment == moment { return known }
        var parts: [ReferenceResample.EpochRows] = []
        for epoch in epochs {
            let columns = try ReferenceColumns(stored: epoch, in: reference, schema: schema)
            parts.append(ReferenceResample.EpochRows(columns, epoch.buckets, epoch.statistics))
        }
        let resample = ReferenceResample(moment: moment, epochs: parts)
        shared.referenceResample.withLock { $0 = resample }
        return resample
    }

    /// How often closures were called in this process: for each window that changed before it was asked for once, three
    /// times where it has rows with and without a label and a reference, and for each draw of its interval.
    public var closureCallCount: Int { shared.closureCallCount.load(ordering: .relaxed) }

    /// What was last published of a closure that this process does not have.
    private func lastPublished(
        _ metric: String, _ window: Window, _ from: Timestamp?, _ to: Timestamp?
    ) throws(StoreError) -> [MetricRow] {
        try published(
            metric: metric, window: window, from: from, to: to, asOf: Timestamp(microseconds: .max)
        ).map { row in
            var row = row
            row.method = "published"
            return row
        }
    }

    // MARK: Publication

    /// Publishes the due windows of closures from a thread of the store's own.
    func publishClosuresLater() {
        guard let executor = store.eventExecutor else { return }
        executor.submit { [weak store, name, schema, shared] in
            guard let store else { return }
            try? MonitoredTask(store: store, name: name, schema: schema, shared: shared).publishClosures()
        }
    }

    private func publishClosures() throws(StoreError) {
        let closures = shared.closures.withLock { $0 }
        // Those whose closure this process does not have yet wait for it.
        let (due, generation) = store.read { _ in
            let due = shared.state.dueClosures.filter { closures[$0.metric] != nil }
            shared.state.dueClosures.removeAll { closures[$0.metric] != nil }
            return (due, shared.state.generation)
        }
        guard !due.isEmpty else { return }
        var rows: [MetricRow] = []
        for (metric, window) in due.map({ ($0.metric, $0.window) }) {
            guard let closure = closures[metric] else { continue }
            let interval = WindowInterval(window: window.window, start: window.start, end: window.end)
            let state = try store.read { _ throws(StoreError) in
                try windowState(interval, status: window.status, revision: window.revision, withCells: true)
            }
            rows.append(
                try closureRow(metric, closure, state) { () throws(StoreError) in
                    try labeledRows(from: state.interval.start, to: state.interval.end)
                })
        }
        try store.write { core throws(StoreError) in
            let state = shared.state
            guard state.generation == generation, !state.isDropped else { return }
            var writer = RowWriter()
            for row in rows { MetricTable.append(row, source: core.nextSequence, to: &writer) }
            unsafe try core.append(
                writer.rowCount, rows: writer.bytes, to: state.metricsTable,
                arrival: Timestamp(microseconds: state.clock))
        }
    }
}
