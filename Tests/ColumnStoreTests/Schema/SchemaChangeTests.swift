import ColumnFormat
import ColumnStore
import class Foundation.Thread
import Synchronization
import TestSupport
import Testing

/// Columns that are added, widened and renamed: rows from before read as if they had always been so.
struct SchemaChangeTests {
    private let folder = TemporaryFolder()

    private func open() throws -> Store {
        var options = StoreOptions()
        options.environment.logChunkByteCount = 64 << 10
        return try Store.open(folder.path("store"), options: options)
    }

    private static let first = Schema(
        [
            ColumnDefinition("id", .string, isNullable: false), ColumnDefinition("n", .int16),
            ColumnDefinition("f", .float32), ColumnDefinition("text", .string),
        ], indexed: ["id"])

    private static func row(_ number: Int) -> [String: Value] {
        [
            "id": .string("r\(number)"), "n": number % 7 == 0 ? .null : .int(Int64(number % 300 - 150)),
            "f": number % 5 == 0 ? .float32(.nan) : .float32(Float(number) / 8), "text": .string("t\(number % 3)"),
        ]
    }

    /// The row as the table has it after all changes.
    private static func later(_ number: Int, x: Value = .null, big: Int64? = nil) -> [String: Value] {
        var row = row(number)
        row["count"] = big.map { .int($0) } ?? row["n"]
        row["n"] = nil
        if case .float32(let value)? = row["f"] { row["f"] = .float64(Double(value)) }
        row["x"] = x
        return row
    }

    private static func changeAll(_ table: Table) throws {
        try table.addColumn(ColumnDefinition("x", .vector(dimension: 2)))
        try table.widenColumn("n", to: .int32)
        try table.widenColumn("n", to: .int64)
        try table.widenColumn("f", to: .float64)
        try table.renameColumn("n", to: "count")
    }

    @Test func rowsInSegmentsMemoryAndLogReadAsIfTheyHadAlwaysBeenSo() throws {
        var store = try open()
        var table = try store.createTable("t", schema: Self.first)
        try table.append(rows: (0..<3_000).map(Self.row))
        try store.seal()
        try table.append(rows: (3_000..<3_100).map(Self.row))
        try store.seal()
        try table.append(rows: (3_100..<3_150).map(Self.row))
        let before = try table.scan()
        try Self.changeAll(table)
        var expected = (0..<3_150).map { Self.later($0) }
        #expect(try table.difference(from: expected, checkingEachRow: false) == nil, "segments and memory")
        #expect(try before.next()?.columnNames == ["id", "n", "f", "text"], "a scan that was begun goes on as it was")
        let added = Self.later(7, x: .vector([1, 2]), big: 1 << 40)
        try table.append(rows: [added])
        expected.append(added)
        #expect(try table.difference(from: expected) == nil)
        try store.close()

        store = try open()
        table = try store.table("t")
        #expect(try table.difference(from: expected) == nil, "from the log")
        #expect(try Store.openReadOnly(folder.path("store")).table("t").difference(from: expected) == nil)
        for number in [0, 1, 2_999, 3_050, 3_149] {
            #expect(try table.lookup("id", .string("r\(number)")) == UInt64(number))
        }
        try store.seal()
        #expect(try table.difference(from: expected) == nil, "sealed")
        _ = try store.compact()
        #expect(try table.difference(from: expected) == nil, "written again")
        let isConverted = store.read { $0.table(named: "t")?.segments.contains { $0.isConverted } }
        #expect(isConverted == false)
        try store.close()
        #expect(try Store.openReadOnly(folder.path("store")).table("t").difference(from: expected) == nil)
    }

    @Test func predicatesAndPruningSeeTheWiderAndTheMissingColumn() throws {
        let store = try open()
        let table = try store.createTable("t", schema: Self.first)
        try table.append(rows: (0..<2_500).map(Self.row))
        try store.seal()
        try Self.changeAll(table)
        try table.addColumn(ColumnDefinition("late", .int32))
        try table.append(rows: [Self.later(1, big: 1 << 40).merging(["late": 5]) { $1 }])
        let rows = try table.allRows()
        let conditions: [(ColumnStore.Predicate, ([String: Value]) -> Bool)] = [
            (.greater("count", 1_000_000), { $0["count"] == .int(1 << 40) }),
            (.equal("count", -150), { $0["count"] == -150 }),
            (.equal("late", 5), { $0["late"] == 5 }), (.isNull("late"), { $0["late"] == .null }),
            (.not(.isNull("late")), { $0["late"] != .null }), (.isNotNull("x"), { _ in false }),
            (.notEqual("late", 1), { $0["late"] == 5 }),
            (.less("f", 10.0), { row in if case .float64(let value)? = row["f"] { value < 10 } else { false } }),
            (.or([.equal("late", 5), .equal("count", 0)]), { $0["late"] == 5 || $0["count"] == 0 }),
        ]
        for (predicate, meets) in conditions {
            let ids = try table.allRows(where: predicate).map { $0["id"] }
            #expect(ids == rows.filter(meets).map { $0["id"] }, "\(predicate)")
        }
        let scan = try table.scan(where: .equal("late", 5))
        while try scan.next() != nil {}
        #expect(scan.prunedRowCount == 2_500)
    }

