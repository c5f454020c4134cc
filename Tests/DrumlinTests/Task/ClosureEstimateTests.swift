import ColumnFormat
import ColumnStore
import ColumnViews
import Drumlin
import Synchronization
import TestSupport
import Testing

/// What a user's own metric says of predictions without a label.
@Suite("Estimates of closures")
struct ClosureEstimateTests {
    private static func right(_ labels: [Double], _ predictions: [Double]) -> Double {
        zip(labels, predictions).reduce(0) { $0 + (($1.0 == 1) == ($1.1 >= 0.5) ? 1 : 0) } / Double(labels.count)
    }

    private static let schema = TaskEvents.schema(.binary())

    private static func reference(_ count: Int, seed: UInt64 = 1) throws -> TrainingSet {
        let set = TrainingSet(schema: schema)
        var random = Drumlin.SeededGenerator(seed: seed)
        for _ in 0..<count {
            let score = Double(random.index(below: 1_000)) / 1_000
            let label = random.uniform() < score ? 1.0 : 0
            try set.append(prediction: .number(score), label: .number(label), features: [:])
        }
        return set
    }

    /// Predictions, one a minute; those whose number `labels` takes have a label.
    private static func log(_ task: MonitoredTask, _ numbers: [Int], labels: (Int) -> Bool) throws {
        for number in numbers {
            let at = Timestamp(microseconds: TaskEvents.first + Int64(number) * 60_000_000)
            try task.logPrediction(
                id: "\(number)", at: at, prediction: .number(Double(number * 37 % 100) / 100), features: [:])
            guard labels(number) else { continue }
            try task.logFeedback(id: "\(number)", at: at, label: .number(Double(number % 2)))
        }
    }

    @Test func blendLabelsWithReferenceRows() throws {
        let harness = try TaskHarness(Self.schema)
        let task = harness.task
        let windows: [Window] = [.tumbling(.hours(1)), .cumulative, .count(40)]
        try task.logTrainingSet(try Self.reference(2_000), modelVersion: "1")
        try task.registerMetric(.accuracy, windows: windows)
        try task.registerMetric("right", windows: windows, intervalDraws: 20, compute: Self.right)
        try task.registerMetric("rows", windows: windows) { labels, _ in Double(labels.count) }
        try Self.log(task, Array(0..<180)) { $0 < 60 || ($0 < 120 && $0 % 3 == 0) }
        let truth = try task.metrics(.accuracy)
        let rows = try task.metrics(named: "right")
        let counts = try task.metrics(named: "rows")
        #expect(rows.count == 5 && truth.count == 5)
        for ((row, count), other) in zip(zip(rows, counts), truth) {
            #expect((row.labeledCount, row.unlabeledCount) == (other.labeledCount, other.unlabeledCount))
            #expect(row.labeledValue == other.labeledValue)
            #expect((row.value! - other.value!).magnitude < 0.02, "\(row.window)")
            #expect(row.effectiveSampleSize == other.effectiveSampleSize && row.modelVersion == "1")
            #expect(count.value == Double(row.labeledCount + row.unlabeledCount))
            #expect(count.unlabeledValue == (row.unlabeledCount == 0 ? nil : Double(row.unlabeledCount)))
            #expect(count.labeledValue == (row.labeledCount == 0 ? nil : Double(row.labeledCount)))
            #expect(row.method == (row.unlabeledCount == 0 ? "closure" : "closure:resample"))
            let (low, high) = (row.ciLow!, row.ciHigh!)
            #expect(low <= row.value! && row.value! <= high)
            // As wide as the interval of the built-in metric, as nearly as 20 draws say.
            let ratio = (high - low) / (other.ciHigh! - other.ciLow!)
            #expect(row.unlabeledCount == 0 ? high == low : (0.5...2).contains(ratio), "\(ratio)")
            #expect(count.ciLow == (row.unlabeledCount == 0 ? count.value : nil))
        }
        // As long as nothing changes nothing is called, and values are a function of the events.
        let calls = task.closureCallCount
        #expect(try task.metrics(named: "right") == rows)
        #expect(task.closureCallCount == calls)
        let other = try TaskHarness(Self.schema)
        try other.task.logTrainingSet(try Self.reference(2_000), modelVersion: "1")
        try other.task.registerMetric("right", windows: windows, intervalDraws: 20, compute: Self.right)
        try Self.log(other.task, Array((0..<180).reversed())) { $0 < 60 || ($0 < 120 && $0 % 3 == 0) }
        for (row, same) in zip(rows, try other.task.metrics(named: "right")) where !row.window.hasPrefix("count") {
            #expect((row.value, row.unlabeledValue, row.ciLow) == (same.value, same.unlabeledValue, same.ciLow))
        }
    }

    @Test func saysThatTheReferenceIsOfTheTraining() throws {
        let harness = try TaskHarness(Self.schema)
        try harness.task.logTrainingSet(try Self.reference(500), modelVersion: "1", role: .training)
        try harness.task.registerMetric("right", windows: [.cumulative], compute: Self.right)
        try Self.log(harness.task, Array(0..<10)) { _ in false }
        #expect(try harness.task.metrics()[0].method == "closure:resample:training")
    }

    @Test func publishesAndKeepsEstimates() throws {
        let harness = try TaskHarness(Self.schema)
        try harness.task.logTrainingSet(try Self.reference(500), modelVersion: "1")
        try harness.task.registerMetric("right", windows: [.tumbling(.hours(1))], compute: Self.right)
        try Self.log(harness.task, Array(0..<900)) { $0 % 4 == 0 }
        harness.simulated.advance(milliseconds: 1)
        let live = try harness.task.metrics(named: "right")
        try harness.reopen()
        let published = try harness.task.metrics(named: "right")
        #expect(published.count >= 8)
        for (row, other) in zip(published, live) {
            #expect(row.method == "published" && row.value == other.value && row.unlabeledValue == other.unlabeledValue)
        }
    }

    @Test func erasedReferenceRowsAreSeenNoMore() throws {
        let harness = try TaskHarness(Self.schema)
        let set = try Self.reference(500)
        try set.append(prediction: .number(1), label: .number(1), features: [:])
        try harness.task.logTrainingSet(set, modelVersion: "1")
        try harness.task.registerMetric("greatest", windows: [.cumulative]) { _, predictions in predictions.max() ?? 0 }
        for number in 0..<200 {
            try harness.task.logPrediction(
                id: "\(number)", at: Timestamp(microseconds: TaskEvents.first), prediction: 0.999, features: [:])
        }
        #expect(try harness.task.metrics()[0].value == 1)
        #expect(try harness.task.eraseReferenceRows(where: .equal("_score", .float64(1))) == 1)
        let value = try #require(try harness.task.metrics()[0].value)
        #expect(value < 1)
    }

    @Test func failingDrawsLeaveTheValue() throws {
        let harness = try TaskHarness(Self.schema)
        try harness.task.logTrainingSet(try Self.reference(500), modelVersion: "1")
        #expect(throws: StoreError.self) {
            try harness.task.registerMetric("right", windows: [.cumulative], intervalDraws: 5, compute: Self.right)
        }
        let calls = Atomic<Int>(0)
        try harness.task.registerMetric("fails", windows: [.cumulative], intervalDraws: 10) { labels, _ in
            calls.add(1, ordering: .relaxed).newValue > 1 ? .nan : Double(labels.count)
        }
        try Self.log(harness.task, Array(0..<10)) { _ in false }
        let row = try harness.task.metrics()[0]
        #expect(row.value == 10 && row.ciLow == nil && row.error == nil)
    }
}
