import ColumnViews
import Testing

@testable import Drumlin

@Suite("Exact sums")
struct DigitSumTests {
    @Test("are the exact sum rounded once, as fractions say", arguments: try ExpectedSum.load())
    func matchesFractions(one: ExpectedSum) {
        var cells = DenseCells(count: ExactSum.cellCount + 3)
        for value in one.values { ExactSum.add(ExpectedSum.double(value), sign: 1, at: 3, to: &cells) }
        let sum = ExactSum.read(cells.cells, at: 3)
        #expect(sum == ExpectedSum.double(one.sum), "\(sum)")
    }

    @Test("do not depend on the order, and forget what is removed", arguments: try ExpectedSum.load())
    func isOrderIndependent(one: ExpectedSum) {
        let values = one.values.map(ExpectedSum.double)
        var forward = DenseCells(count: ExactSum.cellCount)
        for value in values { ExactSum.add(value, sign: 1, at: 0, to: &forward) }
        var generator = SeededGenerator(seed: 11)
        var shuffled = DenseCells(count: ExactSum.cellCount)
        let passing = [1e308, -3.5, Double.leastNonzeroMagnitude, 0.1, -0x1p-1040, .infinity, -.infinity, .nan]
        for value in passing { ExactSum.add(value, sign: 1, at: 0, to: &shuffled) }
        for value in values.shuffled(using: &generator) { ExactSum.add(value, sign: 1, at: 0, to: &shuffled) }
        for value in passing.shuffled(using: &generator) { ExactSum.add(value, sign: -1, at: 0, to: &shuffled) }
        #expect(shuffled.cells == forward.cells)
    }

    @Test("say infinity or NaN where one was added, and only as long as it is there")
    func statesWhatIsNotFinite() {
        var cells = DenseCells(count: ExactSum.cellCount)
        ExactSum.add(1.5, sign: 1, at: 0, to: &cells)
        ExactSum.add(.infinity, sign: 1, at: 0, to: &cells)
        #expect(ExactSum.read(cells.cells, at: 0) == .infinity)
        ExactSum.add(-.infinity, sign: 1, at: 0, to: &cells)
        #expect(ExactSum.read(cells.cells, at: 0).isNaN)
        ExactSum.add(.infinity, sign: -1, at: 0, to: &cells)
        #expect(ExactSum.read(cells.cells, at: 0) == -.infinity)
        ExactSum.add(-.infinity, sign: -1, at: 0, to: &cells)
        ExactSum.add(.nan, sign: 1, at: 0, to: &cells)
        #expect(ExactSum.read(cells.cells, at: 0).isNaN)
        ExactSum.add(.nan, sign: -1, at: 0, to: &cells)
        #expect(ExactSum.read(cells.cells, at: 0) == 1.5)
    }

    @Test("merge by adding cells")
    func mergesByAddition() {
        let values = (0..<200).map { Double($0 * $0) * 0.1 - 700 }
        var whole = DenseCells(count: ExactSum.cellCount)
        var parts = [whole, whole]
        for (index, value) in values.enumerated() {
            ExactSum.add(value, sign: 1, at: 0, to: &whole)
            ExactSum.add(value, sign: 1, at: 0, to: &parts[index % 2])
        }
        #expect(zip(parts[0].cells, parts[1].cells).map { $0 + $1 } == whole.cells)
    }

    @Test("of a small range keep tiny values and cut what does not fit alike in both directions")
    func fixedPointKeepsSmallValues() {
        var cells = DenseCells(count: FixedPointSum.cellCount)
        for _ in 0..<1_000 { FixedPointSum.add(2.2e-16, sign: 1, at: 0, to: &cells) }
        #expect(isClose(FixedPointSum.read(cells.cells, at: 0), 2.2e-13, relative: 1e-12))
        for _ in 0..<1_000 { FixedPointSum.add(2.2e-16, sign: -1, at: 0, to: &cells) }
        #expect(cells.cells.allSatisfy { $0 == 0 })
        for value in [1e-40, -1e-40, 0x1p-97, 36.04, 1e9, 1e300, -1e300, Double.infinity, .nan] {
            FixedPointSum.add(value, sign: 1, at: 0, to: &cells)
            FixedPointSum.add(value, sign: -1, at: 0, to: &cells)
            #expect(cells.cells.allSatisfy { $0 == 0 }, "\(value)")
        }
        FixedPointSum.add(-1.25, sign: 1, at: 0, to: &cells)
        #expect(FixedPointSum.read(cells.cells, at: 0) == -1.25)
    }
}
