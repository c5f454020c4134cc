internal import ColumnEncoding
package import ColumnFormat

extension TableState {
    /// The value of one row of a column of integers, times or bools as Int64; nil where it is null. The row must exist.
    package func int64(row: UInt64, column: Int) throws(StoreError) -> Int64? {
        if let memtable = memtable(of: row) {
            let (cursor, place) = (memtable.cursor(column: column), Int(row - memtable.firstRow))
            return cursor.isNull(at: place) ? nil : cursor.int64(at: place, type: schema.columns[column].type)
        }
        let segment = try sealed(row)
        return try segment.withPage(column: column, row: Int(row - segment.firstRow)) {
            (page, place) throws(FormatError) in
            if try page.isNull(at: place) { return nil }
            switch page.type {
            case .int8, .int16, .int32, .int64, .timestamp: return try page.int64(at: place)
            // Bools and unsigned integers, whose upper bits are no sign.
            default: return Int64(truncatingIfNeeded: try page.bits(at: place))
            }
        }
    }

    /// The value of one row of a float64 column; nil where it is null. The row must exist.
    package func double(row: UInt64, column: Int) throws(StoreError) -> Double? {
        if let memtable = memtable(of: row) {
            let (cursor, place) = (memtable.cursor(column: column), Int(row - memtable.firstRow))
            return cursor.isNull(at: place) ? nil : cursor.load(place, as: Double.self)
        }
        let segment = try sealed(row)
        return try segment.withPage(column: column, row: Int(row - segment.firstRow)) {
            (page, place) throws(FormatError) in try page.isNull(at: place) ? nil : page.double(at: place)
        }
    }

    /// The value of one row of any column, boxed. The row must exist.
    package func value(row: UInt64, column: Int) throws(StoreError) -> Value {
        if let memtable = memtable(of: row) {
            return memtable.snapshot(column: column).value(at: Int(row - memtable.firstRow))
        }
        let segment = try sealed(row)
        return try segment.withPage(column: column, row: Int(row - segment.firstRow)) {
            (page, place) throws(FormatError) in try page.value(at: place)
        }
    }

    private func sealed(_ row: UInt64) throws(StoreError) -> SegmentReader {
        guard let segment = segment(of: row) else {
            throw StoreError(.notFound, "table '\(name)' has no row \(row)")
        }
        return segment
    }
}

extension ColumnCursor {
    /// The value of a valid row of a column of integers, times or bools.
    func int64(at row: Int, type: ColumnType) -> Int64 {
        switch type {
        case .bool, .uint8: Int64(load(row, as: UInt8.self))
        case .int8: Int64(load(row, as: Int8.self))
        case .int16: Int64(load(row, as: Int16.self))
        case .int32: Int64(load(row, as: Int32.self))
        case .int64, .timestamp: load(row, as: Int64.self)
        case .uint16: Int64(load(row, as: UInt16.self))
        case .uint32: Int64(load(row, as: UInt32.self))
        case .uint64: Int64(bitPattern: load(row, as: UInt64.self))
        case .float32, .float64, .string, .bytes, .uuid, .vector: 0
        }
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
