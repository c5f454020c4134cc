import ColumnStore
import TestSupport
import Testing

/// Which segments are merged: few remain, and no row is written often.
struct MergePlanTests {
    private static func parts(_ counts: [Int]) -> [MergePlan.Part] {
        counts.map { MergePlan.Part(rowCount: $0, byteCount: $0) }
    }

    @Test func fourOfASizeAreMergedAndThreeWait() {
        #expect(MergePlan.next(Self.parts([100, 100, 100])) == nil)
        #expect(MergePlan.next(Self.parts([100, 100, 100, 100])) == 0..<4)
        #expect(MergePlan.next(Self.parts([900, 100, 100, 100, 100])) == 1..<5)
        #expect(MergePlan.next(Self.parts([])) == nil)
    }

    @Test func nothingGrowsBeyondAFullSegment() {
        let full = 1_048_576
        #expect(MergePlan.next(Self.parts([full, full, full, full])) == nil)
        // Two halves are worth it: a full segment comes of them.
        #expect(MergePlan.next(Self.parts([full / 2, full / 2])) == 0..<2)
        #expect(MergePlan.next(Self.parts([full / 2, full / 2 + 1])) == nil)
    }

    @Test func aLimitOfBytesOrTimeHolds() {
        var limits = MergePlan.Limits()
        limits.byteCount = 250
        #expect(MergePlan.all(Self.parts([100, 100, 100, 100, 100]), limits: limits) == [0..<2, 2..<4])
        limits = MergePlan.Limits()
        limits.timeSpan = 15
        let days = (0..<6).map { MergePlan.Part(rowCount: 1, byteCount: 1, times: Int64($0) * 10...Int64($0) * 10 + 4) }
        #expect(MergePlan.all(days, limits: limits) == [0..<2, 2..<4, 4..<6])
        let all = [MergePlan.Part(rowCount: 1, byteCount: 1, times: .min ... .max)]
        #expect(MergePlan.all(all + days, limits: limits) == [1..<3, 3..<5, 5..<7])
        #expect(MergePlan.all(all + days) == [0..<7])
    }

    @Test func fewSegmentsRemainAndARowIsWrittenFewTimes() {
        var generator = SeededGenerator(seed: 5)
        var sizes: [Int] = []
        var written = 0
        var total = 0
        for _ in 0..<2_000 {
            let size = Int.random(in: 1...20_000, using: &generator)
            sizes.append(size)
            total += size
            while let run = MergePlan.next(Self.parts(sizes)) {
                let rows = sizes[run].reduce(0, +)
                written += rows
                sizes.replaceSubrange(run, with: [rows])
            }
            #expect(sizes.count <= total / 400_000 + 40)
        }
        #expect(sizes.reduce(0, +) == total && written < 6 * total)
    }
}
