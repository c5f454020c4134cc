public import ColumnFormat

extension Table {
    /// Adds a column behind the others: null in all rows that there are, which must therefore be allowed.
    ///
    /// Durable on return, at once for every reader that opens the store afterwards; no row is written again. A column that
    /// the table has, or had before another change, under that name and with that type changes nothing, so that a program
    /// can make its changes at every start. Throws `.schemaMismatch` for one that is not possible, `.readOnly` for the
    /// tables of a task, whose columns follow from its features.
    public func addColumn(_ column: ColumnDefinition) throws(StoreError) { try change(.add(column)) }

    /// Gives a column a wider type, which holds every value of the old one exactly (`ColumnType.widens(to:)`); rows that
    /// there are read as if they had been logged so.
    ///
    /// Durable on return; no row is written again until its segment is merged with others, or `Store.compact()` is called. A column that has, or had, the type already is
    /// left as it is. Throws `.schemaMismatch` where the types do not widen, or the column is indexed; `.readOnly` for the
    /// tables of a task.
    public func widenColumn(_ column: String, to type: ColumnType) throws(StoreError) {
        try change(.widen(column, to: type))
    }

    /// Gives a column another name. Durable on return; no row is written again.
    ///
    /// Where that was done before, nothing changes. Throws `.schemaMismatch` if there is no such column, or another one has
    /// the name; `.readOnly` for the tables of a task.
    public func renameColumn(_ column: String, to newName: String) throws(StoreError) {
        try change(.rename(column, to: newName))
    }

    private func change(_ change: SchemaChange) throws(StoreError) {
        try checkIsCurrent()
        guard !name.contains("/") else {
            throw StoreError(
                .readOnly, "table '\(name)' belongs to a task",
                remedy: "open the task with a schema that has the new feature")
        }
        guard try !schemas.shows(change) else { return }
        try store.changeSchemas([(name, [change])])
    }
}

extension Store {
    /// Changes the schemas of tables, and metadata with them: all or nothing, also in a crash. Durable on return.
    ///
    /// Rows that other threads put together with the schema before are taken as well.
    package func changeSchemas(
        _ changes: [(table: String, steps: [SchemaChange])], settingMetadata entries: [String: [UInt8]] = [:]
    ) throws(StoreError) {
        try defining { sealer throws(StoreError) in
            var changed: [(table: TableState, schema: Schema)] = []
            var records: [(id: UInt32, version: UInt32, schema: Schema)] = []
            for (name, steps) in changes {
                let found = read { core in core.table(named: name).map { ($0, $0.schemas) } }
                guard let (table, schemas) = found else {
                    throw StoreError(.notFound, "there is no table '\(name)'", path: path)
                }
                guard schemas.changeCount < TableRecord.maximumSchemaCount else {
                    throw StoreError(
                        .invalidInput, "the schema of table '\(name)' was changed \(schemas.changeCount) times",
                        remedy: "make a new table and copy the rows")
                }
                var schema = schemas.current
                for step in steps { schema = try step.applied(to: schema, of: name) }
                changed.append((table, schema))
                records.append((table.id, schemas.version + 1, schema))
            }
            try sealer.changeSchemas(records, settingMetadata: entries)
            // Rows that are logged before this have the number of the schema before, which the manifest knows too.
            read { _ in
                for (table, schema) in changed { table.change(to: schema) }
            }
        }
    }
}
