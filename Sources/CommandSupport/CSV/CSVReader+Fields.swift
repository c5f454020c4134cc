extension CSVReader {
    /// The bytes of field `index` of the current row, quotes undone; valid until the next call of ``nextRow()``.
    @inline(__always)
    package func field(_ index: Int) -> UnsafeRawBufferPointer {
        precondition(index >= 0 && index < columnCount, "field \(index) of \(columnCount)")
        let start = unsafe bounds[2 &* index]
        return unsafe UnsafeRawBufferPointer(start: buffer + start, count: bounds[2 &* index &+ 1] &- start)
    }

    /// Whether field `index` stands in quotation marks: an empty one may then be a text and no null.
    @inline(__always)
    package func isQuoted(_ index: Int) -> Bool {
        // A field without them begins the buffer, or follows a comma, a line end or a byte order mark.
        let start = unsafe bounds[2 &* index]
        return unsafe start > 0 && buffer[start &- 1] == 0x22
    }

    /// Whether field `index` is null, which is to say empty.
    package func isNull(_ index: Int) -> Bool { unsafe field(index).isEmpty }

    /// The text of field `index`, nil where it is null.
    package func string(_ index: Int) -> String? {
        let bytes = unsafe field(index)
        return unsafe bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// The real number in field `index`, nil where it is null.
    ///
    /// - Throws: ``CSVError`` that names file, line, column and value where the field is no number; so do all that follow.
    package func float64(_ index: Int) throws(CSVError) -> Double? {
        let bytes = unsafe field(index)
        if unsafe bytes.isEmpty { return nil }
        guard let value = unsafe NumberParser.float64(bytes) else { throw badValue(index, "a number") }
        return value
    }

    /// The real number in field `index`, rounded once to Float; nil where it is null.
    package func float32(_ index: Int) throws(CSVError) -> Float? {
        let bytes = unsafe field(index)
        if unsafe bytes.isEmpty { return nil }
        guard let value = unsafe NumberParser.float32(bytes) else { throw badValue(index, "a number") }
        return value
    }

    /// The integer in field `index`, nil where it is null. `3.0` is an integer: many writers know only reals.
    package func int64(_ index: Int) throws(CSVError) -> Int64? {
        let bytes = unsafe field(index)
        if unsafe bytes.isEmpty { return nil }
        if let value = unsafe NumberParser.int64(bytes) { return value }
        if let real = unsafe NumberParser.float64(bytes), real.magnitude < 0x1p53, let value = Int64(exactly: real) {
            return value
        }
        throw badValue(index, "an integer")
    }

    /// The unsigned integer in field `index`, nil where it is null.
    package func uint64(_ index: Int) throws(CSVError) -> UInt64? {
        let bytes = unsafe field(index)
        if unsafe bytes.isEmpty { return nil }
        if let value = unsafe NumberParser.uint64(bytes) { return value }
        if let real = unsafe NumberParser.float64(bytes), real.magnitude < 0x1p53, let value = UInt64(exactly: real) {
            return value
        }
        throw badValue(index, "an integer that is not negative")
    }

    /// The truth value in field `index` (``NumberParser/bool(_:)``), nil where it is null.
    package func bool(_ index: Int) throws(CSVError) -> Bool? {
        let bytes = unsafe field(index)
        if unsafe bytes.isEmpty { return nil }
        guard let value = unsafe NumberParser.bool(bytes) else { throw badValue(index, "true or false") }
        return value
    }

    /// The point in time in field `index` in microseconds since the Unix epoch (``TimestampParser``), nil where it is null.
    package func timestamp(_ index: Int) throws(CSVError) -> Int64? {
        let bytes = unsafe field(index)
        if unsafe bytes.isEmpty { return nil }
        guard let value = unsafe TimestampParser.microseconds(bytes) else {
            throw badValue(index, "a time", remedy: "write ISO 8601 (2020-04-08T13:05:00Z) or microseconds since 1970")
        }
        return value
    }

    /// The error for field `index` of the current row, which is not `expected`.
    package func badValue(_ index: Int, _ expected: String, remedy: String? = nil) -> CSVError {
        let text = PrintableText.excerpt(string(index) ?? "")
        return fieldError(index, "\"\(text)\" is not \(expected)", remedy: remedy)
    }

    /// An error about field `index` of the current row.
    package func fieldError(_ index: Int, _ message: String, remedy: String? = nil) -> CSVError {
        let column = PrintableText.excerpt(header[index], count: 80)
        return CSVError(.value, file: name, line: lineNumber, column: column, message, remedy: remedy)
    }
}
