import Testing

@testable import Drumlin

/// Small windows whose estimates can be worked out by hand.
@Suite("Estimates")
struct EstimateTests {
    /// Reference rows of one bucket: how many of each outcome.
    struct Bucket {
        var tn = 0
        var fp = 0
        var fn = 0
        var tp = 0
    }

    /// An epoch with a bucket for each entry (bucket i + 2 of a category).
    struct World {
        let epoch: SyntheticEpoch
        let kind = TaskKind.binary()

        init(_ buckets: [Bucket]) throws {
            var task = SyntheticTask(kind: .binary())
            for (index, bucket) in buckets.enumerated() {
                let outcomes = [(bucket.tn, 0, 0), (bucket.fp, 1, 0), (bucket.fn, 0, 1), (bucket.tp, 1, 1)]
                for (count, predicted, label) in outcomes {
                    for _ in 0..<count {
                        task.scores.append(predicted == 1 ? 0.75 : 0.25)
                        task.classes.append(predicted)
                        task.labels.append(Double(label))
                        task.features.append(Double(index))
                    }
                }
            }
            // In no order, so that the blocks of the back-test are alike and φ is near 1.
            var generator = SeededGenerator(seed: 1)
            let order = task.labels.indices.shuffled(using: &generator)
            task.scores = order.map { task.scores[$0] }
            task.classes = order.map { task.classes[$0] }
            task.labels = order.map { task.labels[$0] }
            task.features = order.map { task.features[$0] }
            epoch = try SyntheticEpoch(task, bucketing: .category("feature"))
        }

        /// A window of unlabeled rows (bucket, predicted class, count) and labeled outcomes.
        func evaluator(_ unlabeled: [(Int, Int, Int)], labeled: Bucket = Bucket()) -> MetricEvaluator {
            var cells = DenseCells(count: epoch.layout.cellCount)
            for (bucket, predicted, count) in unlabeled {
                let facts = PredictionFacts(
                    score: predicted == 1 ? 0.75 : 0.25, predictedClass: Int32(predicted), bucket: Int32(bucket + 2),
                    epoch: 0)
                for _ in 0..<count { epoch.layout.addUnlabeled(facts, sign: 1, to: &cells) }
            }
            let outcomes = [(labeled.tn, 0, 0), (labeled.fp, 1, 0), (labeled.fn, 0, 1), (labeled.tp, 1, 1)]
            for (count, predicted, label) in outcomes {
                let facts = PredictionFacts(
                    score: predicted == 1 ? 0.75 : 0.25, predictedClass: Int32(predicted), bucket: 2, epoch: 0)
                for _ in 0..<count {
                    epoch.layout.addLabeled(
                        facts, label: Double(label), delayMicroseconds: 3_000_000, sign: 1, to: &cells)
                }
            }
            return MetricEvaluator(cells: cells.cells, layout: epoch.layout, epochs: [epoch.statistics])
        }
    }

    @Test("of f1 come from summed counts, not from the buckets' f1")
    func sumsBeforeFinishing() throws {
        let world = try World([Bucket(tn: 80, fp: 10, fn: 5, tp: 5), Bucket(tn: 10, fp: 10, fn: 10, tp: 70)])
        let evaluator = world.evaluator([(0, 0, 300), (1, 1, 100)], labeled: Bucket(tn: 7, fp: 1, fn: 2, tp: 10))
        // Expected: 300 · (.05, .15) + 100 · (.7, .2) of TP and FP + FN, and the labeled ones.
        let (tp, wrong) = (10 + 15 + 70.0, 3 + 45 + 20.0)
        let f1 = evaluator.evaluate(.f1)
        #expect(isClose(f1.value ?? .nan, 2 * tp / (2 * tp + wrong), relative: 1e-12))
        #expect(f1.labeledValue == 20.0 / 23)
        #expect(isClose(f1.unlabeledValue ?? .nan, 170.0 / 235, relative: 1e-12))
        #expect(f1.method == "bucketStatistics" && f1.undefinedProbability == nil)
        let mean = evaluator.evaluate(.f1, estimator: .bucketMean)
        let own = (300 * (10.0 / 25) + 100 * (140.0 / 160)) / 400
        #expect(isClose(mean.unlabeledValue ?? .nan, own, relative: 1e-12))
        let blended = (20 * (20.0 / 23) + 400 * own) / 420
        #expect(isClose(mean.value ?? .nan, blended, relative: 1e-12))
        #expect(mean.method == "bucketMean" && mean.ciLow == nil && mean.boundHigh == nil)
    }

