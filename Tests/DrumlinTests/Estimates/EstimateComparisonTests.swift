import ColumnStore
import Testing

@testable import Drumlin

@Suite("Estimators side by side")
struct EstimateComparisonTests {
    /// Rows whose labels depend on a feature that the score does not know.
    private static func trainingSet(_ count: Int) throws -> TrainingSet {
        let set = TrainingSet(schema: TaskSchema(kind: .binary(), features: ["hard": .float64, "noise": .float64]))
        var generator = SeededGenerator(seed: 12)
        for row in 0..<count {
            // The share of hard rows changes from block to block.
            let isHard = generator.uniform() < 0.1 + 0.7 * Double(row) / Double(count)
            let score = generator.uniform()
            let chance = isHard ? 0.5 : score
            let features = [isHard ? 1.0 : 0, generator.normal()]
            try set.append(score: score, label: generator.uniform() < chance ? 1 : 0, features: features.span)
        }
        return set
    }

    @Test("show which knows where the model errs")
    func compare() throws {
        let set = try Self.trainingSet(6_000)
        let found = try set.compareBucketings(
            [.scoreQuantiles(10), .grid(["hard"], quantiles: 2)], estimators: [.calibratedResiduals, .cbpe, .constant],
            metrics: [.accuracy, .f1])
        #expect(found.count == 10 && found.allSatisfy { $0.partCount == 10 })
        func one(_ estimator: Estimator, _ bucketing: String = "", _ metric: String = "accuracy") -> EstimateComparison?
        {
            found.first { $0.estimator == estimator && $0.metric == metric && $0.bucketing.hasPrefix(bucketing) }
        }
        let (best, plain) = (try #require(one(.calibratedResiduals)), try #require(one(.cbpe)))
        #expect(best.meanDistance < plain.meanDistance)
        #expect(try #require(one(.bucketStatistics, "grid")).meanDistance < plain.meanDistance)
        #expect(try #require(one(.constant)).coverage == nil)
        #expect(try #require(best.coverage) > 0.5)
    }

    @Test("refuse what the kind of task does not have")
    func refuse() throws {
        let set = try Self.trainingSet(100)
        #expect(throws: StoreError.self) { try set.compareBucketings([.lossTree()]) }
        #expect(throws: StoreError.self) { try set.compareBucketings([], metrics: [.mae]) }
        #expect(throws: StoreError.self) { try set.compareBucketings([.category("none")]) }
    }
}
