import ColumnFormat
import ColumnStore
import Foundation
import Synchronization
import TestSupport
import Testing

struct StoreTests {
    private let folder = TemporaryFolder()

    private func options(_ durability: Durability = .buffered, memtableByteCount: Int = 1 << 20) -> StoreOptions {
        var options = StoreOptions()
        options.durability = durability
        options.memtableByteCount = memtableByteCount
        options.environment.logChunkByteCount = 64 << 10
        return options
    }

    private func open(_ name: String = "store", _ options: StoreOptions? = nil) throws -> Store {
        try Store.open(folder.path(name), options: options ?? self.options())
    }

    // MARK: Rows of every type

    @Test func rowsOfEveryTypeComeBackFromMemorySegmentAndLog() throws {
        let rows = EveryType.rows(0..<200, seed: 1)
        var store = try open()
        var table = try store.createTable("t", schema: EveryType.schema)
        try table.append(rows: Array(rows[..<80]))
        #expect(try table.difference(from: Array(rows[..<80])) == nil, "in memory")
        try store.close()

        store = try open()
        table = try store.table("t")
        #expect(try table.schema == EveryType.schema)
        #expect(try table.difference(from: Array(rows[..<80])) == nil, "from the log")
        try store.seal()
        #expect(try table.difference(from: Array(rows[..<80])) == nil, "sealed")
        try table.append(rows: Array(rows[80..<130]))
        #expect(try table.difference(from: Array(rows[..<130])) == nil, "sealed and in memory")
        try store.close()

        store = try open()
        table = try store.table("t")
        #expect(try table.difference(from: Array(rows[..<130])) == nil, "a segment and the log")
        try store.seal()
        try table.append(rows: Array(rows[130...]))
        try store.seal()
        #expect(try table.difference(from: rows) == nil, "several segments")
        try store.close()
        let reader = try Store.openReadOnly(folder.path("store"))
        #expect(try reader.table("t").difference(from: rows) == nil, "opened for reading")
    }

    @Test func pointReadsGiveSmallUnsignedValuesWithoutASign() throws {
        let store = try open()
        let schema = Schema([
            ColumnDefinition("flag", .bool), ColumnDefinition("u8", .uint8), ColumnDefinition("u16", .uint16),
            ColumnDefinition("u32", .uint32), ColumnDefinition("i8", .int8), ColumnDefinition("f", .float64),
        ])
        let table = try store.createTable("t", schema: schema)
        try table.append(rows: [
            ["flag": true, "u8": 200, "u16": 60_000, "u32": 4_000_000_000, "i8": -3, "f": 2.5], [:],
        ])
        func check() throws {
            try store.read { core throws(StoreError) in
                let state = try table.state(in: core)
                let expected: [Int64] = [1, 200, 60_000, 4_000_000_000, -3]
                for (column, value) in expected.enumerated() {
                    #expect(try state.int64(row: 0, column: column) == value)
                    #expect(try state.int64(row: 1, column: column) == nil)
                }
                #expect(try state.double(row: 0, column: 5) == 2.5)
                #expect(try state.double(row: 1, column: 5) == nil)
                #expect(try state.value(row: 0, column: 1) == .uint(200))
            }
        }
        try check()
        try store.seal()
        try check()
    }

