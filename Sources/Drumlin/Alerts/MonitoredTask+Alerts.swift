public import ColumnFormat
public import ColumnStore
public import ColumnViews
internal import Synchronization

extension MonitoredTask {
    /// The rules that are registered, in their order.
    public var alertRules: [AlertRule] { shared.monitor.rules }

    /// Watches the task without any configuration: drift and anomalies of all columns by the day, which are quiet as long as
    /// nothing changes. The same as `registerAlerts(AlertRule.standard)`.
    public func watch() throws(StoreError) { try registerAlerts(AlertRule.standard) }

    /// Has rules judged on each window when it closes, and, of a kind of window that no rule had before, on those that have
    /// closed before. What was judged is not judged again: neither for a rule that comes later, nor for late events and labels.
    ///
    /// Judging goes on in the background and delays no call. What is entered or left is a row in the table `alerts`: see
    /// ``alerts(from:to:)`` and ``onAlert(from:_:)``. A window closes when the task's clock is past its end and the allowed lateness:
    /// where no events come, call ``advance(to:)``. Columns that come with feedback, and metrics where there is no reference to
    /// estimate them from, are judged when nine tenths of the window's predictions have their label, or none is waited for.
    ///
    /// Kept in the store: the same registration at the next start is a no-op. Throws `.invalidInput` for a rule that is not
    /// possible, `.schemaMismatch` if another one has its name.
    public func registerAlerts(_ added: [AlertRule]) throws(StoreError) {
        let (metrics, constraints) = (registeredMetrics, self.constraints)
        for rule in added { try rule.check(self, metrics: metrics, constraints: constraints) }
        try shared.registration.withLock { _ throws(StoreError) in
            try store.read { _ throws(StoreError) in try shared.state.checkExists() }
            var all = shared.monitor.rules
            for rule in added where !all.contains(rule) {
                if all.contains(where: { $0.name == rule.name }) {
                    throw StoreError(
                        .schemaMismatch, "the alert '\(rule.name)' is registered, and is another one",
                        remedy: "unregister that first, or give this one another name")
                }
                all.append(rule)
            }
            guard all.count <= Self.ruleLimit else {
                throw StoreError(.invalidInput, "\(all.count) alerts", remedy: "keep to \(Self.ruleLimit) a task")
            }
            guard all != shared.monitor.rules else { return }
            _ = try store.makeTable("\(name)/\(AlertTable.name)", schema: AlertTable.schema)
            _ = try store.makeTable("\(name)/\(SummaryTable.name)", schema: SummaryTable.schema)
            try store.setMetadata([TaskKeys(name).alerts: AlertRule.bytes(of: all)])
            shared.monitor.replace(all)
        }
        shared.monitor.begin(self)
    }

    /// Ends a rule; its rows in the table `alerts` stay. Throws `.notFound` if it is not registered.
    public func unregisterAlert(_ rule: String) throws(StoreError) {
        try shared.registration.withLock { _ throws(StoreError) in
            let all = shared.monitor.rules
            let left = all.filter { $0.name != rule }
            guard left.count < all.count else {
                throw StoreError(.notFound, "task '\(name)' has no alert '\(rule)'")
            }
            try store.setMetadata([TaskKeys(name).alerts: AlertRule.bytes(of: left)])
            shared.monitor.replace(left)
        }
    }

    private static let ruleLimit = 1_000

    /// What was entered and left, in the order in which it was found.
    ///
    /// The process that logs judges first what has closed and was not judged yet; others see what it has judged. Not from
    /// within the closure of a metric, which a rule may be waiting for. O(alerts).
    ///
    /// - Parameters:
    ///   - from: only windows that start at this time or later.
    ///   - to: only windows that start before this time.
    public func alerts(from: Timestamp? = nil, to: Timestamp? = nil) throws(StoreError) -> [AlertRow] {
        try shared.monitor.judge(self)
        guard let table = store.read({ $0.table(named: "\(name)/\(AlertTable.name)")?.snapshot() }) else { return [] }
        var conditions: [Predicate] = []
        if let from { conditions.append(.greaterOrEqual("window_start", .timestamp(from))) }
        if let to { conditions.append(.less("window_start", .timestamp(to))) }
        let scan = try table.scan(where: conditions.isEmpty ? nil : .and(conditions))
        var rows: [AlertRow] = []
        while let batch = try scan.next() {
            for place in 0..<batch.rowCount { rows.append(AlertTable.row(batch, place, task: name)) }
        }
        return rows
    }

    /// Why the background could not judge a window, if it could not; it tries again when the next one closes.
    public var alertFailure: StoreError? { shared.monitor.lastFailure }

    /// Calls `handler` for each alert that is entered or left, in order, on a thread of the store's own and outside of every
    /// lock. It may read from the store and write to it.
    ///
    /// At least once each: ``AlertRow/alert`` with ``AlertRow/state`` tells repetitions. To go on after a restart, keep
    /// `AppendTrigger.nextRow` where your results are.
    ///
    /// - Parameters:
    ///   - firstRow: the number of the first row of the table `alerts` to deliver; nil for those from now on.
    ///   - handler: called with each alert.
    @discardableResult
    public func onAlert(
        from firstRow: UInt64? = nil, _ handler: @escaping @Sendable (AlertRow) -> Void
    ) throws(StoreError) -> AppendTrigger {
        guard !store.isReadOnly else { throw StoreError.openedForReading }
        let task = name
        _ = try store.makeTable("\(name)/\(AlertTable.name)", schema: AlertTable.schema)
        return try store.onAppend("\(name)/\(AlertTable.name)", from: firstRow) { batch in
            for place in 0..<batch.rowCount { handler(AlertTable.row(batch, place, task: task)) }
        }
    }

    /// The same as a sequence, which ends when nobody iterates it any more.
    ///
    ///     for await alert in try task.alertUpdates() { print(alert.message) }
    public func alertUpdates(from firstRow: UInt64? = nil) throws(StoreError) -> AsyncStream<AlertRow> {
        let (stream, continuation) = AsyncStream<AlertRow>.makeStream()
        let trigger = try onAlert(from: firstRow) { continuation.yield($0) }
        continuation.onTermination = { _ in trigger.cancel() }
        return stream
    }
}
