import Testing

@testable import Drumlin

@Suite("Metrics of labeled rows")
struct LabeledMetricTests {
    /// The cells of a case with every label in, in the order given.
    static func cells(_ one: ExpectedMetrics.Case, layout: CellLayout, order: [Int]) -> [Int64] {
        var cells = DenseCells(count: layout.cellCount)
        for row in order { add(one, row: row, sign: 1, layout: layout, to: &cells) }
        return cells.cells
    }

    static func add(
        _ one: ExpectedMetrics.Case, row: Int, sign: Int64, layout: CellLayout, to cells: inout DenseCells
    ) {
        let facts = PredictionFacts(score: one.scores[row], predictedClass: Int32(one.classes[row]))
        let classes = layout.kind.classCount
        let probability =
            one.probabilities.isEmpty ? .nan : one.probabilities[row * classes + Int(one.labels[row])]
        layout.addLabeled(
            facts, label: one.labels[row], labelProbability: probability, delayMicroseconds: Int64(row) * 1_000_000,
            sign: sign, to: &cells)
    }

    static func layout(_ kind: TaskKind) throws -> CellLayout {
        var layout = CellLayout(kind: kind)
        for metric in Metric.all(for: kind) { try layout.require(metric) }
        return layout
    }

    @Test("equal scikit-learn's", arguments: try ExpectedMetrics.load())
    func equalsScikitLearn(one: ExpectedMetrics.Case) throws {
        var layout = try Self.layout(one.taskKind)
        for name in one.expected.keys { try layout.require(try Metric.named(name, for: one.taskKind)) }
        let cells = Self.cells(one, layout: layout, order: Array(one.labels.indices))
        for (name, expected) in one.expected {
            let metric = try Metric.named(name, for: one.taskKind)
            let estimate = MetricEvaluator.evaluate(metric, cells: cells, layout: layout, epochs: [])
            #expect(estimate.value == estimate.labeledValue)
            #expect(estimate.ciLow == estimate.value && estimate.ciHigh == estimate.value)
            #expect(estimate.method == "labels")
            #expect(estimate.labeledCount == Int64(one.labels.count))
            #expect((estimate.value == nil) == (expected == nil), "\(name)")
            guard let value = estimate.value, let expected else { continue }
            if metric == .rocAUC || metric == .averagePrecision {
                #expect((value - expected).magnitude <= estimate.binningError + 1e-12, "\(value) \(expected)")
                #expect(estimate.binningError < (metric == .rocAUC ? 0.002 : 0.15))
            } else if case .numbers = metric.arguments, layout.kind.isRegression {
                #expect(isClose(value, expected, relative: 1.0 / 64), "\(name) \(value) \(expected)")
            } else {
                #expect(estimate.binningError == 0)
                let isNear = isClose(value, expected, relative: 1e-12) || (value - expected).magnitude < 1e-14
                #expect(isNear, "\(name) \(value) \(expected)")
            }
        }
    }

    @Test("do not depend on the order of events", arguments: try ExpectedMetrics.load())
    func isOrderIndependent(one: ExpectedMetrics.Case) throws {
        let layout = try Self.layout(one.taskKind)
        let rows = Array(one.labels.indices)
        let forward = Self.cells(one, layout: layout, order: rows)
        var generator = SeededGenerator(seed: 3)
        var cells = DenseCells(count: layout.cellCount)
        // Each row comes unlabeled first, some labels come, go and come again.
        for row in rows.shuffled(using: &generator) {
            layout.addUnlabeled(
                PredictionFacts(score: one.scores[row], predictedClass: Int32(one.classes[row])), sign: 1, to: &cells)
        }
        for row in rows.shuffled(using: &generator) {
            let facts = PredictionFacts(score: one.scores[row], predictedClass: Int32(one.classes[row]))
            for step in 0..<(row % 3 == 0 ? 3 : 1) {
                layout.addUnlabeled(facts, sign: step % 2 == 0 ? -1 : 1, to: &cells)
                Self.add(one, row: row, sign: step % 2 == 0 ? 1 : -1, layout: layout, to: &cells)
            }
        }
        #expect(cells.cells == forward)
    }

