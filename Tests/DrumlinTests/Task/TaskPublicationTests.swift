import Drumlin
import TestSupport
import Testing

/// What is published, when, and what is remembered of it.
@Suite("The history of a task's metrics")
struct TaskPublicationTests {
    private static let day: Int64 = 86_400_000_000

    private static func time(_ days: Double) -> Timestamp {
        Timestamp(microseconds: TaskEvents.first + Int64(days * Double(day)))
    }

    /// Lateness is 6 hours, the label horizon 4 days.
    private static func harness() throws -> TaskHarness {
        let harness = try TaskHarness(TaskEvents.schema(.binary()))
        try harness.register(.accuracy, [.tumbling(.days(1))])
        return harness
    }

    @Test("A window is published when it closes and when it is final, and says what was believed then")
    func closeAndFinal() throws {
        let harness = try Self.harness()
        let task = harness.task
        try task.logPrediction(id: "a", at: Self.time(0.1), prediction: 0.75, features: [:])
        try task.logPrediction(id: "b", at: Self.time(0.2), prediction: 0.25, features: [:])
        try task.logFeedback(id: "a", at: Self.time(0.5), label: 1)
        #expect(try harness.checkPublished("open").isEmpty)
        #expect(try task.metrics()[0].status == "open" && task.metrics()[0].revision == 0)
        try task.advance(to: Self.time(1.25))
        var rows = try harness.checkPublished("closed")
        #expect(rows.map(\.status) == ["closed"] && rows[0].labeledValue == 1 && rows[0].unlabeledCount == 1)
        #expect(rows[0].computedAt == Self.time(1.25))
        // The label makes it final at the next of its ages.
        try task.logFeedback(id: "b", at: Self.time(1.5), label: 1)
        #expect(try task.metrics()[0].value == 0.5 && task.metrics()[0].status == "final")
        try task.advance(to: Self.time(3))
        rows = try harness.checkPublished("final")
        #expect(rows.map(\.revision) == [1, 2] && rows[1].status == "final" && rows[1].value == 0.5)
        #expect(try task.metrics()[0].revision == 2)
        // A correction after the end is one more.
        try task.logFeedback(id: "b", at: Self.time(3.5), label: 0)
        try task.advance(to: Self.time(6))
        try harness.reopen()
        rows = try harness.checkPublished("corrected")
        #expect(rows.map(\.revision) == [1, 2, 3] && rows[2].value == 1)
        func believed(_ days: Double) throws -> [Double?] {
            try harness.task.metrics(asOf: Self.time(days)).map(\.value)
        }
        #expect(try believed(1).isEmpty)
        #expect(try believed(1.25) == [1] && believed(2.9) == [rows[0].value])
        #expect(try believed(3) == [0.5] && believed(100) == [1])
        #expect(try harness.task.metrics(from: Self.time(1), asOf: Self.time(100)).isEmpty)
    }

    @Test("Missing labels make a window final at the horizon; windows without predictions have no row")
    func horizon() throws {
        let harness = try Self.harness()
        try harness.task.logPrediction(id: "a", at: Self.time(0.1), prediction: 0.75, features: [:])
        try harness.task.logPrediction(id: "b", at: Self.time(9.1), prediction: 0.75, features: [:])
        #expect(try harness.checkPublished("jump").map(\.status) == ["final"])
        let rows = try harness.task.metrics()
        #expect(rows.map(\.start) == [Self.time(0), Self.time(9)])
        #expect(rows[0].value == nil && rows[0].labeledValue == nil && rows[0].method == "labels")
    }

    @Test("The clock never runs back, not by restarts either", arguments: [false, true])
    func clock(isSealed: Bool) throws {
        let harness = try Self.harness()
        try harness.task.logPrediction(id: "a", at: Self.time(0.1), prediction: 0.75, features: [:])
        try harness.task.advance(to: Self.time(1.1))
        try harness.task.advance(to: Self.time(1))
        #expect(harness.task.status.clock == Self.time(1.1))
        if isSealed { try harness.store.seal() }
        try harness.reopen()
        #expect(harness.task.status.clock == Self.time(1.1))
        try harness.task.advance(to: Self.time(1.25))
        try harness.reopen()
        #expect(harness.task.status.clock == Self.time(1.25))
        try harness.task.advance(to: Self.time(2))
        try harness.task.advance(to: .init(microseconds: .max))
        #expect(try harness.checkPublished("clock").map(\.revision) == [1, 2])
    }

