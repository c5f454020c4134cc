import Drumlin
import TestSupport
import Testing

/// Limits on what a task keeps, and the counters that tell of it.
struct TaskLimitTests {
    private static let schema = TaskSchema(kind: .binary(threshold: 0.5), features: ["x": .float32])
    private static let start: Int64 = 1_600_000_000_000_000

    private static func at(_ seconds: Int64) -> Timestamp { Timestamp(microseconds: start + seconds * 1_000_000) }

    private static func make(
        _ disk: SimulatedFileSystem, _ limits: (inout StoreLimits) -> Void
    ) throws -> (store: Store, task: MonitoredTask) {
        var options = SimulatedStore(disk).options()
        options.arrival = .eventTime
        limits(&options.limits)
        let store = try Store.open("/s", options: options)
        return (store, try store.task("t", schema: schema))
    }

    @Test func onlySoManyIDsMayWaitForTheirPrediction() throws {
        let disk = SimulatedFileSystem()
        var (store, task) = try Self.make(disk) { $0.pendingLabels = 3 }
        for number in 0..<3 { try task.logFeedback(id: "p\(number)", at: Self.at(0), label: 1) }
        func refusal(_ body: () throws -> Void) -> StoreError? {
            do { try body() } catch { return error as? StoreError }
            return nil
        }
        let before = task.status
        let error = refusal { try task.logFeedback(id: "p3", at: Self.at(0), label: 1) }
        #expect(error?.code == .limitReached && error?.remedy?.contains("pendingLabels") == true)
        // A batch is refused as a whole; an id that waits already takes no place, and may be corrected.
        var batch = FeedbackBatch()
        batch.append(id: "p0", at: Self.at(1), label: 0)
        batch.append(id: "p4", at: Self.at(1), label: 0)
        #expect(refusal { try task.logFeedback(batch) }?.code == .limitReached)
        var after = task.status
        #expect(after.refusedFeedback == 3)
        after.refusedFeedback = 0
        #expect(after == before)
        try task.logFeedback(id: "p0", at: Self.at(1), label: 0)
        // A prediction makes room.
        try task.logPrediction(id: "p1", at: Self.at(0), prediction: 0.9, features: [:])
        try task.logFeedback(id: "p3", at: Self.at(0), label: 1)
        #expect(task.status.pendingLabels == 3)
        try store.seal()
        try store.close()
        (store, task) = try Self.make(disk) { $0.pendingLabels = 3 }
        #expect(task.status.pendingLabels == 3 && task.status.refusedFeedback == 3)
        #expect(refusal { try task.logFeedback(id: "p9", at: Self.at(0), label: 1) }?.code == .limitReached)
        try store.close()
    }

    @Test func predictionsOfLongAgoAreRefusedAndLateOnesCounted() throws {
        let (store, task) = try Self.make(SimulatedFileSystem()) { $0.lateness = .days(2) }
        try task.logPrediction(id: "now", at: Self.at(0), prediction: 0.9, features: [:])
        try task.logPrediction(id: "on time", at: Self.at(-60), prediction: 0.9, features: [:])
        try task.logPrediction(id: "late", at: Self.at(-2 * 86_400), prediction: 0.9, features: [:])
        do throws(StoreError) {
            try task.logPrediction(id: "too late", at: Self.at(-2 * 86_400 - 1), prediction: 0.9, features: [:])
            Issue.record("it was taken")
        } catch {
            #expect(error.code == .limitReached && error.message.contains("too late"))
        }
        let status = task.status
        #expect(status.predictions == 3 && status.latePredictions == 1 && status.refusedPredictions == 1)
        // What is known already is no new event.
        try task.logPrediction(id: "late", at: Self.at(-2 * 86_400), prediction: 0.9, features: [:])
        #expect(task.status.latePredictions == 1 && task.status.duplicates == 1)
        try store.close()
    }

    @Test func logsAreSealedWhenTheyAreLargeAlsoWithoutRows() throws {
        let disk = SimulatedFileSystem()
        let (store, task) = try Self.make(disk) { $0.logByteCount = 20_000 }
        for second in 0..<2_000 {
            try task.advance(to: Self.at(Int64(second)))
            #expect(store.status.logByteCount < 50_000)
            if second % 100 == 0 { try store.sync() }
        }
        try store.seal()
        let logs = disk.filePaths.filter { $0.hasPrefix("/s/log-") }
        #expect(logs.count == 1, "\(logs)")
        #expect(task.status.clock == Self.at(1_999))
        try store.close()
        let (reopened, again) = try Self.make(disk) { _ in }
        #expect(again.status.clock == Self.at(1_999))
        try reopened.close()
    }

    @Test func onlySoManyFilesAreMade() throws {
        let disk = SimulatedFileSystem()
        let simulated = SimulatedStore(disk)
        var options = simulated.options(memtableByteCount: 2_000)
        options.limits.files = 12
        options.backPressure = .fail
        let store = try Store.open("/s", options: options)
        let schema = Schema([ColumnDefinition("id", .string, isNullable: false)], indexed: ["id"])
        let table = try store.createTable("t", schema: schema)
        var refusals: [StoreError] = []
        var accepted = 0
        for number in 0..<2_000 {
            do throws(StoreError) {
                try table.append(rows: [["id": .string("row-\(number)")]])
                accepted += 1
            } catch {
                refusals.append(error)
            }
            if number % 10 == 0 { simulated.advance(milliseconds: 20) }
            #expect(store.status.segments + store.status.indexRuns <= 12)
        }
        // Maintenance keeps them few; the limit is for when it cannot.
        #expect(try table.rowCount == accepted)
        try store.close()
    }

    @Test func countersAreKept() throws {
        let disk = SimulatedFileSystem()
        var options = SimulatedStore(disk).options()
        options.backPressure = .dropAndCount
        options.logMemoryByteCount = 1_000
        var store = try Store.open("/s", options: options)
        var task = try store.task("t", schema: Self.schema)
        for number in 0..<100 {
            try task.logPrediction(id: "p\(number)", at: Self.at(0), prediction: 0.9, features: [:])
        }
        let (status, taskStatus) = (store.status, task.status)
        #expect(status.droppedEvents > 50 && taskStatus.droppedPredictions == status.droppedEvents)
        try store.close()
        store = try Store.open("/s", options: options)
        task = try store.task("t", schema: Self.schema)
        #expect(store.status.droppedCalls == status.droppedCalls)
        #expect(store.status.droppedEvents == status.droppedEvents)
        #expect(task.status.droppedPredictions == taskStatus.droppedPredictions)
        try store.dropTask("t")
        task = try store.task("t", schema: Self.schema)
        #expect(task.status.droppedPredictions == 0)
        try store.close()
    }
}
