import ColumnFormat
import ColumnViews
import TestSupport
import Testing

@testable import Drumlin

/// Estimates that count a window's labels among the reference rows, against sums over the rows.
@Suite("Shrinkage toward a window's labels")
struct ShrinkageTests {
    private typealias Generator = Drumlin.SeededGenerator

    /// A fitted reference, and a window of which a third has labels; what a label means has changed since the reference.
    private struct World {
        let reference: SyntheticTask
        let live: SyntheticTask
        let buckets: FittedBuckets
        let statistics: ReferenceStatistics
        let layout: CellLayout
        let evaluator: MetricEvaluator
        let facts: [PredictionFacts]

        static func isLabeled(_ row: Int) -> Bool { row % 3 == 0 }

        init(_ bucketing: Bucketing, seed: UInt64, shrinks: Bool = true) throws {
            var generator = Generator(seed: seed)
            reference = SyntheticTask.binary(count: 2_000, generator: &generator)
            var live = SyntheticTask.binary(count: 600, shift: 0.5, generator: &generator)
            for row in live.labels.indices where generator.uniform() < 0.3 { live.labels[row] = 1 }
            self.live = live
            buckets = try FittedBuckets(fitting: bucketing, to: reference.reference)
            statistics = ReferenceStatistics(fitting: reference.reference, buckets: buckets)
            var layout = CellLayout(kind: live.kind, keepsSlotLabels: shrinks)
            for metric in Metric.all(for: live.kind) { try layout.require(metric) }
            _ = try layout.openEpoch(buckets.shape, bins: try #require(statistics.calibration).bins)
            self.layout = layout
            var cells = DenseCells(count: layout.cellCount)
            var facts: [PredictionFacts] = []
            for row in live.labels.indices {
                let bucket = buckets.assign(
                    score: live.scores[row], predictedClass: live.classes[row],
                    features: FeatureRow(numbers: [live.features[row]]), featureCount: 1)
                facts.append(
                    PredictionFacts(
                        score: live.scores[row], predictedClass: Int32(live.classes[row]), bucket: Int32(bucket),
                        epoch: 0))
                if Self.isLabeled(row) {
                    layout.addLabeled(facts[row], label: live.labels[row], delayMicroseconds: 0, sign: 1, to: &cells)
                } else {
                    layout.addUnlabeled(facts[row], sign: 1, to: &cells)
                }
            }
            self.facts = facts
            evaluator = MetricEvaluator(cells: cells.cells, layout: layout, epochs: [statistics])
        }

        /// Accuracy, f1 and brier, where an unlabeled row has the given chance of each label.
        func expected(_ chances: [Double]) -> (accuracy: Double, f1: Double, brier: Double) {
            var (right, tp, other, brier) = (0.0, 0.0, 0.0, 0.0)
            for row in chances.indices {
                let chance = Self.isLabeled(row) ? live.labels[row] : chances[row]
                let isPositive = live.classes[row] == 1
                right += isPositive ? chance : 1 - chance
                tp += isPositive ? chance : 0
                other += isPositive ? 1 - chance : chance
                brier += live.scores[row] * live.scores[row] + chance * (1 - 2 * live.scores[row])
            }
            return (right / Double(chances.count), 2 * tp / (2 * tp + other), brier / Double(chances.count))
        }
    }

