import Drumlin
import TestSupport
import Testing

/// Old predictions that go, with their feedback: the windows keep what they have counted.
@Suite("Retention of a task")
struct TaskRetentionTests {
    private static func fill(_ harness: TaskHarness, _ numbers: Range<Int>) throws {
        for number in numbers {
            let at = TaskEvents.first + Int64(number) * 3_600_000_000
            try harness.log(
                .prediction(
                    TaskModel.Prediction(
                        id: "p\(number)", at: at, value: .number(Double(number % 10) / 10),
                        features: ["x": .float64(Double(number))], observed: [:])))
            // Early, late and corrected feedback, and feedback that waits for ever.
            let target = number % 5 == 0 ? number + 1 : max(0, number - number % 3)
            try harness.log(
                .feedback(
                    TaskModel.Feedback(id: "p\(target)", at: at + 1, label: .number(Double(number % 2)), observed: [:]))
            )
            if number % 8 == 3 {
                try harness.log(
                    .feedback(TaskModel.Feedback(id: "w\(number)", at: at, label: .number(1), observed: [:])))
            }
            if number % 6 == 5 { try harness.store.seal() }
        }
    }

    private func compare(_ rows: [MetricRow], _ others: [MetricRow], _ place: String) {
        #expect(rows.count == others.count, "\(place)")
        for (row, other) in zip(rows, others) where !row.isIdentical(to: other) {
            Issue.record("\(place): \(row.values)\nwas \(other.values)")
            return
        }
    }

    @Test("Windows stay, rows go, and nothing that is left refers to what went", arguments: [1 << 20, 4_000])
    func windowsStay(memtableByteCount: Int) throws {
        let harness = try TaskHarness(TaskCrashTests.schema, memtableByteCount: memtableByteCount)
        try harness.register(.accuracy, [.tumbling(.days(1)), .cumulative])
        try Self.fill(harness, 0..<60)
        try harness.checkAgainstModel("before")
        let before = try harness.comparableRows()
        try harness.store.setRetention(Retention(rowCount: 20), for: "t/predictions")
        try harness.store.compact()
        let predictions = try harness.store.table("t/predictions")
        let labels = try harness.store.table("t/labels")
        let kept = try predictions.rowCount
        #expect(kept >= 20 && kept < 40)
        #expect(try labels.rowCount < harness.model.labelRowCount)
        try compare(harness.comparableRows(), before, "after the drop")
        let waiting = harness.task.status.pendingLabels
        #expect(waiting > 0 && waiting < harness.model.pendingCount)
        // No feedback is left of those that went, neither by row nor by id.
        let first = UInt64(60 - kept)
        for row in try labels.allRows() {
            if case .string(let id)? = row["_id"], id.hasPrefix("p") { #expect(Int(id.dropFirst())! >= Int(first)) }
        }
        try harness.reopen()
        try compare(harness.comparableRows(), before, "reopened")
        #expect(harness.task.status.pendingLabels == waiting)
        // It goes on, with windows that have both kept and dropped rows.
        try Self.fill(harness, 60..<70)
        for row in try harness.task.metrics(.accuracy, window: .cumulative) {
            #expect(row.labeledCount + row.unlabeledCount == 70)
        }
        #expect(try harness.task.predictionsWithLabels.scan(columns: ["_id"]).next()?.rowCount ?? 0 > 0)
        try harness.store.seal()
        let rows = try harness.task.metrics()
        let pending = harness.task.status.pendingLabels
        try harness.reopen()
        try compare(harness.task.metrics(), rows, "reopened again")
        #expect(harness.task.status.pendingLabels == pending)
    }

    @Test("A metric that is registered late counts what is left")
    func lateRegistration() throws {
        let harness = try TaskHarness(TaskCrashTests.schema)
        try harness.register(.accuracy, [.tumbling(.days(1))])
        try Self.fill(harness, 0..<40)
        try harness.store.setRetention(Retention(rowCount: 10), for: "t/predictions")
        try harness.store.compact()
        let kept = try harness.store.table("t/predictions").rowCount
        try harness.task.registerMetric(.rocAUC, windows: [.cumulative])
        let row = try #require(try harness.task.metrics(.rocAUC, window: .cumulative).first)
        #expect(row.labeledCount + row.unlabeledCount >= kept)
        // It says from when on it knows everything: behind the last row that went.
        let first = TaskEvents.first + Int64(40 - kept - 1) * 3_600_000_000 + 1
        #expect(row.coverageFrom == Timestamp(microseconds: first))
        for row in try harness.task.metrics(.accuracy) {
            #expect(row.coverageFrom == (row.start!.microseconds < first ? Timestamp(microseconds: first) : nil))
        }
        let rows = try harness.task.metrics()
        try harness.reopen()
        try compare(harness.task.metrics(), rows, "reopened")
        try harness.store.seal()
        try harness.reopen()
        try compare(harness.task.metrics(), rows, "from a checkpoint")
    }

    @Test("What comes too late for the rows that are kept is refused, or counted as expired")
    func lateEvents() throws {
        let harness = try TaskHarness(TaskCrashTests.schema)
        try harness.register(.accuracy, [.tumbling(.days(1)), .cumulative])
        try Self.fill(harness, 0..<40)
        let task = harness.task
        func log(_ number: Int) throws {
            try harness.task.logPrediction(
                id: "p\(number)", at: Timestamp(microseconds: TaskEvents.first + Int64(number) * 3_600_000_000),
                prediction: .number(Double(number % 10) / 10), features: ["x": .float64(Double(number))])
        }
        try log(0)
        #expect(task.status.duplicates == 1)
        try harness.store.setRetention(Retention(rowCount: 10), for: "t/predictions")
        try harness.store.applyRetention()
        let kept = try harness.store.table("t/predictions").rowCount
        #expect(kept < 20 && task.status.expiredLabels > 0)
        func check() throws {
            let task = harness.task
            let before = task.status
            let rows = try task.metrics()
            #expect(rows.allSatisfy { $0.coverageFrom == nil })
            let error = #expect(throws: StoreError.self) { try log(3) }
            #expect(error?.code == .invalidInput)
            try log(40 - kept)
            let early = Timestamp(microseconds: TaskEvents.first + 7)
            try task.logFeedback(id: "p3", at: early, label: 1)
            var batch = FeedbackBatch()
            batch.append(id: "p4", at: early, label: 1)
            batch.append(id: "never seen", at: early, label: 0)
            try task.logFeedback(batch)
            #expect(task.status.expiredLabels == before.expiredLabels + 3)
            #expect(task.status.pendingLabels == before.pendingLabels && task.status.labels == before.labels)
            try compare(task.metrics(), rows, "after what came too late")
        }
        try check()
        try harness.reopen()
        try check()
        try harness.task.clear()
        try log(3)
        #expect(harness.task.status.predictions == 1)
    }

    @Test("Tables that do not stand alone have no retention of their own")
    func refusals() throws {
        let harness = try TaskHarness(TaskCrashTests.schema)
        for table in ["t/labels", "t/reference"] {
            let error = #expect(throws: StoreError.self) {
                try harness.store.setRetention(Retention(rowCount: 5), for: table)
            }
            #expect(error?.code == .invalidInput)
        }
        try harness.store.setRetention(Retention(age: .days(365)), for: "t/metrics")
        try Self.fill(harness, 0..<10)
        try harness.store.compact()
        try harness.checkPublished("kept")
    }

