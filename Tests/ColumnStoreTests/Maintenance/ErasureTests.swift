import ColumnFormat
import ColumnStore
import TestSupport
import Testing

/// Rows that have to go: nobody sees them any more at once, and nothing of them is on the disk after a compaction.
struct ErasureTests {
    private static let schema = Schema(
        [
            ColumnDefinition("id", .string, isNullable: false), ColumnDefinition("at", .timestamp, isNullable: false),
            ColumnDefinition("note", .string), ColumnDefinition("n", .int64, isNullable: false),
        ], indexed: ["id"])

    /// The first and the last in order, so that bounds in zone maps would keep them.
    private static func row(_ number: Int, _ count: Int) -> [String: Value] {
        let isEdge = number == 0 || number == count - 1
        return [
            "id": .string(isEdge ? (number == 0 ? "!secret-first" : "~secret-last") : "row-\(number % 7)-\(number)"),
            "at": .timestamp(Timestamp(microseconds: Int64(number) * 1_000_000)),
            "note": .string(isEdge ? "hidden note \(number)" : ["a", "b", "c"][number % 3]), "n": .int(Int64(number)),
        ]
    }

    private static func make(_ simulated: SimulatedStore, count: Int) throws -> (Store, Table) {
        let store = try Store.open("/s", options: simulated.options())
        let table = try store.createTable("t", schema: schema)
        for first in stride(from: 0, to: count, by: 20) {
            try table.append(rows: (first..<min(first + 20, count)).map { row($0, count) })
            if first % 40 == 0 { try store.seal() }
        }
        return (store, table)
    }

    /// Where any file of the disk holds these bytes.
    static func places(of text: String, on disk: SimulatedFileSystem) -> [String] {
        let wanted = Array(text.utf8)
        return disk.filePaths.filter { path in
            guard let bytes = disk.contents(of: path), bytes.count >= wanted.count else { return false }
            return (0...(bytes.count - wanted.count)).contains { start in
                bytes[start] == wanted[0] && bytes[start..<start + wanted.count].elementsEqual(wanted)
            }
        }
    }

