internal import ColumnFormat
internal import ColumnStore

/// The rows of a task's events with their violations, as of one moment.
struct CheckedRows {
    let predictions: TableSnapshot
    let labels: TableSnapshot
    let violations: TableSnapshot?
    /// The number of the next row to be checked.
    let progress: [CheckKey: UInt64]
    /// Changes when the task is cleared.
    let generation: Int
    private let tables: TaskTables

    init(_ store: Store, _ shared: TaskShared) {
        self = store.read { core in
            let state = shared.state
            return CheckedRows(
                predictions: state.predictions.snapshot(), labels: state.labels.snapshot(),
                violations: core.table(named: "\(state.name)/\(ViolationTable.name)")?.snapshot(),
                progress: state.checkProgress, generation: state.generation, tables: state.tables)
        }
    }

    private init(
        predictions: TableSnapshot, labels: TableSnapshot, violations: TableSnapshot?, progress: [CheckKey: UInt64],
        generation: Int, tables: TaskTables
    ) {
        self.predictions = predictions
        self.labels = labels
        self.violations = violations
        self.progress = progress
        self.generation = generation
        self.tables = tables
    }

    func snapshot(of event: CheckedEvent) -> TableSnapshot { event == .prediction ? predictions : labels }

    private func timeColumn(_ event: CheckedEvent) -> String {
        let (snapshot, column) =
            event == .prediction ? (predictions, tables.atColumn) : (labels, tables.labelAtColumn)
        return snapshot.schema.columns[column].name
    }

    /// How many events there are, of some times.
    func count(_ event: CheckedEvent, _ times: Range<Timestamp>?) throws(StoreError) -> Int {
        let snapshot = snapshot(of: event)
        guard let times else { return snapshot.rowCount }
        let result = try snapshot.aggregate([.count], where: times.predicate(timeColumn(event)))
        guard case .int(let count)? = result.rows.first?.values.first else { return 0 }
        return Int(count)
    }

    /// A row that violates a constraint, with the id and the time of its event.
    func violation(
        _ found: ViolationFinder.Found, _ finder: ViolationFinder
    ) throws(StoreError) -> ViolationTable.Row {
        var id: Value
        let at: Value
        switch finder.event {
        case .prediction:
            id = try predictions.value(row: found.row, column: tables.idColumn)
            at = try predictions.value(row: found.row, column: tables.atColumn)
        case .feedback:
            id = try labels.value(row: found.row, column: tables.labelIDColumn)
            at = try labels.value(row: found.row, column: tables.labelAtColumn)
            if case .uint(let row) = try labels.value(row: found.row, column: tables.labelRowColumn),
                predictions.isLive(row), row < predictions.endRow
            {
                id = try predictions.value(row: row, column: tables.idColumn)
            }
        }
        var text: String?
        if case .string(let known) = id { text = known }
        guard case .timestamp(let time) = at else {
            throw .corrupt(
                "row \(found.row) of '\(snapshot(of: finder.event).name)' has no time", path: predictions.name)
        }
        return ViolationTable.Row(
            constraint: finder.constraint, event: finder.event, row: found.row, id: text, at: time, value: found.value)
    }

    // MARK: What was logged

    /// The violations of one constraint in the table.
    struct Logged {
        var count = 0
        var firstAt: Timestamp?
        var lastAt: Timestamp?
        var example: String?
        var exampleID: String?
    }

    func logged(_ times: Range<Timestamp>?) throws(StoreError) -> [CheckKey: Logged] {
        guard let violations else { return [:] }
        let inTime = times?.predicate("at")
        let groups = try violations.aggregate(
            [.count, .min("at"), .max("at"), .max("row")], where: inTime,
            groupBy: [.column("constraint"), .column("event")], groupLimit: 100_000)
        var result: [CheckKey: Logged] = [:]
        for group in groups.rows {
            guard case .string(let name) = group.keys[0], case .string(let text) = group.keys[1],
                let event = CheckedEvent(rawValue: text), case .int(let count) = group.values[0]
            else { continue }
            var logged = Logged(count: Int(count))
            if case .timestamp(let time) = group.values[1] { logged.firstAt = time }
            if case .timestamp(let time) = group.values[2] { logged.lastAt = time }
            let last = try violations.scan(
                columns: ["value", "id"],
                where: .and([
                    .equal("constraint", group.keys[0]), .equal("event", group.keys[1]), .equal("row", group.values[3]),
                ]))
            if let batch = try last.next() {
                if case .string(let value) = batch[0, "value"] { logged.example = value }
                if case .string(let id) = batch[0, "id"] { logged.exampleID = id }
            }
            result[CheckKey(constraint: name, event: event)] = logged
        }
        return result
    }
}

extension Range<Timestamp> {
    /// That a column's time is in the range.
    fileprivate func predicate(_ column: String) -> Predicate {
        .and([.greaterOrEqual(column, .timestamp(lowerBound)), .less(column, .timestamp(upperBound))])
    }
}
