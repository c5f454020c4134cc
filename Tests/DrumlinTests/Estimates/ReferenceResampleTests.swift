import Testing

@testable import Drumlin

/// Reference rows in the place of unlabeled ones, against the estimates that sums give, and against the truth.
@Suite("Reference rows that stand for unlabeled ones")
struct ReferenceResampleTests {
    private typealias Generator = Drumlin.SeededGenerator
    private typealias Rows = (labels: [Double], predictions: [Double])

    private static func resample(_ reference: SyntheticTask, _ epoch: SyntheticEpoch) -> ReferenceResample {
        ReferenceResample(
            moment: .init(generation: 0, epochCount: 1, rowCount: 0, endRow: 0),
            epochs: [.init(reference.reference, epoch.buckets, epoch.statistics)])
    }

    private static func mean(_ rows: Rows, _ loss: (Double, Double) -> Double) -> Double {
        zip(rows.labels, rows.predictions).map(loss).reduce(0, +) / Double(rows.labels.count)
    }

    private static func accuracy(_ rows: Rows) -> Double { mean(rows) { ($0 == 1) == ($1 >= 0.5) ? 1 : 0 } }

    /// The share of ones among the quarter with the greatest scores: no function of sums.
    private static func lift(_ rows: Rows) -> Double {
        let order = rows.predictions.indices.sorted {
            (rows.predictions[$0], $0) > (rows.predictions[$1], $1)
        }
        let top = order.prefix(max(1, order.count / 4))
        return top.reduce(0) { $0 + rows.labels[$1] } / Double(top.count)
    }

    @Test(
        "agree with the estimates of sums",
        arguments: [.standard, .scoreQuantiles(8), .chances(trees: 8), .single] as [Bucketing])
    func binary(bucketing: Bucketing) throws {
        var generator = Generator(seed: 7)
        let reference = SyntheticTask.binary(count: 2_000, generator: &generator)
        let epoch = try SyntheticEpoch(reference, bucketing: bucketing)
        let live = SyntheticTask.binary(count: 1_500, shift: 0.8, generator: &generator)
        let evaluator = epoch.evaluator(live) { _ in false }
        let rows = try #require(Self.resample(reference, epoch).rows(for: evaluator, count: live.labels.count))
        #expect(rows.labels.count == live.labels.count && rows.predictions.count == live.labels.count)
        #expect(rows.labels.allSatisfy { $0 == 0 || $0 == 1 } && rows.predictions.allSatisfy { (0...1).contains($0) })
        let expected = try #require(evaluator.evaluate(.accuracy).value)
        // A row where two outcomes of a bucket meet goes to one of them.
        let difference = (Self.accuracy(rows) - expected).magnitude
        #expect(difference <= Double(evaluator.strata.count) / Double(rows.labels.count), "\(bucketing)")
    }

    @Test func haveTheClassesOfTheEstimate() throws {
        var generator = Generator(seed: 8)
        let reference = SyntheticTask.multiclass(count: 1_500, generator: &generator)
        let epoch = try SyntheticEpoch(reference)
        let live = SyntheticTask.multiclass(count: 900, shift: -0.6, generator: &generator)
        let evaluator = epoch.evaluator(live) { _ in false }
        let rows = try #require(Self.resample(reference, epoch).rows(for: evaluator, count: 900))
        let expected = try #require(evaluator.evaluate(.accuracy).value)
        #expect((Self.mean(rows) { $0 == $1 ? 1 : 0 } - expected).magnitude < 0.01)
        for predicted in 0..<3 {
            let drawn = rows.predictions.count { $0 == Double(predicted) }
            #expect((drawn - live.classes.count { $0 == predicted }).magnitude <= 9)
        }
    }

    @Test("have the errors of the leaves", arguments: [.lossTree(leaves: 16), .scoreQuantiles(6)] as [Bucketing])
    func regression(bucketing: Bucketing) throws {
        var generator = Generator(seed: 9)
        let reference = SyntheticTask.regression(count: 2_500, generator: &generator)
        let epoch = try SyntheticEpoch(reference, bucketing: bucketing)
        let live = SyntheticTask.regression(count: 2_000, shift: 0.1, generator: &generator)
        let evaluator = epoch.evaluator(live) { _ in false }
        let rows = try #require(Self.resample(reference, epoch).rows(for: evaluator, count: 2_000))
        for (metric, loss) in [
            (Metric.mae, { ($0 - $1).magnitude }), (.mse, { ($0 - $1) * ($0 - $1) }), (.meanError, { $0 - $1 }),
        ] as [(Metric, (Double, Double) -> Double)] {
            let estimate = evaluator.evaluate(metric)
            let (expected, width) = (try #require(estimate.value), try #require(estimate.standardError))
            #expect((Self.mean(rows, loss) - expected).magnitude < max(0.3 * width, 0.01 * expected), "\(metric)")
        }
    }

    @Test("are as many as asked for, and the same each time", arguments: [1, 2, 17, 999, 10_001])
    func counts(count: Int) throws {
        var generator = Generator(seed: 10)
        let reference = SyntheticTask.binary(count: 2_000, generator: &generator)
        let epoch = try SyntheticEpoch(reference)
        let evaluator = epoch.evaluator(SyntheticTask.binary(count: 300, generator: &generator)) { $0 % 3 == 0 }
        let resample = Self.resample(reference, epoch)
        let rows = try #require(resample.rows(for: evaluator, count: count))
        #expect(rows.labels.count == count)
        let again = try #require(resample.rows(for: evaluator, count: count))
        #expect(again == rows)
        let drawn = try #require(resample.drawnRows(for: evaluator, count: count, &generator))
        #expect(drawn.labels.count == count && drawn.predictions.count == count)
    }

    @Test("give a metric that is no function of sums, and an interval that holds what comes")
    func coverage() throws {
        var generator = Generator(seed: 11)
        var (covered, error, naive) = (0, 0.0, 0.0)
        let (references, windows, draws) = (4, 12, 12)
        for _ in 0..<references {
            let reference = SyntheticTask.binary(count: 1_500, generator: &generator)
            let epoch = try SyntheticEpoch(reference)
            let resample = Self.resample(reference, epoch)
            let onReference = Self.lift((reference.labels, reference.scores))
            for window in 0..<windows {
                let live = SyntheticTask.binary(
                    count: 300, shift: Double(window % 4) * 0.8 - 1.2, generator: &generator)
                let evaluator = epoch.evaluator(live) { _ in false }
                let truth = Self.lift((live.labels, live.scores))
                let estimate = Self.lift(try #require(resample.rows(for: evaluator, count: 300)))
                error += (estimate - truth).magnitude
                naive += (onReference - truth).magnitude
                var values: [Double] = []
                for _ in 0..<draws {
                    values.append(
                        Self.lift(try #require(resample.drawnRows(for: evaluator, count: 300, &generator))))
                }
                let mean = values.reduce(0, +) / Double(draws)
                let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(draws - 1)
                let half =
                    variance.squareRoot() * SpecialFunctions.studentQuantile(tail: 0.025, degrees: Double(draws - 1))
                if (estimate - truth).magnitude <= half { covered += 1 }
            }
        }
        let total = Double(references * windows)
        print(
            "lift: coverage \(Double(covered) / total), error \(error / total), without buckets \(naive / total)")
        #expect(Double(covered) / total >= 0.9)
        #expect(error < 0.7 * naive)
    }
}
