@testable import Drumlin
import TestSupport
import Testing

@Suite("Back-tests")
struct BacktestTests {
    private static let windows: [Window] = [
        .tumbling(.hours(6)), .sliding(.days(2), every: .days(1)), .cumulative, .trailing(.days(1)),
    ]

    private static func metrics(_ kind: TaskKind) -> [Metric] {
        switch kind {
        case .binary: [.accuracy, .f1, .rocAUC, .brier]
        case .multiclass: [.accuracy, .logLoss]
        case .regression: [.mae, .rmse, .r2]
        }
    }

    /// A task with events of all kinds, some of them sealed.
    private static func harness(
        _ schema: TaskSchema, seed: UInt64, count: Int = 1_500, keeping: (TaskEvents.Event) -> Bool = { _ in true }
    ) throws -> TaskHarness {
        let harness = try TaskHarness(schema, memtableByteCount: 64 << 10)
        for metric in metrics(schema.kind) { try harness.register(metric, windows) }
        var events = TaskEvents(schema.kind, seed: seed)
        for event in events.sequence(count: count, epochs: 2) where keeping(event) { try harness.log(event) }
        return harness
    }

    private static func withoutRevision(_ rows: [MetricRow]) -> [MetricRow] {
        rows.map { row in
            var row = row
            row.revision = 0
            return row
        }
    }

    @Test("What the task is gives what the task has", arguments: TaskEvents.kinds)
    func sameAsTheTask(kind: TaskKind) throws {
        let harness = try Self.harness(TaskEvents.schema(kind), seed: 7)
        let result = try harness.task.backtest()
        #expect(result.rows == Self.withoutRevision(try harness.task.metrics()))
        #expect(result.predictionCount == harness.task.status.predictions)
        #expect(result.summaries.isEmpty)
    }

    @Test("Threads show in nothing but the time")
    func threads() throws {
        let store = try Store.open(TemporaryFolder().path("store"))
        let schema = TaskSchema(kind: .binary(), features: ["x": .float64], bucketing: .scoreQuantiles(4))
        let task = try store.task("t", schema: schema)
        try task.registerMetric(.accuracy, windows: Self.windows)
        try task.registerMetric(.rocAUC, windows: Self.windows)
        var generator = TestSupport.SeededGenerator(seed: 3)
        let reference = TrainingSet(schema: schema)
        for _ in 0..<300 {
            let score = Double.random(in: 0...1, using: &generator)
            try reference.append(score: score, label: score > 0.4 ? 1 : 0, features: [score].span)
        }
        try task.logTrainingSet(reference, modelVersion: "1")
        let batch = task.makePredictionBatch()
        var feedback = FeedbackBatch()
        for number in 0..<40_000 {
            let at = Timestamp(
                microseconds: TaskEvents.first + Int64.random(in: 0..<600_000_000_000, using: &generator))
            try batch.append(
                id: "\(number)", at: at, score: Double.random(in: 0...1, using: &generator),
                features: [0.5].span)
            if number % 3 == 0 { feedback.append(id: "\(number)", at: at, label: .number(Double(number % 2))) }
        }
        try task.logPredictions(batch)
        try task.logFeedback(feedback)
        let one = try task.backtest()
        let three = try task.backtest(Backtest(parallelism: 3))
        #expect(one.rows == three.rows)
        #expect(one.rows == Self.withoutRevision(try task.metrics()))
    }

    @Test("Other buckets and estimators are those of a task that had them from the beginning")
    func otherEstimates() throws {
        let plans: [(TaskKind, Bucketing?, Estimator?)] = [
            (.binary(), .category("place"), nil), (.binary(), .gaussianMixture(components: 3), nil),
            (.binary(), nil, .calibratedResiduals), (.binary(), nil, .cbpe), (.binary(), nil, .constant),
            (.binary(), nil, .atc), (TaskEvents.kinds[1], nil, .doc),
            (.binary(), nil, .bucketMean), (.regression, .lossTree(leaves: 8), nil),
            (TaskEvents.kinds[1], .grid(["x", "place"], quantiles: 3), nil), (TaskEvents.kinds[1], nil, .cbpe),
        ]
        for (kind, bucketing, estimator) in plans {
            let harness = try Self.harness(TaskEvents.schema(kind), seed: 11, count: 400)
            let usual = TaskEvents.schema(kind)
            let other = TaskSchema(
                kind: kind, features: usual.features, observed: usual.observed,
                bucketing: estimator == .bucketMean ? usual.bucketing : bucketing, estimator: estimator,
                allowedLateness: usual.allowedLateness, labelHorizon: usual.labelHorizon)
            let expected = try Self.harness(other, seed: 11, count: 400)
            let result = try harness.task.backtest(Backtest(bucketing: bucketing, estimator: estimator))
            #expect(result.rows == Self.withoutRevision(try expected.task.metrics()), "\(kind) \(bucketing as Any)")
            // The task itself is what it was.
            #expect(try harness.task.backtest().rows == Self.withoutRevision(try harness.task.metrics()))
        }
    }

