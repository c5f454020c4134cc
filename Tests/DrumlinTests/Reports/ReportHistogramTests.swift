import ColumnFormat
import Testing

@testable import Drumlin

@Suite struct ReportHistogramTests {
    private func summary(_ values: [Double]) -> ColumnSummary {
        let column = ColumnBuilder(values)
        return column.summary
    }

    /// The summary of some numbers.
    private struct ColumnBuilder {
        let summary: ColumnSummary

        init(_ values: [Double]) {
            var counts: [UInt32: ColumnSummary.Cell] = [:]
            for value in values {
                let (key, fraction) = ValueCell.find(value)
                var cell = counts[key] ?? ColumnSummary.Cell(key: key, count: 0, coarse: 0, fine: 0, squares: 0)
                cell.add(
                    .init(
                        key: key, count: 1, coarse: fraction >> 16, fine: fraction & 0xFFFF,
                        squares: (fraction >> 16) * (fraction >> 16)), sign: 1)
                counts[key] = cell
            }
            var summary = ColumnSummary(.number)
            summary.rowCount = Int64(values.count)
            summary.cells = counts.values.sorted { $0.key < $1.key }
            self.summary = summary
        }
    }

    @Test func aFewValuesHaveABarEach() throws {
        let histogram = try #require(ReportHistogram(summary([0, 2.5, 2.75, 2.75, -1, 0.1])))
        guard case .values(let values) = histogram else {
            Issue.record("\(histogram)")
            return
        }
        #expect(values == [-1, 0, 0.1, 2.5, 2.75])
        #expect(histogram.counts(summary([2.75, 2.75, 0.1, 9])) == [0, 0, 1, 0, 2, 1])
    }

    @Test func manyValuesHaveBarsOfOneRoundWidth() throws {
        let values = (0..<1_000).map { Double($0) * 0.01 }
        let histogram = try #require(ReportHistogram(summary(values)))
        guard case .ranges(let start, let width, let count) = histogram else {
            Issue.record("\(histogram)")
            return
        }
        #expect(start == 0 && width == 0.5 && count == 20)
        let counts = histogram.counts(summary(values))
        #expect(counts.reduce(0, +) == 1_000 && counts.allSatisfy { (40...60).contains($0) })
        // What lies beyond the ends is in the last bars, infinities too.
        #expect(
            histogram.counts(summary([-5, 1e300, .infinity, -.infinity])) == [2] + Array(repeating: 0, count: 18) + [2])
    }

    @Test(
        arguments: [
            [1e-300, 2e-300], [1e300, 1.5e300, 1.7e308, -1.7e308], [.infinity], [-.infinity, 1, 2], [5, 5, 5],
            (0..<100).map { Double($0) * 1e-12 + 1e6 }, (0..<100).map { Double($0) * 1e305 },
            (0..<60).map { 1.0 / Double($0 + 1) - 0.5 },
        ] as [[Double]])
    func countsAreOfAllValues(values: [Double]) {
        let all = summary(values)
        guard let histogram = ReportHistogram(all) else { return }
        #expect(histogram.count <= 61)
        #expect(histogram.counts(all).reduce(0, +) == Int64(values.count))
    }

    @Test func nothingHasNoBars() {
        #expect(ReportHistogram(summary([])) == nil)
        #expect(ReportHistogram(ColumnSummary(.text)) == nil)
    }
}