    @Test("of a window without rows or without labels are nil, never 0")
    func areMissingWithoutLabels() throws {
        for kind in [TaskKind.binary(), .regression, .multiclass(classes: ["a", "b", "c"], hasProbabilities: true)] {
            let layout = try Self.layout(kind)
            var cells = DenseCells(count: layout.cellCount)
            for rows in 0..<2 {
                for metric in Metric.all(for: kind) {
                    let estimate = MetricEvaluator.evaluate(metric, cells: cells.cells, layout: layout, epochs: [])
                    #expect(estimate.value == nil && estimate.labeledValue == nil && estimate.unlabeledValue == nil)
                    #expect(estimate.ciLow == nil && estimate.ciHigh == nil && estimate.unsupportedMass == nil)
                    #expect(estimate.labelDelayP50 == nil && estimate.effectiveSampleSize == nil)
                    #expect(estimate.unlabeledCount == Int64(rows))
                }
                layout.addUnlabeled(PredictionFacts(score: 0.3), sign: 1, to: &cells)
            }
        }
    }

    @Test("with labels only in part and no epoch are those of the labeled rows, without an interval")
    func needAnEpochToEstimate() throws {
        let layout = try Self.layout(.binary())
        var cells = DenseCells(count: layout.cellCount)
        let facts = PredictionFacts(score: 0.9, predictedClass: 1)
        layout.addLabeled(facts, label: 1, delayMicroseconds: 2_000_000, sign: 1, to: &cells)
        layout.addUnlabeled(facts, sign: 1, to: &cells)
        let estimate = MetricEvaluator.evaluate(.accuracy, cells: cells.cells, layout: layout, epochs: [])
        #expect(estimate.value == 1 && estimate.labeledValue == 1)
        #expect(estimate.ciLow == nil && estimate.unlabeledValue == nil && estimate.method == "labels")
        #expect(isClose(estimate.labelDelayP50 ?? 0, 2, relative: 0.016))
    }

    @Test("an error that is not finite gives infinity or nothing, until it is corrected")
    func statesErrorsThatAreNotFinite() throws {
        let layout = try Self.layout(.regression)
        var cells = DenseCells(count: layout.cellCount)
        let facts = PredictionFacts(score: 1)
        layout.addLabeled(facts, label: 3, delayMicroseconds: 0, sign: 1, to: &cells)
        layout.addLabeled(facts, label: .infinity, delayMicroseconds: 0, sign: 1, to: &cells)
        #expect(MetricEvaluator.evaluate(.mae, cells: cells.cells, layout: layout, epochs: []).value == .infinity)
        layout.addLabeled(facts, label: .nan, delayMicroseconds: 0, sign: 1, to: &cells)
        #expect(MetricEvaluator.evaluate(.rmse, cells: cells.cells, layout: layout, epochs: []).value == nil)
        layout.addLabeled(facts, label: .nan, delayMicroseconds: 0, sign: -1, to: &cells)
        layout.addLabeled(facts, label: .infinity, delayMicroseconds: 0, sign: -1, to: &cells)
        #expect(MetricEvaluator.evaluate(.rmse, cells: cells.cells, layout: layout, epochs: []).value == 2)
    }

    @Test("log loss leaves out rows without probabilities, other metrics do not")
    func leavesOutRowsWithoutProbabilities() throws {
        let layout = try Self.layout(.multiclass(classes: ["a", "b", "c"], hasProbabilities: true))
        var cells = DenseCells(count: layout.cellCount)
        let facts = PredictionFacts(score: 0.5, predictedClass: 1)
        for probability in [0.5, .nan, .nan] {
            layout.addLabeled(
                facts, label: 1, labelProbability: probability, delayMicroseconds: 0, sign: 1, to: &cells)
        }
        let evaluator = MetricEvaluator(cells: cells.cells, layout: layout, epochs: [])
        #expect(isClose(evaluator.evaluate(.logLoss).value ?? .nan, 0.6931471805599453, relative: 1e-15))
        #expect(evaluator.evaluate(.accuracy).value == 1 && evaluator.labeledCount == 3)
    }
}
