import ColumnFormat
import TestSupport
import Testing

/// A batch makes the same columns of rows as ``RowLayout`` does one by one, and refuses the same bytes.
struct RowBatchTests {
    private static let schema = Schema(EveryType.schema.columns)
    private static let layout = RowLayout(schema)

    /// Each row by itself.
    private static func encode(_ rows: [[String: Value]]) -> [[UInt8]] {
        rows.map { row in
            var writer = RowWriter(byteCapacity: 1)
            writer.beginRow(layout)
            for (position, column) in schema.columns.enumerated() {
                let isFitting = writer.value(row[column.name] ?? .null, column: position, definition: column)
                #expect(isFitting)
            }
            return unsafe [UInt8](writer.bytes)
        }
    }

    /// Rows given in sections of so many, and the column that they make.
    private static func append(
        _ sections: [(rowCount: Int, bytes: [UInt8])], to columns: [ColumnBuilder]
    ) throws(DamagedRow) {
        let batch = RowBatch(layout: layout)
        let cursors = columns.map(\.cursor)
        let all = sections.flatMap(\.bytes)
        let result = unsafe all.withUnsafeBytes { raw in
            Result { () throws(DamagedRow) in
                var start = 0
                for (rowCount, bytes) in sections {
                    let section = unsafe UnsafeRawBufferPointer(rebasing: raw[start..<start + bytes.count])
                    start += bytes.count
                    if batch.isFull { try batch.empty(into: cursors) }
                    if rowCount == 1 {
                        unsafe try batch.add(row: section)
                        continue
                    }
                    var (rest, offset) = (rowCount, 0)
                    while rest > 0 {
                        rest -= unsafe try batch.add(rows: rest, from: section, at: &offset)
                        if batch.isFull { try batch.empty(into: cursors) }
                    }
                }
                try batch.empty(into: cursors)
            }
        }
        #expect(batch.count == 0 || (try? result.get()) == nil)
        try result.get()
    }

    private static func values(_ columns: [ColumnBuilder]) -> [[String]] {
        columns.map { column in
            let slice = column.snapshot()
            return (0..<slice.count).map { "\(slice.value(at: $0))" }
        }
    }

    private static func slowly(_ rows: [[UInt8]]) throws -> [ColumnBuilder] {
        let columns = schema.columns.map { ColumnBuilder(type: $0.type) }
        for row in rows {
            try unsafe row.withUnsafeBytes { unsafe try layout.append(rows: 1, from: $0, to: columns.map(\.cursor)) }
        }
        return columns
    }

    @Test(arguments: [1, 2, 100, 511, 512, 513, 1_500])
    func rowsOfEveryTypeComeBack(count: Int) throws {
        let rows = Self.encode(EveryType.rows(0..<count, seed: UInt64(count)))
        let expected = Self.values(try Self.slowly(rows))
        var generator = SeededGenerator(seed: 8)
        for isOneByOne in [true, false] {
            var sections: [(Int, [UInt8])] = []
            var row = 0
            while row < count {
                let size = isOneByOne ? 1 : min(count - row, Int.random(in: 1...700, using: &generator))
                sections.append((size, rows[row..<row + size].flatMap { $0 }))
                row += size
            }
            // Twice, so that the second time there are rows before.
            let columns = Self.schema.columns.map { ColumnBuilder(type: $0.type, capacity: 16, heapByteCapacity: 1) }
            try Self.append(sections, to: columns)
            #expect(Self.values(columns) == expected)
            try Self.append(sections, to: columns)
            #expect(Self.values(columns) == expected.map { $0 + $0 })
        }
    }

    @Test func textsOfEveryLengthComeBack() throws {
        let schema = Schema([ColumnDefinition("a", .bytes), ColumnDefinition("b", .string)])
        let layout = RowLayout(schema)
        let batch = RowBatch(layout: layout)
        let columns = schema.columns.map { ColumnBuilder(type: $0.type, capacity: 16, heapByteCapacity: 1) }
        let texts = (0...300).map { count in (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ count) & 0x7F } }
        var writer = RowWriter()
        for text in texts {
            writer.beginRow(layout)
            _ = writer.value(.bytes(text), column: 0, definition: schema.columns[0])
            _ = writer.value(
                .string(String(decoding: text.reversed(), as: UTF8.self)), column: 1, definition: schema.columns[1])
        }
        let bytes = unsafe [UInt8](writer.bytes)
        try unsafe bytes.withUnsafeBytes { raw in
            var offset = 0
            #expect(try unsafe batch.add(rows: texts.count, from: raw, at: &offset) == texts.count)
            #expect(offset == raw.count)
            try batch.empty(into: columns.map(\.cursor))
        }
        for (place, text) in texts.enumerated() {
            #expect(columns[0].snapshot().value(at: place).isIdentical(to: .bytes(text)))
            #expect(unsafe [UInt8](columns[1].snapshot().variableBytes(at: place)) == text.reversed())
        }
    }

    /// Damage in one row of three: the columns stay as they were, and the error is that of the slow way.
    @Test func whatIsRefusedIsWhatWouldBeRefusedOneByOne() throws {
        let rows = Self.encode(EveryType.rows(0..<3, seed: 3))
        var generator = SeededGenerator(seed: 4)
        var refused = 0
        for round in 0..<3_000 {
            var damaged = rows
            var row = damaged[1]
            switch round % 3 {
            case 0: row.removeLast(Int.random(in: 1...row.count, using: &generator))
            case 1: row += [UInt8](repeating: 0, count: Int.random(in: 1...9, using: &generator))
            default:
                for _ in 0..<Int.random(in: 1...3, using: &generator) {
                    row[Int.random(in: 0..<row.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
                }
            }
            damaged[1] = row
            let expected = Result { try Self.slowly(damaged) }
            let columns = Self.schema.columns.map { ColumnBuilder(type: $0.type) }
            let found = Result { () throws(DamagedRow) in try Self.append(damaged.map { (1, $0) }, to: columns) }
            switch (found, expected) {
            case (.success, .success(let slow)): #expect(Self.values(columns) == Self.values(slow))
            case (.failure(let row), .failure(let error)):
                refused += 1
                #expect(row.error == error as? FormatError && row.address != 0)
                #expect(Set(columns.map(\.count)) == [0], "a batch is appended as a whole")
            default: Issue.record("round \(round): \(found), one by one \(expected)")
            }
        }
        #expect(refused > 1_500)
    }
}