    @Test func aColumnOfEveryTypeIsNullInTheRowsFromBefore() throws {
        let store = try open()
        let table = try store.createTable("t", schema: Self.first)
        var expected = (0..<1_200).map(Self.row)
        try table.append(rows: expected)
        try store.seal()
        let added = EveryType.schema.columns.dropFirst() + [ColumnDefinition("wide", .vector(dimension: 3_000))]
        for column in added { try table.addColumn(column) }
        var generator = SeededGenerator(seed: 3)
        var row = Self.row(1_200)
        for column in EveryType.schema.columns.dropFirst() where column.name != "text" {
            row[column.name] = EveryType.value(of: column.type, using: &generator)
        }
        try table.append(rows: [row])
        expected.append(row)
        #expect(try table.difference(from: expected, checkingEachRow: false) == nil)
        for column in added where column.name != "text" {
            #expect(try table.scan(columns: ["id"], where: .isNull(column.name)).next()?.rowCount == 1_200)
        }
        try store.seal()
        _ = try store.compact()
        #expect(try table.difference(from: expected, checkingEachRow: false) == nil)
    }

    @Test func rowsPutTogetherBeforeAChangeAreTakenAfterIt() throws {
        let store = try open()
        let table = try store.createTable("t", schema: Self.first)
        var rows = try table.makeRowBuffer()
        for number in 0..<10 {
            rows.beginRow()
            for column in Self.first.columns { try rows.append(value: Self.row(number)[column.name]!) }
            try rows.endRow()
        }
        try Self.changeAll(table)
        try table.append(&rows)
        let expected = (0..<10).map { Self.later($0) }
        #expect(try table.difference(from: expected) == nil)
        try store.close()
        #expect(try open().table("t").difference(from: expected) == nil, "from the log")
    }

    @Test func aProgramCanCallTheSameChangesAtEveryStart() throws {
        for _ in 0..<3 {
            let store = try open()
            let table = try store.createTable("t", schema: Self.first)
            try Self.changeAll(table)
            #expect(try table.schema.columns.map(\.name) == ["id", "count", "f", "text", "x"])
            #expect(store.manifest.state.table(named: "t")?.schemaVersion == 6)
            try table.widenColumn("count", to: .int32)
            #expect(try table.schema.columns[1].type == .int64, "it had that type on its way")
            try store.close()
        }
    }

    @Test func whatIsNotPossibleIsRefusedAndChangesNothing() throws {
        let store = try open()
        let table = try store.createTable("t", schema: Self.first)
        func code(_ body: () throws -> Void) -> StoreError.Code? {
            do { try body() } catch { return (error as? StoreError)?.code }
            return nil
        }
        #expect(code { try table.addColumn(ColumnDefinition("y", .int8, isNullable: false)) } == .schemaMismatch)
        #expect(code { try table.addColumn(ColumnDefinition("n", .int8)) } == .schemaMismatch)
        #expect(code { try table.addColumn(ColumnDefinition("", .int8)) } == .schemaMismatch)
        #expect(code { try table.widenColumn("n", to: .int8) } == .schemaMismatch)
        #expect(code { try table.widenColumn("n", to: .uint32) } == .schemaMismatch)
        #expect(code { try table.widenColumn("nope", to: .int32) } == .schemaMismatch)
        #expect(code { try table.widenColumn("text", to: .bytes) } == .schemaMismatch)
        #expect(code { try table.renameColumn("n", to: "f") } == .schemaMismatch)
        #expect(code { try table.renameColumn("nope", to: "other") } == .schemaMismatch)
        #expect(try table.schema == Self.first)
        let keys = Schema([ColumnDefinition("k", .int32), ColumnDefinition("v", .int8)], indexed: ["k"])
        let indexed = try store.createTable("keys", schema: keys)
        try indexed.append(rows: [["k": 3, "v": 1]])
        #expect(code { try indexed.widenColumn("k", to: .int64) } == .schemaMismatch)
        try indexed.renameColumn("k", to: "key")
        #expect(try indexed.lookup("key", 3) == 0)
        try store.seal()
        #expect(try indexed.lookup("key", 3) == 0)
        try store.close()
        let reader = try Store.openReadOnly(folder.path("store"))
        #expect(code { try reader.table("t").addColumn(ColumnDefinition("y", .int8)) } == .readOnly)
    }

