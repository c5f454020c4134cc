public import ColumnFormat

/// Rows for a table of your own, put together value by value: the way to append many without boxing their values.
///
///     var rows = try table.makeRowBuffer()
///     for ride in rides {
///         rows.beginRow()
///         try rows.append(text: ride.zone)
///         try rows.append(float64: ride.miles)
///         try rows.endRow()
///     }
///     try table.append(&rows)
///
/// Values come in the order of the columns; columns that are left at the end of a row are null. A call costs a few
/// nanoseconds and allocates only while the buffer grows. A value that does not fit throws `.schemaMismatch` and leaves the
/// row open: give another one, or ``abandonRow()``. For use by one thread.
public struct RowBuffer: ~Copyable {
    /// The columns.
    public let schema: Schema
    private let tableName: String
    /// The number of the schema; the rows fit all that follow it.
    let schemaVersion: UInt32
    private let layout: RowLayout
    private let types: [ColumnType]
    private var writer = RowWriter(byteCapacity: 4_096)
    /// The column of the next value; nil where no row was begun.
    private var column: Int?
    private var rowStart = 0
    /// Rows that are complete.
    public private(set) var rowCount = 0

    init(tableName: String, schemas: SchemaHistory) {
        self.tableName = tableName
        schema = schemas.current
        schemaVersion = schemas.version
        layout = RowLayout(schema)
        types = schema.columns.map(\.type)
    }

    /// Bytes that the rows will take in the log.
    public var byteCount: Int { writer.count }

    /// The rows in the form of ``RowLayout``; valid until the next change.
    package var bytes: UnsafeRawBufferPointer { unsafe writer.bytes }

    // MARK: Rows

    /// Begins a row; one that was not ended is forgotten.
    public mutating func beginRow() {
        if column != nil { abandonRow() }
        rowStart = writer.count
        writer.beginRow(layout)
        column = 0
    }

    /// Completes a row. Throws `.schemaMismatch` where a column without nulls has no value.
    public mutating func endRow() throws(StoreError) {
        while let next = column, next < types.count { try appendNull() }
        guard column != nil else { throw misuse("a row is ended that was not begun") }
        column = nil
        rowCount += 1
    }

    /// Forgets what was given of a row that is not complete.
    public mutating func abandonRow() {
        guard column != nil else { return }
        column = nil
        writer.truncate(to: rowStart, rowCount: rowCount)
    }

    /// Forgets all rows; the memory stays.
    public mutating func removeAll() {
        column = nil
        rowCount = 0
        writer.removeAll()
    }

    // MARK: Values

    /// The next column is null in this row.
    public mutating func appendNull() throws(StoreError) {
        let position = try open()
        guard schema.columns[position].isNullable else {
            throw misuse("column '\(schema.columns[position].name)' has no nulls")
        }
        writer.null(position)
        column = position &+ 1
    }

    /// A value of a bool column.
    public mutating func append(bool value: Bool) throws(StoreError) {
        let position = try open()
        guard types[position] == .bool else { throw misfit("\(value)", position) }
        writer.fixed(UInt8(value ? 1 : 0))
        column = position &+ 1
    }

    /// A value of any column of integers that has it.
    public mutating func append(int value: Int64) throws(StoreError) {
        let position = try open()
        switch types[position] {
        case .int64: writer.fixed(value)
        case .int32 where Int64(Int32(truncatingIfNeeded: value)) == value:
            writer.fixed(Int32(truncatingIfNeeded: value))
        case .int16 where Int64(Int16(truncatingIfNeeded: value)) == value:
            writer.fixed(Int16(truncatingIfNeeded: value))
        case .int8 where Int64(Int8(truncatingIfNeeded: value)) == value:
            writer.fixed(Int8(truncatingIfNeeded: value))
        case .uint8, .uint16, .uint32, .uint64:
            guard value >= 0 else { throw misfit("\(value)", position) }
            return try append(uint: UInt64(value))
        default: throw misfit("\(value)", position)
        }
        column = position &+ 1
    }

    /// A value of any column of integers that has it.
    public mutating func append(uint value: UInt64) throws(StoreError) {
        let position = try open()
        switch types[position] {
        case .uint64: writer.fixed(value)
        case .uint32 where value <= UInt64(UInt32.max): writer.fixed(UInt32(truncatingIfNeeded: value))
        case .uint16 where value <= UInt64(UInt16.max): writer.fixed(UInt16(truncatingIfNeeded: value))
        case .uint8 where value <= UInt64(UInt8.max): writer.fixed(UInt8(truncatingIfNeeded: value))
        case .int8, .int16, .int32, .int64:
            guard value <= UInt64(Int64.max) else { throw misfit("\(value)", position) }
            return try append(int: Int64(value))
        default: throw misfit("\(value)", position)
        }
        column = position &+ 1
    }

