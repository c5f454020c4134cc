import Drumlin
import TestSupport
import Testing

/// Events with erasures, drops, merges, compactions, seals, openings and power losses between them, in any order: after
/// each of the last two the windows are those of before.
@Suite("Upkeep of a task in any order")
struct TaskUpkeepTests {
    private final class Life {
        var disk: SimulatedFileSystem
        var simulated: SimulatedStore
        var store: Store
        var task: MonitoredTask
        var generator: TestSupport.SeededGenerator
        var next = 0

        init(seed: UInt64) throws {
            disk = SimulatedFileSystem(seed: seed)
            try disk.createDirectory("/dir")
            try disk.syncDirectory("/")
            simulated = SimulatedStore(disk)
            (store, task) = try Self.open(simulated)
            generator = TestSupport.SeededGenerator(seed: seed)
            try task.registerMetric(.accuracy, windows: [.tumbling(.days(1)), .cumulative])
            try task.registerMetric(.f1, windows: [.tumbling(.hours(12))])
        }

        private static func open(_ simulated: SimulatedStore) throws -> (Store, MonitoredTask) {
            let store = try Store.open(TaskHarness.path, options: TaskHarness.options(simulated, 3_000, .durable))
            return (store, try store.task("t", schema: TaskCrashTests.schema))
        }

        /// What has to be the same when the store is opened again.
        private func state() throws -> (rows: [MetricRow], counts: [Int], clock: Timestamp?) {
            let status = task.status
            return (
                TaskHarness.comparable(try task.metrics()),
                [status.predictions, status.labels, status.pendingLabels, try store.table("t/predictions").rowCount],
                status.clock
            )
        }

        /// Opens what is on a disk, which `disk` makes of the one that is used, and compares.
        private func reopen(_ place: String, _ disk: () throws -> SimulatedFileSystem) throws {
            let before = try state()
            self.disk = try disk()
            simulated = SimulatedStore(self.disk)
            (store, task) = try Self.open(simulated)
            let after = try state()
            #expect(before.counts == after.counts && before.clock == after.clock, "\(place)")
            #expect(before.rows.count == after.rows.count, "\(place)")
            for (old, new) in zip(before.rows, after.rows) where !old.isIdentical(to: new) {
                Issue.record("\(place), before: \(old.values)\nafter: \(new.values)")
                return
            }
        }

        private var someID: String { "p\(Int.random(in: max(0, next - 25)..<next + 3, using: &generator))" }
        private func time(_ number: Int) -> Timestamp {
            Timestamp(microseconds: TaskEvents.first + Int64(number) * 1_800_000_000)
        }

        func step(_ kind: Int, _ place: String) throws {
            switch kind {
            case 0..<8:
                try task.logPrediction(
                    id: "p\(next)", at: time(next), prediction: .number(Double(next % 10) / 10),
                    features: ["x": .float64(Double(next))])
                next += 1
            case 8..<12:
                let label = Int.random(in: 0..<3, using: &generator)
                try task.logFeedback(
                    id: someID, at: time(next), label: label == 2 ? .withdrawn : .number(Double(label)))
            case 12, 13: try task.erase(ids: [someID, someID])
            case 14: try store.seal()
            case 15: try store.compact()
            case 16: simulated.advance(milliseconds: 1)
            case 17:
                let kept = Int.random(in: 6...24, using: &generator)
                try store.setRetention(Retention(rowCount: kept), for: "t/predictions")
            case 18: try store.applyRetention()
            case 19:
                try reopen(place) {
                    try store.close()
                    return disk
                }
            default:
                let outcome = CrashOutcome.subset(seed: UInt64.random(in: 0...UInt64.max, using: &generator))
                try reopen(place) { disk.crash(outcome) }
            }
        }
    }

    @Test("Windows survive", arguments: 1...12)
    func windowsSurvive(seed: UInt64) throws {
        let life = try Life(seed: seed)
        for number in 0..<150 {
            try life.step(Int.random(in: 0...20, using: &life.generator), "seed \(seed), step \(number)")
        }
        try life.step(15, "")
        try life.step(20, "seed \(seed), at the end")
    }
}
