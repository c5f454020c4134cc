import ColumnFormat
import Foundation
import Testing

@testable import Drumlin

@Suite("Trees and calibrations")
struct TreeTests {
    struct Expected: Decodable {
        struct Tree: Decodable {
            var leaves: Int
            var minimum: Int
            var leafCount: Int
            var fitted: [Double]
        }
        var scores: [Double]
        var labels: [Double]
        var calibrated: [Double]
        var inputs: [Double]
        var target: [Double]
        var trees: [Tree]
    }

    static func expected() throws -> Expected { try JSONDecoder().decode(Expected.self, from: expectedData("trees")) }

    /// Rows of numeric features, the last column the score.
    private static func columns(_ inputs: [Double], count: Int) -> ReferenceColumns {
        let width = inputs.count / count
        func column(_ place: Int) -> [Double] { (0..<count).map { inputs[$0 * width + place] } }
        return ReferenceColumns(
            kind: .regression, scores: column(width - 1), classes: Array(repeating: 0, count: count),
            labels: Array(repeating: 0, count: count),
            features: (0..<(width - 1)).map { .init(name: "f\($0)", values: .numbers(column($0))) })
    }

    @Test("the isotonic calibration is scikit-learn's, but for labels that are all alike")
    func calibratesAsScikitLearn() throws {
        let expected = try Self.expected()
        let map = IsotonicMap(fitting: expected.scores, isPositive: expected.labels.map { $0 == 1 })
        for (score, value) in zip(expected.scores, expected.calibrated) {
            let own = logistic(map.logit(at: score))
            if value > 0, value < 1 { #expect(isClose(own, value, relative: 1e-9)) }
            #expect(own > 0 && own < 1)
        }
        // Ascending everywhere, also between and beyond the scores that it has seen.
        var last = -Double.infinity
        for step in -10...1_010 {
            let logit = map.logit(at: Double(step) / 1_000)
            #expect(logit >= last)
            last = logit
        }
    }

    @Test("trees are scikit-learn's")
    func growAsScikitLearn() throws {
        let expected = try Self.expected()
        let count = expected.target.count
        let columns = Self.columns(expected.inputs, count: count)
        let rows = Array(0..<count)
        let inputs = TreeInputs(fitting: columns, target: expected.target, rows: rows)
        let builder = TreeBuilder(inputs: inputs, columns: columns, rows: rows)
        for one in expected.trees {
            let tree = builder.tree(
                rows: rows, target: expected.target, leafLimit: one.leaves, minimumRows: one.minimum)
            #expect(tree.leafCount == one.leafCount)
            let leaves = builder.leaves(of: tree)
            var sums = [Double](repeating: 0, count: tree.leafCount)
            var counts = sums
            for row in rows {
                sums[leaves[row]] += expected.target[row]
                counts[leaves[row]] += 1
            }
            for row in rows {
                #expect(isClose(sums[leaves[row]] / counts[leaves[row]], one.fitted[row], relative: 1e-9))
                let live = unsafe inputs.withValues(
                    score: columns.scores[row], predictedClass: 0, features: columns.row(row)
                ) { unsafe tree.leaf(of: $0) }
                #expect(live == leaves[row])
            }
        }
    }

    @Test("missing and unknown values go with the low ones, in training and live alike")
    func takesMissingValues() throws {
        var generator = SeededGenerator(seed: 5)
        let count = 2_000
        let numbers = (0..<count).map { _ in generator.uniform() < 0.3 ? Double.nan : generator.normal() }
        let texts = (0..<count).map { _ in generator.uniform() < 0.2 ? nil : "t\(generator.index(below: 6))" }
        let target = (0..<count).map { row in
            (numbers[row].isNaN ? 2 : numbers[row]) + (texts[row] == "t3" ? 5 : 0) + 0.1 * generator.normal()
        }
        let columns = ReferenceColumns(
            kind: .regression, scores: Array(repeating: 1, count: count), classes: Array(repeating: 0, count: count),
            labels: target,
            features: [.init(name: "n", values: .numbers(numbers)), .init(name: "t", values: .texts(texts))])
        let rows = Array(0..<count)
        let inputs = TreeInputs(fitting: columns, target: target, rows: rows)
        let builder = TreeBuilder(inputs: inputs, columns: columns, rows: rows)
        let tree = builder.tree(rows: rows, target: target, leafLimit: 20, minimumRows: 20)
        #expect(tree.leafCount == 20)
        let leaves = builder.leaves(of: tree)
        for row in rows {
            let live = unsafe inputs.withValues(score: 1, predictedClass: 0, features: columns.row(row)) {
                unsafe tree.leaf(of: $0)
            }
            #expect(live == leaves[row])
        }
        let missing = FeatureRow(numbers: [.nan, .nan], texts: [nil, nil])
        let unknown = FeatureRow(numbers: [.nan, .nan], texts: [nil, "never seen"])
        let leaf = { (row: FeatureRow) in
            unsafe inputs.withValues(score: 1, predictedClass: 0, features: row) { unsafe tree.leaf(of: $0) }
        }
        #expect(leaf(missing) == leaf(unknown))
    }

    @Test("a split is the best there is, by brute force")
    func splitsBest() throws {
        var generator = SeededGenerator(seed: 11)
        for round in 0..<20 {
            let count = 60
            let inputs = (0..<(3 * count)).map { _ in (generator.normal() * 4).rounded() / 4 }
            let target = (0..<count).map { inputs[$0 * 3 + round % 3] + generator.normal() }
            let columns = Self.columns(inputs, count: count)
            let rows = Array(0..<count)
            let treeInputs = TreeInputs(fitting: columns, target: target, rows: rows)
            let builder = TreeBuilder(inputs: treeInputs, columns: columns, rows: rows)
            let tree = builder.tree(rows: rows, target: target, leafLimit: 2, minimumRows: 5)
            func squares(_ part: [Int]) -> Double {
                let mean = part.reduce(0) { $0 + target[$1] } / Double(part.count)
                return part.reduce(0) { $0 + (target[$1] - mean) * (target[$1] - mean) }
            }
            var best = squares(rows)
            for input in 0..<3 {
                for edge in rows.map({ inputs[$0 * 3 + input] }) {
                    let (low, high) = (
                        rows.filter { inputs[$0 * 3 + input] < edge }, rows.filter { inputs[$0 * 3 + input] >= edge }
                    )
                    if low.count >= 5, high.count >= 5 { best = min(best, squares(low) + squares(high)) }
                }
            }
            let leaves = builder.leaves(of: tree)
            let own = squares(rows.filter { leaves[$0] == 0 }) + squares(rows.filter { leaves[$0] == 1 })
            #expect(isClose(own, best, relative: 1e-9))
        }
    }
}
