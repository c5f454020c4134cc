import ColumnFormat
import ColumnStore
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Logs of a durable store become the next ones.
struct LogRecyclingTests {
    private static let schema = Schema(
        [ColumnDefinition("id", .string, isNullable: false), ColumnDefinition("text", .string)], indexed: ["id"])

    private static func row(_ number: Int) -> [String: Value] {
        ["id": .string("row-\(number)"), "text": .string("text of \(number).")]
    }

    private static func make(_ disk: SimulatedFileSystem, memtableByteCount: Int = 1_500) throws -> (Store, Table) {
        let store = try Store.open(
            "/s", options: SimulatedStore(disk).options(.durable, memtableByteCount: memtableByteCount))
        return (store, try store.createTable("t", schema: schema))
    }

    private static func contains(_ text: String, _ bytes: [UInt8]) -> Bool {
        bytes.firstRange(of: Array(text.utf8)) != nil
    }

    private static func isReuse(_ operation: String) -> Bool {
        operation.contains("rename to /s/log-0") && operation.hasSuffix("/s/log-spare.tmp")
    }

    @Test func aRetiredLogBecomesTheNextWithoutWhatItHeld() throws {
        let disk = SimulatedFileSystem()
        let (store, table) = try Self.make(disk, memtableByteCount: 1 << 20)
        for round in 0..<4 {
            try table.append(rows: (round * 10..<round * 10 + 10).map { Self.row($0) })
            try store.seal()
            let logs = disk.filePaths.filter { $0.hasPrefix("/s/log-") }
            #expect(logs.contains("/s/log-spare.tmp") && logs.count == 2, "\(logs)")
            for log in logs { #expect(!Self.contains("text of", disk.contents(of: log) ?? [])) }
        }
        #expect(disk.journal.contains(where: Self.isReuse))
        try store.close()
        #expect(!disk.filePaths.contains("/s/log-spare.tmp"))
        let reopened = try Store.open("/s", options: SimulatedStore(disk).options(.durable))
        #expect(try reopened.table("t").difference(from: (0..<40).map { Self.row($0) }) == nil)
        try reopened.close()
    }

    @Test func whatIsErasedLaterIsInNoLogEither() throws {
        let disk = SimulatedFileSystem()
        let (store, table) = try Self.make(disk)
        for number in 0..<100 { try table.append(rows: [Self.row(number)]) }
        try store.seal()
        for number in 100..<110 { try table.append(rows: [Self.row(number)]) }
        _ = try table.erase(where: .in("id", (0..<50).map { .string("row-\($0)") }))
        _ = try store.compact()
        for path in disk.filePaths {
            let bytes = disk.contents(of: path) ?? []
            for number in 10..<50 { #expect(!Self.contains("text of \(number).", bytes), "\(path) has row \(number)") }
        }
        #expect(try table.rowCount == 60)
        try store.close()
    }

    @Test func onlyDurableStoresRecycle() throws {
        for durability in [Durability.buffered, .written] {
            let disk = SimulatedFileSystem()
            let store = try Store.open("/s", options: SimulatedStore(disk).options(durability))
            let table = try store.createTable("t", schema: Self.schema)
            try table.append(rows: [Self.row(1)])
            try store.seal()
            #expect(disk.filePaths.filter { $0.hasPrefix("/s/log-") }.count == 1)
            try store.close()
        }
    }

    /// Power fails at each operation of a workload of many rotations, and every kind of remainder is recovered.
    @Test func noCrashLosesWhatWasDurableOrBringsBackWhatWasRetired() throws {
        func run(_ disk: SimulatedFileSystem) -> Int {
            var durable = 0
            do {
                let (store, table) = try Self.make(disk)
                for number in 0..<14 {
                    try table.append(rows: [Self.row(number)])
                    durable = number + 1
                    if number % 4 == 3 { try store.seal() }
                }
                try store.close()
            } catch {}
            return durable
        }
        let whole = SimulatedFileSystem()
        #expect(run(whole) == 14)
        #expect(whole.journal.filter(Self.isReuse).count >= 2)
        for operation in stride(from: 0, to: whole.operationCount, by: 3) {
            let disk = SimulatedFileSystem()
            disk.fail(at: operation, .crash)
            let durable = run(disk)
            for outcome in [CrashOutcome.nothing, .everything] + (0..<4).map({ .subset(seed: UInt64($0)) }) {
                let image = disk.crash(outcome)
                do {
                    let store = try Store.open("/s", options: SimulatedStore(image).options(.durable))
                    let rows = try? store.table("t").allRows()
                    let count = rows?.count ?? 0
                    #expect(count >= durable, "operation \(operation), \(outcome)")
                    #expect((rows ?? []).map { $0["id"] } == (0..<count).map { .string("row-\($0)") })
                    try store.close()
                } catch {
                    Issue.record("operation \(operation), \(outcome): \(error) \(disk.journal.suffix(5))")
                    return
                }
            }
        }
    }

    @Test func aReaderSeesThatItsLogWasMadeAnother() throws {
        let disk = SimulatedFileSystem()
        let (store, table) = try Self.make(disk, memtableByteCount: 1 << 20)
        try table.append(rows: (0..<10).map { Self.row($0) })
        let path = disk.filePaths.last { $0.hasPrefix("/s/log-") }!
        let reader = try LogReader(file: try disk.open(path, .read))
        #expect(try reader.isCurrent())
        try store.seal()
        #expect(try reader.next() == nil && !reader.isCurrent())
        try store.close()
    }

    @Test func aLogThatABackupLinksToIsLeftAsItWas() throws {
        let folder = TemporaryFolder()
        let path = folder.path("store")
        var options = StoreOptions()
        options.durability = .durable
        let store = try Store.open(path, options: options)
        let table = try store.createTable("t", schema: Self.schema)
        try table.append(rows: (0..<10).map { Self.row($0) })
        let log = try #require(try PosixFileSystem().list(path).last { $0.hasPrefix("log-") })
        let copy = folder.path("backup")
        let outcome = unsafe link(path + "/" + log, copy)
        #expect(outcome == 0)
        let before = try PosixFileSystem().readFile(copy, limit: 1 << 30)
        try store.seal()
        #expect(try PosixFileSystem().readFile(copy, limit: 1 << 30) == before)
        #expect(try !PosixFileSystem().list(path).contains("log-spare.tmp"))
        // The next one has one name only.
        try table.append(rows: [Self.row(10)])
        try store.seal()
        #expect(try PosixFileSystem().list(path).contains("log-spare.tmp"))
        try store.close()
    }
}
