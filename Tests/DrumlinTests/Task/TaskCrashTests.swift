import Drumlin
import TestSupport
import Testing

/// Crashes at any moment: what was acknowledged is there, the metrics are those of the rows that are there, and nothing
/// is published twice.
@Suite("Tasks after a crash")
struct TaskCrashTests {
    static let schema = TaskSchema(
        kind: .binary(), features: ["x": .float64, "side": .int8], bucketing: .scoreQuantiles(2),
        allowedLateness: .hours(1),
        labelHorizon: .days(2))

    /// A small life of a task; `acknowledged` are the calls that returned.
    final class Workload {
        var predictions: [String] = []
        var labels = 0
        var clears = 0
        var epochs = 0
        var clock: Int64 = .min

        func run(_ disk: SimulatedFileSystem, _ durability: Durability) throws {
            let simulated = SimulatedStore(disk)
            let store = try Store.open(
                TaskHarness.path, options: TaskHarness.options(simulated, 1_200, durability))
            let task = try store.task("t", schema: TaskCrashTests.schema)
            try task.registerMetric(.accuracy, windows: [.tumbling(.days(1)), .cumulative])
            for number in 0..<16 {
                let at = TaskEvents.first + Int64(number) * 30_000_000_000
                if number == 5 {
                    let set = TrainingSet(schema: TaskCrashTests.schema)
                    for row in 0..<40 {
                        try set.append(
                            prediction: .number(Double(row) / 40), label: .number(row % 3 == 0 ? 1 : 0), features: [:])
                    }
                    try task.logTrainingSet(set, modelVersion: "v0")
                    epochs = 1
                }
                if number == 7 { try task.registerSegments(["side"]) }
                if number == 9 { try task.registerMetric(.f1, windows: [.tumbling(.hours(12)), .tumbling(.days(1))]) }
                try task.logPrediction(
                    id: "p\(number)", at: Timestamp(microseconds: at), prediction: .number(Double(number) / 16),
                    features: ["x": .float64(Double(number)), "side": .int(Int64(number % 3))])
                predictions.append("p\(number)")
                clock = max(clock, at)
                // Early, corrected and withdrawn labels among them.
                let target = number % 4 == 0 ? number + 2 : number / 2
                try task.logFeedback(
                    id: "p\(target)", at: Timestamp(microseconds: at + 1), label: number % 5 == 4 ? nil : 1)
                labels += 1
                if number == 11 { simulated.advance(milliseconds: 150) }
                if number == 13 {
                    let time = at + 86_400_000_000
                    try task.advance(to: Timestamp(microseconds: time))
                    clock = time
                }
            }
            try store.close()
        }
    }

    private static func freshDisk() throws -> SimulatedFileSystem {
        let disk = SimulatedFileSystem(seed: 3)
        try disk.createDirectory("/dir")
        try disk.syncDirectory("/")
        return disk
    }

    private static func crashed(at operation: Int, _ durability: Durability) throws
        -> (disk: SimulatedFileSystem, workload: Workload)
    {
        let disk = try freshDisk()
        disk.fail(at: operation, .crash)
        let workload = Workload()
        do { try workload.run(disk, durability) } catch is StoreError {}
        return (disk, workload)
    }

