import ColumnFormat
import Drumlin
import Foundation
import Testing

@testable import Drumlin

/// Estimates of several classes from each row's own calibrated probabilities (`cbpe`).
@Suite("Estimates from calibrated classes")
struct ClassChanceTests {
    /// What scikit-learn and NannyML expect: `Expected/scripts/classes.py`.
    private struct Expected: Decodable {
        struct Rows: Decodable {
            var probabilities: [Double]
            var predicted: [Int]
            var labels: [Int]

            func score(_ row: Int) -> Double { probabilities[row * 3 + predicted[row]] }

            var columns: ReferenceColumns {
                ReferenceColumns(
                    kind: .multiclass(classes: ["a", "b", "c"], hasProbabilities: true),
                    scores: predicted.indices.map { score($0) }, classes: predicted, labels: labels.map { Double($0) },
                    probabilities: probabilities)
            }
        }

        struct Peer: Decodable {
            var accuracy: Double
            var f1: Double
        }

        var reference: Rows
        var live: Rows
        var confusion: [Double]
        var accuracy: Double
        var f1Macro: Double
        var logLoss: Double
        var cbpe: Peer
    }

    private struct World {
        let expected: Expected
        let buckets: FittedBuckets
        let statistics: ReferenceStatistics
        var layout: CellLayout

        init() throws {
            expected = try JSONDecoder().decode(Expected.self, from: expectedData("classes"))
            let columns = expected.reference.columns
            buckets = try FittedBuckets(fitting: .classChances, to: columns)
            statistics = ReferenceStatistics(fitting: columns, buckets: buckets)
            layout = CellLayout(kind: columns.kind)
            for metric in Metric.all(for: columns.kind) { try layout.require(metric) }
            _ = try layout.openEpoch(buckets.shape, bins: ScoreBins(edges: []))
        }

        func facts(_ row: Int, score: Double? = nil) -> PredictionFacts {
            let (score, predicted) = (score ?? expected.live.score(row), expected.live.predicted[row])
            return PredictionFacts(
                score: score, predictedClass: Int32(predicted),
                bucket: Int32(buckets.assign(score: score, predictedClass: predicted)), epoch: 0)
        }

        func chances(_ row: Int) throws -> ClassChances {
            var chances = ClassChances()
            let isKnown = chances.set(try #require(buckets.classModel)) { expected.live.probabilities[row * 3 + $0] }
            #expect(isKnown)
            return chances
        }

        func addUnlabeled(_ row: Int, sign: Int64 = 1, to cells: inout DenseCells) throws {
            layout.addUnlabeled(facts(row), sign: sign, to: &cells)
            layout.addClassChances(facts(row), try chances(row), sign: sign, to: &cells)
        }

        func evaluator(_ cells: DenseCells) -> MetricEvaluator {
            MetricEvaluator(cells: cells.cells, layout: layout, epochs: [statistics])
        }
    }

