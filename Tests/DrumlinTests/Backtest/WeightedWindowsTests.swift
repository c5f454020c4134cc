import ColumnFormat
import TestSupport
import Testing

@testable import Drumlin

/// The estimator `pape`: the reference weighted until it looks like a window.
@Suite("Windows with a weighted reference")
struct WeightedWindowsTests {
    private typealias Generator = Drumlin.SeededGenerator

    private static let schema = TaskSchema(
        kind: .binary(), features: ["x": .float64, "place": .category], bucketing: .scoreQuantiles(4))
    private static let begin: Int64 = 1_583_020_800_000_000
    private static let hour: Int64 = 3_600_000_000

    /// Rows whose score is right where x is below 0 and overconfident above; `shift` moves x.
    private static func rows(_ count: Int, shift: Double, seed: UInt64) -> ReferenceColumns {
        var generator = Generator(seed: seed)
        var (x, places, scores, labels) = ([Double](), [String?](), [Double](), [Double]())
        for row in 0..<count {
            x.append(generator.normal() + shift)
            places.append(["a", "b", nil][row % 3])
            let score = generator.uniform()
            scores.append(score)
            labels.append(generator.uniform() < (x[row] < 0 ? score : 0.5 + 0.2 * (score - 0.5)) ? 1 : 0)
        }
        return ReferenceColumns(
            kind: .binary(), scores: scores, classes: scores.map { $0 >= 0.5 ? 1 : 0 }, labels: labels,
            features: [.init(name: "x", values: .numbers(x)), .init(name: "place", values: .texts(places))])
    }

    private static func features(_ rows: ReferenceColumns, _ row: Int) -> [String: Value] {
        var features: [String: Value] = ["x": .float64(rows.row(row).number(at: 0))]
        if let place = rows.row(row).text(at: 1) { features["place"] = .string(place) }
        return features
    }

    /// A task with a reference, and a window an hour with rows further and further away from it, all of them labeled.
    private static func world() throws -> (
        task: MonitoredTask, reference: ReferenceColumns, windows: [ReferenceColumns]
    ) {
        var options = StoreOptions()
        options.arrival = .eventTime
        let store = try Store.open(TemporaryFolder().path("store"), options: options)
        let task = try store.task("t", schema: schema)
        for metric in [Metric.accuracy, .f1, .rocAUC] {
            try task.registerMetric(metric, windows: [.tumbling(.hours(1))])
        }
        let reference = rows(3_000, shift: 0, seed: 1)
        let set = TrainingSet(schema: schema)
        for row in 0..<reference.rowCount {
            try set.append(
                prediction: .number(reference.scores[row]), label: .number(reference.labels[row]),
                features: features(reference, row))
        }
        try task.logTrainingSet(set, modelVersion: "1")
        var windows: [ReferenceColumns] = []
        for window in 0..<3 {
            let live = rows(800, shift: Double(window) * 0.8, seed: UInt64(window + 5))
            for row in 0..<live.rowCount {
                let at = Timestamp(microseconds: begin + Int64(window) * hour + Int64(row) * 1_000_000)
                try task.logPrediction(
                    id: "\(window)-\(row)", at: at, prediction: .number(live.scores[row]),
                    features: features(live, row))
                try task.logFeedback(id: "\(window)-\(row)", at: at, label: .number(live.labels[row]))
            }
            windows.append(live)
        }
        return (task, reference, windows)
    }

    @Test("Rows are drawn as often as their weights say, between any two scores of a label")
    func drawing() {
        let reference = Self.rows(500, shift: 0, seed: 3)
        var generator = Generator(seed: 4)
        for spread in [0.0, 1, 3] {
            let weights = (0..<500).map { _ in 1 + spread * generator.uniform() * generator.uniform() }
            let drawn = DensityRatio(weights: weights).drawnRows(of: reference)
            let (total, squares) = (weights.reduce(0, +), weights.reduce(0) { $0 + $1 * $1 })
            #expect((Double(drawn.count) - total * total / squares).magnitude <= 1)
            #expect(drawn == drawn.sorted())
            let scale = Double(drawn.count) / total
            for label in [0.0, 1] {
                for _ in 0..<20 {
                    let (a, b) = (generator.uniform(), generator.uniform())
                    func isIn(_ row: Int) -> Bool {
                        reference.labels[row] == label && reference.scores[row] >= min(a, b)
                            && reference.scores[row] < max(a, b)
                    }
                    let wanted = scale * (0..<500).filter(isIn).reduce(0) { $0 + weights[$1] }
                    #expect((Double(drawn.filter(isIn).count) - wanted).magnitude < 1.001)
                }
            }
        }
    }

