import ColumnStore
import Drumlin
import TestSupport
import Testing

/// Whole lives of a store, each a function of its seed: calls of every kind, background work that takes turns, openings,
/// faults of the disk, and at every so many operations losses of power and kills, some of them within recovery. `make soak`
/// goes on for as long as one likes.
@Suite("Lives with crashes")
struct LifeCrashTests {
    @Test("No crash breaks a promise", arguments: Array(1...12) as [UInt64])
    func crashes(seed: UInt64) throws {
        let report = try CrashRun(seed: seed, stride: 31, keepsJournal: true).run()
        #expect(report.violation == nil, "seed \(seed)")
        #expect(report.operationCount > 0)
    }

    /// Seeds that have found something, at every operation.
    @Test("What once was broken stays whole", arguments: [5, 12, 72] as [UInt64])
    func regressions(seed: UInt64) throws {
        let report = try CrashRun(seed: seed, stride: 3, keepsJournal: true).run()
        #expect(report.violation == nil, "seed \(seed)")
    }

    @Test("A run is a function of its seed", arguments: [4, 12, 13] as [UInt64])
    func determinism(seed: UInt64) throws {
        let first = try CrashRun(seed: seed, stride: 40, keepsJournal: true).run()
        let second = try CrashRun(seed: seed, stride: 40, keepsJournal: true).run()
        #expect(first.digest == second.digest)
        #expect(first.operationCount == second.operationCount && first.crashCount == second.crashCount)
    }

    @Test(
        "What a disk puts elsewhere or forgets is found, or does no harm",
        arguments: [SimulatedFault.lostWrite, .misplacedWrite(by: 512), .misplacedWrite(by: -4_096)])
    func lies(fault: SimulatedFault) throws {
        var found = 0
        for operation in stride(from: 0, to: 160, by: 3) {
            let seed = UInt64(operation % 7 + 1)
            var plan = LifePlan(seed: seed)
            plan.hasFaults = false
            do {
                if try !Life(seed: seed, plan: plan).run(lyingAt: operation, fault) { found += 1 }
            } catch {
                Issue.record("seed \(seed), \(fault) at operation \(operation): \(error)")
            }
        }
        #expect(found > 0)
    }

    /// Found by seed 12: a folder that an attempt which failed, or a process that was killed, left without a durable name.
    @Test("Segments survive in folders that were made before, in vain")
    func folderOfAFailedAttempt() throws {
        for operation in 0..<60 {
            let disk = SimulatedFileSystem(seed: 1)
            try disk.createDirectory("/dir")
            try disk.syncDirectory("/")
            let store = try Store.open("/dir/store", options: SimulatedStore(disk).options(.durable))
            let table = try store.createTable("t", schema: EveryType.schema)
            try table.append(rows: EveryType.rows(0..<3, seed: 1))
            disk.fail(at: disk.operationCount + operation, .noSpace)
            do { try store.seal() } catch { try? store.seal() }
            let again = try Store.open(
                "/dir/store", options: SimulatedStore(disk.crash(.nothing)).options(.durable))
            #expect(try again.table("t").rowCount == 3, "operation \(operation)")
        }
    }

    /// Found by seed 72: nothing but the clock is in the logs, and the opening after the next had forgotten it.
    @Test("A task's clock survives openings, also where no row does")
    func clockWithoutRows() throws {
        let disk = SimulatedFileSystem(seed: 1)
        let time = Timestamp(microseconds: 1_583_110_800_000_000)
        let schema = TaskSchema(kind: .binary(), features: [])
        for opening in 0..<4 {
            var options = SimulatedStore(disk).options(.durable)
            options.arrival = .eventTime
            let store = try Store.open("/store", options: options)
            let task = try store.task("t", schema: schema)
            if opening == 0 { try task.advance(to: time) }
            #expect(task.status.clock == time, "opening \(opening)")
            try store.close()
        }
    }
}
