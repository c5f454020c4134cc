import ColumnFormat
import ColumnStore
import TestSupport
import Testing

/// A log under a workload, with the power cut at every operation: what was acknowledged as durable is there, nothing is there
/// that was not appended, and what is there is a prefix of what was appended.
struct LogCrashTests {
    /// What the workload knows when it ends, be it by a crash.
    private struct Witness {
        var appended: [[String]] = []
        var writtenCount = 0
        var durableCount = 0
    }

    /// Appends, flushes, syncs and rotates as `seed` says, until something throws.
    private func work(_ fileSystem: SimulatedFileSystem, seed: UInt64, callCount: Int) -> Witness {
        var witness = Witness()
        var generator = SeededGenerator(seed: seed)
        do {
            let writer = try LogFixture.writer(fileSystem, chunkByteCount: 2_048)
            for call in 0..<callCount {
                let size =
                    Int.random(in: 0...9, using: &generator) == 0 ? 3_000 : Int.random(in: 0...300, using: &generator)
                let rows = ["\(call)", String(repeating: "r", count: size)]
                try LogFixture.append(writer, rows)
                witness.appended.append(rows)
                switch Int.random(in: 0...9, using: &generator) {
                case 0, 1:
                    try writer.sync()
                    witness.durableCount = witness.appended.count
                    witness.writtenCount = witness.appended.count
                case 2, 3, 4:
                    try writer.flush()
                    witness.writtenCount = witness.appended.count
                case 5:
                    try writer.rotate()
                default: break
                }
            }
            try writer.close()
            witness.durableCount = witness.appended.count
            witness.writtenCount = witness.appended.count
        } catch {
            // The crash, or a fault that ended the log.
        }
        return witness
    }

    /// Recovers, as a store does. Returns the calls and what the next log needs.
    private func recover(
        _ fileSystem: SimulatedFileSystem, validByteCounts: [UInt64: Int] = [:]
    ) throws -> (calls: [[String]], replay: LogReplay) {
        var calls: [[String]] = []
        let replay = try LogReplay(
            fileSystem: fileSystem, directory: LogFixture.directory, from: 1, validByteCounts: validByteCounts,
            makeDurable: true
        ) { frames throws(StoreError) in
            for frame in frames { calls.append((try? LogFixture.texts(of: frame)) ?? ["damaged"]) }
        }
        return (calls, replay)
    }

    private func check(
        _ fileSystem: SimulatedFileSystem, _ witness: Witness, atLeast count: Int, _ comment: String
    ) throws {
        let (calls, replay): ([[String]], LogReplay)
        do {
            (calls, replay) = try recover(fileSystem)
        } catch {
            Issue.record("\(comment): \(error)")
            return
        }
        #expect(calls == Array(witness.appended.prefix(calls.count)), "\(comment): not a prefix")
        #expect(calls.count >= count, "\(comment): something durable is missing")
        #expect(try recover(fileSystem).calls == calls, "\(comment): the second recovery differs")

        // The store goes on in a new log, after the manifest took note of a tear, and crashes once more.
        var validByteCounts: [UInt64: Int] = [:]
        if let torn = replay.torn { validByteCounts[torn.number] = torn.validByteCount }
        let writer = try LogFixture.writer(
            fileSystem, number: replay.nextNumber, firstSequence: replay.nextSequence ?? 1)
        try LogFixture.append(writer, ["after the crash"])
        try writer.sync()
        try LogFixture.append(writer, ["not synced"])
        let again = try recover(fileSystem.crash(.nothing), validByteCounts: validByteCounts)
        #expect(again.calls == calls + [["after the crash"]], "\(comment): the second crash lost something")
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func noCrashLosesWhatWasDurable(seed: UInt64) throws {
        let rehearsal = try LogFixture.fileSystem(seed: seed)
        let start = rehearsal.operationCount
        _ = work(rehearsal, seed: seed, callCount: 25)
        let operationCount = rehearsal.operationCount
        #expect(operationCount > start + 10)
        for operation in start..<operationCount {
            func crashed(_ outcome: (SimulatedFileSystem) -> CrashOutcome) throws -> (SimulatedFileSystem, Witness) {
                let fileSystem = try LogFixture.fileSystem(seed: seed)
                fileSystem.fail(at: operation, .crash)
                let witness = work(fileSystem, seed: seed, callCount: 25)
                return (fileSystem.crash(outcome(fileSystem)), witness)
            }
            var outcomes: [CrashOutcome] = [.nothing, .everything]
            let pendingCount = try crashed { _ in .nothing }.0.pendingCount
            outcomes += (0..<max(1, pendingCount)).map { .prefix($0) }
            outcomes += (0..<6).map { .subset(seed: seed &* 1_000 &+ UInt64(operation) &* 10 &+ $0) }
            for outcome in outcomes {
                let (fileSystem, witness) = try crashed { _ in outcome }
                try check(
                    fileSystem, witness, atLeast: witness.durableCount,
                    "seed \(seed), operation \(operation), \(outcome)")
            }
        }
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func noKillLosesWhatWasWritten(seed: UInt64) throws {
        for callCount in 1...25 {
            let fileSystem = try LogFixture.fileSystem(seed: seed)
            var witness = Witness()
            // Ends without closing the log.
            fileSystem.fail(at: 10_000, .crash)
            witness = work(fileSystem, seed: seed, callCount: callCount)
            try check(fileSystem.kill(), witness, atLeast: witness.writtenCount, "seed \(seed), \(callCount) calls")
        }
    }

    @Test(arguments: [SimulatedFault.inputOutput, .noSpace, .syncLosesData])
    func noFaultLosesWhatWasDurable(fault: SimulatedFault) throws {
        let rehearsal = try LogFixture.fileSystem(seed: 7)
        let start = rehearsal.operationCount
        _ = work(rehearsal, seed: 7, callCount: 25)
        for operation in start..<rehearsal.operationCount {
            for outcome in [CrashOutcome.nothing, .everything, .subset(seed: UInt64(operation))] {
                let fileSystem = try LogFixture.fileSystem(seed: 7)
                fileSystem.fail(at: operation, fault)
                let witness = work(fileSystem, seed: 7, callCount: 25)
                try check(
                    fileSystem.crash(outcome), witness, atLeast: witness.durableCount,
                    "\(fault) at operation \(operation), \(outcome)")
            }
        }
    }
}
