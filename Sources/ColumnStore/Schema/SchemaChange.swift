package import ColumnFormat

/// A change to the columns of a table that leaves every row readable.
package enum SchemaChange: Sendable {
    /// A column that is null in all rows that there are, before the column now at `position`, or behind all.
    case add(ColumnDefinition, position: Int? = nil)
    /// A wider type (``ColumnType/widens(to:)``).
    case widen(String, to: ColumnType)
    case rename(String, to: String)

    /// The schema after the change; `name` is the table, for messages.
    package func applied(to schema: Schema, of name: String) throws(StoreError) -> Schema {
        var columns = schema.columns
        var indexed = schema.indexed
        var ids = schema.columnIDs
        switch self {
        case .add(let column, let position):
            guard column.isNullable else {
                throw Self.refusal(
                    "column '\(column.name)' would be without nulls, but the rows that there are have no value for it",
                    name, remedy: "add it as one that may be null")
            }
            let place = position ?? columns.count
            // The index knows columns by their position.
            let lastIndexed = indexed.compactMap { schema.position(of: $0) }.max() ?? -1
            precondition(place > lastIndexed && place <= columns.count, "a column before one that is indexed")
            columns.insert(column, at: place)
            ids.insert((ids.max() ?? 0) + 1, at: place)
        case .widen(let column, let type):
            let place = try Self.position(of: column, in: schema, name)
            let old = columns[place]
            guard old.type.widens(to: type) else {
                throw Self.refusal(
                    "column '\(column)' is \(old.type.name), of which not every value is one of \(type.name)", name,
                    remedy: "widen to an integer of more bits, float32 to float64, or integers to floats that have them"
                )
            }
            guard !indexed.contains(column) else {
                throw Self.refusal(
                    "column '\(column)' is indexed, and its type is that of the keys", name,
                    remedy: "make a new table and copy the rows")
            }
            columns[place] = ColumnDefinition(old.name, type, isNullable: old.isNullable)
        case .rename(let column, let newName):
            let place = try Self.position(of: column, in: schema, name)
            columns[place] = ColumnDefinition(
                newName, columns[place].type, isNullable: columns[place].isNullable)
            indexed = indexed.map { $0 == column ? newName : $0 }
        }
        let changed = Schema(columns, indexed: indexed, columnIDs: ids)
        if let defect = changed.defect { throw Self.refusal(defect, name, remedy: "use another name") }
        return changed
    }

    private static func position(of column: String, in schema: Schema, _ name: String) throws(StoreError) -> Int {
        if let position = schema.position(of: column) { return position }
        throw refusal(
            "there is no column '\(column)'", name,
            remedy: "the columns are \(schema.columns.map(\.name).joined(separator: ", "))")
    }

    private static func refusal(_ message: String, _ name: String, remedy: String) -> StoreError {
        StoreError(.schemaMismatch, "table '\(name)': \(message)", remedy: remedy)
    }
}
