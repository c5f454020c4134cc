import ColumnFormat
import ColumnStore
import TestSupport
import Testing

/// Rows that are too old or too many: whole segments go, with their files, and the numbers of the others stay.
struct RetentionTests {
    private static let schema = Schema(
        [ColumnDefinition("id", .string, isNullable: false), ColumnDefinition("at", .timestamp)], indexed: ["id"])

    private static func rows(_ numbers: Range<Int>) -> [[String: Value]] {
        numbers.map { number in
            [
                "id": .string("row-\(number)"),
                "at": .timestamp(Timestamp(microseconds: 1_600_000_000_000_000 + Int64(number) * 60_000_000)),
            ]
        }
    }

    /// Segments of 10 rows each, a row a minute.
    private static func make(_ simulated: SimulatedStore, segments: Int) throws -> (Store, Table) {
        let store = try Store.open("/s", options: simulated.options())
        let table = try store.createTable("t", schema: schema)
        for first in stride(from: 0, to: segments * 10, by: 10) {
            try table.append(rows: rows(first..<first + 10))
            try store.seal()
        }
        return (store, table)
    }

    private static func ids(_ table: Table) throws -> [Value?] { try table.allRows().map { $0["id"] } }

    @Test func rowsBeyondANumberGoSegmentBySegment() throws {
        let disk = SimulatedFileSystem()
        let simulated = SimulatedStore(disk)
        let (store, table) = try Self.make(simulated, segments: 6)
        try store.setRetention(Retention(rowCount: 25), for: "t")
        #expect(try store.retention(of: "t") == Retention(rowCount: 25))
        simulated.advance(milliseconds: 1)
        #expect(try table.rowCount == 30)
        #expect(try Self.ids(table) == (30..<60).map { .string("row-\($0)") })
        #expect(try table.lookup("id", "row-29") == nil && table.lookup("id", "row-30") == 30)
        let error = #expect(throws: StoreError.self) { try table.row(29) }
        #expect(error?.code == .notFound)
        #expect(store.maintenanceStatus.droppedRows == 30 && store.maintenanceStatus.failure == nil)
        // The space is back: the files of what is left are all there are.
        let live = store.manifest.state.fileNames
        #expect(
            Set(disk.filePaths.filter { $0.hasSuffix(".seg") || $0.hasSuffix(".idx") }) == Set(live.map { "/s/" + $0 }))
        try table.append(rows: Self.rows(60..<75))
        try store.compact()
        #expect(try table.rowCount >= 25 && table.rowCount < 45)
        #expect(try table.row(74)["id"] == "row-74")
        let left = try Self.ids(table)
        try store.close()
        let again = try Store.open("/s", options: simulated.options())
        #expect(try Self.ids(again.table("t")) == left)
        #expect(try again.retention(of: "t") == Retention(rowCount: 25))
        try again.setRetention(nil, for: "t")
        #expect(try again.retention(of: "t") == nil)
    }

    @Test func rowsOfAnAgeGo() throws {
        let simulated = SimulatedStore(SimulatedFileSystem())
        let (store, table) = try Self.make(simulated, segments: 5)
        simulated.clock.advance(by: .minutes(50))
        try store.setRetention(Retention(age: .minutes(20)), for: "t")
        try store.compact()
        #expect(try Self.ids(table) == (30..<50).map { .string("row-\($0)") })
        // Merged segments stay well below the age, so that they can go in time.
        #expect(store.read { $0.table(named: "t")!.segments.count } == 2)
        simulated.clock.advance(by: .minutes(10))
        #expect(try store.applyRetention() == 10 && store.applyRetention() == 0)
        #expect(try Self.ids(table) == (40..<50).map { .string("row-\($0)") })
    }

    @Test func everythingMayGo() throws {
        let simulated = SimulatedStore(SimulatedFileSystem())
        let (store, table) = try Self.make(simulated, segments: 3)
        try store.dropRows(of: store.read { $0.table(named: "t")! }, before: 30)
        #expect(try table.rowCount == 0 && Self.ids(table).isEmpty)
        try store.close()
        let again = try Store.open("/s", options: simulated.options())
        try again.table("t").append(rows: Self.rows(30..<33))
        #expect(try again.table("t").lookup("id", "row-31") == 31)
        #expect(try again.table("t").rowCount == 3)
        try again.seal()
        try again.compact()
        #expect(
            try Store.openReadOnly("/s", options: SimulatedStore(simulated.fileSystem).options()).table("t").rowCount
                == 3)
    }

    @Test func whatReadsKeepsWhatItReads() throws {
        let simulated = SimulatedStore(SimulatedFileSystem())
        let (store, table) = try Self.make(simulated, segments: 4)
        let scan = try table.scan(columns: ["id"])
        _ = try scan.next()
        try store.setRetention(Retention(byteCount: 1), for: "t")
        try store.compact()
        #expect(try table.rowCount == 10)
        var count = 10
        while let batch = try scan.next() { count += batch.rowCount }
        #expect(count == 40)
    }

    @Test func whatCannotBeKeptSoIsRefused() throws {
        let simulated = SimulatedStore(SimulatedFileSystem())
        let (store, _) = try Self.make(simulated, segments: 1)
        _ = try store.createTable("u", schema: Schema([ColumnDefinition("n", .int64)]))
        for (retention, table) in [
            (Retention(), "t"), (Retention(rowCount: 0), "t"), (Retention(age: .hours(-1)), "t"),
            (Retention(age: .hours(1)), "u"),
        ] {
            let error = #expect(throws: StoreError.self) { try store.setRetention(retention, for: table) }
            #expect(error?.code == .invalidInput)
        }
        let error = #expect(throws: StoreError.self) { try store.setRetention(Retention(rowCount: 1), for: "none") }
        #expect(error?.code == .notFound)
        try store.setRetention(Retention(rowCount: 1), for: "u")
        try store.dropTables(["u"])
        #expect(try store.retention(of: "u") == nil)
    }

    /// Every operation of a drop: before it all rows, after it those that are kept, and no stray file in between.
    @Test func aCrashLeavesAllOrWhatIsKept() throws {
        let filled = SimulatedFileSystem(seed: 4)
        _ = try Self.make(SimulatedStore(filled), segments: 4)
        func drop(_ disk: SimulatedFileSystem, crashAfter count: Int?) throws -> Int {
            let store = try Store.open("/s", options: SimulatedStore(disk).options(.durable))
            let first = disk.operationCount
            if let count { disk.fail(at: first + count, .crash) }
            try store.setRetention(Retention(rowCount: 15), for: "t")
            try store.compact()
            return disk.operationCount - first
        }
        var counts = Set<Int>()
        for operation in 0..<(try drop(filled.crash(.everything), crashAfter: nil)) {
            let disk = filled.crash(.everything)
            do { _ = try drop(disk, crashAfter: operation) } catch is StoreError {}
            let left = disk.crash(.subset(seed: UInt64(operation)))
            let reader = try Store.openReadOnly("/s", options: SimulatedStore(left).options())
            let store = try Store.open("/s", options: SimulatedStore(left).options())
            let ids = try Self.ids(store.table("t"))
            #expect(try Self.ids(reader.table("t")) == ids)
            #expect(ids == (40 - ids.count..<40).map { .string("row-\($0)") })
            counts.insert(ids.count)
            let live = store.manifest.state.fileNames
            let files = left.filePaths.filter { $0.hasSuffix(".seg") || $0.hasSuffix(".idx") || $0.hasSuffix(".tmp") }
            #expect(Set(files) == Set(live.map { "/s/" + $0 }))
            try store.seal()
            #expect(try Self.ids(store.table("t")) == ids)
        }
        #expect(counts == [40, 20])
    }
}
