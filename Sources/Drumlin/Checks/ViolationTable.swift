internal import ColumnFormat
internal import ColumnStore

/// The table `violations` of a task: a row for each value that violates a constraint.
enum ViolationTable {
    static let name = "violations"

    static let schema = Schema([
        ColumnDefinition("constraint", .string, isNullable: false),
        ColumnDefinition("column", .string, isNullable: false),
        // `prediction` or `feedback`, and the number of its row in the task's table.
        ColumnDefinition("event", .string, isNullable: false), ColumnDefinition("row", .uint64, isNullable: false),
        ColumnDefinition("id", .string), ColumnDefinition("at", .timestamp, isNullable: false),
        ColumnDefinition("value", .string), ColumnDefinition("found_at", .timestamp, isNullable: false),
        // Up to which row events of that kind had been checked for that constraint when this was written.
        ColumnDefinition("_checked", .uint64, isNullable: false),
    ])

    private static let layout = RowLayout(schema)

    /// One violation.
    struct Row {
        let constraint: Constraint
        let event: CheckedEvent
        let row: UInt64
        let id: String?
        let at: Timestamp
        let value: String?
    }

    static func append(_ row: Row, foundAt: Timestamp, checked: UInt64, to writer: inout RowWriter) {
        writer.beginRow(layout)
        let values: [Value] = [
            .string(row.constraint.description), .string(row.constraint.column), .string(row.event.rawValue),
            .uint(row.row), row.id.map { .string($0) } ?? .null, .timestamp(row.at),
            row.value.map { .string($0) } ?? .null, .timestamp(foundAt), .uint(checked),
        ]
        for (column, value) in values.enumerated() {
            let fits = writer.value(value, column: column, definition: schema.columns[column])
            precondition(fits, "\(value) does not fit column \(schema.columns[column].name)")
        }
    }

    /// How far each constraint was checked, as the violations tell: up to the last one at least.
    static func progress(_ snapshot: TableSnapshot) throws(StoreError) -> [CheckKey: UInt64] {
        let found = try snapshot.aggregate(
            [.max("_checked")], groupBy: [.column("constraint"), .column("event")], groupLimit: 100_000)
        var result: [CheckKey: UInt64] = [:]
        for group in found.rows {
            guard case .string(let name) = group.keys[0], case .string(let text) = group.keys[1],
                let event = CheckedEvent(rawValue: text), case .uint(let checked) = group.values[0]
            else { continue }
            result[CheckKey(constraint: name, event: event)] = checked
        }
        return result
    }
}

/// A constraint, by its text, on one kind of events.
struct CheckKey: Hashable, Sendable {
    let constraint: String
    let event: CheckedEvent
}
