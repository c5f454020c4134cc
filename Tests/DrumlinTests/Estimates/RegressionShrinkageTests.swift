import ColumnViews
import TestSupport
import Testing

@testable import Drumlin

/// Errors of labeled rows counted among those of the reference, leaf by leaf, against sums over the rows.
@Suite("Shrinkage of regressions")
struct RegressionShrinkageTests {
    private typealias Generator = Drumlin.SeededGenerator

    private static func isLabeled(_ row: Int) -> Bool { row % 3 == 0 }

    @Test(
        "counts reference and labeled rows of a leaf together",
        arguments: [Bucketing.scoreQuantiles(5), .lossTree(leaves: 8)], [true, false])
    func leaves(bucketing: Bucketing, shrinks: Bool) throws {
        var generator = Generator(seed: 5)
        let reference = SyntheticTask.regression(count: 1_500, generator: &generator)
        var live = SyntheticTask.regression(count: 600, shift: 0.1, generator: &generator)
        // The model has begun to say too little.
        for row in live.labels.indices { live.labels[row] += 1.5 }
        let buckets = try FittedBuckets(fitting: bucketing, to: reference.reference)
        let statistics = ReferenceStatistics(fitting: reference.reference, buckets: buckets)
        var layout = CellLayout(kind: .regression, keepsSlotLabels: shrinks)
        for metric in Metric.all(for: .regression) { try layout.require(metric) }
        _ = try layout.openEpoch(buckets.shape, bins: ScoreBins(edges: []))
        var cells = DenseCells(count: layout.cellCount)
        var assigned: [Int] = []
        for row in live.labels.indices {
            assigned.append(
                buckets.assign(
                    score: live.scores[row], predictedClass: 0,
                    features: FeatureRow(numbers: [live.features[row]]), featureCount: 1))
            let facts = PredictionFacts(score: live.scores[row], bucket: Int32(assigned[row]), epoch: 0)
            if Self.isLabeled(row) {
                layout.addLabeled(facts, label: live.labels[row], delayMicroseconds: 0, sign: 1, to: &cells)
            } else {
                layout.addUnlabeled(facts, sign: 1, to: &cells)
            }
        }
        let evaluator = MetricEvaluator(cells: cells.cells, layout: layout, epochs: [statistics])
        /// The slots of a row: one, or a leaf of each tree.
        func slots(_ bucket: Int) -> [Int] {
            guard case .leaves(let pair) = buckets.form else { return [bucket] }
            return [bucket / pair.second.leafCount, pair.first.leafCount + bucket % pair.second.leafCount]
        }
        let places = buckets.places(of: buckets.assign(reference.reference), reference.reference)
        try #require(statistics.bucketCounts.allSatisfy { $0 >= 30 })
        /// The mean of a loss once unlabeled rows have the mean of their slots.
        func expected(_ loss: (_ label: Double, _ value: Double) -> Double) -> Double {
            var (sums, counts) = (
                [Double](repeating: 0, count: statistics.bucketCount),
                [Double](repeating: 0, count: statistics.bucketCount)
            )
            for row in reference.labels.indices {
                sums[places[row]] += loss(reference.labels[row], reference.scores[row])
                counts[places[row]] += 1
            }
            if shrinks {
                for row in live.labels.indices where Self.isLabeled(row) {
                    for slot in slots(assigned[row]) {
                        sums[slot] += loss(live.labels[row], live.scores[row])
                        counts[slot] += 1
                    }
                }
            }
            var total = 0.0
            for row in live.labels.indices {
                if Self.isLabeled(row) {
                    total += loss(live.labels[row], live.scores[row])
                } else {
                    let own = slots(assigned[row])
                    total += own.reduce(0) { $0 + sums[$1] / counts[$1] } / Double(own.count)
                }
            }
            return total / Double(live.labels.count)
        }
        let losses: [(Metric, (Double, Double) -> Double)] = [
            (.mae, { ($0 - $1).magnitude }), (.mse, { ($0 - $1) * ($0 - $1) }), (.meanError, { $0 - $1 }),
            (.mape, { CellLayout.relativeError(label: $0, value: $1) }),
            (.msle, { CellLayout.logError(label: $0, value: $1) }),
        ]
        for (metric, loss) in losses {
            let estimate = evaluator.evaluate(metric)
            let value = try #require(estimate.value)
            #expect(isClose(value, expected(loss), relative: 1e-9), "\(metric)")
            #expect(estimate.ciLow ?? .nan <= value && value <= estimate.ciHigh ?? .nan, "\(metric)")
        }
        // Where labels show a change, the estimate is nearer to what comes.
        let truth = zip(live.labels, live.scores).reduce(0) { $0 + ($1.0 - $1.1) } / Double(live.labels.count)
        let value = try #require(evaluator.evaluate(.meanError).value)
        #expect(shrinks ? value > 0.4 * truth : value < 0.4 * truth)
        #expect(try #require(evaluator.evaluate(.r2).value) < 1)
    }
}
