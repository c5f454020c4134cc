import Testing

@testable import Drumlin

@Suite("What is remembered of recent rows")
struct RecentRowsTests {
    @Test("The facts of a row are those it was given, or unknown; never those of another row")
    func factsAreThoseOfTheRow() {
        let recent = RecentFacts()
        let count = UInt64(RecentFacts.limit) + 5_000
        for row in 0..<count { recent.insert(row: row, at: Int64(row) * 3, facts: facts(row)) }
        for row in stride(from: 0, to: count, by: 97) {
            guard let found = recent.find(row: row) else {
                #expect(row < count - UInt64(RecentFacts.limit))
                continue
            }
            #expect(found.at == Int64(row) * 3 && found.facts == facts(row))
        }
        #expect(recent.find(row: count - 1) != nil)
        #expect(recent.find(row: count) == nil)
    }

    @Test("A row without feedback is told from one that has some, and rows from before may have some")
    func labeledRowsAreKnown() {
        let labeled = LabeledRows()
        #expect(labeled.mayContain(7))
        labeled.begin(at: 100)
        #expect(labeled.mayContain(100), "below the next multiple of 64 nothing is known")
        for row in stride(from: UInt64(128), to: 9_000, by: 3) { labeled.insert(row) }
        for row in UInt64(128)..<12_000 {
            #expect(labeled.mayContain(row) == (row < 9_000 && (row - 128) % 3 == 0))
        }
    }

    private func facts(_ row: UInt64) -> PredictionFacts {
        PredictionFacts(score: Double(row) / 7, predictedClass: Int32(row % 2), bucket: Int32(row % 40), epoch: 0)
    }
}
