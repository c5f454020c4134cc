import Testing

@testable import ColumnViews

@Suite struct CellChangesTests {
    /// What a list holds: the predictions, the unlabeled, and the other changes.
    func contents(_ changes: borrowing CellChanges) -> (predictions: Int64, unlabeled: Int64, others: [CellChange]) {
        var others: [CellChange] = []
        for i in 0..<changes.count { others.append(changes[i]) }
        return (changes.predictions, changes.unlabeled, others)
    }

    @Test func keepsChangesInOrderAndTheReservedCellsApart() {
        var changes = CellChanges(reservingCapacity: 1)
        for cell in 0..<100 { changes.add(Int64(cell) - 50, to: cell) }
        var found = contents(changes)
        #expect(found.predictions == -50)
        #expect(found.unlabeled == -49)
        #expect(found.others == (2..<100).map { CellChange(delta: Int64($0) - 50, cell: UInt32($0)) })
        changes.negate()
        found = contents(changes)
        #expect(found.predictions == 50)
        #expect(found.others.last == CellChange(delta: -49, cell: 99))
        changes.removeAll()
        let isEmpty = changes.isEmpty
        #expect(isEmpty)
    }

    @Test func negatingTheLeastNumberWraps() {
        var changes = CellChanges()
        changes.add(.min, to: 5)
        changes.negate()
        let found = contents(changes)
        #expect(found.others == [CellChange(delta: .min, cell: 5)])
    }
}