    @Test("counts reference and labeled rows of a bucket together", arguments: [2, 3] as [UInt64])
    func plainBuckets(seed: UInt64) throws {
        let world = try World(.scoreQuantiles(6), seed: seed)
        let count = world.buckets.count
        var (rows, ones) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
        for (row, bucket) in world.buckets.assign(world.reference.reference).enumerated() {
            rows[bucket] += 1
            ones[bucket] += world.reference.labels[row]
        }
        let supported = rows.map { $0 >= 30 }
        for (row, facts) in world.facts.enumerated() where World.isLabeled(row) {
            rows[Int(facts.bucket)] += 1
            ones[Int(facts.bucket)] += world.live.labels[row]
        }
        try #require(world.facts.allSatisfy { supported[Int($0.bucket)] })
        let expected = world.expected(world.facts.map { ones[Int($0.bucket)] / rows[Int($0.bucket)] })
        let accuracy = world.evaluator.evaluate(.accuracy)
        #expect(isClose(accuracy.value ?? .nan, expected.accuracy, relative: 1e-12))
        #expect(isClose(world.evaluator.evaluate(.f1).value ?? .nan, expected.f1, relative: 1e-12))
        // Within a bucket labels go with scores, which brier knows besides.
        let own = try #require(world.evaluator.evaluate(.brier).value)
        var (residuals, unlabeled) = ([Double](repeating: 0, count: count), 0.0)
        for bucket in 0..<count { residuals[bucket] = world.statistics.brier[bucket].meanResidual }
        for (row, facts) in world.facts.enumerated() where !World.isLabeled(row) {
            unlabeled += residuals[Int(facts.bucket)]
        }
        #expect(isClose(own, expected.brier + unlabeled / Double(world.facts.count), relative: 1e-9))
        // More rows to rest on.
        let plain = try World(.scoreQuantiles(6), seed: seed, shrinks: false).evaluator
        let (more, less) = (world.evaluator.effectiveSampleSize ?? 0, plain.effectiveSampleSize ?? .infinity)
        #expect(more > less)
        let (low, value, high) = (accuracy.ciLow ?? .nan, accuracy.value ?? .nan, accuracy.ciHigh ?? .nan)
        #expect(low <= value && value <= high)
        #expect(plain.evaluate(.accuracy).value != accuracy.value)
        #expect(plain.evaluate(.accuracy).labeledValue == accuracy.labeledValue)
    }

    @Test("moves chances by what the labels of their group say", arguments: [0, 16])
    func chances(trees: Int) throws {
        let world = try World(.chances(trees: trees), seed: 7)
        guard case .levels(let table) = world.buckets.shape else { return }
        let chances = try #require(world.buckets.chances)
        func slot(_ facts: PredictionFacts) -> Int {
            2 * Int(table.groups[Int(facts.bucket)]) + Int(facts.predictedClass)
        }
        var rows = world.statistics.bucketCounts.map { Double($0) }
        let supported = rows.map { $0 >= 30 }
        var surplus = [Double](repeating: 0, count: rows.count)
        for (row, facts) in world.facts.enumerated() where World.isLabeled(row) && supported[slot(facts)] {
            rows[slot(facts)] += 1
            surplus[slot(facts)] += world.live.labels[row] - chances[Int(facts.bucket)]
        }
        let moved = world.facts.map { chances[Int($0.bucket)] + surplus[slot($0)] / max(1, rows[slot($0)]) }
        let expected = world.expected(moved)
        #expect(isClose(world.evaluator.evaluate(.accuracy).value ?? .nan, expected.accuracy, relative: 1e-8))
        #expect(isClose(world.evaluator.evaluate(.f1).value ?? .nan, expected.f1, relative: 1e-8))
    }

    @Test("moves rankings, by groups of scores", arguments: [Bucketing.scoreQuantiles(6), .chances(trees: 0)])
    func rankings(bucketing: Bucketing) throws {
        let world = try World(bucketing, seed: 9)
        let calibration = try #require(world.statistics.calibration)
        let own = world.buckets.chances
        func bin(_ row: Int) -> Int { calibration.bins.index(of: world.live.scores[row]) }
        let chances = world.facts.indices.map {
            own?[Int(world.facts[$0].bucket)] ?? calibration.probabilities[bin($0)]
        }
        var rows = calibration.groupCounts
        var surplus = [Double](repeating: 0, count: rows.count)
        for row in world.facts.indices where World.isLabeled(row) {
            rows[calibration.groups[bin(row)]] += 1
            surplus[calibration.groups[bin(row)]] += world.live.labels[row] - chances[row]
        }
        var (ones, zeros) = (
            [Double](repeating: 0, count: calibration.bins.count), [Double](repeating: 0, count: calibration.bins.count)
        )
        for row in chances.indices {
            let group = calibration.groups[bin(row)]
            let chance = World.isLabeled(row) ? world.live.labels[row] : chances[row] + surplus[group] / rows[group]
            ones[bin(row)] += chance
            zeros[bin(row)] += 1 - chance
        }
        var (wins, below) = (0.0, 0.0)
        for bin in ones.indices {
            wins += ones[bin] * (below + zeros[bin] / 2)
            below += zeros[bin]
        }
        let area = try #require(world.evaluator.evaluate(.rocAUC).value)
        #expect(isClose(area, wins / (ones.reduce(0, +) * below), relative: 1e-4))
        for metric in [Metric.rocAUC, .averagePrecision, .logLoss, .mcc] {
            let estimate = world.evaluator.evaluate(metric)
            let value = try #require(estimate.value)
            #expect(estimate.ciLow ?? .nan <= value && value <= estimate.ciHigh ?? .nan, "\(metric)")
        }
    }

