import ColumnViews

/// How far estimates are off on the reference itself: each of five contiguous blocks is estimated, in parts and without
/// its labels, from the other four.
///
/// Where windows differ by more than the sampling of labels (days, clusters of similar rows), the errors are larger
/// than the model says; φ, the root mean square of error / standard error, widens the intervals by that much.
struct ReferenceBackTest {
    static let blockCount = 5
    /// A block is estimated in up to four parts of at least so many rows: twenty errors say more of φ than five.
    static let partRows = 500

    let fit: ReferenceStatistics.Fit
    let rows: [Int]

    /// A metric of a part, as it was estimated and as it was.
    struct Outcome {
        let metric: Metric
        let value: Double
        let truth: Double
        let standardError: Double?
        /// nil where there is no interval.
        let isCovered: Bool?
    }

    /// φ by the metric's code: 1 for those that the kind does not have, and where no block has a value.
    func overdispersion() -> [Double] {
        var squares = [Double](repeating: 0, count: Metric.Form.allCases.count)
        var counts = squares
        for outcome in outcomes(Metric.all(for: fit.reference.kind), estimator: .bucketStatistics) {
            guard let error = outcome.standardError, error > 0, error.isFinite else { continue }
            let z = (outcome.value - outcome.truth) / error
            squares[Int(outcome.metric.code)] += z * z
            counts[Int(outcome.metric.code)] += 1
        }
        return squares.indices.map { counts[$0] > 0 ? max(1, (squares[$0] / counts[$0]).squareRoot()) : 1 }
    }

    /// The metrics of all parts that have them.
    func outcomes(_ metrics: [Metric], estimator: Estimator) -> [Outcome] {
        var outcomes: [Outcome] = []
        for block in 0..<Self.blockCount where rows.count >= 2 * Self.blockCount {
            let range = (block * rows.count / Self.blockCount)..<((block + 1) * rows.count / Self.blockCount)
            let others = Array(rows[..<range.lowerBound]) + Array(rows[range.upperBound...])
            // Buckets that know the labels are fitted anew without those of the block.
            let fit = fit.refitted(on: others)
            guard let layout = fit.layout(metrics) else { continue }
            let statistics = fit.statistics(of: others, includesOwnAUC: !estimator.takesIntervals)
            let partCount = min(4, max(1, range.count / Self.partRows))
            for part in 0..<partCount {
                let first = range.lowerBound + part * range.count / partCount
                let end = range.lowerBound + (part + 1) * range.count / partCount
                let (unlabeled, labeled) = cells(of: rows[first..<end], fit: fit, layout: layout)
                let estimates = MetricEvaluator(cells: unlabeled, layout: layout, epochs: [statistics])
                let truths = MetricEvaluator(cells: labeled, layout: layout, epochs: [])
                for metric in metrics {
                    let estimate = estimates.evaluate(metric, estimator: estimator)
                    guard let value = estimate.value, let truth = truths.evaluate(metric).labeledValue else { continue }
                    var isCovered: Bool?
                    if let low = estimate.ciLow, let high = estimate.ciHigh {
                        isCovered = low <= truth && truth <= high
                    }
                    outcomes.append(
                        Outcome(
                            metric: metric, value: value, truth: truth, standardError: estimate.standardError,
                            isCovered: isCovered))
                }
            }
        }
        return outcomes
    }

    private func cells(
        of rows: ArraySlice<Int>, fit: ReferenceStatistics.Fit, layout: CellLayout
    ) -> (unlabeled: [Int64], labeled: [Int64]) {
        var unlabeled = DenseCells(count: layout.cellCount)
        var labeled = DenseCells(count: layout.cellCount)
        let reference = fit.reference
        let (classModel, classCount) = (fit.buckets.classModel, reference.kind.classCount)
        var chances = ClassChances()
        for row in rows {
            let facts = PredictionFacts(
                score: reference.scores[row], predictedClass: Int32(reference.classes[row]),
                bucket: Int32(fit.assigned[row]), epoch: 0)
            layout.addUnlabeled(facts, sign: 1, to: &unlabeled)
            if let classModel, !reference.probabilities.isEmpty,
                chances.set(classModel, probability: { reference.probabilities[row * classCount + $0] })
            {
                layout.addClassChances(facts, chances, sign: 1, to: &unlabeled)
            }
            layout.addLabeled(
                facts, label: reference.labels[row], labelProbability: reference.labelProbability(row),
                delayMicroseconds: 0, sign: 1, to: &labeled)
        }
        return (unlabeled.cells, labeled.cells)
    }
}

extension ReferenceStatistics.Fit {
    /// The same with buckets that were fitted on some of the rows, where the labels shape them.
    func refitted(on rows: [Int]) -> ReferenceStatistics.Fit {
        guard buckets.isShapedByLabels,
            let refitted = try? FittedBuckets(fitting: buckets.bucketing, to: reference.masked(to: rows))
        else { return self }
        return ReferenceStatistics.Fit(
            reference: reference, assigned: refitted.assign(reference), buckets: refitted, bins: bins, groups: groups)
    }

    /// A layout with the one epoch and some metrics; nil where it would be too large, so that the task cannot use it either.
    func layout(_ metrics: [Metric]) -> CellLayout? {
        var layout = CellLayout(kind: reference.kind)
        do {
            for metric in metrics { try layout.require(metric) }
            _ = try layout.openEpoch(buckets.shape, bins: bins)
        } catch {
            return nil
        }
        return layout
    }
}

/// The cells of a whole window in one array.
package struct DenseCells: CellSink, Sendable {
    package var cells: [Int64]

    package init(count: Int) { cells = [Int64](repeating: 0, count: count) }

    package mutating func add(_ delta: Int64, to cell: Int) { cells[cell] &+= delta }
}
