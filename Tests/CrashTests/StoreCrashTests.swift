import ColumnFormat
import ColumnStore
import Foundation
import TestSupport
import Testing

/// Power losses, kills and failures at every operation of a small workload. What must hold: acknowledged as durable ⊆
/// recovered ⊆ appended, whole calls in the order of the log, and a store that can be used and opened again.
///
/// One seed takes a few seconds; `DRUMLIN_SOAK_SEEDS=1000` tries that many, each with every outcome and every fault.
struct StoreCrashTests {
    private static let soakCount = ProcessInfo.processInfo.environment["DRUMLIN_SOAK_SEEDS"].flatMap { UInt64($0) }
    private static let seeds = Array(1...(soakCount ?? 1))

    private static func freshDisk(_ seed: UInt64) throws -> SimulatedFileSystem {
        let fileSystem = SimulatedFileSystem(seed: seed)
        try fileSystem.createDirectory("/dir")
        try fileSystem.syncDirectory("/")
        return fileSystem
    }

    /// The operations of the workload without a fault.
    private static func operationRange(_ seed: UInt64) throws -> Range<Int> {
        let fileSystem = try freshDisk(seed)
        let first = fileSystem.operationCount
        try StoreWorkload(SimulatedStore(fileSystem), seed: seed).run()
        return first..<fileSystem.operationCount
    }

    /// Runs the workload with a fault at one operation; the executors' jobs run where it waits for them.
    private static func run(_ fault: SimulatedFault, at operation: Int, seed: UInt64) throws
        -> (disk: SimulatedFileSystem, workload: StoreWorkload)
    {
        let fileSystem = try freshDisk(seed)
        fileSystem.fail(at: operation, fault)
        let workload = StoreWorkload(SimulatedStore(fileSystem), seed: seed)
        do { try workload.run() } catch is StoreError {}
        return (fileSystem, workload)
    }

    @Test(arguments: seeds)
    func noPowerLossBreaksAPromise(seed: UInt64) throws {
        for operation in try Self.operationRange(seed) {
            let (disk, workload) = try Self.run(.crash, at: operation, seed: seed)
            let subset = CrashOutcome.subset(seed: seed &* 1_000 &+ UInt64(operation))
            let prefix = CrashOutcome.prefix(disk.pendingCount > 0 ? (operation + Int(seed)) % disk.pendingCount : 0)
            let outcomes =
                Self.soakCount == nil
                ? [operation % 3 == 0 ? .nothing : subset] : [.nothing, .everything, subset, prefix]
            for outcome in outcomes {
                do {
                    try Self.recover(disk.crash(outcome), workload, promised: workload.durableCount)
                } catch {
                    let message = "seed \(seed), operation \(operation), \(outcome): \(error)"
                    Issue.record("\(message)\n\(disk.journal.suffix(6).joined(separator: "\n"))")
                    return
                }
            }
        }
    }

    @Test(arguments: seeds)
    func noKillBreaksAPromise(seed: UInt64) throws {
        for operation in try Self.operationRange(seed) {
            let (disk, workload) = try Self.run(.crash, at: operation, seed: seed)
            do {
                try Self.recover(disk.kill(), workload, promised: workload.writtenCount)
            } catch {
                Issue.record("seed \(seed), operation \(operation): \(error)\n\(disk.journal.suffix(6))")
                return
            }
        }
    }

    @Test(arguments: seeds, [SimulatedFault.inputOutput, .noSpace, .syncLosesData])
    func noFailureOfTheDiskBreaksAPromise(seed: UInt64, fault: SimulatedFault) throws {
        let turn = [.inputOutput, .noSpace, .syncLosesData].firstIndex(of: fault)!
        for operation in try Self.operationRange(seed) where Self.soakCount != nil || operation % 3 == turn {
            let (disk, workload) = try Self.run(fault, at: operation, seed: seed)
            do {
                let isPowerLost = operation % 2 == 0
                try Self.recover(
                    isPowerLost ? disk.crash(.nothing) : disk.kill(), workload, promised: workload.durableCount)
            } catch {
                Issue.record("seed \(seed), operation \(operation), \(fault): \(error)\n\(disk.journal.suffix(6))")
                return
            }
        }
    }

    @Test func aSecondCrashWithinRecoveryBreaksNoPromise() throws {
        let seed: UInt64 = 7
        // Every crash of the workload with every crash of its recovery would be too many: steps that share no factor.
        for operation in try Self.operationRange(seed) where operation % 29 == 0 {
            let (disk, workload) = try Self.run(.crash, at: operation, seed: seed)
            for second in stride(from: 0, to: 60, by: 5) {
                let crashed = disk.crash(.subset(seed: UInt64(operation)))
                crashed.fail(at: crashed.operationCount + second, .crash)
                let simulated = SimulatedStore(crashed)
                let store = try? Store.open(StoreWorkload.path, options: simulated.options())
                try? store?.seal()
                guard crashed.hasCrashed else { break }
                do {
                    let twice = crashed.crash(.subset(seed: UInt64(second)))
                    try Self.recover(twice, workload, promised: workload.durableCount)
                } catch {
                    Issue.record("operation \(operation), then \(second): \(error)\n\(crashed.journal.suffix(6))")
                    return
                }
            }
        }
    }

    /// Opens what a crash left: for reading, for writing, again, and after more rows were written and sealed.
    private static func recover(_ disk: SimulatedFileSystem, _ workload: StoreWorkload, promised: Int) throws {
        let simulated = SimulatedStore(disk)
        let path = StoreWorkload.path
        let hasStore = try disk.kind(of: path + "/CURRENT") == .file
        guard hasStore || promised == 0, hasStore || workload.madeTables.isEmpty else {
            throw Violation("there is no store")
        }
        var read: RecoveredStore?
        if hasStore {
            read = try RecoveredStore(
                Store.openReadOnly(path, options: simulated.options()), workload, promised: promised)
        }
        let first: RecoveredStore
        do {
            let store = try Store.open(path, options: simulated.options(memtableByteCount: 600))
            first = try RecoveredStore(store, workload, promised: promised)
            if let read, !(read == first) { throw Violation("a reader sees other rows than the recovered store has") }
            // Let go without closing: what was recovered is durable all the same.
        }
        let again = SimulatedStore(disk.crash(.nothing))
        let store = try Store.open(path, options: again.options(memtableByteCount: 600))
        guard try first == RecoveredStore(store, workload, promised: promised) else {
            throw Violation("the second recovery differs from the first")
        }
        // It can be written, sealed and opened once more.
        let table = try store.createTable("after", schema: StoreWorkload.schema)
        for number in 0..<12 { try table.append(rows: [["id": .string("n\(number)"), "call": .int(Int64(number))]]) }
        try store.seal()
        try table.append(rows: [["id": "n12", "call": 12]])
        try store.close()
        let last = try Store.open(path, options: again.options())
        guard try last.table("after").allRows().map({ $0["call"] }) == (0...12).map({ Value.int(Int64($0)) }) else {
            throw Violation("rows written after the recovery are missing")
        }
        guard try RecoveredStore(last, workload, promised: promised).callCount == first.callCount else {
            throw Violation("rows are missing after the store was written again")
        }
    }
}