    @Test("Two tasks of one store have clocks of their own")
    func ownClocks() throws {
        let harness = try Self.harness()
        let other = try harness.store.task("other", schema: harness.schema)
        try other.registerMetric(.accuracy, windows: [.tumbling(.hours(1))])
        try other.logPrediction(id: "a", at: Self.time(50), prediction: 0.5, features: [:])
        try harness.task.logPrediction(id: "a", at: Self.time(0), prediction: 0.5, features: [:])
        for isSealed in [false, true] {
            if isSealed { try harness.store.seal() }
            try harness.reopen()
            #expect(harness.task.status.clock == Self.time(0))
            #expect(try harness.store.task("other").status.clock == Self.time(50))
            #expect(try harness.task.metrics().map(\.status) == ["open"])
        }
    }

    @Test("A metric ended and registered again goes on counting its revisions")
    func registeredAgain() throws {
        let harness = try Self.harness()
        for day in 0..<4 {
            try harness.task.logPrediction(id: "\(day)", at: Self.time(Double(day)), prediction: 0.5, features: [:])
        }
        try harness.task.unregisterMetric("accuracy")
        #expect(try harness.task.metrics().isEmpty)
        try harness.task.registerMetric(.accuracy, windows: [.tumbling(.days(1))])
        let rows = try harness.checkPublished("registered again")
        #expect(rows.map(\.revision).max() == 2)
        try harness.reopen()
        #expect(try harness.task.metrics().map(\.revision) == [2, 2, 0, 0])
    }

    @Test("A damaged or lost checkpoint changes no value, and nothing is published twice")
    func damagedCheckpoint() throws {
        var random = TaskEvents(.binary(), seed: 9)
        let harness = try TaskHarness(TaskEvents.schema(.binary()), memtableByteCount: 3_000)
        try harness.register(.accuracy, TaskPropertyTests.windows)
        for event in random.sequence(count: 60, epochs: 1) { try harness.log(event) }
        try harness.store.seal()
        let before = try harness.task.metrics()
        let published = try harness.checkPublished("before").count
        for path in harness.disk.filePaths where path.hasSuffix(".ckpt") {
            var bytes = harness.disk.contents(of: path)!
            bytes[bytes.count / 2] ^= 1
            harness.disk.setContents(of: path, to: bytes)
        }
        try harness.reopen()
        #expect(harness.task.stateOrigin == "rows")
        for (row, other) in zip(try harness.task.metrics(), before) where !row.isIdentical(to: other) {
            Issue.record("\(row.values)\nwas \(other.values)")
        }
        #expect(try harness.checkPublished("after").count == published)
        try harness.checkAgainstModel("after damage")
        try harness.task.advance(to: Self.time(60))
        try harness.checkPublished("after damage, and on")
    }

    @Test("After a seal the checkpoint is used, also by an epoch or a closure that came after it")
    func checkpointIsUsed() throws {
        var random = TaskEvents(.binary(), seed: 10)
        let harness = try TaskHarness(TaskEvents.schema(.binary()))
        try harness.register(.accuracy, TaskPropertyTests.windows)
        try harness.register(.rocAUC, [.cumulative])
        for event in random.sequence(count: 30, epochs: 1) { try harness.log(event) }
        try harness.reopen()
        #expect(harness.task.stateOrigin == "log")
        try harness.store.seal()
        try harness.reopen()
        #expect(harness.task.stateOrigin == "checkpoint")
        try harness.log(.reference(1))
        try harness.task.registerMetric("mine", windows: [.trailing(.days(2)), .cumulative]) { _, _ in 1 }
        for event in random.sequence(count: 20, epochs: 0) { try harness.log(event) }
        try harness.reopen()
        #expect(harness.task.stateOrigin == "checkpoint")
        try harness.checkAgainstModel("from the checkpoint")
        // Registered late, computed from the rows once, and then kept.
        try harness.register(.brier, [.tumbling(.hours(4))])
        let before = try harness.task.metrics(.brier)
        try harness.reopen()
        #expect(harness.task.stateOrigin == "checkpoint")
        #expect(try harness.task.metrics(.brier) == before)
        try harness.checkAgainstRecomputation("from the checkpoint")
    }
}
