import ColumnFormat
import ColumnStore
import Synchronization
import TestSupport
import Testing

/// Merging segments: the same rows in fewer files, for everybody who reads meanwhile too.
struct MergingTests {
    private static func make(
        _ simulated: SimulatedStore, sizes: [Int], seed: UInt64 = 1
    ) throws -> (store: Store, table: Table, rows: [[String: Value]]) {
        let store = try Store.open("/s", options: simulated.options())
        let table = try store.createTable("t", schema: EveryType.schema)
        let rows = EveryType.rows(0..<sizes.reduce(0, +), seed: seed)
        var first = 0
        for size in sizes {
            try table.append(rows: Array(rows[first..<first + size]))
            try store.seal()
            first += size
        }
        return (store, table, rows)
    }

    private static func segmentCount(_ store: Store) -> Int {
        store.manifest.state.tables.values.reduce(0) { $0 + $1.segments.count }
    }

    @Test func aCompactionLeavesTheSameRowsInOneSegment() throws {
        let disk = SimulatedFileSystem()
        let simulated = SimulatedStore(disk)
        let (store, table, rows) = try Self.make(simulated, sizes: [3, 40, 1, 17, 9])
        let summary = try store.compact()
        #expect(summary.segmentsBefore == 5 && summary.segmentsAfter == 1 && summary.rewrittenRows == 70)
        #expect(summary.bytesAfter < summary.bytesBefore)
        #expect(Self.segmentCount(store) == 1)
        #expect(try table.difference(from: rows) == nil)
        #expect(disk.filePaths.filter { $0.hasSuffix(".seg") }.count == 1)
        #expect(try store.compact().rewrittenRows == 0)
        // Rows that come later follow, and are found.
        try table.append(rows: EveryType.rows(70..<75, seed: 2))
        #expect(try table.lookup("id", "row-72") == 72)
        #expect(try table.lookup("id", "row-41") == 41)
        try store.close()
        let reader = try Store.openReadOnly("/s", options: simulated.options())
        #expect(try reader.table("t").difference(from: rows + EveryType.rows(70..<75, seed: 2)) == nil)
    }

    /// Bytes that have a tenth in common: not worth a codec in a segment that is merged soon, but in one that stays.
    @Test func whatIsMergedIsCompressedHarder() throws {
        let store = try Store.open("/s", options: SimulatedStore(SimulatedFileSystem()).options())
        let table = try store.createTable("t", schema: Schema([ColumnDefinition("b", .bytes)]))
        var random = SeededGenerator(seed: 1)
        let shared = (0..<100).map { _ in UInt8.random(in: 0...255, using: &random) }
        let rows = (0..<60).map { _ -> [String: Value] in
            ["b": .bytes((0..<900).map { _ in UInt8.random(in: 0...255, using: &random) } + shared)]
        }
        func encodings() -> [String] {
            store.read { $0.table(named: "t")?.segments.map { $0.footer.columns[0][0].encoding } ?? [] }
        }
        for part in [rows[..<30], rows[30...]] {
            try table.append(rows: Array(part))
            try store.seal()
        }
        #expect(encodings() == ["text", "text"])
        try store.compact()
        #expect(encodings() == ["text(lz4)"])
        #expect(try table.difference(from: rows) == nil)
    }

    @Test func whatIsReadDuringAMergeStaysReadable() throws {
        let simulated = SimulatedStore(SimulatedFileSystem())
        let (store, table, rows) = try Self.make(simulated, sizes: [5, 5, 5])
        let scan = try table.scan(columns: ["id"])
        let first = try #require(try scan.next())
        try store.compact()
        var ids = (0..<first.rowCount).map { first[$0, "id"] }
        while let batch = try scan.next() { ids += (0..<batch.rowCount).map { batch[$0, "id"] } }
        #expect(ids == rows.map { $0["id"] })
    }

    @Test func theBackgroundMergesWhatIsSealed() throws {
        let simulated = SimulatedStore(SimulatedFileSystem())
        let (store, table, rows) = try Self.make(simulated, sizes: [Int](repeating: 4, count: 16))
        simulated.advance(milliseconds: 1)
        #expect(Self.segmentCount(store) < 4)
        #expect(try table.difference(from: rows) == nil)
        #expect(store.maintenanceStatus.mergedSegments >= 16 && store.maintenanceStatus.failure == nil)
        #expect(store.maintenanceStatus.removedBytes > store.maintenanceStatus.writtenBytes)
    }

