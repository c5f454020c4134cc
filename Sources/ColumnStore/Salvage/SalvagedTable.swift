internal import ColumnFormat

/// A table on its way from a damaged store into a new one.
struct SalvagedTable {
    let id: UInt32
    let oldName: String
    /// As the new store calls it.
    let name: String
    /// All schemas, oldest first, as the manifest keeps them.
    let schemas: [(version: UInt32, bytes: [UInt8])]
    let history: SchemaHistory
    let firstRow: UInt64
    /// Rows that are gone, while files may still hold them.
    let erased: RowSet
    /// What the manifest names, in the order of its rows.
    let segments: [SegmentRecord]
    let indexRuns: [IndexRunRecord]
    /// Behind the last row that the new store has in segments; known when those are written.
    var sealedEndRow: UInt64 = 0

    var schema: Schema { history.current }

    /// What the manifest says of a table. Nil where its schema cannot be read.
    init?(_ record: TableRecord, name: String) {
        guard let history = try? SchemaHistory(record) else { return nil }
        id = record.id
        oldName = record.name
        self.name = name
        schemas = record.schemas
        self.history = history
        firstRow = record.firstRow
        erased = record.erased
        segments = record.segments
        indexRuns = record.indexRuns
    }

    /// A table that only its segments know.
    init?(id: UInt32, oldName: String, name: String, schema: Schema, schemaVersion: UInt32, firstRow: UInt64) {
        var writer = ByteWriter()
        schema.write(to: &writer)
        let record = TableRecord(id: id, name: name, schemaVersion: schemaVersion, schemaBytes: writer.bytes)
        guard let history = try? SchemaHistory(record) else { return nil }
        self.id = id
        self.oldName = oldName
        self.name = name
        schemas = record.schemas
        self.history = history
        self.firstRow = firstRow
        erased = RowSet()
        segments = []
        indexRuns = []
    }
}
