import Drumlin
import TestSupport
import Testing

/// Events of a task that memory has no room for.
struct TaskBackPressureTests {
    private static let schema = TaskSchema(kind: .binary(threshold: 0.5), features: ["x": .float32])

    private static func at(_ number: Int) -> Timestamp {
        Timestamp(microseconds: 1_600_000_000_000_000 + Int64(number))
    }

    @Test(arguments: [BackPressure.fail, .dropAndCount])
    func aDroppedPredictionIsStoredInNoTableAndItsFeedbackWaits(policy: BackPressure) throws {
        let disk = SimulatedFileSystem()
        let simulated = SimulatedStore(disk)
        var options = simulated.options(memtableByteCount: 1 << 20)
        options.backPressure = policy
        options.logMemoryByteCount = 3_000
        let store = try Store.open("/s", options: options)
        let task = try store.task("t", schema: Self.schema)
        try task.registerMetric(.accuracy, windows: [.tumbling(.hours(1))])
        try store.sync()
        var (stored, lost): ([String], [String]) = ([], [])
        for number in 0..<100 {
            let before = task.status
            do throws(StoreError) {
                try task.logPrediction(id: "p\(number)", at: Self.at(number), prediction: 0.9, features: [:])
            } catch {
                #expect(policy == .fail && error.code == .overloaded)
            }
            var after = task.status
            if after.predictions == before.predictions {
                lost.append("p\(number)")
                #expect(after.droppedPredictions == (policy == .fail ? 0 : lost.count))
                after.droppedPredictions = before.droppedPredictions
                #expect(after == before, "nothing else has changed")
            } else {
                stored.append("p\(number)")
            }
        }
        #expect(stored.count > 10 && lost.count > 10)
        #expect(store.status.droppedEvents == task.status.droppedPredictions)
        // A batch goes as a whole.
        var labels = FeedbackBatch()
        for id in lost.prefix(3) { labels.append(id: id, at: Self.at(1_000), label: 1) }
        let dropped = task.status.droppedFeedback
        do throws(StoreError) { try task.logFeedback(labels) } catch { #expect(error.code == .overloaded) }
        #expect(task.status.labels == 0 && task.status.pendingLabels == 0)
        #expect(task.status.droppedFeedback == dropped + (policy == .fail ? 0 : 3))
        // The disk is back.
        simulated.advance(milliseconds: 200)
        try task.logFeedback(labels)
        #expect(task.status.pendingLabels == 3, "feedback for what was dropped waits, as feedback that came first")
        try task.logPrediction(id: lost[0], at: Self.at(2_000), prediction: 0.9, features: [:])
        #expect(task.status.pendingLabels == 2 && task.status.predictions == stored.count + 1)
        let rows = try task.metrics(.accuracy).map { [$0.labeledCount, $0.unlabeledCount] }
        #expect(rows == [[1, stored.count]])
        try store.close()
        let reopened = try Store.open("/s", options: SimulatedStore(disk).options())
        let again = try reopened.task("t", schema: Self.schema)
        #expect(again.status.predictions == stored.count + 1 && again.status.pendingLabels == 2)
        #expect(try again.metrics(.accuracy).map { [$0.labeledCount, $0.unlabeledCount] } == rows)
        try reopened.close()
    }

    @Test func aRepeatedEventIsCountedOnceWhereTheCallWaited() throws {
        let disk = SimulatedFileSystem()
        var options = SimulatedStore(disk).options(memtableByteCount: 1 << 20)
        options.logMemoryByteCount = 1_000
        let store = try Store.open("/s", options: options)
        let task = try store.task("t", schema: Self.schema)
        func batch(_ numbers: Range<Int>) throws -> PredictionBatch {
            let batch = task.makePredictionBatch()
            for number in numbers {
                try batch.append(id: "p\(number)", at: Self.at(number), score: 0.5, features: [0.0].span)
            }
            return batch
        }
        // Each call has five that are known, and is too large for the memory that is left.
        for number in 0..<20 { try task.logPredictions(try batch(number * 5..<number * 5 + 10)) }
        #expect(store.status.waitedCalls > 2)
        #expect(task.status.duplicates == 19 * 5 && task.status.predictions == 105)
        try store.close()
    }
}