    @Test("of accuracy have Wilson's ends on whole rows")
    func hasWilsonEnds() throws {
        let world = try World([Bucket(tn: 90, fp: 10)])
        let phi = world.epoch.statistics.overdispersion(of: .accuracy)
        let estimate = world.evaluator([(0, 0, 50)], labeled: Bucket(tn: 10)).evaluate(.accuracy)
        #expect(isClose(estimate.value ?? .nan, (10 + 45) / 60.0, relative: 1e-12))
        let smoothed = 90.5 / 101
        let variance = phi * phi * 50 * (1 + 50.0 / 100) * smoothed * (1 - smoothed)
        #expect(isClose(estimate.standardError ?? .nan, variance.squareRoot() / 60, relative: 1e-12))
        let n = smoothed * (1 - smoothed) * 2_500 / variance
        let square = MetricEvaluator.normalQuantile * MetricEvaluator.normalQuantile
        let center = (0.9 + square / (2 * n)) / (1 + square / n)
        let half = (square * 0.09 / n + square * square / (4 * n * n)).squareRoot() / (1 + square / n)
        #expect(estimate.ciLow == (10 + (50 * (center - half)).rounded(.down)) / 60)
        #expect(estimate.ciHigh == (10 + (50 * (center + half)).rounded(.up)) / 60)
    }

    @Test("of one row end where its label can end")
    func endsWithinReach() throws {
        let world = try World([Bucket(tn: 90, fp: 10)])
        let estimate = world.evaluator([(0, 0, 1)], labeled: Bucket(tn: 3)).evaluate(.accuracy)
        #expect(estimate.ciLow == 0.75 && estimate.ciHigh == 1)
    }

    @Test("say how much reference they rest on")
    func countsEffectiveRows() throws {
        let world = try World([Bucket(tn: 300), Bucket(tn: 100), Bucket(tn: 29)])
        let evaluator = world.evaluator([(0, 0, 30), (1, 0, 10)])
        #expect(isClose(evaluator.effectiveSampleSize ?? .nan, 400, relative: 1e-12))
        #expect(evaluator.unsupportedMass == 0)
        let skewed = world.evaluator([(1, 0, 40), (2, 0, 60)])
        #expect(isClose(skewed.effectiveSampleSize ?? .nan, 100, relative: 1e-12))
        #expect(isClose(skewed.unsupportedMass ?? .nan, 0.6, relative: 1e-12))
        #expect(world.evaluator([(2, 0, 5)]).effectiveSampleSize == nil)
    }

