import Testing

@testable import TaxiTrips

@Suite struct BoostedTreesTests {
    private var options: BoostedTrees.Options {
        BoostedTrees.Options(treeCount: 20, depth: 3, learningRate: 0.3, regularization: 1, minimumCurvature: 2)
    }

    /// The answer is yes where x and y lie on the same side of one half, or where z is missing; a tenth is noise.
    private func rows(_ count: Int, seed: UInt64) -> (rows: [[Double]], labels: [Bool]) {
        var random = SeededRandom(seed: seed)
        var rows: [[Double]] = []
        var labels: [Bool] = []
        for _ in 0..<count {
            let x = random.uniform()
            let y = random.uniform()
            let z = random.uniform() < 0.3 ? Double.nan : random.uniform()
            rows.append([x, y, z])
            let answer = z.isNaN || (x < 0.5) == (y < 0.5)
            labels.append(random.uniform() < 0.1 ? !answer : answer)
        }
        return (rows, labels)
    }

    private func areaUnderROC(_ model: BoostedTrees, _ data: (rows: [[Double]], labels: [Bool])) -> Double {
        BoostedTrees.areaUnderROC(scores: data.rows.map(model.probability), labels: data.labels)
    }

    @Test func itLearnsInteractionsAndMissingValues() {
        let training = rows(2_000, seed: 1)
        let model = BoostedTrees.train(rows: training.rows, labels: training.labels, options: options)
        #expect(areaUnderROC(model, rows(1_000, seed: 2)) > 0.85)
        #expect(model.probability(of: [0.2, 0.8, .nan]) > 0.7)
        #expect(model.probability(of: [0.2, 0.8, 0.5]) < 0.3)
        #expect(model.probability(of: [0.2, 0.2, 0.5]) > 0.7)
    }

    @Test(arguments: [true, false]) func oneSplitSendsMissingValuesToTheSideThatFits(missingIsLikeHigh: Bool) {
        var random = SeededRandom(seed: 9)
        let rows = (0..<600).map { _ in [random.uniform() < 0.3 ? Double.nan : random.uniform()] }
        let labels = rows.map { $0[0].isNaN ? missingIsLikeHigh : $0[0] > 0.5 }
        let stumps = BoostedTrees.Options(treeCount: 1, depth: 1, learningRate: 1, minimumCurvature: 2)
        let model = BoostedTrees.train(rows: rows, labels: labels, options: stumps)
        #expect(model.probability(of: [0.9]) > 0.7 && model.probability(of: [0.1]) < 0.3)
        #expect(model.probability(of: [.nan]) == model.probability(of: [missingIsLikeHigh ? 0.9 : 0.1]))
    }

    @Test func theSameRowsGiveTheSameModel() {
        let training = rows(500, seed: 3)
        let first = BoostedTrees.train(rows: training.rows, labels: training.labels, options: options)
        let second = BoostedTrees.train(rows: training.rows, labels: training.labels, options: options)
        for row in rows(200, seed: 4).rows { #expect(first.probability(of: row) == second.probability(of: row)) }
    }

    @Test func probabilitiesMeanWhatTheySay() {
        let training = rows(3_000, seed: 5)
        let model = BoostedTrees.train(rows: training.rows, labels: training.labels, options: options)
        let test = rows(2_000, seed: 6)
        let expected = test.rows.reduce(0) { $0 + model.probability(of: $1) } / 2_000
        let actual = Double(test.labels.count { $0 }) / 2_000
        #expect(abs(expected - actual) < 0.04)
    }

    @Test func oneAnswerOrOneRowIsNoTrouble() {
        let same = BoostedTrees.train(rows: [[1], [2], [3]], labels: [true, true, true], options: options)
        #expect(same.probability(of: [2]) > 0.5 && same.probability(of: [2]) < 1)
        let one = BoostedTrees.train(rows: [[.nan, .nan]], labels: [false], options: options)
        #expect(one.probability(of: [1, 2]) < 0.5)
    }

    @Test func aFeatureThatWasNeverMissingMayBeMissingLater() {
        let training = rows(500, seed: 7)
        let complete = training.rows.map { [$0[0], $0[1]] }
        let model = BoostedTrees.train(rows: complete, labels: training.labels, options: options)
        let probability = model.probability(of: [.nan, .nan])
        #expect(probability > 0 && probability < 1)
    }

    @Test func binsSeparateFewValuesAndShareOutMany() {
        let few = FeatureBins(rows: [[3], [1], [.nan], [1], [2]])
        #expect(few.ends == [[1, 2, 3]])
        #expect(few.codes(of: [[1], [2], [3], [.nan]]) == [0, 1, 2, 255])
        let many = FeatureBins(rows: (0..<10_000).map { [Double($0)] })
        #expect(many.ends[0].count == 255 && many.ends[0].last == 9_999)
        let codes = many.codes(of: (0..<10_000).map { [Double($0)] })
        let counts = codes.reduce(into: [Int](repeating: 0, count: 256)) { $0[Int($1)] += 1 }
        #expect(counts[255] == 0 && counts[..<255].max()! <= 41 && counts[..<255].min()! >= 38)
    }

    @Test func areaUnderTheCurveCountsPairs() {
        #expect(BoostedTrees.areaUnderROC(scores: [0.1, 0.4, 0.35, 0.8], labels: [false, false, true, true]) == 0.75)
        #expect(BoostedTrees.areaUnderROC(scores: [0.5, 0.5], labels: [true, false]) == 0.5)
        #expect(BoostedTrees.areaUnderROC(scores: [0.5], labels: [true]).isNaN)
    }
}
