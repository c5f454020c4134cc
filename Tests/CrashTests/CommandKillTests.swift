import ColumnStore
import Drumlin
import Foundation
import TestSupport
import struct TestSupport.SeededGenerator
import Testing

/// SIGKILL to the real `drumlin` at random moments, 50 times. What it had acknowledged, or had logged as written, must be
/// there; the metrics must be those of the rows that are there; and run to its end the command must leave what it would
/// have left undisturbed, with nothing twice.
@Suite(
    .serialized, .enabled(if: KilledCommand.executable != nil, "drumlin has not been built beside the tests: skipped"))
struct CommandKillTests {
    private static let workload = KillWorkload(seed: 11, count: 1_000)
    private static let folder = TemporaryFolder()

    /// What undisturbed replays leave, and how long one takes: made once, for all tests.
    private static let undisturbed = Result { try Undisturbed(workload, folder) }

    private struct Undisturbed {
        /// A store with the task, the metrics and the reference set, and no events.
        let empty: String
        let seconds: Double
        let metrics: [MetricRow]
        let published: [[String: Value]]

        init(_ workload: KillWorkload, _ folder: TemporaryFolder) throws {
            for (name, text) in [
                ("task.json", KillWorkload.specification), ("reference.csv", KillWorkload.referenceFile),
                ("predictions.csv", workload.predictionFile), ("labels.csv", workload.labelFile),
            ] { try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path(name))) }
            empty = folder.path("empty.drumlin")
            try KilledCommand(
                ["replay", empty, "--spec", folder.path("task.json"), "--reference", folder.path("reference.csv")],
                in: folder.path
            ).finish()
            let path = folder.path("undisturbed.drumlin")
            let start = ContinuousClock.now
            try KilledCommand(CommandKillTests.replay(path), in: folder.path).finish()
            seconds = start.duration(to: .now) / .seconds(1)
            let store = try Store.openReadOnly(path)
            let recovered = try RecoveredTask(store, workload)
            guard recovered.eventCount == workload.stored.count else {
                throw Violation("\(recovered.eventCount) events of \(workload.stored.count) without any kill")
            }
            try recovered.checkMetrics()
            metrics = recovered.metrics
            published = try CommandKillTests.published(store)
        }
    }

    private static func replay(_ store: String) -> [String] {
        [
            "replay", store, "--spec", folder.path("task.json"), "--reference", folder.path("reference.csv"),
            "--predictions", folder.path("predictions.csv"), "--labels", folder.path("labels.csv"),
            "--durability", "written",
        ]
    }

    /// The published metrics, without the number of the event that led to each: a continued log has others.
    private static func published(_ store: Store) throws -> [[String: Value]] {
        try store.table("tips/metrics").allRows().map { row in row.filter { $0.key != "_source" } }
    }

    // MARK: Replay

    /// Stores that are killed several times each while they are filled, with what `Store.open` leaves in between.
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func aReplayThatIsKilledAndRunAgainLeavesWhatAnUndisturbedOneLeaves(seed: UInt64) throws {
        let undisturbed = try Self.undisturbed.get()
        var random = SeededGenerator(seed: seed)
        let path = Self.folder.path("replayed-\(seed).drumlin")
        var kills = 0
        var promised = 0
        var longest = undisturbed.seconds
        for _ in 0..<60 where kills < 6 {
            let command = try KilledCommand(Self.replay(path), in: Self.folder.path)
            Thread.sleep(forTimeInterval: longest * .random(in: 0..<1, using: &random))
            if try command.killed() {
                kills += 1
            } else {
                // The machine has become faster.
                longest *= 0.8
                promised = Self.workload.stored.count
            }
            promised = try Self.check(
                path, promised: promised, alsoWriting: kills % 2 == 0, "seed \(seed), kill \(kills)")
        }
        #expect(kills == 6)
        try KilledCommand(Self.replay(path), in: Self.folder.path).finish()
        try Self.checkEnd(path, undisturbed)
    }

    // MARK: Log

    /// A client that sends lines, waits for the answers, and after a kill goes on behind the last line it had answered.
    @Test(arguments: [6, 7] as [UInt64])
    func whatLogAcknowledgedIsThereAfterAKill(seed: UInt64) throws {
        let undisturbed = try Self.undisturbed.get()
        var random = SeededGenerator(seed: seed)
        let path = Self.folder.path("logged-\(seed).drumlin")
        try FileManager.default.copyItem(atPath: undisturbed.empty, toPath: path)
        let events = Self.workload.events
        var acknowledged = 0
        for kill in 1...10 {
            let command = try Self.log(path)
            // At the tenth kill most of the events are there.
            let goal = acknowledged + Int.random(in: 0...(events.count - acknowledged) / 5, using: &random)
            while acknowledged < goal { acknowledged += try Self.exchange(command, from: acknowledged, &random) }
            let unanswered = Int.random(in: 0...60, using: &random)
            try Self.send(command, from: acknowledged, count: unanswered)
            Thread.sleep(forTimeInterval: .random(in: 0...0.02, using: &random))
            #expect(try command.killed())
            while let answer = command.nextLine() { acknowledged += try Self.take(answer, at: acknowledged) }
            let found = try Self.check(
                path, promised: Self.storedCount(acknowledged), alsoWriting: kill % 2 == 0, "seed \(seed), kill \(kill)"
            )
            #expect(found <= Self.storedCount(acknowledged + unanswered))
        }
        let command = try Self.log(path)
        while acknowledged < events.count { acknowledged += try Self.exchange(command, from: acknowledged, &random) }
        try command.finish()
        try Self.checkEnd(path, undisturbed)
    }

    private static func log(_ path: String) throws -> KilledCommand {
        try KilledCommand(["log", path, "--durability", "written", "--event-time"], in: folder.path)
    }

    /// Sends some lines, takes their answers, and gives how many they are.
    private static func exchange(
        _ command: KilledCommand, from first: Int, _ random: inout SeededGenerator
    ) throws -> Int {
        let count = min(Int.random(in: 1...40, using: &random), workload.events.count - first)
        try send(command, from: first, count: count)
        for place in 0..<count {
            guard let answer = command.nextLine() else { throw Violation("no answer to line \(first + place)") }
            _ = try take(answer, at: first + place)
        }
        return count
    }

    private static func send(_ command: KilledCommand, from first: Int, count: Int) throws {
        let lines = workload.events.dropFirst(first).prefix(count).map { KillWorkload.line($0) + "\n" }
        if !lines.isEmpty { try command.send(lines.joined()) }
    }

    private static func take(_ answer: String, at place: Int) throws -> Int {
        let expected = #"{"ok":true,"id":"\#(workload.events[place].id)"}"#
        guard answer == expected else { throw Violation("the answer to line \(place) is \(answer)") }
        return 1
    }

    /// How many of the first `count` events are stored: some come twice.
    private static func storedCount(_ count: Int) -> Int { Set(workload.events.prefix(count)).count }

    // MARK: Checks

    /// Opens what a kill left and checks it; gives how many events are there.
    private static func check(_ path: String, promised: Int, alsoWriting: Bool, _ place: String) throws -> Int {
        do {
            guard try hasStore(path, promised: promised) else { return 0 }
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

    /// A kill may come before there is a store.
    private static func hasStore(_ path: String, promised: Int) throws -> Bool {
        if FileManager.default.fileExists(atPath: path + "/CURRENT") { return true }
        guard promised == 0 else { throw Violation("there is no store any more") }
        return false
    }

    /// Finds what was acknowledged by its id.
    private static func checkLookups(_ store: Store, count: Int) throws {
        for case .prediction(let prediction) in workload.stored.prefix(count) {
            guard try store.table("tips/predictions").lookup("_id", .string(prediction.id)) != nil else {
                throw Violation("\(prediction.id) is not found")
            }
        }
    }

    private static func checkEnd(_ path: String, _ undisturbed: Undisturbed) throws {
        let store = try Store.openReadOnly(path)
        let recovered = try RecoveredTask(store, workload)
        #expect(recovered.eventCount == workload.stored.count)
        #expect(recovered.metrics == undisturbed.metrics)
        #expect(try published(store) == undisturbed.published)
    }
}
