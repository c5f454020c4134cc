@testable import Drumlin

/// Rows of a made-up world in which P(label | score) is known, for the tests of estimates.
struct SyntheticTask {
    var kind: TaskKind
    var scores: [Double] = []
    var classes: [Int] = []
    var labels: [Double] = []
    var features: [Double] = []

    /// Binary rows whose scores are overconfident: P(1) is the score drawn toward ½.
    /// - Parameter shift: moves the logits of the scores, but not what a score means.
    static func binary(count: Int, shift: Double = 0, generator: inout SeededGenerator) -> SyntheticTask {
        var task = SyntheticTask(kind: .binary())
        for _ in 0..<count {
            let feature = generator.normal()
            let score = logistic(1.6 * feature + shift + 0.7 * generator.normal())
            task.features.append(feature)
            task.scores.append(score)
            task.classes.append(score >= 0.5 ? 1 : 0)
            task.labels.append(generator.uniform() < 0.1 + 0.75 * score ? 1 : 0)
        }
        return task
    }

    /// Three classes; the model's class is right more often where its probability is high.
    static func multiclass(count: Int, shift: Double = 0, generator: inout SeededGenerator) -> SyntheticTask {
        var task = SyntheticTask(kind: .multiclass(classes: ["a", "b", "c"], hasProbabilities: false))
        for _ in 0..<count {
            let predicted = generator.index(below: 3)
            let confidence = logistic(generator.normal() + 1 + shift)
            task.scores.append(confidence)
            task.classes.append(predicted)
            let isRight = generator.uniform() < 0.2 + 0.7 * confidence
            task.labels.append(Double(isRight ? predicted : (predicted + 1 + generator.index(below: 2)) % 3))
            task.features.append(confidence)
        }
        return task
    }

    /// Numbers whose error grows with the predicted value.
    static func regression(count: Int, shift: Double = 0, generator: inout SeededGenerator) -> SyntheticTask {
        var task = SyntheticTask(kind: .regression)
        for _ in 0..<count {
            let value = 10 * (1 + generator.uniform() + shift)
            task.scores.append(value)
            task.classes.append(0)
            task.labels.append(value + 0.2 * (value - 5) * generator.normal())
            task.features.append(value)
        }
        return task
    }

    static func logistic(_ value: Double) -> Double {
        // 1 / (1 + e⁻ˣ) by the generator's own means would do as well; this keeps the file without an import.
        0.5 * (1 + hyperbolicTangent(value / 2))
    }

    private static func hyperbolicTangent(_ value: Double) -> Double {
        // Continued fraction, good to 1e−9 for |x| < 4, which is all that is needed here.
        let x = min(max(value, -4), 4)
        let square = x * x
        var fraction = 1.0
        for term in stride(from: 31.0, through: 1, by: -2) { fraction = term + square / fraction }
        return x / fraction
    }

    var reference: ReferenceColumns {
        ReferenceColumns(
            kind: kind, scores: scores, classes: classes, labels: labels,
            features: [.init(name: "feature", values: .numbers(features))])
    }
}

/// An epoch fitted on a task's rows, and a layout with all its metrics.
struct SyntheticEpoch {
    let buckets: FittedBuckets
    let statistics: ReferenceStatistics
    let layout: CellLayout

    init(_ task: SyntheticTask, bucketing: Bucketing = .standard) throws {
        buckets = try FittedBuckets(fitting: bucketing, to: task.reference)
        statistics = ReferenceStatistics(fitting: task.reference, buckets: buckets)
        var layout = CellLayout(kind: task.kind)
        for metric in Metric.all(for: task.kind) { try layout.require(metric) }
        _ = try layout.openEpoch(buckets.shape, bins: statistics.calibration?.bins ?? ScoreBins(edges: []))
        self.layout = layout
    }

    func facts(_ task: SyntheticTask, _ row: Int) -> PredictionFacts {
        let bucket = buckets.assign(
            score: task.scores[row], predictedClass: task.classes[row],
            features: FeatureRow(numbers: [task.features[row]]), featureCount: 1)
        return PredictionFacts(
            score: task.scores[row], predictedClass: Int32(task.classes[row]), bucket: Int32(bucket), epoch: 0)
    }

    /// The evaluator of a window of a task's rows, of which some have labels.
    func evaluator(_ task: SyntheticTask, isLabeled: (Int) -> Bool) -> MetricEvaluator {
        var cells = DenseCells(count: layout.cellCount)
        for row in task.labels.indices {
            let facts = facts(task, row)
            if isLabeled(row) {
                layout.addLabeled(facts, label: task.labels[row], delayMicroseconds: 0, sign: 1, to: &cells)
            } else {
                layout.addUnlabeled(facts, sign: 1, to: &cells)
            }
        }
        return MetricEvaluator(cells: cells.cells, layout: layout, epochs: [statistics])
    }
}
