/// A table with all that is live of it.
package struct TableRecord: Hashable, Sendable {
    package let id: UInt32
    package let name: String
    package var schemaVersion: UInt32
    package var schemaBytes: [UInt8]
    /// The schemas before, oldest first, numbered without gaps up to ``schemaVersion``: rows in the logs may have them.
    package private(set) var earlierSchemas: [[UInt8]] = []
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

    /// How often the schema of a table can change: all are kept.
    package static let maximumSchemaCount = 1_000

    /// Goes on to the next schema. Throws `.invalid` where its number is not the next one.
    package mutating func changeSchema(to version: UInt32, _ bytes: [UInt8]) throws(FormatError) {
        guard version > 1, version - 1 == schemaVersion, earlierSchemas.count < Self.maximumSchemaCount else {
            throw FormatError(.invalid, "table “\(name)” goes from schema \(schemaVersion) to \(version)")
        }
        earlierSchemas.append(schemaBytes)
        schemaVersion = version
        schemaBytes = bytes
    }

    /// Schemas with their numbers, oldest first.
    package var schemas: [(version: UInt32, bytes: [UInt8])] {
        let first = schemaVersion - UInt32(earlierSchemas.count)
        return (earlierSchemas + [schemaBytes]).enumerated().map { (first + UInt32($0), $1) }
    }
}
