import Drumlin
import Foundation
import Synchronization
import TestSupport
import Testing

/// A user's own metrics, and what ends a task's data.
@Suite("Closures, clearing, threads and the course's exercises")
struct TaskClosureTests {
    private struct Refusal: Error, CustomStringConvertible { var description: String { "cannot be computed" } }

    private static func share(_ labels: [Double], _ predictions: [Double]) -> Double {
        zip(labels, predictions).map { ($0 - $1) * ($0 - $1) }.reduce(0, +) / Double(labels.count)
    }

    private static func log(_ harness: TaskHarness, days: Range<Int64>, each count: Int = 6) throws {
        var random = TaskEvents(harness.schema.kind, seed: UInt64(days.lowerBound + 1))
        for day in days {
            for number in 0..<count {
                let at = TaskEvents.first + day * 86_400_000_000 + Int64(number) * 3_600_000_000
                let id = "p\(day)-\(number)"
                try harness.log(
                    .prediction(.init(id: id, at: at, value: random.output(), features: [:], observed: [:])))
                if number > 0 {
                    try harness.log(.feedback(.init(id: id, at: at + 60_000_000, label: random.label(), observed: [:])))
                }
            }
        }
    }

    @Test("A closure equals brute force and is called for changed windows only")
    func changedWindowsOnly() throws {
        let harness = try TaskHarness(TaskEvents.schema(.binary()))
        let windows: [Window] = [.tumbling(.days(1)), .cumulative]
        try harness.task.registerMetric("squares", windows: windows, compute: Self.share)
        try harness.register(.brier, windows)
        try Self.log(harness, days: 0..<5)
        func values(_ name: String) throws -> [Double?] { try harness.task.metrics(named: name).map(\.value) }
        let truth = try harness.task.metrics(.brier).map(\.labeledValue)
        for (value, other) in zip(try values("squares"), truth) { #expect(TaskHarness.isClose(value, other)) }
        #expect(harness.task.closureCallCount == 6)
        _ = try values("squares")
        #expect(harness.task.closureCallCount == 6)
        // One correction: its day and the cumulative window.
        try harness.task.logFeedback(
            id: "p2-1", at: Timestamp(microseconds: TaskEvents.first + 4 * 86_400_000_000 + 1), label: nil)
        let after = try harness.task.metrics(.brier).map(\.labeledValue)
        for (value, other) in zip(try values("squares"), after) { #expect(TaskHarness.isClose(value, other)) }
        #expect(harness.task.closureCallCount == 8)
    }

    @Test("A closure that throws or returns NaN fails alone")
    func failsAlone() throws {
        let harness = try TaskHarness(TaskEvents.schema(.binary()))
        try harness.task.registerMetric("throws", windows: [.cumulative]) { _, _ in throw Refusal() }
        try harness.task.registerMetric("nan", windows: [.cumulative]) { _, _ in .nan }
        try harness.task.registerMetric("count", windows: [.cumulative]) { labels, _ in Double(labels.count) }
        try harness.register(.accuracy, [.cumulative])
        try Self.log(harness, days: 0..<1)
        let rows = try harness.task.metrics()
        #expect(rows.map(\.metric) == ["throws", "nan", "count", "accuracy"])
        #expect(rows[0].error == "cannot be computed" && rows[0].value == nil)
        #expect(rows[1].error?.contains("nan") == true && rows[1].value == nil)
        #expect(rows[2].value == 5 && rows[2].error == nil && rows[2].method == "closure")
        #expect(rows[3].value != nil)
        #expect(rows.allSatisfy { $0.labeledCount == 5 && $0.unlabeledCount == 1 })
    }

    @Test("Without its closure a metric shows what was published, and goes on when it is back")
    func reopenedWithoutClosure() throws {
        let harness = try TaskHarness(TaskEvents.schema(.binary()))
        try harness.task.registerMetric("squares", windows: [.tumbling(.days(1))], compute: Self.share)
        try Self.log(harness, days: 0..<4)
        harness.simulated.advance(milliseconds: 1)
        let live = try harness.task.metrics(named: "squares")
        try harness.reopen()
        let published = try harness.task.metrics(named: "squares")
        // The newest event is at 5 o'clock of the fourth day, and lateness is 6 hours.
        #expect(published.count == 2)
        for (row, other) in zip(published, live) {
            #expect(row.method == "published")
            #expect(row.value == other.value && row.labeledCount == other.labeledCount && row.revision == 1)
        }
        // Logged without the closure; published once it is there again.
        try Self.log(harness, days: 4..<6)
        harness.simulated.advance(milliseconds: 1)
        #expect(try harness.task.metrics(named: "squares").count == 2)
        try harness.task.registerMetric("squares", windows: [.tumbling(.days(1))], compute: Self.share)
        harness.simulated.advance(milliseconds: 1)
        #expect(try harness.task.metrics(named: "squares").count == 6)
        let rows = try harness.checkPublished("closures")
        #expect(Set(rows.map(\.start)).count == 4)
    }

    @Test("Another closure under the name gives its own values; a refused registration changes nothing")
    func replacedClosure() throws {
        let harness = try TaskHarness(TaskEvents.schema(.binary()))
        try harness.task.registerMetric("mine", windows: [.cumulative]) { _, _ in 1 }
        try Self.log(harness, days: 0..<1)
        #expect(try harness.task.metrics(named: "mine")[0].value == 1)
        #expect(throws: StoreError.self) {
            try harness.task.registerMetric("mine", windows: [.trailing(.days(1))]) { _, _ in 2 }
        }
        #expect(try harness.task.metrics(named: "mine")[0].value == 1)
        try harness.task.registerMetric("mine", windows: [.cumulative]) { _, _ in 3 }
        #expect(try harness.task.metrics(named: "mine")[0].value == 3)
        try harness.task.unregisterMetric("mine")
        #expect(try harness.task.metrics().isEmpty)
        try harness.task.registerMetric("mine", windows: [.cumulative]) { _, _ in 4 }
        #expect(try harness.task.metrics(named: "mine")[0].value == 4)
    }

    // MARK: Ends

    @Test("Clearing removes all data and keeps registrations, at once and after reopening", arguments: [false, true])
    func clearing(isSealed: Bool) throws {
        let harness = try TaskHarness(TaskEvents.schema(.binary()))
        try harness.register(.accuracy, [.tumbling(.days(1)), .cumulative])
        try harness.log(.reference(0))
        try Self.log(harness, days: 0..<5)
        if isSealed { try harness.store.seal() }
        let batch = harness.task.makePredictionBatch()
        try batch.append(ids: ["held"], times: [TaskInputTests.at], predictions: [0.5], features: [:])
        try harness.task.clear()
        harness.model = TaskModel(kind: harness.schema.kind)
        #expect(throws: StoreError.self) { try harness.task.logPredictions(batch) }
        for _ in 0..<2 {
            #expect(harness.task.status.predictions == 0 && harness.task.status.modelVersions.isEmpty)
            #expect(harness.task.status.clock == nil)
            #expect(try harness.task.metrics().isEmpty)
            #expect(try harness.checkPublished("cleared").isEmpty)
            #expect(harness.task.registeredMetrics.map(\.name) == ["accuracy"])
            #expect(try harness.store.table("t/reference").rowCount == 0)
            try harness.reopen()
        }
        // The same events again, from the beginning.
        try harness.log(.reference(0))
        try Self.log(harness, days: 0..<5)
        try harness.checkAgainstModel("after clearing")
        try harness.checkAgainstRecomputation("after clearing")
        try harness.reopen()
        try harness.checkAgainstModel("after clearing and reopening")
        try harness.checkPublished("after clearing and reopening")
    }

    @Test("A dropped task is gone, and its handles say so")
    func dropping() throws {
        let harness = try TaskHarness(TaskEvents.schema(.binary()))
        try harness.register(.accuracy, [.cumulative])
        try Self.log(harness, days: 0..<2)
        try harness.store.seal()
        let old = harness.task
        try harness.store.dropTask("t")
        #expect(harness.store.taskNames.isEmpty && harness.store.tables.isEmpty)
        let calls: [(MonitoredTask) throws -> Void] = [
            { try $0.logPrediction(id: "a", at: TaskInputTests.at, prediction: 0.5, features: [:]) },
            { try $0.logFeedback(id: "a", at: TaskInputTests.at, label: 1) },
            { _ = try $0.metrics() }, { try $0.clear() },
            { try $0.advance(to: Timestamp(microseconds: 2_000_000_000_000_000)) },
            { try $0.registerMetric(.f1, windows: [.cumulative]) },
            { _ = try $0.value(of: .accuracy, over: TaskInputTests.at..<TaskInputTests.at) },
            { try $0.logTrainingSet(TaskEvents.reference($0.schema, epoch: 0), modelVersion: "v") },
        ]
        for (number, call) in calls.enumerated() {
            let error = #expect(throws: StoreError.self, "call \(number)") { try call(old) }
            #expect(error?.code == .notFound, "call \(number): \(error as Any)")
        }
        let fresh = try harness.store.task("t", schema: TaskEvents.schema(.regression))
        try fresh.logPrediction(id: "a", at: TaskInputTests.at, prediction: 5, features: [:])
        #expect(fresh.status.predictions == 1)
    }

    // MARK: Threads

    @Test("Threads that log at once lose and double nothing")
    func threads() throws {
        let folder = TemporaryFolder()
        var options = StoreOptions()
        options.arrival = .eventTime
        options.memtableByteCount = 20_000
        let store = try Store.open(folder.path("store"), options: options)
        let task = try store.task("t", schema: TaskEvents.schema(.binary()))
        try task.registerMetric(.accuracy, windows: [.tumbling(.days(1)), .cumulative])
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            do {
                for number in 0..<150 {
                    let at = Timestamp(microseconds: TaskEvents.first + Int64(number) * 1_800_000_000)
                    let id = "\(thread)-\(number)"
                    let shared = "shared-\(number)"
                    // Its own prediction and label, one that all threads log alike, and a label for a neighbour's.
                    try task.logPrediction(id: id, at: at, prediction: 0.75, features: ["x": 1])
                    try task.logPrediction(id: shared, at: at, prediction: 0.25, features: [:])
                    try task.logFeedback(id: "\((thread + 1) % 8)-\(number)", at: at, label: 1)
                    if thread == 0, number % 50 == 0 { _ = try task.metrics() }
                    if thread == 1, number == 60 {
                        try task.registerMetric(.f1, windows: [.cumulative, .tumbling(.hours(12))])
                    }
                    if thread == 2, number == 80 {
                        try task.logTrainingSet(TaskEvents.reference(task.schema, epoch: 0), modelVersion: "v0")
                    }
                }
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
        func check(_ task: MonitoredTask) throws {
            let status = task.status
            #expect(status.predictions == 8 * 150 + 150)
            #expect(status.labels == 8 * 150 && status.pendingLabels == 0)
            for row in try task.metrics(window: .cumulative) {
                #expect(row.labeledCount == 1_200 && row.unlabeledCount == 150)
                #expect(row.labeledValue == 1)
            }
        }
        try check(task)
        #expect(task.status.duplicates == 7 * 150)
        try store.close()
        let again = try Store.open(folder.path("store"), options: options)
        try check(again.task("t", schema: TaskEvents.schema(.binary())))
        #expect(TaskHarness.defect(ofRevisions: try TaskHarness.published(again)) == nil)
        try again.close()
    }

    // MARK: The course

    private static func courseTask(
        _ accuracies: KeyValuePairs<String, Int>
    ) throws -> (harness: TaskHarness, schema: TaskSchema) {
        let schema = TaskSchema(kind: .binary(), features: ["bin": .category], bucketing: .category("bin"))
        let harness = try TaskHarness(schema)
        try harness.task.registerMetric(.accuracy, windows: [.cumulative])
        let reference = TrainingSet(schema: schema)
        for (name, accuracy) in accuracies {
            for row in 0..<100 {
                try reference.append(
                    prediction: 0.9, label: row < accuracy ? 1 : 0, features: ["bin": .string(name)])
            }
        }
        try harness.task.logTrainingSet(reference, modelVersion: "course")
        return (harness, schema)
    }

    private static let bins: KeyValuePairs = ["A": 90, "B": 80, "C": 83, "D": 95, "E": 96]

    @Test("The course's exercises through the calls of a user: 87, 90, 94.5, 100 and 69.5 %")
    func courseExercises() throws {
        func value(_ live: [String], labels: [Int]) throws -> Double {
            let (harness, _) = try Self.courseTask(Self.bins)
            for (number, name) in live.enumerated() {
                try harness.task.logPrediction(
                    id: "\(number)", at: TaskInputTests.at, prediction: 0.9, features: ["bin": .string(name)])
            }
            for (number, label) in labels.enumerated() {
                try harness.task.logFeedback(id: "\(number)", at: TaskInputTests.at, label: .number(Double(label)))
            }
            return try harness.task.metrics(.accuracy)[0].value ?? .nan
        }
        let live = ["A", "B", "C", "D"]
        #expect(TaskHarness.isClose(try value(live, labels: []), 0.87))
        #expect(TaskHarness.isClose(try value(["A", "A"], labels: []), 0.90))
        #expect(TaskHarness.isClose(try value(live, labels: [1, 1]), 0.945))
        #expect(TaskHarness.isClose(try value(live, labels: [1, 1, 1, 1]), 1))
        #expect(TaskHarness.isClose(try value(live, labels: [1, 0]), 0.695))
    }

    @Test("FiDi 80 % of 100 rides and Midtown 50 % of 500 are 55 %")
    func neighbourhoods() throws {
        let (harness, _) = try Self.courseTask(["FiDi": 80, "Midtown": 50])
        for number in 0..<600 {
            try harness.task.logPrediction(
                id: "\(number)", at: TaskInputTests.at, prediction: 0.9,
                features: ["bin": .string(number < 100 ? "FiDi" : "Midtown")])
        }
        #expect(TaskHarness.isClose(try harness.task.metrics(.accuracy)[0].value, 0.55))
    }
}
