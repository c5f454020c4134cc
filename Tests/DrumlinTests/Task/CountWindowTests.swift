import Drumlin
import TestSupport
import Testing

@Suite("Windows of a number of predictions")
struct CountWindowTests {
    private static let schema = TaskEvents.schema(.binary())

    /// A task with random events, and the same with the last rows only.
    private static func lastOnly(_ count: Int, of task: MonitoredTask) throws -> MonitoredTask {
        var rows: [[String: Value]] = []
        let scan = try task.predictionsWithLabels.scan(columns: [
            "_id", "_at", "_score", "_class", "_label", "_label_at",
        ])
        while let batch = try scan.next() {
            for place in 0..<batch.rowCount {
                rows.append(Dictionary(uniqueKeysWithValues: batch.columnNames.map { ($0, batch[place, $0]) }))
            }
        }
        var options = StoreOptions()
        options.arrival = .eventTime
        let other = try Store.open(TemporaryFolder().path("store"), options: options).task("t", schema: schema)
        try other.registerMetric(.accuracy, windows: [.cumulative])
        try other.registerMetric(.rocAUC, windows: [.cumulative])
        try other.logTrainingSet(TaskEvents.reference(schema, epoch: 0), modelVersion: "v0")
        for row in rows.suffix(count) {
            guard case .string(let id)? = row["_id"], case .timestamp(let at)? = row["_at"],
                case .float64(let score)? = row["_score"], case .uint(let predicted)? = row["_class"]
            else { throw StoreError(.corrupt, "no prediction: \(row)") }
            try other.logPrediction(id: id, at: at, prediction: .score(score, class: Int(predicted)), features: [:])
            if case .uint(let label)? = row["_label"], case .timestamp(let labelAt)? = row["_label_at"] {
                try other.logFeedback(id: id, at: labelAt, label: .number(Double(label)))
            }
        }
        return other
    }

    private func expectSame(_ harness: TaskHarness, _ count: Int) throws {
        let found = try harness.task.metrics(window: .count(count))
        let expected = try Self.lastOnly(count, of: harness.task).metrics()
        #expect(found.count == expected.count)
        for (row, other) in zip(found, expected) {
            #expect(row.metric == other.metric && row.window == "count:\(count)" && row.status == "open")
            #expect(row.value == other.value && row.ciLow == other.ciLow && row.labeledValue == other.labeledValue)
            #expect(row.labeledCount == other.labeledCount && row.unlabeledCount == other.unlabeledCount)
            #expect(row.start == nil && row.end == nil && row.size == nil)
            #expect(row.labelDelayP95 == other.labelDelayP95)
        }
    }

    @Test(arguments: [1, 50, 700, 1_000_000])
    func holdTheLastPredictionsInTheOrderOfArrival(count: Int) throws {
        let harness = try TaskHarness(Self.schema, memtableByteCount: 32 << 10)
        for metric in [Metric.accuracy, .rocAUC] {
            try harness.task.registerMetric(metric, windows: [.count(count), .tumbling(.days(1))])
        }
        #expect(try harness.task.metrics(window: .count(count)).isEmpty)
        try harness.log(.reference(0))
        var events = TaskEvents(.binary(), seed: UInt64(count))
        for event in events.sequence(count: 900, epochs: 0) { try harness.log(event) }
        try expectSame(harness, count)
        // Nothing changed: the same again, and a change shows.
        try expectSame(harness, count)
        let ids = (0..<900).filter { $0 % 7 == 0 }.map { "p\($0)" }
        try harness.task.erase(ids: ids)
        try expectSame(harness, count)
        try harness.reopen()
        try expectSame(harness, count)
        try harness.store.compact()
        try expectSame(harness, count)
    }

    @Test func areThereForClosuresAndPublishNothing() throws {
        let harness = try TaskHarness(Self.schema)
        try harness.task.registerMetric("share", windows: [.count(10)]) { labels, _ in
            labels.reduce(0, +) / Double(labels.count)
        }
        for number in 0..<30 {
            let at = Timestamp(microseconds: TaskEvents.first + Int64(number) * 3_600_000_000)
            try harness.task.logPrediction(id: "\(number)", at: at, prediction: 0.7, features: [:])
            try harness.task.logFeedback(id: "\(number)", at: at, label: .number(number < 25 ? 0 : 1))
        }
        let row = try harness.task.metrics()[0]
        #expect(row.value == 0.5 && row.labeledCount == 10 && row.window == "count:10")
        #expect(try harness.task.metrics()[0] == row)
        #expect(harness.task.closureCallCount == 1)
        #expect(try harness.store.table("t/metrics").allRows().isEmpty)
    }
}