    @Test(
        "keeps its cells, and takes them back with the rows that leave",
        arguments: [Bucketing.scoreQuantiles(4), .chances(trees: 0)])
    func layout(bucketing: Bucketing) throws {
        let world = try World(bucketing, seed: 4)
        var writer = ByteWriter()
        world.layout.write(to: &writer)
        let bytes = writer.bytes
        let read = try unsafe bytes.withUnsafeBytes { raw in
            var reader = unsafe ByteReader(raw)
            return try CellLayout(from: &reader)
        }
        #expect(read == world.layout && read.keepsSlotLabels)
        var cells = DenseCells(count: world.layout.cellCount)
        for sign in [1, -1] as [Int64] {
            for (row, facts) in world.facts.enumerated() {
                world.layout.addLabeled(
                    facts, label: world.live.labels[row], delayMicroseconds: 0, sign: sign, to: &cells)
            }
            #expect(cells.cells.contains { $0 != 0 } == (sign == 1))
        }
    }

    private static func schema(_ kind: TaskKind, _ estimator: Estimator?, shrinks: Bool) -> TaskSchema {
        let usual = TaskEvents.schema(kind, estimator: estimator)
        return TaskSchema(
            kind: kind, features: usual.features, observed: usual.observed, bucketing: usual.bucketing,
            estimator: usual.estimator, shrinksTowardLabels: shrinks, allowedLateness: usual.allowedLateness,
            labelHorizon: usual.labelHorizon)
    }

    @Test("is the same live, after reopening, from the rows, and in a back-test")
    func everywhere() throws {
        let kinds: [(TaskKind, Estimator?)] = [
            (.binary(), nil), (.binary(), .calibratedResiduals), (.binary(), .cbpe), (TaskEvents.kinds[1], nil),
            (.regression, nil),
        ]
        for (kind, estimator) in kinds {
            let schema = Self.schema(kind, estimator, shrinks: true)
            let (own, plain) = (
                try TaskHarness(schema, memtableByteCount: 64 << 10),
                try TaskHarness(Self.schema(kind, estimator, shrinks: false), memtableByteCount: 64 << 10)
            )
            let metrics: [Metric] =
                switch kind {
                case .binary: [.accuracy, .f1, .rocAUC, .brier]
                case .multiclass: [.accuracy, .logLoss]
                case .regression: [.mae, .rmse, .msle, .meanError, .r2]
                }
            for harness in [own, plain] {
                for metric in metrics.dropLast() { try harness.register(metric, [.tumbling(.days(1)), .cumulative]) }
                var events = TaskEvents(kind, seed: 12)
                for event in events.sequence(count: 900, epochs: 2) { try harness.log(event) }
                // One that comes late needs cells that are made from the rows.
                try harness.register(metrics[metrics.count - 1], [.tumbling(.days(1)), .cumulative])
            }
            let rows = try own.task.metrics()
            try own.checkAgainstRecomputation("\(kind)")
            func comparable(_ rows: [MetricRow]) -> [MetricRow] {
                rows.map { row in
                    var row = row
                    row.revision = 0
                    return row
                }
            }
            #expect(try own.task.backtest().rows == comparable(rows))
            let planned = try plain.task.backtest(Backtest(shrinksTowardLabels: true))
            #expect(planned.rows == comparable(rows))
            let unshrunk = comparable(try plain.task.metrics())
            #expect(comparable(rows) != unshrunk)
            #expect(try own.task.backtest(Backtest(shrinksTowardLabels: false)).rows == unshrunk)
            try own.reopen()
            #expect(try own.task.metrics() == rows)
        }
    }

    @Test("is refused where there is nothing to shrink")
    func refused() throws {
        let store = try Store.open(TemporaryFolder().path("store"))
        for (kind, estimator) in [
            (TaskKind.regression, .constant), (.binary(), .constant), (.binary(), .atc), (TaskEvents.kinds[1], .cbpe),
        ] as [(TaskKind, Estimator?)] {
            #expect(throws: StoreError.self) {
                try store.task("t", schema: Self.schema(kind, estimator, shrinks: true))
            }
        }
        _ = try store.task("t", schema: Self.schema(.binary(), .cbpe, shrinks: true))
        #expect(throws: StoreError.self) { try store.task("t", schema: Self.schema(.binary(), .cbpe, shrinks: false)) }
        _ = try store.task("t", schema: Self.schema(.binary(), .cbpe, shrinks: true))
    }
}
