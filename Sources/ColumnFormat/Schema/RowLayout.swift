/// A row as the log holds it: one after the other, column by column.
///
///     null bitmap     ⌈columns / 8⌉ bytes, bit c % 8 of byte c / 8 set where column c is null
///     per column that is not null, in order:
///       fixed width   the value, little-endian, `byteWidth` bytes
///       text, bytes   the byte count as a varint, then the bytes
///
/// A null column takes no bytes at all.
package struct RowLayout: Sendable {
    package let columns: [ColumnDefinition]
    /// The byte width of each column, 0 for text and bytes.
    package let widths: [Int]
    let isNullable: [Bool]
    package let bitmapByteCount: Int
    /// Bytes that a row takes in memory at least, as columns: null or not, without its text.
    package let memoryByteCount: Int

    package init(_ schema: Schema) {
        columns = schema.columns
        widths = schema.columns.map { $0.type.byteWidth ?? 0 }
        isNullable = schema.columns.map(\.isNullable)
        bitmapByteCount = (schema.columns.count + 7) / 8
        memoryByteCount = schema.columns.reduce(0) { $0 + ($1.type.byteWidth ?? 4) + ($1.isNullable ? 1 : 0) }
    }

    /// Appends `rowCount` rows from `bytes` to the columns of one builder each. Checks everything before it appends anything of a
    /// row, so that a defect leaves them with whole rows only.
    package func append(
        rows rowCount: Int, from bytes: UnsafeRawBufferPointer, to columns: [ColumnCursor]
    ) throws(FormatError) {
        precondition(columns.count == widths.count, "a row of \(widths.count) columns")
        var offset = 0
        for _ in 0..<rowCount { offset = try unsafe appendRow(from: bytes, at: offset, to: columns) }
        guard offset == bytes.count else {
            throw FormatError(.invalid, "\(bytes.count - offset) bytes after the last row of a section", at: offset)
        }
    }

    private func appendRow(
        from bytes: UnsafeRawBufferPointer, at start: Int, to columns: [ColumnCursor]
    ) throws(FormatError) -> Int {
        let end = try unsafe endOfRow(bytes, at: start)
        let base = bytes.baseAddress!
        var offset = start + bitmapByteCount
        for c in 0..<widths.count {
            let isNull = unsafe base.load(fromByteOffset: start &+ c &>> 3, as: UInt8.self) & (1 &<< UInt8(c & 7)) != 0
            let builder = columns[c]
            if isNull {
                builder.appendNull(isVariableLength: widths[c] == 0)
                continue
            }
            switch widths[c] {
            case 4:
                unsafe builder.append(base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
                offset &+= 4
            case 8:
                unsafe builder.append(base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                offset &+= 8
            case 0:
                let count = unsafe Self.uncheckedVarint(base, &offset)
                unsafe builder.append(bytes: UnsafeRawBufferPointer(start: base + offset, count: count))
                offset &+= count
            case let width:
                unsafe builder.append(fixedBytes: base + offset)
                offset &+= width
            }
        }
        return end
    }

    /// The offset behind the row that starts at `start`, after checking that all of it is there.
    func endOfRow(_ bytes: UnsafeRawBufferPointer, at start: Int) throws(FormatError) -> Int {
        guard bytes.count - start >= bitmapByteCount, let base = bytes.baseAddress else {
            throw FormatError(.truncated, "a row ends within its null bitmap", at: start)
        }
        var offset = start + bitmapByteCount
        for c in 0..<widths.count {
            let isNull = unsafe base.load(fromByteOffset: start &+ c &>> 3, as: UInt8.self) & (1 &<< UInt8(c & 7)) != 0
            if isNull {
                guard isNullable[c] else {
                    throw FormatError(.invalid, "null in column '\(columns[c].name)', which has no nulls", at: offset)
                }
                continue
            }
            var width = widths[c]
            if width == 0, offset < bytes.count,
                case let count = unsafe base.load(fromByteOffset: offset, as: UInt8.self),
                count < 0x80
            {
                (width, offset) = (Int(count), offset + 1)
            } else if width == 0 {
                var reader = unsafe ByteReader(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
                width = try reader.readCount(limit: Int(UInt32.max), of: "bytes in a value")
                offset += reader.offset
            }
            guard width <= bytes.count - offset else {
                throw FormatError(.truncated, "a row ends within column '\(columns[c].name)'", at: offset)
            }
            offset += width
        }
        return offset
    }

    @inline(__always)
    private static func uncheckedVarint(_ base: UnsafeRawPointer, _ offset: inout Int) -> Int {
        var value = 0
        var shift = 0
        while true {
            let byte = unsafe base.load(fromByteOffset: offset, as: UInt8.self)
            offset &+= 1
            value |= Int(byte & 0x7F) &<< shift
            if byte < 0x80 { return value }
            shift &+= 7
        }
    }
}
