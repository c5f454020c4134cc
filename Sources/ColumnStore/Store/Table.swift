public import ColumnFormat

/// A table of a store: named, typed columns whose rows are appended and never changed.
public struct Table: Sendable {
    /// The full name: `TASK/TABLE`, or a name of your own.
    public let name: String
    package let store: Store
    /// What it was when a snapshot was taken; nil where it is read as of now.
    let pinned: PinnedTable?

    init(store: Store, name: String, pinned: PinnedTable? = nil) {
        self.store = store
        self.name = name
        self.pinned = pinned
    }

    /// What reading goes by.
    package func current() throws(StoreError) -> TableSnapshot {
        if let pinned { return pinned.snapshot }
        return try store.snapshot(of: name)
    }

    /// The columns. Throws `.notFound` if the table was dropped.
    public var schema: Schema {
        get throws(StoreError) { try current().schema }
    }

    /// How many rows there are now, sealed or in memory.
    public var rowCount: Int {
        get throws(StoreError) { try current().rowCount }
    }

    /// Reads `columns` (all where nil) of the rows that meet `predicate`, as of now. See ``Scan``.
    public func scan(columns: [String]? = nil, where predicate: Predicate? = nil) throws(StoreError) -> Scan {
        try current().scan(columns: columns, where: predicate)
    }

    /// One row, as boxed values by column. Throws `.notFound` if there is no such row.
    public func row(_ number: UInt64) throws(StoreError) -> [String: Value] {
        let snapshot = try current()
        guard number < snapshot.endRow, snapshot.isLive(number) else {
            let what =
                number < snapshot.endRow ? "row \(number) is gone" : "it has \(snapshot.endRow) rows, no row \(number)"
            throw StoreError(.notFound, "table '\(name)': \(what)")
        }
        var result: [String: Value] = [:]
        for (position, column) in snapshot.schema.columns.enumerated() {
            result[column.name] = try snapshot.value(row: number, column: position)
        }
        return result
    }

    /// Appends rows to a table of your own, all or none; a column that a row leaves out is null.
    ///
    /// Throws `.schemaMismatch` naming row, column and value where something does not fit, `.readOnly` for the tables of a
    /// task, which are written through it. For many rows ``makeRowBuffer()`` is faster.
    public func append(rows: [[String: Value]]) throws(StoreError) {
        try checkIsOwn()
        try appendUnchecked(rows: rows)
    }

    /// As ``append(rows:)``, and holds no thread while it waits, for the disk or for room.
    public func append(rows: [[String: Value]]) async throws(StoreError) {
        try checkIsOwn()
        var writer = RowWriter()
        let version = try encode(rows, into: &writer)
        guard writer.rowCount > 0 else { return }
        _ = try await store.log(eventCount: writer.rowCount) { core throws(StoreError) in
            unsafe try core.append(
                writer.rowCount, rows: writer.bytes, to: try self.state(in: core), schemaVersion: version,
                arrival: store.options.environment.clock.now)
        }
    }

    /// Refuses the tables of tasks, which are written through their task alone.
    func checkIsOwn() throws(StoreError) {
        try checkIsCurrent()
        guard name.contains("/") else { return }
        throw StoreError(
            .readOnly, "table '\(name)' belongs to a task", remedy: "log predictions and feedback through the task")
    }

    /// Refuses what would change a table of a snapshot.
    func checkIsCurrent() throws(StoreError) {
        guard pinned != nil else { return }
        throw StoreError(
            .readOnly, "table '\(name)' is that of a snapshot, which never changes",
            remedy: "take the table from the store: store.table(\"\(name)\")")
    }

    package func appendUnchecked(rows: [[String: Value]]) throws(StoreError) {
        var writer = RowWriter()
        let version = try encode(rows, into: &writer)
        guard writer.rowCount > 0 else { return }
        _ = try store.log(eventCount: writer.rowCount) { core throws(StoreError) in
            unsafe try core.append(
                writer.rowCount, rows: writer.bytes, to: try self.state(in: core), schemaVersion: version,
                arrival: store.options.environment.clock.now)
        }
    }

    /// Puts rows into the form in which they are logged; returns the number of the schema that they have.
    private func encode(_ rows: [[String: Value]], into writer: inout RowWriter) throws(StoreError) -> UInt32 {
        let schemas = try schemas
        let schema = schemas.current
        let layout = RowLayout(schema)
        for (number, row) in rows.enumerated() {
            for key in row.keys where schema.position(of: key) == nil {
                throw mismatch("row \(number) has a value for '\(key)', which is no column", schema)
            }
            writer.beginRow(layout)
            for (position, column) in schema.columns.enumerated() {
                let value = row[column.name] ?? .null
                guard writer.value(value, column: position, definition: column) else {
                    throw mismatch(
                        "row \(number), column '\(column.name)': \(value) does not fit \(column.type.name)"
                            + (column.isNullable ? "" : ", and the column has no nulls"), schema)
                }
            }
        }
        return schemas.version
    }

    /// The columns, now and before.
    var schemas: SchemaHistory {
        get throws(StoreError) {
            try store.read { core throws(StoreError) in try self.state(in: core).schemas }
        }
    }

    package func state(in core: StoreCore) throws(StoreError) -> TableState {
        guard let table = core.table(named: name) else {
            throw StoreError(.notFound, "table '\(name)' was dropped", path: store.path)
        }
        return table
    }

    private func mismatch(_ message: String, _ schema: Schema) -> StoreError {
        StoreError(
            .schemaMismatch, "table '\(name)': \(message)",
            remedy: "the columns are "
                + schema.columns.map { "\($0.name) \($0.type.name)" }.joined(separator: ", "))
    }
}

extension TableState {
    /// All rows there are now.
    package func snapshot() -> TableSnapshot {
        var sources = segments.map { RowSource.segment($0) }
        for memtable in frozen + [active] where memtable.rowCount > 0 {
            sources.append(.memory(firstRow: memtable.firstRow, columns: memtable.snapshot()))
        }
        return TableSnapshot(name: name, schema: schema, sources: sources, firstRow: firstRow, erased: erased)
    }
}