    @Test("count rows of unsupported buckets with their class, and bound what they could be")
    func boundsUnsupportedRows() throws {
        let world = try World([Bucket(tn: 60, fp: 20, fn: 40, tp: 80), Bucket(tn: 5, tp: 3), Bucket()])
        // Bucket 0 knows both classes: 40 rows are 16 TP, 4 FP, 8 FN, 12 TN. The rest has 8 rows or none in the reference.
        let window = world.evaluator([(0, 0, 20), (0, 1, 20), (1, 1, 6), (1, 0, 2), (-1, 1, 2)])
        let right = 60 + 80.0 + 8
        let parents = (positive: 83.0 / 103, negative: 65.0 / 105)
        let accuracy = window.evaluate(.accuracy)
        let supported = 40 * 140.0 / 200
        #expect(isClose(window.unsupportedMass ?? .nan, 0.2, relative: 1e-12))
        let value = (supported + 8 * parents.positive + 2 * parents.negative) / 50
        #expect(isClose(accuracy.value ?? .nan, value, relative: 1e-12), "\(right)")
        #expect(isClose(accuracy.boundLow ?? .nan, supported / 50, relative: 1e-12))
        #expect(isClose(accuracy.boundHigh ?? .nan, (supported + 10) / 50, relative: 1e-12))
        let f1 = window.evaluate(.f1)
        #expect(isClose(f1.boundLow ?? .nan, 32.0 / (32 + 12 + 10), relative: 1e-12))
        #expect(isClose(f1.boundHigh ?? .nan, 2 * 24.0 / (2 * 24 + 12), relative: 1e-12))
        let precision = window.evaluate(.precision)
        #expect(isClose(precision.boundLow ?? .nan, 16.0 / 28, relative: 1e-12))
        #expect(isClose(precision.boundHigh ?? .nan, 24.0 / 28, relative: 1e-12))
        let recall = window.evaluate(.recall)
        #expect(isClose(recall.boundLow ?? .nan, 16.0 / (24 + 2), relative: 1e-12))
        #expect(isClose(recall.boundHigh ?? .nan, 24.0 / 32, relative: 1e-12))
        #expect(window.evaluate(.logLoss).boundHigh == nil)
        let brier = window.evaluate(.brier)
        #expect((brier.boundHigh ?? 0) - (brier.boundLow ?? 0) > 0.19)
    }

    @Test("with few positives simulate labels, alike each time, and say how likely nothing is defined")
    func simulatesFewRows() throws {
        let world = try World([Bucket(tn: 990, fn: 10)])
        let window = world.evaluator([(0, 0, 100)])
        let f1 = window.evaluate(.f1)
        #expect(f1.method == "bucketStatistics:simulated")
        #expect(f1 == world.evaluator([(0, 0, 100)]).evaluate(.f1))
        // No false negative among 100 rows: about 0.99¹⁰⁰ = 0.37, more for not knowing the rate exactly.
        let undefined = try #require(f1.undefinedProbability)
        #expect(undefined > 0.3 && undefined < 0.5)
        #expect(f1.value == 0 && f1.ciLow == 0 && f1.ciHigh == 0)
        let precision = window.evaluate(.precision)
        #expect(precision.value == nil && precision.ciLow == nil && precision.labeledValue == nil)
    }

    @Test("simulated or not, intervals meet where the two methods do")
    func simulationAgreesWithDelta() throws {
        let world = try World([Bucket(tn: 400, fp: 50, fn: 50, tp: 500)])
        let window = world.evaluator([(0, 0, 450), (0, 1, 550)])
        let delta = window.evaluate(.f1)
        let simulated = LabelSimulation(
            evaluator: window, metric: .f1, labeled: [0, 0, 0, 0],
            value: { $0[3] > 0 ? 2 * $0[3] / (2 * $0[3] + $0[1] + $0[2]) : nil })
        #expect(((simulated.low ?? 0) - (delta.ciLow ?? 0)).magnitude < 0.01)
        #expect(((simulated.high ?? 0) - (delta.ciHigh ?? 0)).magnitude < 0.01)
        #expect(isClose(simulated.standardDeviation ?? 0, delta.standardError ?? 1, relative: 0.1))
    }

    @Test("of precision stay inside (0, 1) where the reference never erred")
    func staysInsideWhereNothingErred() throws {
        let world = try World([Bucket(tp: 200)])
        let estimate = world.evaluator([(0, 1, 50)]).evaluate(.precision)
        #expect(estimate.value == 1 && estimate.ciHigh == 1)
        #expect((estimate.ciLow ?? 1) < 1 && (estimate.ciLow ?? 0) > 0.8)
    }

