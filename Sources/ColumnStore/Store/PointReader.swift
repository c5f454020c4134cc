internal import ColumnEncoding
package import ColumnFormat

/// Where one row of a table lies: found once, read column by column.
package enum RowPlace {
    case memory(Memtable, Int)
    case sealed(SegmentReader, Int)

    /// The value of a column of integers, times or bools as Int64; nil where it is null.
    package func int64(column: Int) throws(StoreError) -> Int64? {
        switch self {
        case .memory(let memtable, let row):
            let cursor = memtable.cursor(column: column)
            return cursor.isNull(at: row)
                ? nil : cursor.int64(at: row, type: memtable.schema.columns[column].type)
        case .sealed(let segment, let row):
            return try segment.withPage(column: column, row: row) { (page, row) throws(FormatError) in
                if try page.isNull(at: row) { return nil }
                switch page.type {
                case .int8, .int16, .int32, .int64, .timestamp: return try page.int64(at: row)
                // Bools and unsigned integers, whose upper bit is no sign.
                default: return Int64(truncatingIfNeeded: try page.bits(at: row))
                }
            }
        }
    }

    /// The value of a float64 column; nil where it is null.
    package func double(column: Int) throws(StoreError) -> Double? {
        switch self {
        case .memory(let memtable, let row):
            let cursor = memtable.cursor(column: column)
            return cursor.isNull(at: row) ? nil : cursor.double(at: row)
        case .sealed(let segment, let row):
            return try segment.withPage(column: column, row: row) { (page, row) throws(FormatError) in
                try page.isNull(at: row) ? nil : page.double(at: row)
            }
        }
    }

    /// Calls `body` with the bytes of a text, if it is not null.
    package func withText(
        column: Int, _ body: (UnsafeRawBufferPointer) throws(StoreError) -> Void
    ) throws(StoreError) {
        switch self {
        case .memory(let memtable, let row):
            let cursor = memtable.cursor(column: column)
            guard !cursor.isNull(at: row) else { return }
            unsafe try body(cursor.keyBytes(at: row, isVariableLength: true))
        case .sealed:
            guard case .string(let text) = try value(column: column) else { return }
            let bytes = Array(text.utf8)
            unsafe try bytes.withUnsafeBytesThrowing { (raw) throws(StoreError) in unsafe try body(raw) }
        }
    }

    /// The value of any column, boxed.
    package func value(column: Int) throws(StoreError) -> Value {
        switch self {
        case .memory(let memtable, let row): return memtable.snapshot(column: column).value(at: row)
        case .sealed(let segment, let row):
            return try segment.withPage(column: column, row: row) { (page, row) throws(FormatError) in
                try page.value(at: row)
            }
        }
    }
}

extension TableState {
    /// Where a row lies, also one that was erased, as long as its values are there. Throws `.notFound` if it does not exist.
    package func place(of row: UInt64) throws(StoreError) -> RowPlace {
        if let memtable = memtable(of: row) { return .memory(memtable, Int(row - memtable.firstRow)) }
        guard let segment = segment(of: row) ?? retiredSegment(of: row) else {
            throw StoreError(.notFound, "table '\(name)' has no row \(row)")
        }
        return .sealed(segment, Int(row - segment.firstRow))
    }

    /// The value of one row of a column of integers, times or bools as Int64; nil where it is null.
    package func int64(row: UInt64, column: Int) throws(StoreError) -> Int64? {
        try place(of: row).int64(column: column)
    }

    /// The value of one row of a float64 column; nil where it is null.
    package func double(row: UInt64, column: Int) throws(StoreError) -> Double? {
        try place(of: row).double(column: column)
    }

    /// The value of one row of any column, boxed.
    package func value(row: UInt64, column: Int) throws(StoreError) -> Value {
        try place(of: row).value(column: column)
    }
}

extension ColumnSlice {
    /// The value of a valid row of a column of integers, times or bools.
    package func int64(at row: Int) -> Int64 {
        switch type {
        case .bool, .uint8: unsafe Int64(pointer(as: UInt8.self)[row])
        case .int8: unsafe Int64(pointer(as: Int8.self)[row])
        case .int16: unsafe Int64(pointer(as: Int16.self)[row])
        case .int32: unsafe Int64(pointer(as: Int32.self)[row])
        case .int64, .timestamp: unsafe pointer(as: Int64.self)[row]
        case .uint16: unsafe Int64(pointer(as: UInt16.self)[row])
        case .uint32: unsafe Int64(pointer(as: UInt32.self)[row])
        case .uint64: unsafe Int64(truncatingIfNeeded: pointer(as: UInt64.self)[row])
        case .float32, .float64, .string, .bytes, .uuid, .vector: 0
        }
    }
}
