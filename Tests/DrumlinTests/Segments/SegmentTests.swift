import Drumlin
import TestSupport
import Testing

/// Slices beside the properties of all tasks, which `TaskPropertyTests` and `TaskCrashTests` hold for slices as well.
@Suite("Segments")
struct SegmentTests {
    static let windows: [Window] = [.tumbling(.days(1)), .sliding(.days(2), every: .days(1)), .cumulative]

    private static func events(_ kind: TaskKind, seed: UInt64, count: Int = 150) -> [TaskEvents.Event] {
        var events = TaskEvents(kind, seed: seed)
        return events.sequence(count: count, epochs: 1)
    }

    /// A slice is what a task would have that got its events alone: values, estimates, intervals, all of it.
    @Test("A slice has the rows of a task of its own", arguments: TaskEvents.kinds.indices)
    func sliceIsATask(kind: Int) throws {
        let schema = TaskEvents.schema(TaskEvents.kinds[kind], estimator: kind == 2 ? nil : .cbpe)
        let metrics = TaskPropertyTests.metrics(schema.kind)
        let whole = try TaskHarness(schema, memtableByteCount: 4_000)
        for metric in metrics { try whole.register(metric, Self.windows) }
        try whole.register(Segmentation(["place"]))
        let events = Self.events(schema.kind, seed: 21)
        for event in events { try whole.log(event) }
        try whole.reopen()
        let slices = whole.slices(Segmentation(["place"]), [])
        for name in Set(slices) {
            let ids = Set(
                whole.model.predictions.indices.filter { slices[$0] == name }.map { whole.model.predictions[$0].id })
            let alone = try TaskHarness(schema)
            for metric in metrics { try alone.register(metric, Self.windows) }
            for event in events {
                switch event {
                case .prediction(let prediction): if ids.contains(prediction.id) { try alone.log(event) }
                case .feedback(let item): if ids.contains(item.id) { try alone.log(event) }
                case .reference: try alone.log(event)
                }
            }
            if let clock = whole.model.clock { try alone.task.advance(to: Timestamp(microseconds: clock)) }
            let expected = try alone.comparableRows()
            let found = TaskHarness.comparable(try whole.task.metrics(segment: .named(name)))
            #expect(found.count == expected.count && !found.isEmpty, "\(name)")
            for (row, other) in zip(found, expected) {
                var row = row
                #expect(row.segment == name)
                row.segment = nil
                if !row.isIdentical(to: other) { Issue.record("\(name): \(row.values)\nalone: \(other.values)") }
            }
        }
    }

