import ColumnFormat
import ColumnStore

/// The rows of a life's own tables.
enum LifeRows {
    static let metadataKey = "key"
    static let schema = Schema(
        [
            ColumnDefinition("id", .string, isNullable: false), ColumnDefinition("call", .int64, isNullable: false),
            ColumnDefinition("place", .int16), ColumnDefinition("text", .string),
        ], indexed: ["id"])

    /// How the schema of `b` changes, in this order.
    static let changes: [@Sendable (Table) throws -> Void] = [
        { try $0.addColumn(ColumnDefinition("added", .string)) }, { try $0.widenColumn("place", to: .int64) },
        { try $0.renameColumn("place", to: "position") }, { try $0.addColumn(ColumnDefinition("other", .float64)) },
    ]

    /// How many changes a schema has seen.
    static func changeCount(_ schema: Schema) -> Int {
        let names = schema.columns.map(\.name)
        if names.contains("other") { return 4 }
        if names.contains("position") { return 3 }
        if schema.columns[2].type == .int64 { return 2 }
        return names.contains("added") ? 1 : 0
    }

    static func id(_ row: LifeModel.UserRow) -> String { "\(row.call)-\(row.place)" }

    /// Whether a text is the one of a row: a letter that tells rows apart, again and again.
    static func text(_ row: LifeModel.UserRow) -> String {
        String(repeating: String(UnicodeScalar(UInt8(97 + (row.call * 7 + row.place) % 26))), count: row.textByteCount)
    }

    /// One call with rows for both tables.
    static func append(
        _ a: [LifeModel.UserRow], _ b: [LifeModel.UserRow], changes: Int, to store: Store
    ) throws {
        var first = RowWriter()
        var second = RowWriter()
        try write(a, schema, into: &first)
        let schemaOfB = try store.table("b").schema
        try write(b, schemaOfB, into: &second)
        try store.write { core throws(StoreError) in
            guard let tableA = core.table(named: "a"), let tableB = core.table(named: "b") else {
                throw StoreError(.notFound, "a table is missing")
            }
            unsafe try core.add(first.rowCount, rows: first.bytes, to: tableA)
            if second.rowCount > 0 { unsafe try core.add(second.rowCount, rows: second.bytes, to: tableB) }
            try core.commit(arrival: Timestamp(microseconds: 1))
        }
    }

    private static func write(_ rows: [LifeModel.UserRow], _ schema: Schema, into writer: inout RowWriter) throws {
        let layout = RowLayout(schema)
        for row in rows {
            writer.beginRow(layout)
            for (position, column) in schema.columns.enumerated() {
                let value: Value =
                    switch column.name {
                    case "id": .string(id(row))
                    case "call": .int(Int64(row.call))
                    case "place", "position": .int(Int64(row.place))
                    case "text": .string(text(row))
                    case "added": .string("added by \(row.call)")
                    default: .float64(Double(row.call) / 3)
                    }
                guard writer.value(value, column: position, definition: column) else {
                    throw Violation("a row of the test does not fit its schema")
                }
            }
        }
    }

    /// Whether the values of a batch's row are those of a row of the model.
    static func difference(_ batch: Batch, _ place: Int, _ row: LifeModel.UserRow, changes: Int) -> String? {
        var expected: [(name: String, value: Value)] = [
            ("id", .string(id(row))), ("call", .int(Int64(row.call))),
            (changes > 2 ? "position" : "place", .int(Int64(row.place))), ("text", .string(text(row))),
        ]
        if changes > 0 { expected.append(("added", row.changeCount > 0 ? .string("added by \(row.call)") : .null)) }
        if changes > 3 { expected.append(("other", row.changeCount > 3 ? .float64(Double(row.call) / 3) : .null)) }
        for (name, value) in expected {
            let found = batch[place, name]
            if !found.isIdentical(to: value) { return "\(name) is \(found), not \(value)" }
        }
        return nil
    }
}
