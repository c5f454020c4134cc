package import ColumnFormat

/// The schema of a table, and those that it had before: rows in the log may have been written with any of them.
package struct SchemaHistory: Sendable {
    package private(set) var current: Schema
    /// The number of ``current``; the first is 1.
    package private(set) var version: UInt32
    private var earlier: [UInt32: Schema] = [:]

    /// That of a new table.
    package init(_ schema: Schema) {
        current = schema
        version = 1
    }

    /// What the manifest knows of a table. Throws `.invalid` where the schemas do not follow from each other.
    package init(_ record: TableRecord) throws(FormatError) {
        current = try Self.schema(record.schemaBytes)
        version = record.schemaVersion
        for (number, bytes) in record.schemas.dropLast() {
            let schema = try Self.schema(bytes)
            guard ColumnMapping(from: schema, to: current) != nil else {
                throw FormatError(.invalid, "schema \(number) of table '\(record.name)' does not lead to the last one")
            }
            earlier[number] = schema
        }
    }

    private static func schema(_ bytes: [UInt8]) throws(FormatError) -> Schema {
        let result = unsafe bytes.withUnsafeBytes { raw in
            Result { () throws(FormatError) in
                var reader = unsafe ByteReader(raw)
                return try Schema(reading: &reader)
            }
        }
        return try result.get()
    }

    /// Whether the table has, or had, exactly these columns.
    package func contains(_ schema: Schema) -> Bool { current == schema || earlier.values.contains(schema) }

    /// Whether a change was made already, so that a program which makes it at every start finds it done: some schema of the
    /// table shows its outcome, whatever was changed since.
    package func shows(_ change: SchemaChange) -> Bool {
        let all = earlier.sorted { $0.key < $1.key }.map(\.value) + [current]
        switch change {
        case .add(let column, _): return all.contains { $0.columns.contains(column) }
        case .widen(let name, let type):
            let ids = ids(named: name, in: current.position(of: name) == nil ? all : [current])
            return all.contains { schema in
                zip(schema.columns, schema.columnIDs).contains { $0.type == type && ids.contains($1) }
            }
        case .rename(let name, let newName):
            guard current.position(of: name) == nil || name == newName else { return false }
            let ids = ids(named: name, in: all)
            return all.contains { schema in
                zip(schema.columns, schema.columnIDs).contains { $0.name == newName && ids.contains($1) }
            }
        }
    }

    private func ids(named name: String, in schemas: [Schema]) -> Set<UInt32> {
        Set(schemas.compactMap { schema in schema.position(of: name).map { schema.columnIDs[$0] } })
    }

    /// How often the schema was changed.
    package var changeCount: Int { earlier.count }

    /// Goes on with another schema. Returns how rows are read that were written with the one before.
    package mutating func change(to schema: Schema) -> ColumnMapping {
        guard let mapping = ColumnMapping(from: current, to: schema) else {
            preconditionFailure("a schema that does not follow from the one before")
        }
        earlier[version] = current
        current = schema
        version += 1
        return mapping
    }

    /// Rows in the form of ``RowLayout`` that were written with an earlier schema, as columns of the current one.
    package func columns(
        rows rowCount: Int, from bytes: UnsafeRawBufferPointer, version number: UInt32
    ) throws(FormatError) -> [ColumnSlice] {
        guard let written = earlier[number], let mapping = ColumnMapping(from: written, to: current) else {
            throw FormatError(.invalid, "rows of schema \(number), where schemas up to \(version) are known")
        }
        let builders = written.columns.map { ColumnBuilder(type: $0.type) }
        unsafe try RowLayout(written).append(rows: rowCount, from: bytes, to: builders.map(\.cursor))
        return mapping.columns(builders.map { $0.snapshot() }, rowCount: rowCount)
    }
}
