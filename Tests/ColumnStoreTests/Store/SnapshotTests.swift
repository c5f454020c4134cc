import ColumnFormat
import ColumnStore
import TestSupport
import Testing

struct SnapshotTests {
    private static let other = Schema([ColumnDefinition("n", .int64)], indexed: ["n"])

    @Test func aSnapshotStaysWhileEverythingChanges() throws {
        let folder = TemporaryFolder()
        let store = try Store.open(folder.path("store"))
        let table = try store.createTable("calls", schema: WholeCalls.schema)
        let second = try store.createTable("second", schema: Self.other)
        for call in 0..<10 {
            try table.append(rows: WholeCalls.rows(call))
            try second.append(rows: [["n": .int(Int64(call))]])
            if call == 4 { try store.seal() }
        }
        try table.erase(where: .equal("call", 3))
        let before = try table.allRows()
        let snapshot = try store.snapshot()
        // In memory and sealed rows are erased, appended, dropped, merged, and the schema changes.
        try table.erase(where: .equal("call", 2))
        try table.erase(where: .equal("call", 8))
        for call in 10..<20 { try table.append(rows: WholeCalls.rows(call)) }
        try table.addColumn(ColumnDefinition("added", .int32))
        try second.widenOrSkip()
        try store.seal()
        try store.setRetention(Retention(rowCount: 40), for: "calls")
        try store.compact()
        let pinned = try snapshot.table("calls")
        #expect(snapshot.tables.map(\.name) == ["calls", "second"])
        #expect(try pinned.allRows() == before && pinned.rowCount == before.count)
        #expect(try pinned.schema == WholeCalls.schema)
        #expect(try pinned.aggregate(.count).rows[0].values == [.int(Int64(before.count))])
        for (id, isThere) in [("1-0", true), ("2-0", true), ("3-0", false), ("8-4", true), ("12-0", false)] {
            #expect(try (pinned.lookup(id) != nil) == isThere, "\(id)")
            #expect(try (pinned.lookup("id", .string(id)) != nil) == isThere, "\(id)")
        }
        #expect(try pinned.lookupMany(["9-0", "9-9", "2-1"]).map { $0 == nil } == [false, true, false])
        #expect(try pinned.lookupMany("id", ["9-0", .null, "2-1"]).map { $0 == nil } == [false, true, false])
        let row = try #require(try pinned.lookup("8-4"))
        #expect(try pinned.row(row)["call"] == 8)
        #expect(try table.lookup("8-4") == nil && table.lookup("12-0") != nil)
        #expect(try snapshot.table("second").allRows().count == 10)
        // It outlives its store.
        try store.close()
        #expect(try pinned.allRows() == before)
    }

    @Test func aSnapshotRefusesToBeWritten() throws {
        let folder = TemporaryFolder()
        let store = try Store.open(folder.path("store"))
        _ = try store.createTable("calls", schema: WholeCalls.schema)
        let pinned = try store.snapshot().table("calls")
        for attempt: () throws -> Void in [
            { try pinned.append(rows: WholeCalls.rows(0)) }, { try pinned.erase(where: .equal("call", 1)) },
            { try pinned.addColumn(ColumnDefinition("added", .int32)) },
        ] {
            let error = #expect(throws: StoreError.self) { try attempt() }
            #expect(error?.code == .readOnly && error?.remedy?.contains("store.table") == true)
        }
        let error = #expect(throws: StoreError.self) { try store.snapshot().table("none") }
        #expect(error?.code == .notFound && error?.remedy == "the tables are calls")
        try store.close()
        #expect(throws: StoreError.self) { try store.snapshot() }
    }

    /// A call that is not synced, and a snapshot of it: what a loss of power then leaves.
    @Test(arguments: SnapshotKind.allCases) func aDurableSnapshotIsDurable(kind: SnapshotKind) throws {
        let fileSystem = SimulatedFileSystem(seed: 1)
        let store = try Store.open("/store", options: SimulatedStore(fileSystem).options())
        let table = try store.createTable("calls", schema: WholeCalls.schema)
        try table.append(rows: WholeCalls.rows(0))
        let seen = try store.snapshot(kind).table("calls").allRows()
        #expect(seen.count == 5)
        #expect(try Self.reopened(fileSystem.crash(.nothing)) == (kind == .durable ? seen : []))
    }

    /// What a reader that wants durable rows sees is in what any loss of power leaves.
    @Test func whatADurableReaderSawSurvives() throws {
        var counts: Set<Int> = []
        for end in 1...30 {
            let fileSystem = SimulatedFileSystem(seed: 2)
            let store = try Store.open("/store", options: SimulatedStore(fileSystem).options())
            let table = try store.createTable("calls", schema: WholeCalls.schema)
            for call in 0..<end {
                try table.append(rows: WholeCalls.rows(call))
                if call % 4 == 1 { try store.flushLog() }
                if call % 5 == 2 { try store.sync() }
                if call == 17 { try store.seal() }
            }
            let options = SimulatedStore(fileSystem).options()
            let seen = try Store.openReadOnly("/store", .durable, options: options).table("calls").allRows()
            let latest = try Store.openReadOnly("/store", options: options).table("calls").allRows()
            #expect(try WholeCalls.calls(seen).count <= end && seen.count <= latest.count)
            counts.insert(seen.count)
            if end == 30 {
                try store.close()
                let closed = try Store.openReadOnly("/store", .durable, options: options).table("calls")
                #expect(try closed.rowCount == 150)
            }
            let left = try Self.reopened(fileSystem.crash(.nothing))
            #expect(Array(left.prefix(seen.count)) == seen, "after \(end) calls")
        }
        #expect(counts.count > 5)
    }

    private static func reopened(_ disk: SimulatedFileSystem) throws -> [[String: Value]] {
        try Store.open("/store", options: SimulatedStore(disk).options()).table("calls").allRows()
    }
}

extension Table {
    /// Some change of the schema.
    fileprivate func widenOrSkip() throws { try renameColumn("n", to: "m") }
}

extension Store {
    /// Hands the log to the system, which keeps it from the next loss of power.
    fileprivate func flushLog() throws { try read { $0.log }?.flush() }
}
