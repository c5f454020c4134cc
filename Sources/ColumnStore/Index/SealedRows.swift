internal import ColumnFormat

/// The sealed rows of a table as of a moment, with their index: what a search needs that goes on without the store's lock.
struct SealedRows: Sendable {
    let segments: [SegmentReader]
    let index: SealedIndex
    /// Rows with lower numbers were dropped.
    let firstRow: UInt64
    /// Single rows that are gone.
    let erased: RowSet

    /// Whether a row that was there once still is.
    @inline(__always)
    func isLive(_ row: UInt64) -> Bool { row >= firstRow && (erased.isEmpty || !erased.contains(row)) }
}