    @Test func rowsSurviveABlockAndItsNeighbours() throws {
        let store = try open("store", options(memtableByteCount: 64 << 20))
        let schema = Schema([ColumnDefinition("n", .int64), ColumnDefinition("s", .string)], indexed: ["n"])
        let table = try store.createTable("t", schema: schema)
        let count = SegmentFormat.blockRowCount + 1_500
        try table.append(rows: (0..<count).map { ["n": .int(Int64($0)), "s": .string("s\($0 % 7)")] })
        try store.seal()
        var next = 0
        try table.scan(columns: ["s", "n"]).forEach { batch in
            batch.withValues(of: "n", as: Int64.self) { values in
                for i in values.indices where values[i] != Int64(next + i) { Issue.record("row \(next + i)") }
            }
            #expect(batch.rowNumbers.first == UInt64(next))
            next += batch.rowCount
        }
        #expect(next == count)
        #expect(try table.row(UInt64(SegmentFormat.blockRowCount))["n"] == .int(Int64(SegmentFormat.blockRowCount)))
        #expect(try table.lookup("n", .int(Int64(count - 1))) == UInt64(count - 1))
        let tail = try store.snapshot(of: "t").scan(columns: ["n"], from: UInt64(SegmentFormat.blockRowCount - 3))
        #expect(try tail.next()?.rowCount == 3)
        #expect(try tail.next()?.rowNumbers.first == UInt64(SegmentFormat.blockRowCount))
        #expect(try tail.next() == nil)
    }

    @Test(arguments: Durability.allCases)
    func everyDurabilityKeepsRowsThroughCloseAndOpen(_ durability: Durability) throws {
        let rows = EveryType.rows(0..<60, seed: 3)
        do {
            let store = try open("store", options(durability, memtableByteCount: 6_000))
            let table = try store.createTable("t", schema: EveryType.schema)
            for row in rows { try table.append(rows: [row]) }
            #expect(try table.difference(from: rows) == nil)
            try store.sync()
            try store.close()
        }
        let table = try open().table("t")
        #expect(try table.difference(from: rows) == nil)
    }

    @Test func emptyAppendsAndEmptyTablesAreNothing() throws {
        var store = try open()
        let table = try store.createTable("t", schema: EveryType.schema)
        try table.append(rows: [])
        #expect(try table.rowCount == 0)
        #expect(try table.allRows().isEmpty)
        #expect(try table.lookup("id", "x") == nil)
        try store.seal()
        try store.close()
        store = try open()
        #expect(try store.table("t").rowCount == 0)
    }

    // MARK: Snapshots

    @Test func aSnapshotDoesNotSeeWhatComesLater() throws {
        let store = try open()
        let table = try store.createTable("t", schema: EveryType.schema)
        let rows = EveryType.rows(0..<500, seed: 4)
        try table.append(rows: Array(rows[..<3]))
        let snapshot = try store.snapshot(of: "t")
        let scan = try table.scan(columns: ["id"])
        try table.append(rows: Array(rows[3...]))
        try store.seal()
        try table.append(rows: rows)
        #expect(snapshot.rowCount == 3)
        #expect(try scan.next()?.rowCount == 3)
        #expect(try scan.next() == nil)
        #expect(try snapshot.value(row: 2, column: 0) == .string("row-2"))
        #expect(throws: StoreError.self) { try snapshot.value(row: 3, column: 0) }
    }

    @Test func aSnapshotOutlivesItsTable() throws {
        let store = try open()
        let rows = EveryType.rows(0..<20, seed: 5)
        let table = try store.createTable("t", schema: EveryType.schema)
        try table.append(rows: rows)
        try store.seal()
        let scan = try table.scan()
        try store.dropTables(["t"])
        #expect(try scan.next()?.rowCount == 20)
        #expect(throws: StoreError.self) { try table.rowCount }
        #expect(store.tables.isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("store/t")).isEmpty)
    }

    // MARK: Metadata

