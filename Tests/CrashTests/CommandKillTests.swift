import ColumnStore
import Drumlin
import Foundation
import TestSupport
import Testing

import struct TestSupport.SeededGenerator

/// SIGKILL to the real `drumlin` at random moments, 50 times. What it had acknowledged, or had logged as written, must be
/// there; the metrics must be those of the rows that are there; and run to its end the command must leave what it would
/// have left undisturbed, with nothing twice.
@Suite(
    .serialized, .enabled(if: KilledCommand.executable != nil, "drumlin has not been built beside the tests: skipped"))
struct CommandKillTests {
    private static let workload = KillWorkload(seed: 11, count: 1_000)
    /// Made once, for all tests.
    private static let undisturbed = Result { try UndisturbedReplay(workload) }

    private let files: KillFiles
    private var workload: KillWorkload { Self.workload }

    init() throws { files = try KillFiles(Self.workload) }

    /// A replay that is killed three times and run again each time: thirty kills.
    @Test(arguments: Array(1...10) as [UInt64])
    func aReplayThatIsKilledAndRunAgainLeavesWhatAnUndisturbedOneLeaves(seed: UInt64) throws {
        let undisturbed = try Self.undisturbed.get()
        var random = SeededGenerator(seed: seed)
        let path = files.path("model.drumlin")
        var kills = 0
        var promised = 0
        var longest = undisturbed.seconds
        for _ in 0..<30 where kills < 3 {
            let command = try files.startReplay(into: path)
            Thread.sleep(forTimeInterval: longest * .random(in: 0..<1, using: &random))
            if try command.killed() {
                kills += 1
                promised = try check(
                    path, promised: promised, alsoWriting: kills % 2 == 0, "seed \(seed), kill \(kills)")
            } else {
                // It was faster than the kill: another store, and less time.
                try checkEnd(path, undisturbed)
                try FileManager.default.removeItem(atPath: path)
                promised = 0
                longest *= 0.8
            }
        }
        #expect(kills == 3)
        try files.startReplay(into: path).finish()
        try checkEnd(path, undisturbed)
    }

    /// A client that sends lines, waits for the answers, and after a kill goes on behind the last line it had answered:
    /// twenty kills.
    @Test(arguments: [11, 12] as [UInt64])
    func whatLogAcknowledgedIsThereAfterAKill(seed: UInt64) throws {
        let undisturbed = try Self.undisturbed.get()
        var random = SeededGenerator(seed: seed)
        let path = files.path("model.drumlin")
        try files.makeStore(path)
        let events = workload.events
        var acknowledged = 0
        for kill in 1...10 {
            let command = try files.startLog(into: path)
            // At the tenth kill most of the events are there.
            let goal = acknowledged + Int.random(in: 0...(events.count - acknowledged) / 5, using: &random)
            while acknowledged < goal { acknowledged += try exchange(command, from: acknowledged, &random) }
            let unanswered = Int.random(in: 0...60, using: &random)
            try send(command, from: acknowledged, count: unanswered)
            // By and by there are so many logs that they are sealed in the background, which takes longer.
            Thread.sleep(forTimeInterval: .random(in: 0...(kill < 7 ? 0.02 : 0.4), using: &random))
            #expect(try command.killed())
            while let answer = command.nextLine() { acknowledged += try take(answer, at: acknowledged) }
            let found = try check(
                path, promised: storedCount(acknowledged), alsoWriting: kill % 2 == 0, "seed \(seed), kill \(kill)")
            #expect(found <= storedCount(acknowledged + unanswered))
        }
        let command = try files.startLog(into: path)
        while acknowledged < events.count { acknowledged += try exchange(command, from: acknowledged, &random) }
        try command.finish()
        try checkEnd(path, undisturbed)
    }

    // MARK: Lines

    /// Sends some lines, takes their answers, and gives how many they are.
    private func exchange(_ command: KilledCommand, from first: Int, _ random: inout SeededGenerator) throws -> Int {
        let count = min(Int.random(in: 1...40, using: &random), workload.events.count - first)
        try send(command, from: first, count: count)
        for place in 0..<count {
            guard let answer = command.nextLine() else { throw Violation("no answer to line \(first + place)") }
            _ = try take(answer, at: first + place)
        }
        return count
    }

    private func send(_ command: KilledCommand, from first: Int, count: Int) throws {
        let lines = workload.events.dropFirst(first).prefix(count).map { KillWorkload.line($0) + "\n" }
        if !lines.isEmpty { try command.send(lines.joined()) }
    }

    private func take(_ answer: String, at place: Int) throws -> Int {
        let expected = #"{"ok":true,"id":"\#(workload.events[place].id)"}"#
        guard answer == expected else { throw Violation("the answer to line \(place) is \(answer)") }
        return 1
    }

    /// How many of the first `count` events are stored: some come twice.
    private func storedCount(_ count: Int) -> Int { Set(workload.events.prefix(count)).count }

    // MARK: Checks

    /// Opens what a kill left and checks it; gives how many events are there.
    private func check(_ path: String, promised: Int, alsoWriting: Bool, _ place: String) throws -> Int {
        do {
            // A kill may come before there is a store.
            guard FileManager.default.fileExists(atPath: path + "/CURRENT") else {
                guard promised == 0 else { throw Violation("there is no store any more") }
                return 0
            }
            let read = try RecoveredTask(Store.openReadOnly(path), workload)
            guard read.eventCount >= promised else { throw Violation("\(read.eventCount) events of \(promised)") }
            try read.checkMetrics()
            guard alsoWriting else { return read.eventCount }
            let store = try Store.open(path)
            let written = try RecoveredTask(store, workload)
            guard written.eventCount == read.eventCount, written.metrics == read.metrics else {
                throw Violation("a reader sees other events or metrics than the recovered store has")
            }
            try checkLookups(store, count: promised)
            try store.close()
            return read.eventCount
        } catch {
            throw Violation("\(place): \(error)")
        }
    }

    /// Finds what was acknowledged by its id.
    private func checkLookups(_ store: Store, count: Int) throws {
        for case .prediction(let prediction) in workload.stored.prefix(count) {
            guard try store.table("tips/predictions").lookup("_id", .string(prediction.id)) != nil else {
                throw Violation("\(prediction.id) is not found")
            }
        }
    }

    /// All is there, once, as if nobody had been killed: also what was published, row by row.
    private func checkEnd(_ path: String, _ undisturbed: UndisturbedReplay) throws {
        let store = try Store.openReadOnly(path)
        let recovered = try RecoveredTask(store, workload)
        #expect(recovered.eventCount == workload.stored.count)
        #expect(recovered.metrics == undisturbed.metrics)
        #expect(try UndisturbedReplay.published(store) == undisturbed.published)
    }
}
