import Drumlin
import Foundation
import Synchronization
import TestSupport
import Testing

/// Many threads log events of one task at once. Values are a function of the set of events, so they are those of a task
/// that got the same events one after the other.
struct TaskThreadsTests {
    private static let threadCount = 64
    private static let eventsOfThread = 30
    private static let start: Int64 = 1_583_020_800_000_000

    private static let schema = TaskSchema(
        kind: .binary(threshold: 0.5), features: ["x": .float64], bucketing: .scoreQuantiles(4),
        allowedLateness: .hours(1), labelHorizon: .days(2))

    private static func id(_ thread: Int, _ number: Int) -> String { "\(thread)/\(number)" }

    private static func time(_ thread: Int, _ number: Int) -> Timestamp {
        Timestamp(microseconds: start + Int64(number * 3_600 + thread * 17) * 1_000_000)
    }

    private static func predict(_ task: MonitoredTask, _ thread: Int, _ number: Int) throws {
        let score = Double((thread * 31 + number * 17) % 101) / 101
        let features: [String: Value] = ["x": .float64(Double(number))]
        try task.logPrediction(
            id: id(thread, number), at: time(thread, number), prediction: .number(score), features: features)
    }

    /// The label of a prediction of another thread, which may come before it.
    private static func label(_ task: MonitoredTask, _ thread: Int, _ number: Int) throws {
        let other = (thread + number) % threadCount
        let value = LabelValue.number(Double((thread * 7 + number) % 2))
        try task.logFeedback(id: id(other, number), at: time(other, number), label: value)
    }

    /// Whether another prediction with an id that is taken is refused; false where it is not taken yet.
    private static func isRefused(_ task: MonitoredTask, _ id: String) throws -> Bool {
        guard try task.store.table("t/predictions").contains(id) else { return false }
        do {
            try task.logPrediction(id: id, at: time(0, 0), prediction: .number(0.123), features: [:])
        } catch {
            guard error.code == .duplicateID else { throw error }
            return true
        }
        throw Violation("a second prediction \(id) was taken")
    }

    private static func open(_ path: String, memtableByteCount: Int) throws -> (Store, MonitoredTask) {
        var options = StoreOptions()
        options.arrival = .eventTime
        options.memtableByteCount = memtableByteCount
        let store = try Store.open(path, options: options)
        let task = try store.task("t", schema: schema)
        try task.registerMetric(.accuracy, windows: [.tumbling(.hours(6)), .cumulative])
        try task.registerMetric(.rocAUC, windows: [.sliding(.days(1), every: .hours(6))])
        let reference = TrainingSet(schema: task.schema)
        for row in 0..<200 {
            try reference.append(
                prediction: .number(Double(row % 40) / 40), label: .number(row % 40 + row % 13 > 26 ? 1 : 0),
                features: ["x": .float64(Double(row))])
        }
        try task.logTrainingSet(reference, modelVersion: "1")
        return (store, task)
    }

    /// What does not depend on the moment at which something was computed.
    private static func values(_ task: MonitoredTask) throws -> [MetricRow] {
        try task.metrics().map { row in
            var row = row
            row.revision = 0
            row.computedAt = nil
            return row
        }
    }

    /// What the threads have in common.
    private final class Run: Sendable {
        let failures = Mutex<[String]>([])
        let refusedCount = Atomic<Int>(0)
        let endedCount = Atomic<Int>(0)
    }

    private static func log(_ task: MonitoredTask, _ thread: Int, _ run: Run) throws {
        for number in 0..<eventsOfThread {
            try predict(task, thread, number)
            try label(task, thread, number)
            if number % 10 == 3, try isRefused(task, id((thread + 1) % threadCount, 0)) {
                run.refusedCount.add(1, ordering: .relaxed)
            }
            if thread % 16 == 0, number % 8 == 7 { _ = try task.metrics() }
        }
    }

    @Test func sixtyFourThreadsGiveWhatOneGives() throws {
        let folder = TemporaryFolder()
        let (store, task) = try Self.open(folder.path("many"), memtableByteCount: 40_000)
        let run = Run()
        for thread in 0..<Self.threadCount {
            // Threads of their own: a pool would run a few at a time.
            Thread.detachNewThread {
                do {
                    try Self.log(task, thread, run)
                } catch {
                    run.failures.withLock { $0.append("thread \(thread): \(error)") }
                }
                run.endedCount.add(1, ordering: .acquiringAndReleasing)
            }
        }
        while run.endedCount.load(ordering: .acquiring) < Self.threadCount {
            try store.seal()
            _ = try task.metrics()
        }
        #expect(run.failures.withLock { $0 } == [])
        let status = task.status
        #expect(status.predictions == Self.threadCount * Self.eventsOfThread && status.pendingLabels == 0)
        #expect(run.refusedCount.load(ordering: .relaxed) > 0)

        let (single, alone) = try Self.open(folder.path("one"), memtableByteCount: 1 << 20)
        for number in 0..<Self.eventsOfThread {
            for thread in 0..<Self.threadCount {
                try Self.predict(alone, thread, number)
                try Self.label(alone, thread, number)
            }
        }
        let expected = try Self.values(alone)
        let found = try Self.values(task)
        #expect(found.count == expected.count && expected.count > 10)
        for (one, other) in zip(found, expected) { #expect(one == other) }
        try store.close()
        let (again, reopened) = try Self.open(folder.path("many"), memtableByteCount: 40_000)
        #expect(try Self.values(reopened) == expected)
        try again.close()
        try single.close()
    }
}
