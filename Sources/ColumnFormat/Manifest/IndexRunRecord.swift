/// A live run of a table's id index: the ids of the rows `firstRow ..< endRow`.
package struct IndexRunRecord: Hashable, Sendable {
    /// Relative to the store's directory.
    package var fileName: String
    package var firstRow: UInt64
    package var endRow: UInt64
    package var entryCount: UInt64
    package var byteCount: UInt64
    package var checksum: UInt64

    package init(
        fileName: String, firstRow: UInt64, endRow: UInt64, entryCount: UInt64, byteCount: UInt64, checksum: UInt64
    ) {
        self.fileName = fileName
        self.firstRow = firstRow
        self.endRow = endRow
        self.entryCount = entryCount
        self.byteCount = byteCount
        self.checksum = checksum
    }
}
