internal import ColumnFormat
public import ColumnStore
internal import Synchronization

extension MonitoredTask {
    /// The constraints that are checked.
    public var constraints: [Constraint] { shared.checks.constraints }

    /// Has a constraint checked on every event: those that come, and those that were logged before.
    ///
    /// Checking goes on in the background and delays no call. Each value that violates the constraint is a row in the table
    /// `violations`: the constraint, the event with its id and time, the value; see also ``checks(during:)``. Violations of
    /// events that are erased, or dropped by a retention, go with them.
    ///
    /// Kept in the store: the same registration at the next start is a no-op. Throws `.invalidInput` where the column does not
    /// exist, or cannot have such a rule.
    public func registerConstraint(_ constraint: Constraint) throws(StoreError) {
        try registerConstraints([constraint])
    }

    /// ``registerConstraint(_:)`` for several: all of them or none.
    public func registerConstraints(_ added: [Constraint]) throws(StoreError) {
        for constraint in added { try constraint.check(schema) }
        try shared.registration.withLock { _ throws(StoreError) in
            try store.read { _ throws(StoreError) in try shared.state.checkExists() }
            var all = shared.checks.constraints
            for constraint in added where !all.contains(constraint) {
                if let other = all.first(where: { $0.description == constraint.description }) {
                    throw StoreError(
                        .invalidInput, "a constraint with the text '\(other)' exists, and is another one",
                        remedy: "unregister that first")
                }
                all.append(constraint)
            }
            guard all.count <= Self.constraintLimit else {
                throw StoreError(
                    .invalidInput, "\(all.count) constraints", remedy: "keep to \(Self.constraintLimit) a task")
            }
            guard all != shared.checks.constraints else { return }
            _ = try store.makeTable("\(name)/\(ViolationTable.name)", schema: ViolationTable.schema)
            try store.setMetadata([TaskKeys(name).constraints: Constraint.bytes(of: all)])
            shared.checks.replace(all, schema)
            replaceRefusals(all)
        }
        shared.checks.notify(store, shared)
    }

    /// Ends the checking of a constraint; what it found stays in the table `violations`. Throws `.notFound` if it is not registered.
    public func unregisterConstraint(_ constraint: Constraint) throws(StoreError) {
        try shared.registration.withLock { _ throws(StoreError) in
            let all = shared.checks.constraints
            let left = all.filter { $0 != constraint }
            guard left.count < all.count else {
                throw StoreError(.notFound, "task '\(name)' has no constraint '\(constraint)'")
            }
            try store.setMetadata([TaskKeys(name).constraints: Constraint.bytes(of: left)])
            shared.checks.replace(left, schema)
            replaceRefusals(left)
        }
    }

    /// Has the calls that come refuse what these constraints refuse.
    private func replaceRefusals(_ constraints: [Constraint]) {
        store.read { _ in
            let state = shared.state
            state.refusals = RefusalRules(constraints, state.schema, state.tables)
            shared.context = state.context
        }
    }

    private static let constraintLimit = 1_000

    /// What the checks have found, a row for each constraint and kind of event that has its column, in the order of
    /// registration: how many events were checked, how many violate it, when, and the last such value.
    ///
    /// As of now: events that the background has not come to yet are checked in the call. Also in a process that only reads.
    /// O(violations), and O(events not checked yet).
    ///
    /// - Parameter times: only events with times in it; nil for all.
    public func checks(during times: Range<Timestamp>? = nil) throws(StoreError) -> [CheckRow] {
        try shared.checks.rows(store, shared, times: times)
    }

    /// Why the background could not check, if it could not; it tries again with the next event.
    public var checkFailure: StoreError? { shared.checks.lastFailure }
}
