import Testing

@testable import Drumlin

/// The exercises of the course, on which the estimators have to agree.
@Suite("The course's exercises")
struct CourseExerciseTests {
    let layout: CellLayout
    let statistics: ReferenceStatistics
    let buckets: FittedBuckets
    private let names: [String]

    /// Bins with 100 reference rows each, of the given accuracies in per cent.
    init() throws { try self.init(accuracies: ["A": 90, "B": 80, "C": 83, "D": 95, "E": 96]) }

    init(accuracies: KeyValuePairs<String, Int>) throws {
        var (scores, labels, places) = ([Double](), [Double](), [String?]())
        for (name, accuracy) in accuracies {
            for row in 0..<100 {
                scores.append(0.9)
                labels.append(row < accuracy ? 1 : 0)
                places.append(name)
            }
        }
        let reference = ReferenceColumns(
            kind: .binary(), scores: scores, classes: scores.map { _ in 1 }, labels: labels,
            features: [.init(name: "bin", values: .texts(places))])
        buckets = try FittedBuckets(fitting: .category("bin"), to: reference)
        statistics = ReferenceStatistics(fitting: reference, buckets: buckets)
        var layout = CellLayout(kind: .binary())
        try layout.require(.accuracy)
        _ = try layout.openEpoch(
            bucketCount: buckets.count, fixesClass: buckets.fixesClass, bins: ScoreBins(edges: [0.5]))
        self.layout = layout
        names = accuracies.map(\.key)
    }

    private func estimates(unlabeled: [String: Int], right: Int = 0, wrong: Int = 0) -> [Double?] {
        var cells = DenseCells(count: layout.cellCount)
        for (name, count) in unlabeled {
            let features = FeatureRow(texts: [name])
            let bucket = buckets.assign(score: 0.9, predictedClass: 1, features: features)
            let facts = PredictionFacts(score: 0.9, predictedClass: 1, bucket: Int32(bucket), epoch: 0)
            for _ in 0..<count { layout.addUnlabeled(facts, sign: 1, to: &cells) }
        }
        let facts = PredictionFacts(score: 0.9, predictedClass: 1, bucket: 2, epoch: 0)
        for row in 0..<(right + wrong) {
            layout.addLabeled(facts, label: row < right ? 1 : 0, delayMicroseconds: 0, sign: 1, to: &cells)
        }
        // Those that look at each row's own confidence are not averages over buckets.
        return Estimator.allCases.filter { $0 != .atc && $0 != .doc && $0 != .pape }.map {
            MetricEvaluator.evaluate(
                .accuracy, estimator: $0, cells: cells.cells, layout: layout, epochs: [statistics]
            ).value
        }
    }

    private func expect(_ values: [Double?], _ expected: Double, _ location: SourceLocation = #_sourceLocation) {
        for value in values {
            #expect(isClose(value ?? .nan, expected, relative: 1e-12), "\(values)", sourceLocation: location)
        }
    }

    @Test("live rows in A, B, C and D: 87 %")
    func estimatesFourBins() { expect(estimates(unlabeled: ["A": 1, "B": 1, "C": 1, "D": 1]), 0.87) }

    @Test("two live rows in A: 90 %")
    func estimatesOneBin() { expect(estimates(unlabeled: ["A": 2]), 0.90) }

    @Test("of the four, A and B labeled and right: ½ · 1 + ½ · (83 + 95)/2 = 94.5 %")
    func blendsLabels() { expect(estimates(unlabeled: ["C": 1, "D": 1], right: 2), 0.945) }

    @Test("all four labeled and right: 100 %")
    func usesLabelsAlone() { expect(estimates(unlabeled: [:], right: 4), 1) }

    @Test("of the two labels the first right, the second wrong: ½ · ½ + ½ · 89 = 69.5 %")
    func blendsAWrongLabel() { expect(estimates(unlabeled: ["C": 1, "D": 1], right: 1, wrong: 1), 0.695) }

    @Test("FiDi 80 % × 100 rides, Midtown 50 % × 500: 55 %")
    func weighsByRides() throws {
        let rides = try CourseExerciseTests(accuracies: ["FiDi": 80, "Midtown": 50])
        rides.expect(rides.estimates(unlabeled: ["FiDi": 100, "Midtown": 500]), 0.55)
    }
}
