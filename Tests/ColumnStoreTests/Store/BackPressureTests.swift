import ColumnFormat
import ColumnStore
import Synchronization
import TestSupport
import Testing

/// What happens while the disk does not keep up: who waits, what is refused or dropped, and how much memory that takes.
@Suite(.timeLimit(.minutes(2)))
struct BackPressureTests {
    private static let schema = Schema(
        [ColumnDefinition("id", .string, isNullable: false), ColumnDefinition("text", .string)], indexed: ["id"])

    private static func row(_ number: Int, textByteCount: Int = 100) -> [String: Value] {
        [
            "id": .string("row-\(number)"),
            "text": .string(String(repeating: Character(UnicodeScalar(97 + UInt8(number % 26))), count: textByteCount)),
        ]
    }

    private static func ids(_ store: Store) throws -> [Value?] { try store.table("t").allRows().map { $0["id"] } }

    // MARK: Bounds

    /// Nothing runs in the background of this store unless the test lets it: a disk that does not answer.
    @Test(arguments: [BackPressure.fail, .dropAndCount], 1...8 as ClosedRange<UInt64>)
    func memoryHasABoundAndACallIsTakenAsAWholeOrNotAtAll(policy: BackPressure, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let disk = SimulatedFileSystem(seed: seed)
        let simulated = SimulatedStore(disk)
        var options = simulated.options(memtableByteCount: Int.random(in: 5_000...40_000, using: &generator))
        options.backPressure = policy
        options.logMemoryByteCount = Int.random(in: 2_000...60_000, using: &generator)
        let store = try Store.open("/s", options: options)
        let table = try store.createTable("t", schema: Self.schema)
        var (accepted, lostCalls, lostEvents, number): ([Value], Int, Int, Int) = ([], 0, 0, 0)
        let largestCall = 4 * 700
        for step in 0..<600 {
            // The disk comes back now and then.
            if step % 150 == 149 { simulated.advance(milliseconds: 200) }
            let rows = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                number += 1
                return Self.row(number, textByteCount: Int.random(in: 0...600, using: &generator))
            }
            let before = store.status
            do throws(StoreError) {
                try table.append(rows: rows)
            } catch {
                #expect(policy == .fail && error.code == .overloaded, "\(error)")
            }
            let status = store.status
            let isStored = status.nextSequence != before.nextSequence
            if isStored {
                #expect(status.nextSequence == before.nextSequence + UInt64(rows.count))
                accepted += rows.map { $0["id"]! }
            } else {
                lostCalls += 1
                lostEvents += rows.count
                #expect(status.memoryRows == before.memoryRows)
            }
            #expect(status.refusedCalls == (policy == .fail ? lostCalls : 0))
            #expect(status.droppedCalls == (policy == .fail ? 0 : lostCalls))
            #expect(status.droppedEvents == (policy == .fail ? 0 : lostEvents))
            #expect(status.unwrittenByteCount <= options.logMemoryByteCount + largestCall)
            #expect(status.memoryByteCount <= 2 * options.memtableByteCount + 2 * largestCall)
            #expect(status.unsealedSets <= 1)
            #expect(status.waitedCalls == 0)
        }
        #expect(lostCalls > 50, "seed \(seed): the disk kept up, so that nothing was tested")
        #expect(try Self.ids(store) == accepted)
        try store.close()
        let reopened = try Store.open("/s", options: SimulatedStore(disk).options())
        #expect(try Self.ids(reopened) == accepted)
        try reopened.close()
    }

    @Test func whoWaitsLosesNothing() throws {
        let disk = SimulatedFileSystem()
        var options = SimulatedStore(disk).options(memtableByteCount: 5_000)
        options.logMemoryByteCount = 2_000
        let store = try Store.open("/s", options: options)
        let table = try store.createTable("t", schema: Self.schema)
        for number in 0..<400 {
            try table.append(rows: [Self.row(number)])
            #expect(store.status.unwrittenByteCount <= 2_200)
            #expect(store.status.memoryByteCount <= 11_000)
        }
        let status = store.status
        #expect(status.waitedCalls > 10 && status.refusedCalls == 0 && status.droppedCalls == 0)
        #expect(try Self.ids(store) == (0..<400).map { .string("row-\($0)") })
        try store.close()
    }

    @Test func promisesAreKeptUnderEveryPolicy() throws {
        let disk = SimulatedFileSystem()
        var options = SimulatedStore(disk).options(memtableByteCount: 5_000)
        options.backPressure = .dropAndCount
        options.logMemoryByteCount = 2_000
        let store = try Store.open("/s", options: options)
        let table = try store.createTable("t", schema: Self.schema)
        for number in 0..<100 { try table.append(rows: [Self.row(number)]) }
        #expect(store.status.droppedCalls > 0)
        // An erasure waits for room rather than to get lost.
        #expect(try table.erase(where: .equal("id", .string("row-3"))) == 1)
        try store.sync()
        #expect(store.durableUpTo == store.status.nextSequence)
        try store.seal()
        let left = try Self.ids(store)
        #expect(!left.contains(.string("row-3")) && left.contains(.string("row-4")))
        try store.close()
    }

    @Test(arguments: BackPressure.allCases)
    func aCallLargerThanTheMemoryGoesAlone(policy: BackPressure) throws {
        var options = SimulatedStore(SimulatedFileSystem()).options(memtableByteCount: 5_000)
        options.logMemoryByteCount = 2_000
        options.backPressure = policy
        let store = try Store.open("/s", options: options)
        let table = try store.createTable("t", schema: Self.schema)
        try table.append(rows: (0..<100).map { Self.row($0) })
        #expect(try table.rowCount == 100)
        try store.close()
    }

    @Test func aFullDiskIsToldOrCountedAndLeavesTheStoreUsable() throws {
        for policy in BackPressure.allCases {
            let disk = SimulatedFileSystem()
            let simulated = SimulatedStore(disk)
            var options = simulated.options(memtableByteCount: 8_000)
            options.backPressure = policy
            options.logMemoryByteCount = 4_000
            let store = try Store.open("/s", options: options)
            let table = try store.createTable("t", schema: Self.schema)
            disk.setCapacity(disk.filePaths.reduce(0) { $0 + (disk.contents(of: $1)?.count ?? 0) } + 1_000)
            var accepted: [Value] = []
            var refusals = 0
            func append(_ number: Int) throws {
                let before = store.status.nextSequence
                do throws(StoreError) {
                    try table.append(rows: [Self.row(number)])
                } catch {
                    #expect(error.code == .noSpace || error.code == .overloaded, "\(policy): \(error)")
                    refusals += 1
                }
                if store.status.nextSequence != before { accepted.append(.string("row-\(number)")) }
            }
            for number in 0..<300 {
                try append(number)
                if number % 20 == 19 { simulated.advance(milliseconds: 20) }
            }
            let status = store.status
            #expect((policy == .dropAndCount) == (refusals == 0), "\(policy)")
            #expect((policy == .dropAndCount) == (status.droppedCalls > 0), "\(policy)")
            #expect(status.logFailure?.code == .noSpace || status.sealFailure?.code == .noSpace, "\(policy)")
            #expect(try Self.ids(store) == accepted)
            disk.setCapacity(nil)
            // A disk that failed is left alone for a second, where nobody waits for it.
            simulated.clock.advance(by: .seconds(2))
            try append(1_000)
            simulated.advance(milliseconds: 20)
            let count = accepted.count
            for number in 1_001..<1_010 { try append(number) }
            #expect(accepted.count == count + 9, "\(policy)")
            try store.close()
            let reopened = try Store.open("/s", options: SimulatedStore(disk).options())
            #expect(try Self.ids(reopened) == accepted, "\(policy)")
            try reopened.close()
        }
    }

    // MARK: Threads

    private static func threaded(
        _ disk: StallingFileSystem, _ policy: BackPressure, memtableByteCount: Int = 1 << 20,
        logMemoryByteCount: Int = 1 << 20
    ) throws -> (store: Store, table: Table) {
        var options = StoreOptions()
        options.environment.fileSystem = disk
        options.environment.logChunkByteCount = 64 << 10
        options.memtableByteCount = memtableByteCount
        options.logMemoryByteCount = logMemoryByteCount
        options.flushMilliseconds = 1
        options.syncMilliseconds = 1
        options.backPressure = policy
        let store = try Store.open("/s", options: options)
        return (store, try store.createTable("t", schema: schema))
    }

    private static func wait(until isTrue: () -> Bool) {
        let executor = ThreadExecutor(name: "pause")
        while !isTrue() {
            let done = Atomic<Bool>(false)
            executor.schedule(afterMilliseconds: 2) { done.store(true, ordering: .releasing) }
            while !done.load(ordering: .acquiring) { executor.drain() }
        }
        executor.stop()
    }

    /// The memtables are frozen, the log goes on in new files, and checkpoints of the manifest wait meanwhile.
    @Test(arguments: [
        [StallingFileSystem.Call.sync], [.write], [.preallocate, .open], Set(StallingFileSystem.Call.allCases),
    ])
    func aStalledDiskHoldsUpNoBufferedCall(calls: Set<StallingFileSystem.Call>) throws {
        let disk = StallingFileSystem(SimulatedFileSystem())
        let (store, table) = try Self.threaded(disk, .block, memtableByteCount: 100 << 10)
        for number in 0..<100 { try table.append(rows: [Self.row(number)]) }
        disk.stall(calls)
        // Freezes once, and fills most of a second set; in the log that is several times what it takes of the disk at once.
        for number in 100..<1_000 { try table.append(rows: [Self.row(number)]) }
        let status = store.status
        #expect(status.waitedCalls == 0 && status.unsealedSets == 1)
        #expect(try table.rowCount == 1_000)
        disk.resume()
        try store.close()
        let reopened = try Store.openReadOnly(
            "/s",
            options: {
                var o = StoreOptions(); o.environment.fileSystem = disk; return o
            }())
        #expect(try Self.ids(reopened) == (0..<1_000).map { .string("row-\($0)") })
    }

    @Test(arguments: BackPressure.allCases)
    func afterTheBoundThePolicyDecides(policy: BackPressure) throws {
        let disk = StallingFileSystem(SimulatedFileSystem())
        let (store, table) = try Self.threaded(disk, policy, memtableByteCount: 20 << 10)
        disk.stall([.sync])
        let taken = Mutex<[Value]>([])
        let refused = Atomic<Int>(0)
        let caller = ThreadExecutor(name: "caller")
        caller.submit {
            for number in 0..<1_000 {
                do throws(StoreError) {
                    try table.append(rows: [Self.row(number)])
                    taken.withLock { $0.append(.string("row-\(number)")) }
                } catch {
                    #expect(error.code == .overloaded)
                    refused.add(1, ordering: .relaxed)
                }
            }
        }
        if policy == .block {
            // It stands still until the disk answers.
            Self.wait { store.status.memoryByteCount > 40 << 10 }
            let count = taken.withLock { $0.count }
            #expect(count < 1_000)
            disk.resume()
            caller.drain()
            #expect(store.status.waitedCalls > 0 && store.status.waitedMicroseconds > 0)
        } else {
            caller.drain()
            #expect(store.status.memoryByteCount < 42 << 10)
            disk.resume()
        }
        let status = store.status
        let lost = refused.load(ordering: .relaxed) + status.droppedCalls
        #expect(policy == .block ? lost == 0 : lost > 0)
        #expect(status.refusedCalls == refused.load(ordering: .relaxed))
        #expect(try table.rowCount == 1_000 - lost)
        let count = try table.rowCount
        try store.seal()
        try table.append(rows: [Self.row(5_000)])
        #expect(try table.rowCount == count + 1, "the store works on")
        caller.stop()
        try store.close()
    }

    @Test func aDurableCallWaitsForItsSyncUnderEveryPolicy() throws {
        let base = SimulatedFileSystem()
        let disk = StallingFileSystem(base)
        var options = StoreOptions()
        options.durability = .durable
        options.backPressure = .dropAndCount
        options.environment.fileSystem = disk
        options.environment.logChunkByteCount = 64 << 10
        let store = try Store.open("/s", options: options)
        let table = try store.createTable("t", schema: Self.schema)
        disk.stall([.sync])
        let callers = (0..<8).map { ThreadExecutor(name: "caller-\($0)") }
        let finished = Atomic<Int>(0)
        for (number, caller) in callers.enumerated() {
            caller.submit {
                _ = #expect(throws: Never.self) { try table.append(rows: [Self.row(number)]) }
                #expect(store.durableUpTo > 1)
                finished.add(1, ordering: .relaxed)
            }
        }
        Self.wait { disk.waitingCount > 0 && (try? table.rowCount) == 8 }
        #expect(finished.load(ordering: .relaxed) == 0)
        let before = base.operationCount
        disk.resume()
        for caller in callers { caller.stop() }
        #expect(finished.load(ordering: .relaxed) == 8)
        #expect(store.status.droppedCalls == 0 && store.durableUpTo == store.status.nextSequence)
        // A write and a sync for the first of them, and one of each for all others.
        #expect(base.operationCount - before <= 4)
        try store.close()
    }
}
