import ColumnFormat
import ColumnStore
import TestSupport
import Testing

/// Tables of a store: their names, their columns, and their end.
struct TablesTests {
    private let folder = TemporaryFolder()

    private var options: StoreOptions {
        var options = StoreOptions()
        options.durability = .buffered
        options.memtableByteCount = 1 << 20
        options.environment.logChunkByteCount = 64 << 10
        return options
    }

    private func open(_ name: String = "store") throws -> Store { try Store.open(folder.path(name), options: options) }

    @Test func tablesAreFoundByTheirBareNameWhereItIsUnique() throws {
        let store = try open()
        _ = try store.makeTable("a/predictions", schema: EveryType.schema)
        _ = try store.makeTable("a/labels", schema: EveryType.schema)
        #expect(try store.table("labels").name == "a/labels")
        #expect(try store.table("a/predictions").name == "a/predictions")
        _ = try store.makeTable("b/predictions", schema: EveryType.schema)
        let error = #expect(throws: StoreError.self) { try store.table("predictions") }
        #expect(error?.code == .notFound)
        #expect(error?.remedy?.contains("b/predictions") == true)
        #expect(store.tables.map(\.name) == ["a/labels", "a/predictions", "b/predictions"])
        #expect(throws: StoreError.self) { try store.table("none") }
    }

    @Test func droppedTablesAreGoneAndTheirNamesFree() throws {
        var store = try open()
        let rows = EveryType.rows(0..<30, seed: 6)
        for name in ["x/a", "x/b"] {
            let table = try store.makeTable(name, schema: EveryType.schema)
            try table.appendUnchecked(rows: rows)
        }
        try store.setMetadata(["x": [1], "y": [2]])
        try store.seal()
        try store.table("x/a").appendUnchecked(rows: rows)
        try store.dropTables(["x/a", "no such table"], removingMetadata: ["x"])
        let again = try store.makeTable("x/a", schema: Schema([ColumnDefinition("n", .int8)]))
        try again.appendUnchecked(rows: [["n": 7]])
        try store.close()
        store = try open()
        #expect(try store.table("x/a").allRows() == [["n": 7]])
        #expect(try store.table("x/b").difference(from: rows) == nil)
        #expect(store.metadata("x") == nil)
        #expect(store.metadata("y") == [2])
        try store.seal()
        #expect(try store.table("x/a").allRows() == [["n": 7]])
    }

    @Test func aTableDroppedWhileItsRowsWaitToBeSealedDoesNotStopSealing() throws {
        let simulated = SimulatedStore(SimulatedFileSystem())
        let store = try Store.open("/s", options: simulated.options(memtableByteCount: 2_000))
        let rows = EveryType.rows(0..<10, seed: 7)
        let dropped = try store.createTable("dropped", schema: EveryType.schema)
        let kept = try store.createTable("kept", schema: EveryType.schema)
        // The executor runs nothing by itself, so the first set of memtables is frozen and waits.
        try dropped.append(rows: rows)
        try kept.append(rows: rows)
        try store.dropTables(["dropped"])
        try store.seal()
        #expect(try kept.difference(from: rows) == nil)
        #expect(!simulated.fileSystem.filePaths.contains { $0.contains("dropped/") })
        try store.close()
        let reader = try Store.openReadOnly("/s", options: simulated.options())
        #expect(try reader.table("kept").difference(from: rows) == nil)
    }

    @Test func creatingATableAgainNeedsTheSameColumns() throws {
        let store = try open()
        _ = try store.createTable("t", schema: EveryType.schema)
        _ = try store.createTable("t", schema: EveryType.schema)
        let error = #expect(throws: StoreError.self) {
            try store.createTable("t", schema: Schema([ColumnDefinition("a", .bool)]))
        }
        #expect(error?.code == .schemaMismatch)
        #expect(store.tables.count == 1)
    }

    @Test(arguments: [
        "", "a/b", ".", "..", "-x", "a b", "ä", "LOCK", "lock", "CURRENT", "log-000001", "MANIFEST-000001", "x.tmp",
        String(repeating: "x", count: 65), "a\u{0}",
    ])
    func badNamesOfTablesAreRefused(_ name: String) throws {
        let store = try open()
        let error = #expect(throws: StoreError.self) { try store.createTable(name, schema: EveryType.schema) }
        #expect(error?.code == .invalidInput)
        try store.close()
        _ = try open()
    }

    @Test func badSchemasAreRefused() throws {
        let store = try open()
        let bad: [Schema] = [
            Schema([]), Schema([ColumnDefinition("", .bool)]),
            Schema([ColumnDefinition("a", .bool), ColumnDefinition("a", .int8)]),
            Schema([ColumnDefinition("a", .vector(dimension: 0))]),
            Schema([ColumnDefinition("a", .bool)], indexed: ["b"]),
            Schema([ColumnDefinition("a", .bool)], indexed: ["a", "a"]),
            Schema((0...Schema.maximumColumnCount).map { ColumnDefinition("c\($0)", .bool) }),
        ]
        for schema in bad {
            let error = #expect(throws: StoreError.self) { try store.createTable("t", schema: schema) }
            #expect(error?.code == .invalidInput)
        }
        #expect(store.tables.isEmpty)
    }

    @Test func rowsThatDoNotFitAreNamedAndNothingIsAppended() throws {
        let store = try open()
        let table = try store.createTable("t", schema: EveryType.schema)
        let bad: [(row: [String: Value], mention: String)] = [
            (["id": "a", "i8": 300], "300"), (["id": "a", "u8": -1], "u8"), (["id": "a", "nope": 1], "nope"),
            (["i8": 1], "id"), (["id": "a", "time": 5], "time"), (["id": "a", "key": .uuid([1])], "key"),
            (["id": "a", "pair": .vector([1])], "pair"), (["id": "a", "flag": "yes"], "yes"),
        ]
        for (row, mention) in bad {
            let error = #expect(throws: StoreError.self) { try table.append(rows: [["id": "good"], row]) }
            #expect(error?.code == .schemaMismatch)
            #expect(error?.message.contains("row 1") == true && error?.message.contains(mention) == true)
        }
        #expect(try table.rowCount == 0)
        try store.makeTable("x/t", schema: EveryType.schema).appendUnchecked(rows: [["id": "a"]])
        let error = #expect(throws: StoreError.self) { try store.table("x/t").append(rows: [["id": "a"]]) }
        #expect(error?.code == .readOnly)
    }
}