    @Test("Registered late, or from the beginning, by rows or from a checkpoint: the same")
    func late() throws {
        let schema = TaskEvents.schema(.binary())
        let early = try TaskHarness(schema, memtableByteCount: 3_000)
        let late = try TaskHarness(schema, memtableByteCount: 3_000)
        try early.register(Segmentation(["n", "place"], limit: 200))
        for harness in [early, late] {
            try harness.register(.f1, Self.windows)
            for event in Self.events(.binary(), seed: 5) { try harness.log(event) }
        }
        try late.register(Segmentation(["n", "place"], limit: 200))
        func rows(_ harness: TaskHarness) throws -> [MetricRow] { try harness.comparableRows() }
        let expected = try rows(early)
        #expect(expected.count { $0.segment != nil } > 50)
        #expect(try rows(late) == expected)
        try late.reopen()
        #expect(try rows(late) == expected)
        // Finer windows make all panes anew.
        for harness in [early, late] { try harness.register(.accuracy, [.tumbling(.hours(2))]) }
        #expect(try rows(late) == (try rows(early)))
        // What is published of windows that had closed is published of the slices that come late, too.
        let published = try TaskHarness.published(late.store).filter { $0.segment != nil && $0.metric == "f1" }
        let closed = try late.task.metrics(.f1, segment: .by(["n", "place"])).filter { $0.status != "open" }
        for row in closed {
            #expect(
                published.contains { $0.segment == row.segment && $0.window == row.window && $0.start == row.start })
        }
        #expect(!closed.isEmpty)
        try late.checkPublished("late")
    }

    @Test("What was published of a slice is known as of then")
    func asOf() throws {
        let harness = try TaskHarness(TaskEvents.schema(.binary()))
        try harness.register(.accuracy, [.tumbling(.days(1))])
        try harness.register(Segmentation(["place"]))
        for event in Self.events(.binary(), seed: 8) { try harness.log(event) }
        try harness.task.advance(to: Timestamp(microseconds: TaskEvents.first + 40 * 86_400_000_000))
        let clock = try #require(harness.task.status.clock)
        let now = try harness.task.metrics(.accuracy, segment: .every).filter { $0.status == "final" }
        let then = try harness.task.metrics(.accuracy, asOf: clock, segment: .every)
        #expect(now.count > 10)
        for row in now {
            let found = then.first { $0.segment == row.segment && $0.start == row.start }
            #expect(found?.value == row.value && found?.revision == row.revision, "\(row)")
        }
        #expect(try harness.task.metrics(.accuracy, asOf: clock).allSatisfy { $0.segment == nil })
        let named = try harness.task.metrics(.accuracy, asOf: clock, segment: "place=P")
        #expect(!named.isEmpty && named.allSatisfy { $0.segment == "place=P" })
    }

    @Test("Erased rows leave their slices")
    func erasure() throws {
        let harness = try TaskHarness(TaskEvents.schema(.binary()), memtableByteCount: 4_000)
        try harness.register(.accuracy, Self.windows)
        try harness.register(Segmentation(["place"]))
        for event in Self.events(.binary(), seed: 9, count: 80) { try harness.log(event) }
        try harness.erase((0..<80).filter { $0 % 3 == 0 }.map { "id-\($0)" })
        try harness.checkAgainstModel("erased")
        try harness.reopen()
        try harness.checkAgainstModel("erased and reopened")
    }

    @Test("A back-test has the slices of the task", arguments: TaskEvents.kinds)
    func backtests(kind: TaskKind) throws {
        let harness = try TaskHarness(TaskEvents.schema(kind), memtableByteCount: 8_000)
        for event in Self.events(kind, seed: 12, count: 300) { try harness.log(event) }
        let metric = TaskPropertyTests.metrics(kind)[0]
        try harness.register(metric, Self.windows)
        try harness.register(Segmentation(["place"]))
        try harness.register(Segmentation(["n"], limit: 3))
        var plan = Backtest(segments: [Segmentation(["place"]), Segmentation(["n"], limit: 3)])
        func comparable(_ rows: [MetricRow]) -> [MetricRow] { TaskHarness.comparable(rows) }
        let result = try harness.task.backtest(plan)
        #expect(comparable(result.rows) == comparable(try harness.task.metrics(segment: .every)))
        #expect(result.rows.contains { $0.segment == "n:other" } && result.rows.contains { $0.segment == "place:null" })
        plan.labels = .withheld
        let withheld = try harness.task.backtest(plan)
        #expect(withheld.summaries.count == 3 * Set(withheld.rows.map(\.segment)).count)
    }

    @Test("What cannot be a segment is refused, and says why")
    func refusals() throws {
        let harness = try TaskHarness(TaskEvents.schema(.binary()))
        let task = harness.task
        func refused(_ segmentation: Segmentation, _ code: StoreError.Code, _ text: String) {
            do {
                try task.registerSegments(segmentation)
                Issue.record("\(segmentation) was taken")
            } catch {
                #expect(error.code == code && "\(error)".contains(text), "\(error)")
            }
        }
        refused(["x"], .invalidInput, "whole numbers")
        refused(["nowhere"], .invalidInput, "possible are n, place")
        refused([], .invalidInput, "columns")
        refused(["n", "n"], .invalidInput, "each once")
        refused(Segmentation(["n"], limit: 0), .invalidInput, "1 to 1000")
        try task.registerSegments(["n"])
        try task.registerSegments(["n"])
        refused(Segmentation(["n"], limit: 5), .schemaMismatch, "limit of 20")
        #expect(throws: StoreError.self) { try task.metrics(segment: "n=4") }
        #expect(throws: StoreError.self) { try task.metrics(segment: .by(["place"])) }
        try task.unregisterSegments(["n"])
        #expect(task.registeredSegments.isEmpty)
        #expect(throws: StoreError.self) { try task.unregisterSegments(["n"]) }
    }
}
