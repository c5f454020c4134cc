import ColumnFormat
import ColumnStore
import Synchronization
import TestSupport
import Testing

/// Sealing in the background: its bound on memory, its failures, and what waits for it.
struct SealingTests {
    private static func row(_ number: Int) -> [String: Value] { ["id": .string("row-\(number)")] }

    private static func make(
        _ simulated: SimulatedStore, _ durability: Durability = .written, memtableByteCount: Int = 1_500
    ) throws -> (store: Store, table: Table) {
        let options = simulated.options(durability, memtableByteCount: memtableByteCount)
        let store = try Store.open("/s", options: options)
        return (store, try store.createTable("t", schema: EveryType.schema))
    }

    @Test func atMostOneFullMemtableWaitsWhileAnotherFills() throws {
        let simulated = SimulatedStore(SimulatedFileSystem())
        let (store, table) = try Self.make(simulated)
        for number in 0..<200 {
            try table.append(rows: [Self.row(number)])
            store.read { core in
                #expect(core.generations.count <= 1)
                let waiting = core.generations.flatMap(\.memtables).reduce(0) { $0 + $1.memtable.rowCount }
                #expect(waiting <= 20)
            }
        }
        #expect(try table.allRows().map { $0["id"] } == (0..<200).map { .string("row-\($0)") })
    }

    @Test func aCallThatFindsMemoryFullAndTheDiskTooChangesNothing() throws {
        let disk = SimulatedFileSystem()
        let simulated = SimulatedStore(disk)
        let (store, table) = try Self.make(simulated)
        try table.append(rows: [Self.row(0)])
        let used = disk.filePaths.reduce(0) { $0 + (disk.contents(of: $1)?.count ?? 0) }
        disk.setCapacity(used + 200)
        var accepted = 1
        var refusals = 0
        for number in 1..<60 {
            do {
                try table.append(rows: [Self.row(accepted)])
                accepted += 1
            } catch {
                #expect(error.code == .noSpace, "\(number): \(error)")
                refusals += 1
            }
            #expect(try table.rowCount == accepted)
        }
        #expect(refusals > 0 && accepted < 60)
        #expect(throws: StoreError.self) { try store.seal() }
        #expect(try table.rowCount == accepted)
        disk.setCapacity(nil)
        for number in accepted..<accepted + 30 { try table.append(rows: [Self.row(number)]) }
        try store.seal()
        try store.close()
        let reader = try Store.openReadOnly("/s", options: simulated.options())
        #expect(try reader.table("t").allRows().map { $0["id"] } == (0..<accepted + 30).map { .string("row-\($0)") })
    }

    @Test(arguments: [SimulatedFault.inputOutput, .noSpace])
    func aSealThatFailedIsTriedAgain(fault: SimulatedFault) throws {
        let disk = SimulatedFileSystem()
        let simulated = SimulatedStore(disk)
        let (store, table) = try Self.make(simulated, .durable, memtableByteCount: 1 << 20)
        let rows = EveryType.rows(0..<20, seed: 1)
        try table.append(rows: rows)
        // Every operation of a seal in turn, until one goes through.
        var failures = 0
        for operation in 0..<100 {
            disk.fail(at: disk.operationCount + operation, fault)
            do {
                try store.seal()
                break
            } catch {
                failures += 1
                guard error.code != .poisoned else { return }
                #expect(try table.difference(from: rows, checkingEachRow: false) == nil)
            }
        }
        #expect(failures > 10)
        #expect(try table.difference(from: rows) == nil)
        #expect(store.read { $0.generations.isEmpty })
        try store.close()
        let reader = try Store.openReadOnly("/s", options: simulated.options())
        #expect(try reader.table("t").difference(from: rows) == nil)
    }

    @Test func closingWithASealThatFailsLosesNothing() throws {
        let disk = SimulatedFileSystem()
        let simulated = SimulatedStore(disk)
        let (store, table) = try Self.make(simulated, .buffered)
        for number in 0..<10 { try table.append(rows: [Self.row(number)]) }
        disk.failNext(.inputOutput)
        _ = try? store.close()
        let again = try Store.open("/s", options: simulated.options())
        // Nothing had been promised: whatever is there are the first calls.
        let found = try again.table("t").allRows().map { $0["id"] }
        #expect(found == (0..<found.count).map { .string("row-\($0)") })
    }

    @Test func aPoisonedLogRefusesCallsAndKeepsWhatCanBeRead() throws {
        let disk = SimulatedFileSystem()
        let simulated = SimulatedStore(disk)
        let (store, table) = try Self.make(simulated, .durable, memtableByteCount: 1 << 20)
        try table.append(rows: [Self.row(0)])
        disk.fail(at: disk.operationCount + 1, .syncLosesData)
        #expect(throws: StoreError.self) { try table.append(rows: [Self.row(1)]) }
        for _ in 0..<3 {
            let error = #expect(throws: StoreError.self) { try table.append(rows: [Self.row(2)]) }
            #expect(error?.code == .poisoned)
            #expect(throws: StoreError.self) { try store.sync() }
            #expect(throws: StoreError.self) { try store.seal() }
        }
        #expect(try table.row(0)["id"] == "row-0")
        _ = try? store.close()
        let again = try Store.open("/s", options: SimulatedStore(disk.crash(.nothing)).options())
        #expect(try again.table("t").allRows().map { $0["id"] } == ["row-0"])
    }

    @Test func theLastReferenceMayGoWithinAJobOfTheBackground() throws {
        let folder = TemporaryFolder()
        var options = StoreOptions()
        options.environment.logChunkByteCount = 64 << 10
        let ended = SignalLock()
        let isDone = Mutex(false)
        do {
            let store = try Store.open(folder.path("store"), options: options)
            try store.createTable("t", schema: EveryType.schema).append(rows: [Self.row(0)])
            let executor = try #require(store.eventExecutor)
            executor.submit {
                // Long enough for the test's own reference to go first.
                ThreadSleep.milliseconds(50)
                _ = store.path
            }
            executor.submit { [weak store] in
                #expect(store == nil || store != nil)
                isDone.withLock { $0 = true }
                ended.lock()
                ended.broadcast()
                ended.unlock()
            }
        }
        ended.lock()
        while !isDone.withLock({ $0 }) { ended.wait() }
        ended.unlock()
        var reopened: Store?
        for _ in 0..<500 where reopened == nil {
            reopened = try? Store.open(folder.path("store"), options: options)
            if reopened == nil { ThreadSleep.milliseconds(10) }
        }
        #expect(try reopened?.table("t").rowCount == 1)
    }

    @Test func wideRowsOfNullsCountByWhatTheyTakeInMemory() throws {
        let simulated = SimulatedStore(SimulatedFileSystem())
        let store = try Store.open("/s", options: simulated.options(memtableByteCount: 100_000))
        let schema = Schema((0..<500).map { ColumnDefinition("c\($0)", .float64) })
        let table = try store.createTable("t", schema: schema)
        for _ in 0..<200 { try table.append(rows: [[:]]) }
        store.read { core in
            #expect(core.tables.values.reduce(0) { $0 + $1.active.rowCount } < 30)
        }
        #expect(try table.rowCount == 200)
    }
}

private enum ThreadSleep {
    static func milliseconds(_ count: UInt64) {
        let lock = SignalLock()
        let end = SystemClock().monotonicNanoseconds + count * 1_000_000
        lock.lock()
        while SystemClock().monotonicNanoseconds < end { lock.wait(untilNanoseconds: end) }
        lock.unlock()
    }
}