    private static func check(_ disk: SimulatedFileSystem, _ workload: Workload, _ place: String) throws {
        let recovered = try TaskHarness(recovering: disk, schema: schema)
        guard let recovered else {
            #expect(workload.predictions.isEmpty, "\(place)")
            return
        }
        let model = recovered.model
        #expect(
            Array(model.predictions.map(\.id).prefix(workload.predictions.count)) == workload.predictions, "\(place)")
        #expect(model.labelRowCount >= workload.labels, "\(place)")
        #expect(recovered.task.status.modelVersions.count >= workload.epochs, "\(place)")
        #expect((recovered.task.status.clock?.microseconds ?? .min) >= workload.clock, "\(place)")
        try recovered.checkAgainstModel(place)
        let published = try recovered.checkPublished(place)
        let rows = try recovered.task.metrics(segment: .every)
        try recovered.reopen()
        let again = try recovered.task.metrics(segment: .every)
        #expect(again.count == rows.count, "\(place)")
        for (row, other) in zip(again, rows) where !row.isIdentical(to: other) {
            Issue.record("\(place): \(row.values)\nwas \(other.values)")
        }
        #expect(try recovered.checkPublished(place).count == published.count, "\(place)")
        // It goes on: everything closes, each value once more at most.
        try recovered.task.advance(to: Timestamp(microseconds: TaskEvents.first + 90 * 86_400_000_000))
        recovered.model.advance(to: TaskEvents.first + 90 * 86_400_000_000)
        let all = try recovered.checkPublished("\(place), and on")
        for (metric, windows) in recovered.registered {
            for window in windows {
                for row in try recovered.task.metrics(metric, window: window, segment: .every) {
                    let found = all.last {
                        $0.metric == row.metric && $0.window == row.window && $0.start == row.start
                            && $0.segment == row.segment
                    }
                    #expect(found?.revision == row.revision, "\(place): \(row)")
                    if window != .cumulative { #expect(found?.value == row.value, "\(place): \(row)") }
                }
            }
        }
    }

    @Test("Power losses at all moments of a task's life", arguments: 0..<3)
    func powerLosses(part: Int) throws {
        let whole = try Self.freshDisk()
        let first = whole.operationCount
        try Workload().run(whole, .durable)
        for operation in stride(from: first + part * 5, to: whole.operationCount, by: 15) {
            let (disk, workload) = try Self.crashed(at: operation, .durable)
            let outcome: CrashOutcome = operation % 2 == 0 ? .nothing : .subset(seed: UInt64(operation))
            let place = "operation \(operation) of \(first)..<\(whole.operationCount), \(outcome)"
            do {
                try Self.check(disk.crash(outcome), workload, place)
            } catch {
                Issue.record("\(place): \(error)\n\(disk.journal.suffix(4))")
            }
        }
    }

    @Test("Kills at all moments of a task's life")
    func kills() throws {
        let whole = try Self.freshDisk()
        let first = whole.operationCount
        try Workload().run(whole, .written)
        for operation in stride(from: first + 1, to: whole.operationCount, by: 11) {
            let (disk, workload) = try Self.crashed(at: operation, .written)
            let place = "operation \(operation) of \(first)..<\(whole.operationCount)"
            do {
                try Self.check(disk.kill(), workload, place)
            } catch {
                Issue.record("\(place): \(error)\n\(disk.journal.suffix(4))")
            }
        }
    }

    @Test("A crash within clear() or dropTask() leaves all of a task or nothing", arguments: [false, true])
    func crashesOfAnEnd(isDrop: Bool) throws {
        let filled = try Self.freshDisk()
        try Workload().run(filled, .durable)
        func end(_ disk: SimulatedFileSystem, crashAfter count: Int?) throws -> Int {
            let simulated = SimulatedStore(disk)
            let store = try Store.open(TaskHarness.path, options: TaskHarness.options(simulated, 1_200, .durable))
            let task = try store.task("t", schema: Self.schema)
            let first = disk.operationCount
            if let count { disk.fail(at: first + count, .crash) }
            if isDrop { try store.dropTask("t") } else { try task.clear() }
            return disk.operationCount - first
        }
        var ends = Set<Int>()
        for operation in 0..<(try end(filled.crash(.everything), crashAfter: nil)) {
            let disk = filled.crash(.everything)
            do { _ = try end(disk, crashAfter: operation) } catch is StoreError {}
            let place = "operation \(operation)"
            guard
                let recovered = try TaskHarness(
                    recovering: disk.crash(.subset(seed: UInt64(operation))), schema: Self.schema)
            else {
                #expect(isDrop, "\(place)")
                ends.insert(-1)
                continue
            }
            let count = recovered.model.predictions.count
            #expect(count == 16 || count == 0 && !isDrop, "\(place)")
            #expect(recovered.task.status.modelVersions.count == (count == 0 ? 0 : 1), "\(place)")
            #expect(recovered.registered.map(\.metric) == [.accuracy, .f1], "\(place)")
            try recovered.checkAgainstModel(place)
            try recovered.checkPublished(place)
            ends.insert(count)
        }
        #expect(ends == [16, isDrop ? -1 : 0])
    }
}
