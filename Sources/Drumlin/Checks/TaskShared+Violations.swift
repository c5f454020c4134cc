internal import ColumnFormat
internal import ColumnStore

extension TaskShared {
    /// Logs violations, and that everything before row `checked` was checked for the constraint, as one.
    ///
    /// Of events that were erased since they were read nothing is logged; of a task that was cleared or dropped neither.
    func log(
        _ found: [ViolationTable.Row], _ key: CheckKey, checked: UInt64, _ view: CheckedRows, in store: Store
    ) throws(StoreError) {
        guard !found.isEmpty else {
            store.read { _ in
                if state.generation == view.generation { state.noteChecked(key, upTo: checked) }
            }
            return
        }
        let now = store.options.environment.clock.now
        try store.write { core throws(StoreError) in
            let state = self.state
            guard state.generation == view.generation, !state.isDropped,
                let table = core.table(named: "\(state.name)/\(ViolationTable.name)"),
                state.checkProgress[key] ?? 0 < checked
            else { return }
            var writer = RowWriter()
            for row in found where state.table(of: row.event).isLive(row.row) {
                ViolationTable.append(row, foundAt: now, checked: checked, to: &writer)
            }
            if writer.rowCount > 0 {
                unsafe try core.append(
                    writer.rowCount, rows: writer.bytes, to: table, arrival: Timestamp(microseconds: state.clock))
            }
            state.noteChecked(key, upTo: checked)
        }
    }

    /// Removes violations of events that are gone: what they say of someone must not stay behind. O(violations).
    func eraseOrphanedViolations(in store: Store) throws(StoreError) {
        let view = CheckedRows(store, self)
        guard let violations = view.violations, violations.rowCount > 0 else { return }
        guard !view.predictions.isWhole || !view.labels.isWhole else { return }
        var orphans: [UInt64] = []
        let scan = try violations.scan(columns: ["event", "row"])
        while let batch = try scan.next() {
            let numbers = batch.rowNumbers
            for place in 0..<batch.rowCount {
                guard case .string(let text) = batch[place, "event"], let event = CheckedEvent(rawValue: text),
                    case .uint(let row) = batch[place, "row"]
                else { continue }
                if !view.snapshot(of: event).isLive(row) { orphans.append(numbers[place]) }
            }
        }
        guard !orphans.isEmpty else { return }
        try store.write { core throws(StoreError) in
            guard let table = core.table(named: violations.name) else { return }
            let live = RowSet(orphans).subtracting(table.erased).intersection(table.firstRow..<UInt64.max)
            guard state.generation == view.generation, !live.isEmpty else { return }
            core.add(RowRemoval(erased: live), to: table)
            try core.commit(arrival: core.lastArrival)
        }
    }
}

extension TableSnapshot {
    /// Whether no row of the table was ever removed.
    fileprivate var isWhole: Bool { firstRow == 0 && erased.isEmpty }
}

extension TaskState {
    func table(of event: CheckedEvent) -> TableState { event == .prediction ? predictions : labels }

    func noteChecked(_ key: CheckKey, upTo row: UInt64) { checkProgress[key] = max(checkProgress[key] ?? 0, row) }
}
