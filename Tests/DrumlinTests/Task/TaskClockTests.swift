import Drumlin
import TestSupport
import Testing

/// A machine whose clock is set back.
struct TaskClockTests {
    @Test func aClockThatJumpsBackStopsNeitherEventsNorTheTasksClock() throws {
        let simulated = SimulatedStore(SimulatedFileSystem())
        let store = try Store.open("/s", options: simulated.options())
        let schema = TaskSchema(kind: .binary(threshold: 0.5), features: ["x": .float32])
        let task = try store.task("t", schema: schema)
        try task.registerMetric(.accuracy, windows: [.tumbling(.hours(1))])
        let now = simulated.clock.now
        try task.logPrediction(id: "a", at: now, prediction: 0.9, features: [:])
        #expect(task.status.clock == now)
        simulated.clock.advance(by: .days(-400))
        // The machine says that this is far in the future, the task knows better.
        try task.logPrediction(id: "b", at: now, prediction: 0.9, features: [:])
        try task.logFeedback(id: "a", at: now, label: 1)
        #expect(task.status.clock == now, "it does not run back")
        #expect(throws: StoreError.self) {
            try task.logPrediction(
                id: "c", at: Timestamp(microseconds: now.microseconds + TimeSpan.days(2).microseconds), prediction: 0.9,
                features: [:])
        }
        simulated.advance(milliseconds: 200)
        #expect(store.durableUpTo == store.status.nextSequence, "flushes and syncs do not depend on it")
        #expect(try task.metrics(.accuracy).map { [$0.labeledCount, $0.unlabeledCount] } == [[1, 1]])
        try store.close()
        let reopened = try Store.open("/s", options: simulated.options())
        #expect(try reopened.task("t", schema: schema).status.clock == now)
        try reopened.close()
    }
}
