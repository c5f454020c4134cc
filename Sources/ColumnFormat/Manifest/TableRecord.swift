/// A table with all that is live of it.
package struct TableRecord: Hashable, Sendable {
    package let id: UInt32
    package let name: String
    package var schemaVersion: UInt32
    package var schemaBytes: [UInt8]
    /// Ascending by row, without overlaps.
    package var segments: [SegmentRecord] = []
    package var indexRuns: [IndexRunRecord] = []
    /// Rows that are gone, while files may still hold their values; those of which none does are in the segments' footers.
    package var erased = RowSet()
    /// Rows with lower numbers were dropped.
    package var firstRow: UInt64 = 0

    package init(id: UInt32, name: String, schemaVersion: UInt32, schemaBytes: [UInt8]) {
        self.id = id
        self.name = name
        self.schemaVersion = schemaVersion
        self.schemaBytes = schemaBytes
    }
}
