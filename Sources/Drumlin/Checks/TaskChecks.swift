internal import ColumnFormat
internal import ColumnStore
internal import Synchronization

/// Checks the constraints of one task in the background, behind the rows that are logged.
///
/// The rows are the queue: of each constraint and kind of event the number of the next row is known, and is moved in the
/// same call that logs the violations before it. So a slow check takes no memory and delays nobody, and a crash neither
/// loses a violation nor doubles one.
final class TaskChecks: Sendable {
    private let isActive = Atomic<Bool>(false)
    private let isScheduled = Atomic<Bool>(false)
    private let finders = Mutex<[Finders]>([])
    private let failure = Mutex<StoreError?>(nil)
    private let isSwept = Atomic<Bool>(false)

    /// Of one constraint, for each kind of event that has its column. Expressions are used by the store's thread for events
    /// or by who asks for a report, each with its own.
    private struct Finders: @unchecked Sendable {
        let constraint: Constraint
        let finders: [ViolationFinder]
    }

    /// The most violations that one call logs.
    private static let callLimit = 1_000

    /// Why checking stopped, if it did; it goes on with the next event.
    var lastFailure: StoreError? { failure.withLock { $0 } }

    /// Goes on with these constraints.
    func replace(_ constraints: [Constraint], _ schema: TaskSchema) {
        let tables = TaskTables(schema)
        let made = constraints.map { constraint in
            Finders(
                constraint: constraint,
                finders: CheckedEvent.allCases.compactMap { ViolationFinder(constraint, $0, schema, tables) })
        }
        finders.withLock { $0 = made }
        isActive.store(!constraints.isEmpty, ordering: .releasing)
    }

    var constraints: [Constraint] { finders.withLock { $0.map(\.constraint) } }

    /// Says that there may be new rows: a note, and a job where there is none yet.
    @inline(__always)
    func notify(_ store: Store, _ shared: TaskShared) {
        if isActive.load(ordering: .relaxed) { schedule(store, shared) }
    }

    private func schedule(_ store: Store, _ shared: TaskShared) {
        guard let executor = store.eventExecutor, !isScheduled.exchange(true, ordering: .acquiringAndReleasing) else {
            return
        }
        executor.submit { [weak store] in
            guard let store else { return }
            self.isScheduled.store(false, ordering: .releasing)
            do throws(StoreError) {
                if !self.isSwept.exchange(true, ordering: .acquiringAndReleasing) {
                    try shared.eraseOrphanedViolations(in: store)
                }
                try self.check(store, shared)
                self.failure.withLock { $0 = nil }
            } catch {
                self.failure.withLock { $0 = error }
            }
        }
    }

    // MARK: Checking

    private func check(_ store: Store, _ shared: TaskShared) throws(StoreError) {
        let finders = finders.withLock { $0 }
        let view = CheckedRows(store, shared)
        for finder in finders.flatMap(\.finders) {
            let snapshot = view.snapshot(of: finder.event)
            let first = view.progress[finder.key] ?? 0
            guard first < snapshot.endRow else { continue }
            var found: [ViolationTable.Row] = []
            try finder.forEach(in: snapshot, from: first) { (next: ViolationFinder.Found) throws(StoreError) in
                found.append(try view.violation(next, finder))
                guard found.count == Self.callLimit else { return }
                try shared.log(found, finder.key, checked: next.row + 1, view, in: store)
                found.removeAll(keepingCapacity: true)
            }
            try shared.log(found, finder.key, checked: snapshot.endRow, view, in: store)
        }
    }

    /// What is known of all constraints: what was logged, and what is behind it, which is looked for now.
    func rows(_ store: Store, _ shared: TaskShared, times: Range<Timestamp>?) throws(StoreError) -> [CheckRow] {
        let schemas = store.read { _ in (shared.state.name, shared.state.schema, shared.state.tables) }
        let view = CheckedRows(store, shared)
        let logged = try view.logged(times)
        var rows: [CheckRow] = []
        for constraint in constraints {
            for event in CheckedEvent.allCases {
                guard let finder = ViolationFinder(constraint, event, schemas.1, schemas.2) else { continue }
                var row = CheckRow(
                    task: schemas.0, constraint: constraint.description, column: constraint.column,
                    event: event.rawValue, checkedCount: try view.count(event, times), violationCount: 0)
                if let known = logged[finder.key] { row.add(known) }
                let snapshot = view.snapshot(of: event)
                try finder.forEach(in: snapshot, from: view.progress[finder.key] ?? 0) {
                    (next: ViolationFinder.Found) throws(StoreError) in
                    let violation = try view.violation(next, finder)
                    guard times?.contains(violation.at) ?? true else { return }
                    row.add(violation)
                }
                if row.checkedCount > 0 { row.share = Double(row.violationCount) / Double(row.checkedCount) }
                rows.append(row)
            }
        }
        return rows
    }
}

extension ViolationFinder {
    var key: CheckKey { CheckKey(constraint: constraint.description, event: event) }
}

extension CheckRow {
    init(task: String, constraint: String, column: String, event: String, checkedCount: Int, violationCount: Int) {
        self.task = task
        self.constraint = constraint
        self.column = column
        self.event = event
        self.checkedCount = checkedCount
        self.violationCount = violationCount
    }

    mutating func add(_ violation: ViolationTable.Row) {
        violationCount += 1
        firstAt = min(firstAt ?? violation.at, violation.at)
        lastAt = max(lastAt ?? violation.at, violation.at)
        (example, exampleID) = (violation.value, violation.id)
    }

    mutating func add(_ known: CheckedRows.Logged) {
        violationCount += known.count
        (firstAt, lastAt, example, exampleID) = (known.firstAt, known.lastAt, known.example, known.exampleID)
    }
}