    @Test func metadataIsThereAfterReopening() throws {
        var store = try open()
        try store.setMetadata(["a": [1, 2, 3], "empty": []])
        try store.setMetadata(["a": Array(repeating: 7, count: 100_000)])
        try store.close()
        store = try open()
        #expect(store.metadata("a") == Array(repeating: 7, count: 100_000))
        #expect(store.metadata("empty") == [])
        #expect(store.metadata("none") == nil)
        #expect(Set(store.metadataKeys).isSuperset(of: ["a", "empty"]))
        let error = #expect(throws: StoreError.self) {
            try Store.openReadOnly(folder.path("store")).setMetadata(["a": []])
        }
        #expect(error?.code == .readOnly)
    }

    // MARK: Closing

    @Test func closingTwiceIsFineAndUseAfterwardsIsRefused() throws {
        let store = try open()
        let table = try store.createTable("t", schema: EveryType.schema)
        try table.append(rows: [["id": "a"]])
        try store.close()
        try store.close()
        let refused: [() throws -> Void] = [
            { try table.append(rows: [["id": "b"]]) }, { try store.seal() }, { try store.setMetadata(["a": []]) },
            { _ = try store.createTable("u", schema: EveryType.schema) }, { try store.dropTables(["t"]) },
        ]
        for action in refused {
            let error = #expect(throws: StoreError.self) { try action() }
            #expect(error?.code == .closed)
        }
        #expect(try table.rowCount == 1, "what was there can still be read")
        #expect(try open().table("t").rowCount == 1)
    }

    @Test func aStoreThatIsLetGoKeepsItsRowsAndGivesItsLockBack() throws {
        for round in 1...5 {
            let store = try openWhenFree(options(memtableByteCount: 2_000))
            let table = try store.createTable("t", schema: EveryType.schema)
            #expect(try table.rowCount == (round - 1) * 20)
            // Seals may be under way in the background when the last reference goes.
            for row in EveryType.rows(0..<20, seed: UInt64(round)) { try table.append(rows: [row]) }
        }
        #expect(try openWhenFree(options()).table("t").rowCount == 100)
    }

    /// A seal that is under way in the background holds a store a little longer than its last user.
    private func openWhenFree(_ options: StoreOptions) throws -> Store {
        for _ in 0..<1_000 {
            do {
                return try open("store", options)
            } catch let error as StoreError where error.code == .locked {
                Thread.sleep(forTimeInterval: 0.01)
            }
        }
        return try open("store", options)
    }

    // MARK: Threads

    @Test(arguments: [1 << 20, 3_000])
    func manyThreadsAppendAndReadAtOnce(_ memtableByteCount: Int) throws {
        let store = try open("store", options(.written, memtableByteCount: memtableByteCount))
        let schema = Schema(
            [ColumnDefinition("thread", .int32, isNullable: false), ColumnDefinition("n", .int64, isNullable: false)],
            indexed: ["n"])
        let table = try store.createTable("t", schema: schema)
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 6) { thread in
            do {
                for n in 0..<60 {
                    let value = Int64(thread * 1_000 + n)
                    let row: [String: Value] = ["thread": .int(Int64(thread)), "n": .int(value)]
                    try table.append(rows: [row, row])
                    if n % 10 == 9 {
                        let found = try table.lookup("n", .int(value))
                        if try found.map({ try table.row($0)["n"] }) != .int(value) {
                            failures.withLock { $0.append("\(value) was not found") }
                        }
                        if try table.allRows().count % 2 != 0 {
                            failures.withLock { $0.append("half a call was seen") }
                        }
                    }
                    if thread == 0, n % 25 == 24 { try store.seal() }
                }
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
        try store.close()
        let rows = try open().table("t").allRows()
        for thread in 0..<6 {
            let own = rows.filter { $0["thread"] == .int(Int64(thread)) }.map { $0["n"] }
            let expected = (0..<60).flatMap { n in Array(repeating: Value.int(Int64(thread * 1_000 + n)), count: 2) }
            #expect(own == expected, "thread \(thread)")
        }
    }

    @Test func tablesMayBeMadeByManyThreadsAtOnce() throws {
        let store = try open()
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            do {
                for n in 0..<5 {
                    let table = try store.createTable("t\(n)", schema: EveryType.schema)
                    try table.append(rows: [["id": .string("\(thread)")]])
                    _ = try store.createTable("own\(thread)-\(n)", schema: EveryType.schema)
                }
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(store.tables.count == 45)
        #expect(try store.table("t3").rowCount == 8)
    }
}
