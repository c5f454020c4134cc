import ColumnFormat
import TestSupport
import Testing

struct RowSetTests {
    @Test func itIsASetOfRows() throws {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<300 {
            let some = { (generator: inout SeededGenerator) in
                Set(
                    (0..<Int.random(in: 0...20, using: &generator)).map { _ in
                        UInt64.random(in: 0...40, using: &generator)
                    })
            }
            let (a, b) = (some(&generator), some(&generator))
            let (left, right) = (RowSet(a), RowSet(b))
            #expect(left.count == a.count)
            for row in UInt64(0)...41 { #expect(left.contains(row) == a.contains(row)) }
            #expect(left.union(right) == RowSet(a.union(b)))
            #expect(left.subtracting(right) == RowSet(a.subtracting(b)))
            let low = UInt64.random(in: 0...40, using: &generator)
            let range = low..<UInt64.random(in: low...42, using: &generator)
            #expect(left.intersection(range) == RowSet(a.filter { range.contains($0) }))
            #expect(left.overlaps(range) == a.contains { range.contains($0) })
            let count = Int.random(in: -1...25, using: &generator)
            #expect(left.prefix(count) == RowSet(a.sorted().prefix(max(0, count))))
            #expect(left.suffix(count) == RowSet(a.sorted().suffix(max(0, count))))
            let removal = RowRemoval(droppedBefore: low, erased: left)
            #expect(removal.rows == RowSet(a.union(0..<low)))
            let bytes = removal.bytes
            let read = unsafe try bytes.withUnsafeBytes { raw in unsafe try RowRemoval(reading: raw) }
            #expect(read == removal)
        }
    }

    @Test func everyCutOfItsBytesIsRefused() {
        let bytes = RowRemoval(droppedBefore: 300, erased: RowSet([1, 2, 900, 1 << 40])).bytes
        for count in 0..<bytes.count {
            #expect(throws: FormatError.self) {
                unsafe try bytes[..<count].withUnsafeBytes { raw in unsafe try RowRemoval(reading: raw) }
            }
        }
        for defect: [UInt8] in [
            [0, 1, 0, 0], [0, 2, 0, 1, 0, 1], [0, 1] + [UInt8](repeating: 0xFF, count: 9) + [1, 1],
        ] {
            #expect(throws: FormatError.self) {
                unsafe try defect.withUnsafeBytes { raw in unsafe try RowRemoval(reading: raw) }
            }
        }
    }
}