    @Test("A crash within a drop loses no window")
    func crashes() throws {
        let filled = SimulatedFileSystem(seed: 3)
        try filled.createDirectory("/dir")
        try filled.syncDirectory("/")
        try TaskCrashTests.Workload().run(filled, .durable)
        var rows: [MetricRow] = []
        do {
            let harness = try #require(
                try TaskHarness(recovering: filled.crash(.everything), schema: TaskCrashTests.schema))
            rows = try harness.comparableRows()
        }
        func drop(_ disk: SimulatedFileSystem, crashAfter count: Int?) throws -> Int {
            let store = try Store.open(
                TaskHarness.path, options: TaskHarness.options(SimulatedStore(disk), 1_200, .durable))
            _ = try store.task("t", schema: TaskCrashTests.schema)
            let first = disk.operationCount
            if let count { disk.fail(at: first + count, .crash) }
            try store.setRetention(Retention(rowCount: 3), for: "t/predictions")
            try store.compact()
            return disk.operationCount - first
        }
        var counts = Set<Int>()
        for operation in 0..<(try drop(filled.crash(.everything), crashAfter: nil)) {
            let disk = filled.crash(.everything)
            do { _ = try drop(disk, crashAfter: operation) } catch is StoreError {}
            let simulated = SimulatedStore(disk.crash(.subset(seed: UInt64(operation))))
            let store = try Store.open(TaskHarness.path, options: TaskHarness.options(simulated, 1 << 20))
            let task = try store.task("t", schema: TaskCrashTests.schema)
            try compare(
                TaskHarness.comparable(task.metrics(segment: .every)), rows,
                "operation \(operation): \(disk.journal.last ?? "")")
            counts.insert(try store.table("t/predictions").rowCount)
            let pending = task.status.pendingLabels
            try store.seal()
            try store.close()
            let again = try Store.open(TaskHarness.path, options: TaskHarness.options(simulated, 1 << 20))
            #expect(try again.task("t", schema: TaskCrashTests.schema).status.pendingLabels == pending)
        }
        #expect(counts.count == 2)
    }
}
