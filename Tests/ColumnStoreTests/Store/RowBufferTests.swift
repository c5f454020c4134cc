import ColumnFormat
import ColumnStore
import TestSupport
import Testing

struct RowBufferTests {
    private let folder = TemporaryFolder()

    private func table(_ schema: Schema) throws -> Table {
        try Store.open(folder.path("store")).createTable("t", schema: schema)
    }

    @Test func rowsOfEveryTypeComeBack() throws {
        let table = try table(EveryType.schema)
        let expected = EveryType.rows(0..<300, seed: 11)
        var rows = try table.makeRowBuffer()
        for row in expected {
            rows.beginRow()
            for column in EveryType.schema.columns { try append(row[column.name] ?? .null, to: &rows) }
            try rows.endRow()
            if rows.rowCount == 70 { try table.append(&rows) }
        }
        try table.append(&rows)
        #expect(rows.rowCount == 0 && rows.byteCount == 0)
        #expect(try table.difference(from: expected) == nil)
        try table.store.seal()
        #expect(try table.difference(from: expected) == nil)
    }

    private func append(_ value: Value, to rows: inout RowBuffer) throws(StoreError) {
        switch value {
        case .null: try rows.appendNull()
        case .bool(let value): try rows.append(bool: value)
        case .int(let value): try rows.append(int: value)
        case .uint(let value): try rows.append(uint: value)
        case .float32(let value): try rows.append(float32: value)
        case .float64(let value): try rows.append(float64: value)
        case .string(let value): try rows.append(text: value)
        case .bytes(let value), .uuid(let value): try rows.append(bytes: value.span)
        case .timestamp(let value): try rows.append(time: value)
        case .vector(let value): try rows.append(vector: value.span)
        }
    }

    @Test func integersGoWhereTheyFitAndNowhereElse() throws {
        let table = try table(
            Schema([
                ColumnDefinition("i8", .int8), ColumnDefinition("u16", .uint16), ColumnDefinition("i64", .int64),
                ColumnDefinition("u64", .uint64),
            ]))
        var rows = try table.makeRowBuffer()
        rows.beginRow()
        #expect(throws: StoreError.self) { try rows.append(int: 128) }
        try rows.append(uint: 127)
        #expect(throws: StoreError.self) { try rows.append(int: -1) }
        try rows.append(int: 65_535)
        #expect(throws: StoreError.self) { try rows.append(uint: UInt64.max) }
        try rows.append(int: .min)
        try rows.append(uint: .max)
        #expect(throws: StoreError.self) { try rows.append(int: 1) }
        try rows.endRow()
        try table.append(&rows)
        #expect(
            try table.allRows() == [["i8": 127, "u16": .uint(65_535), "i64": .int(.min), "u64": .uint(.max)]])
    }

    @Test func missingValuesAreNullOrRefused() throws {
        let table = try table(
            Schema([ColumnDefinition("id", .string, isNullable: false), ColumnDefinition("n", .int32)]))
        var rows = try table.makeRowBuffer()
        rows.beginRow()
        #expect(throws: StoreError.self) { try rows.endRow() }
        try rows.append(text: "a")
        try rows.endRow()
        rows.beginRow()
        try rows.append(text: "forgotten")
        rows.beginRow()
        try rows.append(value: "b")
        try rows.append(value: 7)
        try rows.endRow()
        rows.beginRow()
        try rows.append(text: "not ended")
        try table.append(&rows)
        #expect(try table.allRows() == [["id": "a", "n": nil], ["id": "b", "n": 7]])
        #expect(throws: StoreError.self) { try rows.append(text: "outside") }
        #expect(throws: StoreError.self) { try rows.endRow() }
    }

    @Test func textIsUTF8() throws {
        let table = try table(Schema([ColumnDefinition("text", .string), ColumnDefinition("blob", .bytes)]))
        var rows = try table.makeRowBuffer()
        rows.beginRow()
        let broken: [UInt8] = [0x61, 0xFF]
        #expect(throws: StoreError.self) { try rows.append(bytes: broken.span) }
        try rows.append(bytes: Array("é".utf8).span)
        try rows.append(bytes: broken.span)
        try rows.endRow()
        try table.append(&rows)
        #expect(try table.allRows() == [["text": "é", "blob": .bytes(broken)]])
    }
}
