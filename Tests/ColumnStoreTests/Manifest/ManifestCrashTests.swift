import ColumnFormat
import ColumnStore
import TestSupport
import Testing

/// A manifest under a workload, with a crash or a fault at every operation.
struct ManifestCrashTests {
    private static let directory = "/store"

    private struct Witness {
        /// The state after each commit that was tried, the empty one first.
        var states: [ManifestState] = []
        /// The place of the last commit that was acknowledged.
        var acknowledged: Int?
    }

    private func work(_ fileSystem: SimulatedFileSystem, stopAtError: Bool) -> Witness {
        var witness = Witness()
        do {
            // The first attempt's state is not known if it fails, so it is taken from the disk later.
            var manifest = try Manifest.create(fileSystem, Self.directory, rollByteCount: 500)
            witness.states.append(manifest.state)
            witness.acknowledged = 0
            for number in 0..<14 {
                if number == 7 {
                    manifest.close()
                    manifest = try Manifest.open(fileSystem, Self.directory, rollByteCount: 500)
                }
                let edits: [ManifestEdit] = [
                    .metadataSet(key: "a", bytes: Array("\(number)".utf8)),
                    .metadataSet(key: "b", bytes: Array("\(number)".utf8)),
                    .tableCreated(
                        id: UInt32(number + 1), name: "\(number)", schemaVersion: 1,
                        schemaBytes: [UInt8](repeating: 1, count: number * 20)),
                ]
                var next = manifest.state
                try next.apply(edits)
                witness.states.append(next)
                do {
                    try manifest.commit(edits)
                    witness.acknowledged = witness.states.count - 1
                } catch {
                    if stopAtError { throw error }
                }
            }
        } catch {
            // The crash.
        }
        return witness
    }

    private func check(_ fileSystem: SimulatedFileSystem, _ witness: Witness, _ comment: String) throws {
        guard try Manifest.exists(fileSystem, Self.directory) else {
            #expect(witness.acknowledged == nil, "\(comment): the store is gone")
            // A creation that was cut short can be repeated.
            #expect(try Manifest.create(fileSystem, Self.directory).state.storeID != nil)
            return
        }
        do {
            let loaded = try Manifest.load(fileSystem, Self.directory).state
            let manifest = try Manifest.open(fileSystem, Self.directory)
            #expect(manifest.state == loaded, "\(comment): reader and writer differ")
            if let acknowledged = witness.acknowledged {
                #expect(
                    witness.states[acknowledged...].contains(loaded), "\(comment): neither the last commit nor a later")
            }
            try manifest.commit([.metadataSet(key: "after", bytes: [1])])
            let again = try Manifest.load(fileSystem.crash(.nothing), Self.directory).state
            #expect(again == manifest.state, "\(comment): the second crash lost something")
        } catch {
            Issue.record("\(comment): \(error)")
        }
    }

    @Test func noCrashLosesACommit() throws {
        let rehearsal = try LogFixture.fileSystem()
        let start = rehearsal.operationCount
        _ = work(rehearsal, stopAtError: true)
        #expect(rehearsal.operationCount > start + 40)
        for operation in start..<rehearsal.operationCount {
            var pendingCount = 0
            func run(_ outcome: CrashOutcome) throws {
                let fileSystem = try LogFixture.fileSystem()
                fileSystem.fail(at: operation, .crash)
                let witness = work(fileSystem, stopAtError: true)
                pendingCount = fileSystem.pendingCount
                try check(fileSystem.crash(outcome), witness, "operation \(operation), \(outcome)")
            }
            try run(.nothing)
            try run(.everything)
            for count in 0..<pendingCount { try run(.prefix(count)) }
            for draw in 0..<12 { try run(.subset(seed: UInt64(operation * 100 + draw))) }
        }
    }

    @Test(arguments: [SimulatedFault.inputOutput, .noSpace, .syncLosesData])
    func noFaultLosesACommit(fault: SimulatedFault) throws {
        let rehearsal = try LogFixture.fileSystem()
        let start = rehearsal.operationCount
        _ = work(rehearsal, stopAtError: false)
        for operation in start..<rehearsal.operationCount {
            for width in [1, 2, 4, 9] {
                let fileSystem = try LogFixture.fileSystem()
                for place in operation..<operation + width { fileSystem.fail(at: place, fault) }
                let witness = work(fileSystem, stopAtError: false)
                for outcome in [CrashOutcome.nothing, .everything, .subset(seed: UInt64(operation))] {
                    try check(
                        fileSystem.crash(outcome), witness,
                        "\(fault) at \(width) operations from \(operation), \(outcome)")
                }
            }
        }
    }

    /// What the killed process had named, and not made durable, is what the next one goes by.
    @Test func aLossOfPowerWhileOpeningBehindAKillLosesNothing() throws {
        let rehearsal = try LogFixture.fileSystem()
        let start = rehearsal.operationCount
        _ = work(rehearsal, stopAtError: true)
        for operation in start..<rehearsal.operationCount {
            let fileSystem = try LogFixture.fileSystem()
            fileSystem.fail(at: operation, .crash)
            let witness = work(fileSystem, stopAtError: true)
            let killed = fileSystem.kill()
            for step in 0..<8 {
                let copy = killed.fork(.kill, seed: UInt64(step))
                copy.fail(at: copy.operationCount + step, .crash)
                _ = try? Manifest.open(copy, Self.directory)
                for outcome in [CrashOutcome.nothing] + (0..<6).map({ .subset(seed: UInt64(operation * 10 + $0)) }) {
                    try check(
                        copy.crash(outcome), witness, "killed at \(operation), power lost at \(step), \(outcome)")
                }
            }
        }
    }

    @Test func aCrashWithinRecoveryChangesNothing() throws {
        let fileSystem = try LogFixture.fileSystem()
        let last = "/store/MANIFEST-000001"
        let manifest = try Manifest.create(fileSystem, Self.directory)
        for number in 0..<5 { try manifest.commit([.metadataSet(key: "a", bytes: Array("\(number)".utf8))]) }
        let bytes = try #require(fileSystem.contents(of: last))
        for operation in 0..<12 {
            let copy = fileSystem.crash(.everything)
            copy.setContents(of: last, to: Array(bytes.dropLast(5)))
            copy.fail(at: operation, .crash)
            let torn = try Manifest.load(copy, Self.directory).state
            let manifest = try? Manifest.open(copy, Self.directory)
            try? manifest?.commit([.metadataSet(key: "recovered", bytes: [])])
            for outcome in [CrashOutcome.nothing, .everything, .subset(seed: UInt64(operation))] {
                var state = try Manifest.open(copy.crash(outcome), Self.directory).state
                try state.apply([.metadataRemoved(key: "recovered")])
                #expect(state == torn, "operation \(operation), \(outcome)")
            }
        }
    }
}
