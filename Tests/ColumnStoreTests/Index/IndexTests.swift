import ColumnFormat
import ColumnStore
import TestSupport
import Testing

struct IndexTests {
    private static let schema = Schema(
        [ColumnDefinition("id", .string), ColumnDefinition("n", .int64, isNullable: false)], indexed: ["id", "n"])

    /// One hash for all keys, or the real one; and a directory whose name has more bytes than characters.
    @Test(arguments: [UInt32(0), 0x3, .max])
    func lookupsFindWhatIsThereWhereverItLies(_ mask: UInt32) throws {
        let simulated = SimulatedStore(SimulatedFileSystem())
        var options = simulated.options(memtableByteCount: 64 << 20)
        options.environment.indexHashMask = mask
        let path = "/модель"
        var store = try Store.open(path, options: options)
        var table = try store.createTable("t", schema: Self.schema)
        var count = 0
        func append(_ rowCount: Int) throws {
            try table.append(
                rows: (count..<count + rowCount).map { n in
                    ["id": n % 5 == 0 ? .null : .string("id-\(n)"), "n": .int(Int64(-n))]
                })
            count += rowCount
        }
        func check() throws {
            for n in 0..<count {
                let id = try table.lookup("id", .string("id-\(n)"))
                if id != (n % 5 == 0 ? nil : UInt64(n)) { Issue.record("id-\(n) is \(String(describing: id))") }
                if try table.lookup("n", .int(Int64(-n))) != UInt64(n) { Issue.record("\(-n) is not found") }
            }
            #expect(try table.lookup("id", .string("id-\(count + 1)")) == nil)
            #expect(try table.lookup("id", nil) == nil)
            #expect(try table.lookup("n", "text") == nil)
        }
        for round in 0..<9 {
            try append(round == 4 ? 90 : 11)
            if round % 3 == 2 { try check() }
            try store.seal()
        }
        try append(7)
        try check()
        let runs = simulated.fileSystem.filePaths.filter { $0.hasSuffix(".idx") }
        #expect(runs.count <= 4, "runs are merged, and those that were merged are removed")
        try store.close()
        store = try Store.open(path, options: options)
        table = try store.table("t")
        try check()
        try store.seal()
        try check()
        table = try Store.openReadOnly(path, options: options).table("t")
        try check()
    }

    @Test func theNewestOfSeveralRowsIsFound() throws {
        let simulated = SimulatedStore(SimulatedFileSystem())
        let store = try Store.open("/s", options: simulated.options(memtableByteCount: 64 << 20))
        let table = try store.createTable("t", schema: Self.schema)
        for n in 0..<60 {
            try table.append(rows: [["id": .string("same"), "n": 1], ["id": .string("other-\(n)"), "n": 2]])
            #expect(try table.lookup("id", "same") == UInt64(2 * n))
            if n % 13 == 12 { try store.seal() }
            #expect(try table.lookup("id", "same") == UInt64(2 * n))
            #expect(try table.lookup("n", 2) == UInt64(2 * n + 1))
        }
    }

    @Test func keysOfEveryTypeAreFound() throws {
        let simulated = SimulatedStore(SimulatedFileSystem())
        let store = try Store.open("/s", options: simulated.options(memtableByteCount: 64 << 20))
        let schema = Schema(EveryType.schema.columns, indexed: EveryType.schema.columns.map(\.name))
        let table = try store.createTable("t", schema: schema)
        let rows = EveryType.rows(0..<40, seed: 2)
        try table.append(rows: rows)
        func check() throws {
            for column in schema.columns {
                for row in rows {
                    guard let value = row[column.name], value != .null else { continue }
                    let newest = rows.lastIndex { ($0[column.name] ?? .null).isIdentical(to: value) }
                    #expect(
                        try table.lookup(column.name, value) == newest.map { UInt64($0) }, "\(column.name) \(value)")
                }
            }
        }
        try check()
        try store.seal()
        try check()
    }

    @Test func aColumnWithoutAnIndexIsRefused() throws {
        let store = try Store.open("/s", options: SimulatedStore(SimulatedFileSystem()).options())
        let table = try store.createTable("t", schema: EveryType.schema)
        for name in ["i8", "nope"] {
            let error = #expect(throws: StoreError.self) { try table.lookup(name, 1) }
            #expect(error?.code == .invalidInput)
        }
    }
}