    @Test func blocksAreCutAnew() throws {
        let simulated = SimulatedStore(SimulatedFileSystem())
        let store = try Store.open("/s", options: simulated.options(memtableByteCount: 64 << 20))
        let schema = Schema([ColumnDefinition("n", .int64), ColumnDefinition("at", .timestamp)])
        let table = try store.createTable("t", schema: schema)
        let state = store.read { $0.table(named: "t")! }
        var next: Int64 = 0
        for size in [40_000, 70_000, 30_000] {
            var writer = RowWriter()
            for _ in 0..<size {
                writer.beginRow(RowLayout(schema))
                writer.fixed(next)
                writer.fixed(next * 1_000)
                next += 1
            }
            try store.write { core throws(StoreError) in
                unsafe try core.add(writer.rowCount, rows: writer.bytes, to: state)
                try core.commit(arrival: Timestamp(microseconds: 1))
            }
            try store.seal()
        }
        try store.compact()
        let footer = try #require(store.read { _ in state.segments.first?.footer })
        #expect(footer.rowCount == 140_000 && footer.blockCount == 3)
        var expected: Int64 = 0
        try table.scan().forEach { batch in
            for row in 0..<batch.rowCount {
                guard batch[row, "n"] == .int(expected) else {
                    Issue.record("row \(expected) is \(batch[row, "n"])")
                    return
                }
                expected += 1
            }
        }
        #expect(expected == 140_000)
    }

    @Test(arguments: [SimulatedFault.inputOutput, .noSpace])
    func aMergeThatFailsChangesNothingAndIsTriedAgain(fault: SimulatedFault) throws {
        let disk = SimulatedFileSystem()
        let simulated = SimulatedStore(disk)
        let (store, table, rows) = try Self.make(simulated, sizes: [3, 4, 5])
        try store.seal()
        var failures = 0
        for operation in 0..<100 {
            disk.fail(at: disk.operationCount + operation, fault)
            do {
                try store.compact()
                break
            } catch {
                failures += 1
                #expect(try table.difference(from: rows, checkingEachRow: false) == nil)
            }
        }
        #expect(failures > 3)
        #expect(try table.difference(from: rows) == nil)
        try store.close()
        let again = try Store.open("/s", options: simulated.options())
        #expect(try again.table("t").difference(from: rows) == nil)
    }

    @Test func aTableThatIsDroppedDuringAMergeStaysDropped() throws {
        let disk = SimulatedFileSystem()
        let simulated = SimulatedStore(disk)
        let (store, _, _) = try Self.make(simulated, sizes: [5, 5, 5, 5])
        let other = try store.createTable("u", schema: EveryType.schema)
        for number in 0..<4 {
            try other.append(rows: EveryType.rows(number..<number + 1, seed: 3))
            try store.seal()
        }
        // The first table's merge makes progress known before the second one's begins.
        try store.compact { share in if share < 1 { try? store.dropTables(["u"]) } }
        #expect(store.tables.map(\.name) == ["t"])
        #expect(disk.filePaths.allSatisfy { !$0.contains("/u/") })
        try store.close()
        #expect(try Store.open("/s", options: simulated.options()).tables.map(\.name) == ["t"])
    }

    /// With real threads and files: a writer, readers in the process, readers that open the store, and the background.
    @Test func readersAreNeverDisturbed() throws {
        let folder = TemporaryFolder()
        var options = StoreOptions()
        options.environment.logChunkByteCount = 64 << 10
        options.memtableByteCount = 20_000
        let store = try Store.open(folder.path("store"), options: options)
        let table = try store.createTable("t", schema: EveryType.schema)
        let isDone = Mutex(false)
        let problems = Mutex<[String]>([])
        let readers = (0..<2).map { number in
            ThreadExecutor(name: "reader-\(number)")
        }
        let path = folder.path("store")
        for (number, reader) in readers.enumerated() {
            reader.submit {
                var known = 0
                while !isDone.withLock({ $0 }) {
                    do {
                        let seen =
                            number == 0
                            ? try table.allRows() : try Store.openReadOnly(path).table("t").allRows()
                        for (place, row) in seen.enumerated() where row["id"] != .string("row-\(place)") {
                            problems.withLock { $0.append("row \(place) is \(row)") }
                            return
                        }
                        if number == 0, seen.count < known { problems.withLock { $0.append("rows went") } }
                        known = seen.count
                    } catch {
                        problems.withLock { $0.append("\(error)") }
                        return
                    }
                }
            }
        }
        let rows = EveryType.rows(0..<3_000, seed: 9)
        for first in stride(from: 0, to: rows.count, by: 10) {
            try table.append(rows: Array(rows[first..<first + 10]))
            if first % 1_000 == 0 { try store.compact() }
        }
        try store.seal()
        isDone.withLock { $0 = true }
        for reader in readers { reader.stop() }
        #expect(problems.withLock { $0 } == [])
        #expect(store.maintenanceStatus.mergedSegments > 0)
        #expect(try table.difference(from: rows, checkingEachRow: false) == nil)
        try store.close()
        #expect(try Store.openReadOnly(path).table("t").difference(from: rows, checkingEachRow: false) == nil)
    }
}
