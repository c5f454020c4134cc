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

/// A checkpoint of the views: a function of all events below `sequence`.
package struct CheckpointRecord: Hashable, Sendable {
    /// Relative to the store's directory.
    package var fileName: String
    package var sequence: UInt64
    package var byteCount: UInt64
    package var checksum: UInt64

    package init(fileName: String, sequence: UInt64, byteCount: UInt64, checksum: UInt64) {
        self.fileName = fileName
        self.sequence = sequence
        self.byteCount = byteCount
        self.checksum = checksum
    }
}

/// A table with all that is live of it.
package struct TableRecord: Hashable, Sendable {
    package let id: UInt32
    package let name: String
    package var schemaVersion: UInt32
    package var schemaBytes: [UInt8]
    /// Ascending by row, without overlaps.
    package var segments: [SegmentRecord] = []
    package var indexRuns: [IndexRunRecord] = []
    /// Rows with lower numbers were dropped.
    package var firstRow: UInt64 = 0

    package init(id: UInt32, name: String, schemaVersion: UInt32, schemaBytes: [UInt8]) {
        self.id = id
        self.name = name
        self.schemaVersion = schemaVersion
        self.schemaBytes = schemaBytes
    }
}