    @Test func anErasedRowIsInvisibleAtOnceAndAfterEveryOpening() throws {
        let simulated = SimulatedStore(SimulatedFileSystem())
        let (store, table) = try Self.make(simulated, count: 100)
        #expect(try table.erase(where: .in("id", ["!secret-first", "~secret-last", "row-3-45", "unknown"])) == 3)
        #expect(try table.erase(where: .equal("id", "row-3-45")) == 0)
        func check(_ table: Table, _ more: Int = 0) throws {
            #expect(try table.rowCount == 97 + more)
            let rows = try table.allRows()
            #expect(
                rows.prefix(97).map { $0["n"] }
                    == (0..<100).filter { ![0, 45, 99].contains($0) }.map { .int(Int64($0)) })
            #expect(try table.lookup("id", "row-3-45") == nil && table.lookup("id", "!secret-first") == nil)
            #expect(try table.lookup("id", "row-4-46") == 46)
            #expect(try table.allRows(where: .equal("id", "~secret-last")).isEmpty)
            #expect(try table.allRows(where: .less("n", 2)).count == 1)
            let error = #expect(throws: StoreError.self) { try table.row(45) }
            #expect(error?.code == .notFound)
            #expect(try table.row(46)["n"] == 46)
        }
        try check(table)
        let other = SimulatedStore(simulated.fileSystem)
        try check(Store.openReadOnly("/s", options: other.options()).table("t"))
        try store.seal()
        try check(table)
        try check(Store.openReadOnly("/s", options: other.options()).table("t"))
        let summary = try store.compact()
        #expect(summary.purgedRows == 3)
        try check(table)
        #expect(try store.compact().rewrittenRows == 0)
        // The id may come again, as another row.
        try table.append(rows: [["id": "row-3-45", "at": .timestamp(Timestamp(microseconds: 7)), "n": 1_000]])
        #expect(try table.lookup("id", "row-3-45") == 100)
        #expect(try table.rowCount == 98)
        try store.close()
        let again = try Store.open("/s", options: simulated.options())
        #expect(try again.table("t").rowCount == 98)
        #expect(try again.table("t").lookup("id", "row-3-45") == 100)
        #expect(throws: StoreError.self) { try again.table("t").row(45) }
    }

    @Test(arguments: [20, 100])
    func nothingOfAnErasedRowIsOnTheDiskAfterACompaction(count: Int) throws {
        let disk = SimulatedFileSystem()
        let simulated = SimulatedStore(disk)
        let (store, table) = try Self.make(simulated, count: count)
        let secrets = ["!secret-first", "~secret-last", "hidden note 0", "hidden note \(count - 1)"]
        for secret in secrets { #expect(!Self.places(of: secret, on: disk).isEmpty) }
        #expect(try table.erase(where: .in("id", ["!secret-first", "~secret-last"])) == 2)
        try store.compact()
        for secret in secrets { #expect(Self.places(of: secret, on: disk) == []) }
        // Encodings may hide bytes: what is decoded, and what bounds it, has nothing either.
        try store.read { core throws(StoreError) in
            let state = try table.state(in: core)
            #expect(state.segments.count == 1)
            for segment in state.segments {
                #expect(segment.footer.erased == RowSet([0, UInt64(count - 1)]))
                for (column, definition) in segment.footer.schema.columns.enumerated() {
                    let builder = ColumnBuilder(type: definition.type)
                    try segment.read(column: column, rows: 0..<segment.rowCount, into: builder)
                    let slice = builder.snapshot()
                    #expect(slice.isNull(0) && slice.isNull(count - 1) && !slice.isNull(1))
                    for page in segment.footer.columns[column] {
                        #expect(page.zone.minimum != .bytes(Array("!secret-first".utf8)))
                        #expect(page.zone.maximum != .bytes(Array("~secret-last".utf8)))
                        #expect(page.zone.nullCount >= 2)
                    }
                }
            }
            #expect(state.runs.reduce(0) { $0 + $1.entryCount } == count - 2)
        }
        #expect(store.manifest.state.tables.values.allSatisfy { $0.erased.isEmpty })
        try store.close()
    }

    /// A compaction must not forget rows of segments that were sealed after it looked.
    @Test func whatIsErasedWithinACompactionStaysErased() throws {
        let simulated = SimulatedStore(SimulatedFileSystem())
        let (store, first) = try Self.make(simulated, count: 100)
        let second = try store.createTable("u", schema: Self.schema)
        for start in [0, 20] {
            try second.append(rows: (start..<start + 20).map { Self.row($0, 1_000) })
            try store.seal()
        }
        func erase(_ number: Int, _ table: Table) throws {
            try table.append(rows: (number..<number + 3).map { Self.row($0, 1_000) })
            try store.seal()
            #expect(try table.erase(where: .equal("n", .int(Int64(number + 1)))) == 1)
            try store.seal()
        }
        var failure: (any Error)?
        var step = 0
        try store.compact { _ in
            step += 1
            guard step < 3 else { return }
            do {
                try erase(40 + 3 * (step - 1), second)
                try erase(200 + 3 * step, first)
            } catch { failure = error }
        }
        #expect(failure == nil && step > 1)
        for _ in 0..<2 {
            let rows = [try first.allRows(), try second.allRows()]
            #expect(rows.map(\.count) == [100 + 4, 40 + 4])
            let again = try Store.openReadOnly("/s", options: SimulatedStore(simulated.fileSystem).options())
            #expect(try again.table("t").allRows() == rows[0] && again.table("u").allRows() == rows[1])
            try store.compact()
        }
        #expect(store.manifest.state.tables.values.allSatisfy { $0.erased.isEmpty })
    }

    @Test func aWholeSegmentMayGo() throws {
        let simulated = SimulatedStore(SimulatedFileSystem())
        let (store, table) = try Self.make(simulated, count: 60)
        #expect(try table.erase(where: .isNotNull("id")) == 60)
        #expect(try table.rowCount == 0 && table.allRows().isEmpty)
        try store.compact()
        try table.append(rows: [Self.row(3, 9)])
        #expect(try table.rowCount == 1 && table.row(60)["n"] == 3)
        try store.close()
        let again = try Store.open("/s", options: simulated.options())
        #expect(try again.table("t").allRows().count == 1)
        try again.compact()
        #expect(try again.table("t").row(60)["n"] == 3)
    }

    /// Appends, seals, erasures, compactions and reopenings in any order, against rows in an array.
    @Test(arguments: 1...12)
    func anyOrderOfStepsGivesTheRowsThatAreLeft(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let simulated = SimulatedStore(SimulatedFileSystem())
        var store = try Store.open("/s", options: simulated.options(memtableByteCount: 20_000))
        var table = try store.createTable("t", schema: EveryType.schema)
        var model: [(number: Int, row: [String: Value])] = []
        var next = 0
        for _ in 0..<60 {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<4:
                let count = Int.random(in: 1...12, using: &generator)
                let rows = EveryType.rows(next..<next + count, seed: seed &* 100 &+ UInt64(next))
                try table.append(rows: rows)
                for row in rows {
                    model.append((next, row))
                    next += 1
                }
            case 4, 5:
                let ids = (0..<3).compactMap { _ in model.randomElement(using: &generator)?.row["id"] }
                let gone = Set(ids)
                #expect(try table.erase(where: .in("id", ids)) == gone.count)
                model.removeAll { gone.contains($0.row["id"]!) }
            case 6: try store.seal()
            case 7: simulated.advance(milliseconds: 1)
            case 8: try store.compact()
            default:
                try store.close()
                store = try Store.open("/s", options: simulated.options(memtableByteCount: 20_000))
                table = try store.table("t")
            }
            let found = try table.allRows()
            guard found.count == model.count, try table.rowCount == model.count else {
                Issue.record("\(found.count) rows, \(model.count) expected")
                return
            }
            for (row, expected) in zip(found, model) {
                for (name, value) in expected.row where !(row[name]?.isIdentical(to: value) ?? false) {
                    Issue.record("row \(expected.number), \(name): \(row[name] ?? .null), expected \(value)")
                    return
                }
            }
            if let one = model.randomElement(using: &generator) {
                #expect(try table.lookup("id", one.row["id"]!) == UInt64(one.number))
            }
        }
        let reader = try Store.openReadOnly("/s", options: SimulatedStore(simulated.fileSystem).options())
        #expect(try reader.table("t").rowCount <= model.count)
    }
}
