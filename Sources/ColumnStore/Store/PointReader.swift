internal import ColumnEncoding
package import ColumnFormat

extension TableState {
    /// The value of one row of a column of integers, times or bools as Int64; nil where it is null. The row must exist.
    package func int64(row: UInt64, column: Int) throws(StoreError) -> Int64? {
        if let memtable = memtable(of: row) {
            let (slice, place) = (memtable.snapshot(column: column), Int(row - memtable.firstRow))
            return slice.isNull(place) ? nil : slice.int64(at: place)
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
            let (slice, place) = (memtable.snapshot(column: column), Int(row - memtable.firstRow))
            return slice.isNull(place) ? nil : slice.double(at: place)
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