    @Test("are those of scikit-learn's isotonic maps and of NannyML, but for how maps go between their points")
    func agreeWithPeers() throws {
        let world = try World()
        var cells = DenseCells(count: world.layout.cellCount)
        for row in world.expected.live.labels.indices { try world.addUnlabeled(row, to: &cells) }
        let evaluator = world.evaluator(cells)
        func value(_ metric: Metric) throws -> Double { try #require(evaluator.evaluate(metric).value) }
        #expect((try value(.accuracy) - world.expected.accuracy).magnitude < 0.002)
        #expect((try value(.f1Macro) - world.expected.f1Macro).magnitude < 0.003)
        #expect((try value(.logLoss) - world.expected.logLoss).magnitude < 0.005)
        #expect((try value(.accuracy) - world.expected.cbpe.accuracy).magnitude < 0.002)
        #expect((try value(.f1Macro) - world.expected.cbpe.f1).magnitude < 0.003)
        for actual in 0..<3 {
            for predicted in 0..<3 {
                let name = "confusion:actual=\(["a", "b", "c"][actual]),predicted=\(["a", "b", "c"][predicted])"
                let cell = try value(try #require(Metric(name)))
                #expect((cell - world.expected.confusion[actual * 3 + predicted]).magnitude < 4, "\(name) \(cell)")
            }
        }
        let truth = zip(world.expected.live.labels, world.expected.live.predicted).reduce(0.0) {
            $0 + ($1.0 == $1.1 ? 0.001 : 0)
        }
        let accuracy = evaluator.evaluate(.accuracy)
        #expect(try #require(accuracy.ciLow) <= truth && truth <= (try #require(accuracy.ciHigh)))
        #expect(accuracy.unsupportedMass ?? 1 < 0.1)
    }

    @Test("are sums of the rows' chances, labels in place of them where they are known")
    func areSums() throws {
        let world = try World()
        let live = world.expected.live
        var cells = DenseCells(count: world.layout.cellCount)
        var confusion = [Double](repeating: 0, count: 9)
        var loss = 0.0
        for row in live.labels.indices {
            if row % 3 == 0 {
                let probability = live.probabilities[row * 3 + live.labels[row]]
                world.layout.addLabeled(
                    world.facts(row), label: Double(live.labels[row]), labelProbability: probability,
                    delayMicroseconds: 0, sign: 1, to: &cells)
                confusion[live.labels[row] * 3 + live.predicted[row]] += 1
                loss += CellLayout.loss(probability, label: 1)
                continue
            }
            try world.addUnlabeled(row, to: &cells)
            let model = try #require(world.buckets.classModel)
            let raw = (0..<3).map { logistic(model.maps[$0].logit(at: live.probabilities[row * 3 + $0])) }
            for label in 0..<3 {
                let chance = raw[label] / raw.reduce(0, +)
                confusion[label * 3 + live.predicted[row]] += chance
                loss += chance * CellLayout.loss(live.probabilities[row * 3 + label], label: 1)
            }
        }
        let evaluator = world.evaluator(cells)
        for metric in Metric.all(for: world.statistics.kind) where metric != .logLoss {
            let expected = CountMetric(metric, kind: world.statistics.kind)?.value(confusion)
            let estimate = evaluator.evaluate(metric)
            #expect(isClose(estimate.value ?? .nan, expected ?? .nan, relative: 1e-8), "\(metric.name)")
        }
        #expect(isClose(evaluator.evaluate(.logLoss).value ?? .nan, loss / 1_000, relative: 1e-9))
    }

    @Test("sum to one exactly, and go out as they came in, in any order")
    func takeRowsBack() throws {
        let world = try World()
        for row in 0..<1_000 { #expect(try world.chances(row).values.reduce(0, +) == 1 << 32) }
        var generator = SeededGenerator(seed: 4)
        var (forward, shuffled) = (DenseCells(count: world.layout.cellCount), DenseCells(count: world.layout.cellCount))
        for row in 0..<200 { try world.addUnlabeled(row, to: &forward) }
        for row in (0..<400).shuffled(using: &generator) { try world.addUnlabeled(row, to: &shuffled) }
        for row in (200..<400).shuffled(using: &generator) { try world.addUnlabeled(row, sign: -1, to: &shuffled) }
        #expect(forward.cells == shuffled.cells)
    }

    @Test("of rows without probabilities are those of their bucket")
    func rowsWithout() throws {
        let world = try World()
        var cells = DenseCells(count: world.layout.cellCount)
        let facts = world.facts(0, score: .nan)
        for _ in 0..<50 { world.layout.addUnlabeled(facts, sign: 1, to: &cells) }
        let estimate = world.evaluator(cells).evaluate(.accuracy)
        let bucket = Int(facts.bucket)
        let labels = (0..<3).map { Double(world.statistics.outcomes[bucket * 3 + $0]) }
        let share = labels[bucket % 3] / labels.reduce(0, +)
        #expect(isClose(estimate.value ?? .nan, share, relative: 1e-9))
    }

    @Test("survive their bytes; a damaged one is an error")
    func bytes() throws {
        let world = try World()
        var writer = ByteWriter()
        world.buckets.write(to: &writer)
        let read = try unsafe writer.bytes.withUnsafeBytes { raw in
            var reader = unsafe ByteReader(raw)
            return try FittedBuckets(from: &reader)
        }
        #expect(read == world.buckets)
        var layoutWriter = ByteWriter()
        world.layout.write(to: &layoutWriter)
        let layout = try unsafe layoutWriter.bytes.withUnsafeBytes { raw in
            var reader = unsafe ByteReader(raw)
            return try CellLayout(from: &reader)
        }
        #expect(layout == world.layout)
        for end in stride(from: 0, to: writer.bytes.count, by: 97) {
            #expect(throws: FormatError.self) {
                try unsafe Array(writer.bytes[..<end]).withUnsafeBytes { raw in
                    var reader = unsafe ByteReader(raw)
                    _ = try FittedBuckets(from: &reader)
                }
            }
        }
    }
}