    @Test("Withheld labels give the estimates of predictions without them, beside what the labels say")
    func withheld() throws {
        let schema = TaskEvents.schema(.binary())
        let store = try Store.open(TemporaryFolder().path("store"))
        let all = try store.task("all", schema: schema)
        let blind = try store.task("blind", schema: schema)
        for task in [all, blind] {
            for metric in Self.metrics(schema.kind) { try task.registerMetric(metric, windows: [.tumbling(.days(1))]) }
            try task.logTrainingSet(try TaskEvents.reference(schema, epoch: 0), modelVersion: "1")
        }
        var events = TaskEvents(schema.kind, seed: 5)
        for number in 0..<3_000 {
            let at = Timestamp(microseconds: events.time(withinDays: 4))
            let output = events.output()
            try all.logPrediction(id: "\(number)", at: at, prediction: output, features: [:])
            guard number % 3 != 0 else { continue }
            try blind.logPrediction(id: "\(number)", at: at, prediction: output, features: [:])
            try all.logFeedback(id: "\(number)", at: at, label: events.label())
        }
        let result = try all.backtest(Backtest(labels: .withheld))
        let (estimates, labels) = (try blind.metrics(), try all.metrics())
        #expect(result.rows.count == estimates.count)
        for (row, (estimate, label)) in zip(result.rows, zip(estimates, labels)) {
            #expect(row.value == estimate.value)
            #expect(row.ciLow == estimate.ciLow && row.ciHigh == estimate.ciHigh)
            #expect(row.labeledValue == label.labeledValue)
            #expect(row.labeledCount == label.labeledCount && row.unlabeledCount == 0)
        }
        for summary in result.summaries {
            let rows = result.rows.filter { $0.metric == summary.metric }
            let distances = rows.map { abs($0.value! - $0.labeledValue!) }
            #expect(summary.windowCount == rows.count)
            #expect(abs(summary.meanDistance! - distances.reduce(0, +) / Double(distances.count)) < 1e-12)
            let covered = rows.filter { $0.ciLow! <= $0.labeledValue! && $0.labeledValue! <= $0.ciHigh! }
            #expect(abs(summary.coverage! - Double(covered.count) / Double(rows.count)) < 1e-12)
        }
    }

    @Test("Times keep to the windows that begin in them")
    func times() throws {
        let harness = try Self.harness(TaskEvents.schema(.binary()), seed: 9)
        let from = Timestamp(microseconds: TaskEvents.first + 2 * 86_400_000_000)
        let to = Timestamp(microseconds: TaskEvents.first + 4 * 86_400_000_000)
        let plan = Backtest(
            metrics: [.init(.accuracy, windows: [.tumbling(.days(1)), .sliding(.days(2), every: .days(1))])],
            times: from..<to)
        let rows = try harness.task.backtest(plan).rows
        let expected = try Backtest(metrics: plan.metrics).rows(of: harness.task).filter {
            $0.start! >= from && $0.start! < to
        }
        #expect(!rows.isEmpty)
        #expect(rows == expected)
    }

    @Test("What cannot be computed is refused with a word")
    func refusals() throws {
        let harness = try Self.harness(TaskEvents.schema(.regression), seed: 1, count: 20)
        func code(_ plan: Backtest) -> StoreError.Code? {
            do {
                _ = try harness.task.backtest(plan)
                return nil
            } catch { return error.code }
        }
        #expect(code(Backtest(metrics: [])) == .invalidInput)
        #expect(code(Backtest(metrics: [.init(.f1, windows: [.cumulative])])) == .invalidInput)
        #expect(code(Backtest(metrics: [.init(.mae, windows: [])])) == .invalidInput)
        #expect(
            code(Backtest(metrics: [.init(.mae, windows: [.tumbling(TimeSpan(microseconds: 1))])])) == .invalidInput)
        #expect(code(Backtest(estimator: .cbpe)) == .invalidInput)
        #expect(code(Backtest(bucketing: .category("nowhere"))) == .invalidInput)
        #expect(code(Backtest(parallelism: 0)) == .invalidInput)
    }
}

extension Backtest {
    fileprivate func rows(of task: MonitoredTask) throws -> [MetricRow] { try task.backtest(self).rows }
}