    @Test("cover rows from before the first epoch, as unsupported ones")
    func coversRowsWithoutEpoch() throws {
        let world = try World([Bucket(tn: 60, fp: 20, fn: 40, tp: 80)])
        var cells = DenseCells(count: world.epoch.layout.cellCount)
        let facts = PredictionFacts(score: 0.75, predictedClass: 1)
        for _ in 0..<10 { world.epoch.layout.addUnlabeled(facts, sign: 1, to: &cells) }
        let evaluator = MetricEvaluator(
            cells: cells.cells, layout: world.epoch.layout, epochs: [world.epoch.statistics])
        let estimate = evaluator.evaluate(.accuracy)
        #expect(isClose(estimate.value ?? .nan, 0.8, relative: 1e-12))
        #expect(estimate.unsupportedMass == 1 && estimate.boundLow == 0 && estimate.boundHigh == 1)
        #expect(evaluator.evaluate(.precision).value == estimate.value)
        #expect(evaluator.evaluate(.rocAUC).unlabeledValue == 0.5)
    }

    @Test("of a window across two epochs add each epoch's own buckets")
    func addsEpochs() throws {
        let first = try World([Bucket(tn: 90, fp: 10)])
        let second = try World([Bucket(tn: 50, fp: 50), Bucket(tn: 60)])
        var layout = first.epoch.layout
        _ = try layout.openEpoch(
            bucketCount: second.epoch.buckets.count, fixesClass: false,
            bins: try #require(second.epoch.statistics.calibration).bins)
        var cells = DenseCells(count: layout.cellCount)
        for (epoch, bucket) in [(0, 2), (0, 2), (1, 2), (1, 3)] {
            let facts = PredictionFacts(
                score: 0.25, predictedClass: 0, bucket: Int32(bucket), epoch: Int32(epoch))
            layout.addUnlabeled(facts, sign: 1, to: &cells)
        }
        let epochs = [first.epoch.statistics, second.epoch.statistics]
        let estimate = MetricEvaluator.evaluate(.accuracy, cells: cells.cells, layout: layout, epochs: epochs)
        #expect(isClose(estimate.value ?? .nan, (2 * 0.9 + 0.5 + 1) / 4, relative: 1e-12))
    }

    @Test("of the AUC across epochs are within the reported bound of the rows' own")
    func boundsTheAreaAcrossEpochs() throws {
        var generator = SeededGenerator(seed: 12)
        let first = SyntheticTask.binary(count: 800, generator: &generator)
        let second = SyntheticTask.binary(count: 800, shift: 1, generator: &generator)
        let epochs = [try SyntheticEpoch(first), try SyntheticEpoch(second)]
        var layout = epochs[0].layout
        _ = try layout.openEpoch(
            bucketCount: epochs[1].buckets.count, fixesClass: true,
            bins: try #require(epochs[1].statistics.calibration).bins)
        for rows in [[200, 0, 0], [200, 200, 0], [100, 300, 100]] {
            var cells = DenseCells(count: layout.cellCount)
            var all: [(score: Double, label: Double)] = []
            for (part, count) in rows.enumerated() {
                let live = SyntheticTask.binary(count: count, shift: Double(part) / 2, generator: &generator)
                for row in 0..<count {
                    let facts = PredictionFacts(
                        score: live.scores[row], predictedClass: Int32(live.classes[row]), epoch: Int32(part - 1))
                    layout.addLabeled(facts, label: live.labels[row], delayMicroseconds: 0, sign: 1, to: &cells)
                    all.append((live.scores[row], live.labels[row]))
                }
            }
            var (wins, pairs) = (0.0, 0.0)
            for one in all where one.label == 1 {
                for zero in all where zero.label == 0 {
                    pairs += 1
                    wins += one.score > zero.score ? 1 : one.score == zero.score ? 0.5 : 0
                }
            }
            let estimate = MetricEvaluator.evaluate(
                .rocAUC, cells: cells.cells, layout: layout, epochs: epochs.map(\.statistics))
            #expect(((estimate.value ?? .nan) - wins / pairs).magnitude <= estimate.binningError + 1e-12)
            #expect(estimate.binningError < 0.005)
        }
    }
}
