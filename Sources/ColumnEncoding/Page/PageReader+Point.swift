package import ColumnFormat

/// Reads of one row. Each walks down the tree of nodes: O(1) for most codecs, part of a vector for differences, a search for
/// runs, one frame for compressed bytes. Rows must lie within the page.
extension PageReader {
    package func isNull(at row: Int) throws(FormatError) -> Bool {
        check(row)
        guard let validity else { return false }
        return try validity.word(at: row) & 1 == 0
    }

    /// Asks for the memory in which the value of `row` lies, as far as that is known at once: for many reads of rows far apart.
    package func prefetch(_ row: Int) {
        check(row)
        switch values {
        case .fixed(let node): node.prefetch(row)
        case .text(let node): node.prefetch(row)
        }
    }

    /// The bits of a value of at most 8 bytes, zero-extended; 0 where it is null.
    package func bits(at row: Int) throws(FormatError) -> UInt64 {
        check(row)
        guard case .fixed(let node) = values, let shape, shape.byteWidth <= 8 else {
            preconditionFailure("bits of a \(type.name)")
        }
        return try isNull(at: row) ? 0 : node.word(at: row)
    }

    /// The value of a column of signed integers or timestamps; 0 where it is null.
    package func int64(at row: Int) throws(FormatError) -> Int64 {
        let bits = try bits(at: row)
        switch shape?.byteWidth {
        case 1: return Int64(Int8(truncatingIfNeeded: bits))
        case 2: return Int64(Int16(truncatingIfNeeded: bits))
        case 4: return Int64(Int32(truncatingIfNeeded: bits))
        default: return Int64(bitPattern: bits)
        }
    }

    /// The value of a float32 or float64 column; 0 where it is null.
    package func double(at row: Int) throws(FormatError) -> Double {
        let bits = try bits(at: row)
        if shape?.byteWidth == 4 { return Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))) }
        return Double(bitPattern: bits)
    }

    /// Whether the text of `row` is `bytes`; a null is equal to nothing. Ids and dictionaries are compared without
    /// being decoded, and nothing is allocated.
    package func variableBytes(at row: Int, equal bytes: UnsafeRawBufferPointer) throws(FormatError) -> Bool {
        check(row)
        guard case .text(let node) = values else { preconditionFailure("text of a \(type.name)") }
        if try isNull(at: row) { return false }
        return unsafe try node.isEqual(at: row, to: bytes)
    }

    /// Calls `body` with the bytes of a text, which are only valid there; with none where it is null.
    package func withVariableBytes<Result>(
        at row: Int, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(FormatError) -> Result {
        check(row)
        guard case .text(let node) = values else { preconditionFailure("text of a \(type.name)") }
        if try isNull(at: row) { return unsafe body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        var scratch = TextScratch()
        let found = unsafe try node.bytes(at: row, scratch: &scratch)
        let result = unsafe body(found)
        withExtendedLifetime(scratch) {}
        return result
    }

    /// The value of `row`, boxed.
    package func value(at row: Int) throws(FormatError) -> Value {
        let builder = ColumnBuilder(type: type, capacity: 1)
        try append(row: row, to: builder)
        return builder.snapshot().value(at: 0)
    }

    /// Appends the one row to `builder`, which has the page's type.
    package func append(row: Int, to builder: ColumnBuilder) throws(FormatError) {
        precondition(builder.type == type, "a page of \(type.name) into a column of \(builder.type.name)")
        if try isNull(at: row) {
            builder.appendNull()
            return
        }
        switch values {
        case .fixed(let node):
            builder.reserve(rowCount: 1)
            unsafe try node.load(row, into: builder.reservedValues)
            unsafe builder.commit(rowCount: 1)
        case .text(let node):
            var scratch = TextScratch()
            let found = unsafe try node.bytes(at: row, scratch: &scratch)
            guard builder.canAppend(byteCount: found.count) else {
                throw FormatError(.invalid, "\(found.count) bytes of text are more than a column can hold in memory")
            }
            unsafe builder.append(bytes: found)
            withExtendedLifetime(scratch) {}
        }
    }

    private func check(_ row: Int) {
        precondition(row >= 0 && row < rowCount, "row \(row) of a page of \(rowCount)")
    }
}
