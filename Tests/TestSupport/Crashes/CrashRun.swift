import ColumnStore
import Synchronization

/// A life with crashes at every operation, each recovered and checked: what one seed of the soak is.
@safe
package final class CrashRun: @unchecked Sendable {
    /// What a run came to.
    package struct Report: Sendable {
        package var operationCount = 0
        package var crashCount = 0
        /// Crashes within the recovery of others, and within theirs.
        package var nestedCrashCount = 0
        /// The first promise that was broken, with where.
        package var violation: String?
        /// Of the operations of the life, with what they were if the journal is kept; for the same seed the same.
        package var digest: UInt64 = 0

        package init() {}
    }

    /// How many outcomes are tried at each operation.
    package static let outcomeCount = 3
    /// One in so many crashes is recovered thoroughly, and one in so many with crashes in its recovery.
    private static let thoroughness = 13
    private static let nesting = 31
    private static let depth = 2

    private let seed: UInt64
    private let stride: Int
    private let life: Life
    private var random: SeededGenerator
    private var report = Report()
    private var failure: String?
    private var nestedFailure: Violation?

    /// - Parameters:
    ///   - stride: Only one in so many operations crashes.
    ///   - narrates: Gets what happens, a line a step.
    package init(
        seed: UInt64, stride: Int = 1, keepsJournal: Bool = false, narrates: ((String) -> Void)? = nil
    ) throws {
        self.seed = seed
        self.stride = stride
        life = try Life(seed: seed, keepsJournal: keepsJournal)
        life.narrates = narrates
        random = SeededGenerator(seed: seed ^ 0xC4A5)
    }

    /// Lives, crashes, and says what came of it. Not to be called twice.
    package func run() -> Report {
        life.beforeOperation = { [weak self] _ in self?.crash() }
        do {
            try life.run()
        } catch {
            if failure == nil { failure = "in the life: \(error)\n\(lastOperations(life.fileSystem))" }
        }
        life.beforeOperation = nil
        report.violation = failure
        return report
    }

    private func lastOperations(_ disk: SimulatedFileSystem) -> String {
        disk.journal.suffix(8).map { "    \($0)\n" }.joined()
    }

    /// At this moment of the life.
    private func crash() {
        report.operationCount += 1
        note(life.fileSystem.pendingCount)
        for byte in life.fileSystem.journal.last?.utf8 ?? "".utf8 { note(Int(byte)) }
        guard failure == nil, (report.operationCount + Int(seed % 1_000)) % stride == 0 else { return }
        let model = life.model
        let count = life.fileSystem.pendingCount == 0 ? 1 : Self.outcomeCount
        for _ in 0..<count {
            let outcome = outcome(model)
            let disk = life.fileSystem.fork(outcome, seed: random.next())
            let promised = outcome == .kill ? model.writtenCount : model.durableCount
            do {
                try recover(disk, model, promised: promised, isKill: outcome == .kill, depth: 0)
            } catch {
                failure = """
                    before operation \(life.fileSystem.operationCount), \(outcome): \(error)
                    \(lastOperations(life.fileSystem))
                    """
                return
            }
        }
    }

    private func note(_ number: Int) {
        report.digest = (report.digest ^ UInt64(truncatingIfNeeded: number)) &* 0x100_0000_01B3
    }

    private func outcome(_ model: LifeModel) -> CrashOutcome {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: .nothing
        case 1: .kill
        case 2: .everything
        case 3: .torn(seed: random.next())
        default: .subset(seed: random.next())
        }
    }

    private func recover(
        _ disk: SimulatedFileSystem, _ model: LifeModel, promised: Int, isKill: Bool, depth: Int
    ) throws {
        report.crashCount += 1
        if depth > 0 { report.nestedCrashCount += 1 }
        let isThorough = report.crashCount % Self.thoroughness == 0
        let hasNested = depth < Self.depth && Int.random(in: 0..<Self.nesting, using: &random) == 0
        let recovery = LifeRecovery(model, life.expectations)
        var nested: (@Sendable (SimulatedFileSystem) -> Void)?
        if hasNested {
            nested = { [self] disk in crashAgain(disk, model, promised: promised, isKill: isKill, depth: depth + 1) }
        }
        try recovery.recover(disk, promised: promised, isThorough: isThorough, duringRecovery: nested)
        if let nestedFailure { throw nestedFailure }
    }

    /// At a moment of a recovery.
    private func crashAgain(
        _ disk: SimulatedFileSystem, _ model: LifeModel, promised: Int, isKill: Bool, depth: Int
    ) {
        guard nestedFailure == nil, Int.random(in: 0..<3, using: &random) > 0 else { return }
        let outcome = outcome(model)
        do {
            let image = disk.fork(outcome, seed: random.next())
            // What a killed process had only written is lost with the power.
            let isKill = isKill && outcome == .kill
            try recover(
                image, model, promised: isKill ? promised : model.durableCount, isKill: isKill, depth: depth)
        } catch {
            nestedFailure = Violation("a crash within recovery, \(outcome): \(error)\n\(lastOperations(disk))")
        }
    }
}
