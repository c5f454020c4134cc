/// A live segment of a table.
package struct SegmentRecord: Hashable, Sendable {
    /// Relative to the store's directory.
    package var fileName: String
    /// The number of its first row in the table.
    package var firstRow: UInt64
    package var rowCount: UInt64
    package var byteCount: UInt64
    package var footerChecksum: UInt64
    /// The sequence numbers of its rows in the log.
    package var firstSequence: UInt64
    package var lastSequence: UInt64

    package init(
        fileName: String, firstRow: UInt64, rowCount: UInt64, byteCount: UInt64, footerChecksum: UInt64,
        firstSequence: UInt64, lastSequence: UInt64
    ) {
        self.fileName = fileName
        self.firstRow = firstRow
        self.rowCount = rowCount
        self.byteCount = byteCount
        self.footerChecksum = footerChecksum
        self.firstSequence = firstSequence
        self.lastSequence = lastSequence
    }

    /// The number after its last row's. Bounds were checked when the record was applied.
    package var endRow: UInt64 { firstRow &+ rowCount }
}