    /// A value of a float32 or float64 column.
    public mutating func append(float32 value: Float) throws(StoreError) {
        let position = try open()
        switch types[position] {
        case .float32: writer.fixed(value)
        case .float64: writer.fixed(Double(value))
        default: throw misfit("\(value)", position)
        }
        column = position &+ 1
    }

    /// A value of a float64 column, or of a float32 column, for which it is rounded.
    public mutating func append(float64 value: Double) throws(StoreError) {
        let position = try open()
        switch types[position] {
        case .float64: writer.fixed(value)
        case .float32: writer.fixed(Float(value))
        default: throw misfit("\(value)", position)
        }
        column = position &+ 1
    }

    /// A value of a column of times.
    public mutating func append(time value: Timestamp) throws(StoreError) {
        let position = try open()
        guard types[position] == .timestamp else { throw misfit("\(value)", position) }
        writer.fixed(value.microseconds)
        column = position &+ 1
    }

    /// A value of a text column.
    public mutating func append(text value: String) throws(StoreError) {
        let position = try open()
        guard types[position] == .string else { throw misfit("text", position) }
        writer.string(value)
        column = position &+ 1
    }

    /// A value of a column of bytes, the UTF-8 of a text column, or the 16 bytes of a uuid.
    public mutating func append(bytes value: Span<UInt8>) throws(StoreError) {
        try unsafe value.withUnsafeBytes { (raw) throws(StoreError) in
            let position = try open()
            if types[position] == .string {
                guard unsafe Self.isText(raw) else { throw misfit("bytes that are no UTF-8", position) }
            }
            try unsafe append(raw: raw)
        }
    }

    /// A value of a column of vectors of that dimension.
    public mutating func append(vector value: Span<Float>) throws(StoreError) {
        let position = try open()
        guard case .vector(let dimension) = types[position], dimension == value.count else {
            throw misfit("a vector of \(value.count)", position)
        }
        for index in value.indices { writer.fixed(value[index]) }
        column = position &+ 1
    }

    /// A boxed value, null included.
    public mutating func append(value: Value) throws(StoreError) {
        let position = try open()
        guard writer.value(value, column: position, definition: schema.columns[position]) else {
            throw misfit(value.description, position)
        }
        column = position &+ 1
    }

    /// Bytes, text that is known to be UTF-8, or a uuid.
    package mutating func append(raw value: UnsafeRawBufferPointer) throws(StoreError) {
        let position = try open()
        switch types[position] {
        case .string, .bytes:
            guard value.count <= UInt32.max else { throw misfit("\(value.count) bytes", position) }
            unsafe writer.variable(value)
        case .uuid where value.count == 16: unsafe writer.raw(value)
        default: throw misfit("\(value.count) bytes", position)
        }
        column = position &+ 1
    }

    // MARK: Parts

    /// The column of the next value.
    private func open() throws(StoreError) -> Int {
        guard let column, column < types.count else {
            throw misuse(column == nil ? "a value before beginRow()" : "a row has more values than there are columns")
        }
        return column
    }

    private static func isText(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if unsafe bytes.isEmpty { return true }
        return unsafe String(validating: bytes, as: UTF8.self) != nil
    }

    private func misfit(_ what: String, _ position: Int) -> StoreError {
        let definition = schema.columns[position]
        return misuse("column '\(definition.name)': \(what) does not fit \(definition.type.name)")
    }

    private func misuse(_ message: String) -> StoreError {
        StoreError(
            .schemaMismatch, "table '\(tableName)': \(message)",
            remedy: "the columns are \(schema.columns.map { "\($0.name) \($0.type.name)" }.joined(separator: ", "))")
    }
}

extension Table {
    /// A buffer for rows of this table. Throws `.notFound` if it was dropped.
    public func makeRowBuffer() throws(StoreError) -> RowBuffer { RowBuffer(tableName: name, schemas: try schemas) }

    /// Appends the complete rows of a buffer, all or none, and empties it; a row that was not ended is forgotten. Columns
    /// that the table got after the buffer was made are null.
    ///
    /// O(bytes), with the durability of the store. Throws `.readOnly` for the tables of a task, and what logging throws; the
    /// buffer is then as it was.
    public func append(_ rows: inout RowBuffer) throws(StoreError) {
        try checkIsOwn()
        rows.abandonRow()
        guard rows.rowCount > 0 else { return }
        let (rowCount, version) = (rows.rowCount, rows.schemaVersion)
        let bytes = unsafe rows.bytes
        _ = try store.log(eventCount: rowCount) { core throws(StoreError) in
            let table = try self.state(in: core)
            unsafe try core.add(rowCount, rows: bytes, to: table, schemaVersion: version)
            try core.commit(arrival: store.options.environment.clock.now)
        }
        rows.removeAll()
    }
}