    @Test("Weights say what moved, and are about 1 where nothing did")
    func ratios() {
        let reference = Self.rows(4_000, shift: 0, seed: 11)
        let same = DensityRatio(of: Self.rows(2_000, shift: 0, seed: 12), to: reference).weights
        let moved = DensityRatio(of: Self.rows(2_000, shift: 1, seed: 13), to: reference).weights
        func correlation(_ weights: [Double]) -> Double {
            // The density ratio of N(1, 1) to N(0, 1) at x is e^(x − ½).
            let x = (0..<4_000).map { reference.row($0).number(at: 0) }
            let mean = weights.reduce(0, +) / 4_000
            return zip(x, weights).reduce(0) { $0 + $1.0 * ($1.1 - mean) } / 4_000
        }
        #expect(correlation(same).magnitude < 0.1)
        #expect((0.6...1.2).contains(correlation(moved)))
        for weights in [same, moved] {
            #expect((0.8...1.2).contains(weights.reduce(0, +) / 4_000) && weights.allSatisfy { $0 > 0 })
        }
        #expect(DensityRatio(of: Self.rows(0, shift: 0, seed: 1), to: reference).weights.allSatisfy { $0 == 1 })
    }

    @Test("A back-test gives each window the chances of its own weights, and comes nearer where the features move")
    func backtest() throws {
        let (task, reference, windows) = try Self.world()
        let result = try task.backtest(Backtest(estimator: .pape, labels: .withheld))
        let rows = result.rows.filter { $0.metric == "accuracy" }
        #expect(rows.count == 3 && rows.allSatisfy { $0.method == "pape:withheld" })
        for (row, live) in zip(rows, windows) {
            // By hand.
            let drawn = DensityRatio(of: live, to: reference).drawnRows(of: reference)
            let model = ChanceModel(fitting: reference.taking(drawn), treeCount: 0, seed: 0)
            var right = 0.0
            for place in 0..<live.rowCount {
                let level = model.level(
                    score: live.scores[place], predictedClass: live.classes[place], features: live.row(place))
                let chance = Double(model.levels.chances[level]) / LevelTable.unit
                right += live.classes[place] == 1 ? chance : 1 - chance
            }
            #expect(isClose(row.value ?? .nan, right / Double(live.rowCount), relative: 1e-9))
            let truth = live.labels.indices.count { Int(live.labels[$0]) == live.classes[$0] }
            #expect(row.labeledValue == Double(truth) / Double(live.rowCount))
        }
        let plain = try task.backtest(Backtest(estimator: .cbpe, labels: .withheld))
        func distance(_ rows: [MetricRow]) -> Double {
            rows.filter { $0.metric == "accuracy" }.suffix(2).reduce(0) {
                $0 + ($1.value! - $1.labeledValue!).magnitude
            }
        }
        #expect(distance(result.rows) < 0.6 * distance(plain.rows))
        for summary in result.summaries { #expect(summary.method == "pape" && summary.windowCount == 3) }
        // The same by two threads, and for those who know nothing but this.
        #expect(try task.backtest(Backtest(estimator: .pape, labels: .withheld, parallelism: 2)).rows == result.rows)
        // All labels known: nothing is estimated.
        #expect(try task.backtest(Backtest(estimator: .pape)).rows.allSatisfy { $0.method == "labels" })
    }

    @Test("It is refused where windows have no rows")
    func refusals() throws {
        let store = try Store.open(TemporaryFolder().path("store"))
        #expect(throws: StoreError.self) {
            try store.task("t", schema: TaskSchema(kind: .binary(), features: ["x": .float64], estimator: .pape))
        }
        let regression = try store.task("r", schema: TaskSchema(kind: .regression, features: ["x": .float64]))
        let (task, _, _) = try Self.world()
        let metrics = [Backtest.MetricWindows(.mae, windows: [.cumulative])]
        #expect(throws: StoreError.self) { try regression.backtest(Backtest(metrics: metrics, estimator: .pape)) }
        #expect(throws: StoreError.self) {
            try task.backtest(Backtest(estimator: .pape, segments: [Segmentation(["place"])]))
        }
        #expect(throws: StoreError.self) {
            try task.backtest(Backtest(estimator: .pape, shrinksTowardLabels: true))
        }
    }
}
