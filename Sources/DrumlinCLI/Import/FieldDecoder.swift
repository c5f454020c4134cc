import CommandSupport
import Drumlin

/// Reads the fields of one column of a CSV file into rows of a table.
struct FieldDecoder {
    let definition: ColumnDefinition
    /// The position in the file; nil where the file lacks the column, whose rows are then null.
    let field: Int?
    /// Whether the type was found from the first rows.
    let isInferred: Bool
    private var bytes: [UInt8] = []
    private var vector: [Float] = []

    init(_ definition: ColumnDefinition, field: Int?, isInferred: Bool) {
        self.definition = definition
        self.field = field
        self.isInferred = isInferred
    }

    /// Appends the value of the reader's row.
    ///
    /// - Throws: ``CSVError`` with file, line, column, value and what would do.
    mutating func append(_ reader: CSVReader, to rows: inout RowBuffer) throws(CSVError) {
        guard let field else { return try stored(reader, 0) { () throws(StoreError) in try rows.appendNull() } }
        let text = unsafe reader.field(field)
        if unsafe text.isEmpty, !reader.isQuoted(field) {
            guard definition.isNullable else {
                throw reader.fieldError(
                    field, "null, and the column has none",
                    remedy: definition.type == .string ? "write \"\" for an empty text" : nil)
            }
            return try stored(reader, field) { () throws(StoreError) in try rows.appendNull() }
        }
        switch definition.type {
        case .string, .bytes, .uuid, .vector: try unsafe appendLong(text, field, reader, to: &rows)
        case .float64:
            var value = unsafe NumberParser.float64(text)
            if value == nil {
                value = unsafe SpecialNumber.nanBits(text, digits: 16).map { Double(bitPattern: $0) }
            }
            guard let value else { throw bad(reader, field, "a number") }
            try stored(reader, field) { () throws(StoreError) in try rows.append(float64: value) }
        case .float32:
            var value = unsafe NumberParser.float32(text)
            if value == nil {
                value = unsafe SpecialNumber.nanBits(text, digits: 8).map { Float(bitPattern: UInt32($0)) }
            }
            guard let value else { throw bad(reader, field, "a number") }
            try stored(reader, field) { () throws(StoreError) in try rows.append(float32: value) }
        case .timestamp:
            guard let value = unsafe TimestampParser.microseconds(text) else {
                throw bad(
                    reader, field, "a time", "write ISO 8601 (2020-04-08T13:05:00Z) or microseconds since 1970")
            }
            try stored(reader, field) { () throws(StoreError) in
                try rows.append(time: Timestamp(microseconds: value))
            }
        case .bool:
            guard let value = unsafe NumberParser.bool(text) else { throw bad(reader, field, "true or false") }
            try stored(reader, field) { () throws(StoreError) in try rows.append(bool: value) }
        case .uint64:
            guard let value = unsafe Self.unsigned(text) else { throw bad(reader, field, "a uint64") }
            try stored(reader, field) { () throws(StoreError) in try rows.append(uint: value) }
        case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32:
            guard let value = unsafe Self.signed(text) else { throw bad(reader, field, integerName) }
            do throws(StoreError) { try rows.append(int: value) } catch { throw bad(reader, field, integerName) }
        }
    }

    private mutating func appendLong(
        _ text: UnsafeRawBufferPointer, _ field: Int, _ reader: CSVReader, to rows: inout RowBuffer
    ) throws(CSVError) {
        switch definition.type {
        case .string:
            // The reader has seen that it is UTF-8.
            do throws(StoreError) { unsafe try rows.append(raw: text) } catch { throw refused(reader, field, error) }
        case .vector(let dimension):
            guard unsafe VectorText.parse(text, into: &vector), vector.count == dimension else {
                throw bad(reader, field, "a vector of \(dimension)", "write a JSON array of \(dimension) numbers")
            }
            do throws(StoreError) { try rows.append(vector: vector.span) } catch {
                throw refused(reader, field, error)
            }
        case .uuid:
            guard let value = unsafe HexadecimalText.uuid(text) else { throw bad(reader, field, "a uuid") }
            do throws(StoreError) { try rows.append(bytes: value.span) } catch { throw refused(reader, field, error) }
        default:
            bytes.removeAll(keepingCapacity: true)
            guard unsafe HexadecimalText.append(text, to: &bytes) else {
                throw bad(reader, field, "hexadecimal", "write two digits 0-9, a-f for each byte")
            }
            do throws(StoreError) { try rows.append(bytes: bytes.span) } catch { throw refused(reader, field, error) }
        }
    }

    // MARK: Integers

    /// `3.0` is an integer: many writers know only reals.
    private static func signed(_ text: UnsafeRawBufferPointer) -> Int64? {
        if let value = unsafe NumberParser.int64(text) { return value }
        guard let real = unsafe NumberParser.float64(text), real.magnitude < 0x1p53 else { return nil }
        return Int64(exactly: real)
    }

    private static func unsigned(_ text: UnsafeRawBufferPointer) -> UInt64? {
        if let value = unsafe NumberParser.uint64(text) { return value }
        guard let real = unsafe NumberParser.float64(text), real.magnitude < 0x1p53 else { return nil }
        return UInt64(exactly: real)
    }

    private var integerName: String {
        switch definition.type {
        case .int8: "an int8 (-128 to 127)"
        case .int16: "an int16 (-32768 to 32767)"
        case .int32: "an int32"
        case .int64: "an int64"
        case .uint8: "a uint8 (0 to 255)"
        case .uint16: "a uint16 (0 to 65535)"
        default: "a uint32"
        }
    }

    // MARK: Errors

    private func bad(_ reader: CSVReader, _ field: Int, _ expected: String, _ remedy: String? = nil) -> CSVError {
        let rows = Units.count(TypeInference.rowLimit)
        let inferred =
            "the first \(rows) rows looked like \(definition.type.name): give the type with --schema "
            + ColumnSpecification.text([ColumnDefinition(definition.name, .string)])
        return reader.badValue(field, expected, remedy: isInferred ? inferred : remedy)
    }

    private func refused(_ reader: CSVReader, _ field: Int, _ error: StoreError) -> CSVError {
        reader.fieldError(field, error.message, remedy: error.remedy)
    }

    @inline(__always)
    private func stored(_ reader: CSVReader, _ field: Int, _ body: () throws(StoreError) -> Void) throws(CSVError) {
        do throws(StoreError) { try body() } catch { throw refused(reader, field, error) }
    }
}
