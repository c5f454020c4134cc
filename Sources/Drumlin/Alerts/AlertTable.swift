internal import ColumnFormat
internal import ColumnStore

/// The table `alerts` of a task: a row for each alert that was entered, and for each that was left.
enum AlertTable {
    static let name = "alerts"

    /// Without the task's name, which the table's own name has; with the number of the event that led to the row.
    static let schema = Schema([
        ColumnDefinition("alert", .string, isNullable: false), ColumnDefinition("rule", .string, isNullable: false),
        ColumnDefinition("kind", .string, isNullable: false), ColumnDefinition("subject", .string),
        ColumnDefinition("state", .string, isNullable: false), ColumnDefinition("window", .string, isNullable: false),
        ColumnDefinition("window_start", .timestamp, isNullable: false),
        ColumnDefinition("window_end", .timestamp, isNullable: false), ColumnDefinition("computed_at", .timestamp),
        ColumnDefinition("value", .float64, isNullable: false), ColumnDefinition("expected", .float64),
        ColumnDefinition("limit", .float64, isNullable: false),
        ColumnDefinition("num_rows", .uint64, isNullable: false),
        ColumnDefinition("message", .string, isNullable: false),
        ColumnDefinition("_source", .uint64, isNullable: false),
    ])

    private static let layout = RowLayout(schema)

    static func append(_ row: AlertRow, source: UInt64, to writer: inout RowWriter) {
        writer.beginRow(layout)
        for (column, value) in (row.values.dropFirst() + [.uint(source)]).enumerated() {
            let fits = writer.value(value, column: column, definition: schema.columns[column])
            precondition(fits, "\(value) does not fit column \(schema.columns[column].name)")
        }
    }

    static func row(_ batch: Batch, _ place: Int, task: String) -> AlertRow {
        func text(_ name: String) -> String? { if case .string(let v) = batch[place, name] { v } else { nil } }
        func number(_ name: String) -> Double? { if case .float64(let v) = batch[place, name] { v } else { nil } }
        func time(_ name: String) -> Timestamp? { if case .timestamp(let v) = batch[place, name] { v } else { nil } }
        var count = 0
        if case .uint(let rows) = batch[place, "num_rows"] { count = Int(clamping: rows) }
        let epoch = Timestamp(microseconds: 0)
        return AlertRow(
            task: task, alert: text("alert") ?? "", rule: text("rule") ?? "", kind: text("kind") ?? "",
            subject: text("subject"), state: text("state") ?? "", window: text("window") ?? "",
            start: time("window_start") ?? epoch, end: time("window_end") ?? epoch, computedAt: time("computed_at"),
            value: number("value") ?? .nan, expected: number("expected"), limit: number("limit") ?? .nan,
            rowCount: count, message: text("message") ?? "")
    }
}
