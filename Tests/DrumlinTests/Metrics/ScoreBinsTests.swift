import Testing

@testable import Drumlin

@Suite("Cells of scores")
struct ScoreBinsTests {
    @Test("are half-open: an edge belongs to the cell above")
    func areHalfOpen() {
        let bins = ScoreBins(edges: [0.25, 0.5, 0.75])
        #expect([0, 0.2499, 0.25, 0.5, 0.7, 0.75, 1].map { bins.index(of: $0) } == [0, 0, 1, 2, 2, 3, 3])
        #expect(bins.index(of: .nan) == 0 && bins.index(of: -.infinity) == 0 && bins.index(of: .infinity) == 3)
        #expect(ScoreBins(edges: []).index(of: 0.3) == 0)
    }

    @Test("are found as by a scan, for every number of edges")
    func isFoundAsByAScan() {
        for count in 0..<70 {
            let edges = (0..<count).map { Double($0) }
            let bins = ScoreBins(edges: edges)
            for value in stride(from: -1.0, to: Double(count) + 1, by: 0.5) {
                #expect(bins.index(of: value) == edges.filter { $0 <= value }.count)
            }
            #expect(ScoreBins.index(of: 3, in: [-9, -8] + edges + [99], from: 2, count: count) == min(count, 4))
        }
    }

    @Test("give a rare class its share of the cells")
    func followTheRareClass() {
        // 990 negatives in [0, 0.1), 10 positives in [0.9, 1): half of the cells are above 0.9.
        let scores = (0..<990).map { Double($0) / 9_900 } + (0..<10).map { 0.9 + Double($0) / 100 }
        let isPositive = (0..<1_000).map { $0 >= 990 }
        let mixed = ScoreBins.quantiles(of: scores, isPositive: isPositive, count: 10)
        #expect(mixed.edges.filter { $0 >= 0.9 }.count >= 5)
        let plain = ScoreBins.quantiles(of: scores, isPositive: nil, count: 10)
        #expect(plain.edges.filter { $0 >= 0.9 }.count <= 1)
    }

    @Test("give a frequent value a cell of its own, and repeat no edge")
    func giveAtomsACell() {
        let scores = [Double](repeating: 0.3, count: 500) + (0..<500).map { Double($0) / 500 }
        let bins = ScoreBins.quantiles(of: scores, isPositive: nil, count: 20, including: [0.5, 0.5, 0.3])
        let atom = bins.index(of: 0.3)
        #expect(bins.isAtom(atom))
        #expect(bins.index(of: 0.3.nextUp) == atom + 1 && bins.index(of: 0.3.nextDown) == atom - 1)
        #expect(bins.edges.contains(0.5))
        #expect(zip(bins.edges, bins.edges.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test("hold no more than about their share, for any spread")
    func holdTheirShare() {
        var generator = SeededGenerator(seed: 9)
        for round in 0..<20 {
            let count = 3_000
            let scores = (0..<count).map { _ in SyntheticTask.logistic(Double(round) * generator.normal() / 3) }
            let isPositive = scores.map { generator.uniform() < $0 * 0.2 }
            let bins = ScoreBins.quantiles(of: scores, isPositive: isPositive, count: 50)
            var shares = [Double](repeating: 0, count: bins.count)
            let positives = Double(isPositive.filter { $0 }.count)
            for (score, label) in zip(scores, isPositive) {
                shares[bins.index(of: score)] += 0.5 / (label ? positives : Double(count) - positives)
            }
            for (bin, share) in shares.enumerated() where !bins.isAtom(bin) { #expect(share <= 0.04 + 1e-9) }
        }
    }

    @Test("are still cells where there is nothing to fit")
    func fitNothing() {
        #expect(ScoreBins.quantiles(of: [], isPositive: [], count: 20, including: [0.5]).edges == [0.5])
        #expect(ScoreBins.quantiles(of: [.nan, .infinity], isPositive: nil, count: 20).count == 1)
        let single = ScoreBins.quantiles(of: [0.4], isPositive: [true], count: 20)
        #expect(single.isAtom(single.index(of: 0.4)))
    }

    @Test("without a reference are fine where the scores are near 0 and 1")
    func areFineAtTheEnds() {
        let bins = ScoreBins.unfitted
        #expect(bins.isAtom(bins.index(of: 0)) && bins.isAtom(bins.index(of: 1)))
        for score in [0.001, 0.01, 0.1, 0.4] {
            let bin = bins.index(of: score)
            #expect((bins.upperEdge(bin) - bins.lowerEdge(bin)) / score < 0.01)
            let mirrored = bins.index(of: 1 - score)
            #expect((bins.upperEdge(mirrored) - bins.lowerEdge(mirrored)) / score < 0.01)
        }
    }
}
