internal import CDrumlinShims
internal import ColumnEncoding
internal import ColumnFormat

/// The rows of a whole block on which a comparison is true, found in its encoded form in one pass, where the page can do
/// that. For one thread.
@safe
final class BlockMarks {
    private let column: Int
    private let sought: SoughtRange
    private let isNegated: Bool
    /// A bit a row, 32 words a vector.
    private let bits: UnsafeMutablePointer<UInt32>
    private let owner = RawBuffer(byteCapacity: SegmentFormat.blockRowCount / 8)
    private var counts: [UInt32] = []
    private var rowCount = 0

    private static let vectorWordCount = SegmentFormat.vectorRowCount / 32

    /// Nil where no page could look for what `test` tests.
    init?(_ test: ComparisonTest) {
        guard let sought = test.sought else { return nil }
        self.sought = sought
        column = test.column
        isNegated = test.isNegated
        unsafe bits = owner.base.assumingMemoryBound(to: UInt32.self)
    }

    /// Marks the rows of a block; false where it has to be done vector by vector: where zone maps or bounds may spare most of
    /// them that, and where the page cannot.
    func mark(_ block: SnapshotBlock, _ columns: BlockColumns) throws(StoreError) -> Bool {
        if block.hasVectorZones(column) { return false }
        guard unsafe try columns.mark(column, sought, into: bits) else { return false }
        rowCount = block.rows.count
        counts.removeAll(keepingCapacity: true)
        for vector in 0..<block.vectorCount {
            if isNegated { invert(vector) }
            unsafe counts.append(drumlin_bits_count(words(vector), wordCount(vector)))
        }
        return true
    }

    /// How many rows of a vector are marked.
    func takenCount(ofVector vector: Int) -> Int { Int(counts[vector]) }

    /// One byte for each marked row, and for each other one.
    func spread(_ vector: Int, into mask: VectorMask) {
        unsafe drumlin_bits_spread(words(vector), wordCount(vector), mask.bytes)
    }

    /// The marked rows of a vector, counted from its first. Room for a vector's.
    func places(ofVector vector: Int, into places: UnsafeMutablePointer<UInt32>) {
        _ = unsafe drumlin_bits_places(words(vector), wordCount(vector), places)
    }

    private func words(_ vector: Int) -> UnsafeMutablePointer<UInt32> {
        unsafe bits + vector &* Self.vectorWordCount
    }

    private func rows(_ vector: Int) -> Int {
        min(SegmentFormat.vectorRowCount, rowCount - vector * SegmentFormat.vectorRowCount)
    }

    private func wordCount(_ vector: Int) -> UInt32 { UInt32((rows(vector) + 31) / 32) }

    private func invert(_ vector: Int) {
        let words = unsafe words(vector)
        let rest = UInt32(rows(vector) % 32)
        let wordCount = Int(wordCount(vector))
        for i in 0..<wordCount { unsafe words[i] = ~words[i] }
        if rest != 0 { unsafe words[wordCount - 1] &= (1 << rest) - 1 }
    }
}
