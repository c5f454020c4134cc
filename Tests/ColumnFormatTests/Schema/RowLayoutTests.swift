import ColumnFormat
import TestSupport
import Testing

struct RowLayoutTests {
    private static let schema = Schema(EveryType.schema.columns)

    private static func encode(_ rows: [[String: Value]]) throws -> [UInt8] {
        let layout = RowLayout(schema)
        var writer = RowWriter(byteCapacity: 1)
        for row in rows {
            writer.beginRow(layout)
            for (position, column) in schema.columns.enumerated() {
                let isFitting = writer.value(row[column.name] ?? .null, column: position, definition: column)
                #expect(isFitting)
            }
        }
        let rowCount = writer.rowCount
        #expect(rowCount == rows.count)
        return unsafe [UInt8](writer.bytes)
    }

    private static func decode(_ bytes: [UInt8], rowCount: Int) throws(FormatError) -> [ColumnBuilder] {
        let builders = schema.columns.map { ColumnBuilder(type: $0.type) }
        let result = unsafe bytes.withUnsafeBytes { raw in
            Result { () throws(FormatError) in
                unsafe try RowLayout(schema).append(rows: rowCount, from: raw, to: builders.map(\.cursor))
            }
        }
        defer {
            let counts = Set(builders.map(\.count))
            #expect(counts.count == 1, "whole rows only")
        }
        try result.get()
        return builders
    }

    @Test func rowsOfEveryTypeComeBack() throws {
        let rows = EveryType.rows(0..<100, seed: 1)
        let builders = try Self.decode(try Self.encode(rows), rowCount: 100)
        for (column, builder) in zip(Self.schema.columns, builders) {
            let slice = builder.snapshot()
            for (number, row) in rows.enumerated() {
                let expected = row[column.name] ?? .null
                #expect(slice.value(at: number).isIdentical(to: expected), "row \(number), \(column.name)")
            }
        }
    }

    @Test func everyCutIsAnErrorAndLeavesWholeRows() throws {
        let bytes = try Self.encode(EveryType.rows(0..<4, seed: 2))
        for count in 0..<bytes.count {
            #expect(throws: FormatError.self, "\(count) bytes") {
                try Self.decode(Array(bytes[..<count]), rowCount: 4)
            }
        }
        #expect(throws: FormatError.self) { try Self.decode(bytes + [0], rowCount: 4) }
        #expect(throws: FormatError.self) { try Self.decode(bytes, rowCount: 3) }
        #expect(throws: FormatError.self) { try Self.decode(bytes, rowCount: .max) }
    }

    @Test func noBytesAreATrap() throws {
        let bytes = try Self.encode(EveryType.rows(0..<4, seed: 3))
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<3_000 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                damaged[Int.random(in: 0..<damaged.count, using: &generator)] = UInt8.random(
                    in: 0...255, using: &generator)
            }
            _ = try? Self.decode(damaged, rowCount: 4)
        }
    }

    @Test func nullWhereThereIsNoneIsAnError() throws {
        var bytes = try Self.encode([["id": "a"]])
        bytes[0] |= 1
        let error = #expect(throws: FormatError.self) { try Self.decode(bytes, rowCount: 1) }
        #expect(error?.message.contains("'id'") == true)
        var writer = RowWriter()
        writer.beginRow(RowLayout(Self.schema))
        let takesNull = writer.value(.null, column: 0, definition: Self.schema.columns[0])
        let takesNumber = writer.value(5, column: 0, definition: Self.schema.columns[0])
        #expect(!takesNull && !takesNumber)
    }

    @Test func rowsCanBeTakenBack() throws {
        let layout = RowLayout(Schema([ColumnDefinition("n", .int32)]))
        var writer = RowWriter()
        writer.beginRow(layout)
        writer.fixed(Int32(1))
        let mark = writer.count
        writer.beginRow(layout)
        writer.null(0)
        writer.truncate(to: mark, rowCount: 1)
        let bytes = unsafe [UInt8](writer.bytes)
        #expect(bytes == [0, 1, 0, 0, 0])
        writer.removeAll()
        let (count, rowCount) = (writer.count, writer.rowCount)
        #expect(count == 0 && rowCount == 0)
    }

    @Test func aRowOfNullsCountsAsMuchAsItTakesInMemory() {
        let schema = Schema((0..<100).map { ColumnDefinition("c\($0)", .float64) })
        #expect(RowLayout(schema).memoryByteCount == 900)
    }
}