    @Test func aReaderThatKnowsTheManifestFromBeforeReadsItAgain() throws {
        let disk = SimulatedFileSystem()
        let simulated = SimulatedStore(disk)
        let store = try Store.open("/s", options: simulated.options(.written))
        let table = try store.createTable("t", schema: Self.first)
        for number in 0..<20 {
            try table.append(rows: [Self.row(number)])
            if number == 10 { try Self.changeAllKeepingNames(table) }
            let reader = try Store.openReadOnly("/s", options: simulated.options())
            #expect(try reader.table("t").rowCount == number + 1)
            if number == 4 { try store.seal() }
        }
    }

    /// A reader loads the manifest, and then finds rows in the log whose schema is younger than that: it starts over.
    @Test func readersOpenTheStoreWhileItsSchemaChanges() throws {
        var options = StoreOptions()
        options.durability = .written
        options.environment.logChunkByteCount = 64 << 10
        let path = folder.path("busy")
        let store = try Store.open(path, options: options)
        let table = try store.createTable("t", schema: Self.first)
        let isDone = Mutex(false)
        let failure = Mutex<String?>(nil)
        let writer = Thread {
            do {
                for number in 0..<300 {
                    if number % 6 == 0 { try table.addColumn(ColumnDefinition("c\(number)", .int32)) }
                    var row = Self.row(number)
                    row["c\(number - number % 6)"] = .int(Int64(number))
                    try table.append(rows: [row])
                    if number % 100 == 50 { try store.seal() }
                }
            } catch {
                failure.withLock { $0 = "\(error)" }
            }
            isDone.withLock { $0 = true }
        }
        writer.start()
        var seen = 0
        while true {
            let isLast = isDone.withLock { $0 }
            let rows = try Store.openReadOnly(path).table("t").allRows()
            #expect(rows.count >= seen)
            seen = rows.count
            if let last = rows.last { #expect(last["c\((seen - 1) - (seen - 1) % 6)"] == .int(Int64(seen - 1))) }
            if isLast { break }
        }
        #expect(seen == 300 && failure.withLock { $0 } == nil)
        try store.close()
    }

    private static func changeAllKeepingNames(_ table: Table) throws {
        try table.addColumn(ColumnDefinition("x", .int8))
        try table.widenColumn("n", to: .int32)
    }

    /// Every pair of types: widened where all values have a place, in slices, zone maps and pages.
    @Test func everyWideningKeepsEveryValue() throws {
        let types: [ColumnType] = [
            .bool, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .float32, .float64, .string,
            .bytes,
            .timestamp, .uuid, .vector(dimension: 1),
        ]
        var pairs = 0
        for from in types {
            for to in types where from.widens(to: to) {
                pairs += 1
                let name = "\(from.name)-\(to.name)"
                let store = try Store.open(folder.path(name))
                let table = try store.createTable("t", schema: Schema([ColumnDefinition("v", from)]))
                var generator = SeededGenerator(seed: UInt64(pairs))
                let values = (0..<200).map { number -> Value in
                    number % 9 == 0 ? .null : EveryType.value(of: from, using: &generator)
                }
                try table.append(rows: values.map { ["v": $0] })
                try store.seal()
                try table.append(rows: values.map { ["v": $0] })
                try table.widenColumn("v", to: to)
                let expected = (values + values).map { Self.widened($0, to) }
                let found = try table.allRows().map { $0["v"]! }
                #expect(zip(found, expected).allSatisfy { $0.isIdentical(to: $1) } && found.count == 400, "\(name)")
                for literal in expected.prefix(20) where literal != .null {
                    let kept = try table.allRows(where: .lessOrEqual("v", literal)).count
                    let wanted = expected.filter { Self.number($0) <= Self.number(literal) }.count
                    #expect(kept == wanted, "\(name), \(literal)")
                }
                try store.close()
            }
        }
        #expect(pairs == 29)
        #expect(!ColumnType.int32.widens(to: .float32) && !ColumnType.uint64.widens(to: .int64))
        #expect(!ColumnType.int8.widens(to: .int8) && !ColumnType.bool.widens(to: .int8))
    }

    private static func widened(_ value: Value, _ type: ColumnType) -> Value {
        switch (value, type) {
        case (.int(let v), .float32): .float32(Float(v))
        case (.int(let v), .float64): .float64(Double(v))
        case (.uint(let v), .float32): .float32(Float(v))
        case (.uint(let v), .float64): .float64(Double(v))
        case (.uint(let v), .int16), (.uint(let v), .int32), (.uint(let v), .int64): .int(Int64(v))
        case (.float32(let v), .float64): .float64(Double(v))
        default: value
        }
    }

    private static func number(_ value: Value) -> Double {
        switch value {
        case .int(let v): Double(v)
        case .uint(let v): Double(v)
        case .float32(let v): Double(v)
        case .float64(let v): v
        default: .nan
        }
    }
}
