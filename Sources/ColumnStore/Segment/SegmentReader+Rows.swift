internal import ColumnEncoding
internal import ColumnFormat

extension [SegmentReader] {
    /// The segment that holds `row`.
    package func segment(of row: UInt64) -> SegmentReader? { place(of: row).map { self[$0] } }

    /// Where the segment is that holds `row`, by binary search.
    func place(of row: UInt64) -> Int? {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].endRow <= row { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low].firstRow <= row ? low : nil
    }

    /// Whether a row's `column` holds exactly `key`: see `ColumnSlice.keyBytes(at:)`. False where there is no such row.
    package func holds(_ row: UInt64, column: Int, key: UnsafeRawBufferPointer) throws(StoreError) -> Bool {
        guard let segment = segment(of: row) else { return false }
        let (page, rowInPage) = try segment.page(column: column, row: row)
        return unsafe try segment.holds(key, column: column, page: page, rowInPage: rowInPage)
    }
}

extension SegmentReader {
    /// The page in which a row of the segment lies, and the row's place in it. `row` is counted as in the table.
    @inline(__always)
    func page(column: Int, row: UInt64) throws(StoreError) -> (page: PageReader, rowInPage: Int) {
        let row = Int(truncatingIfNeeded: row &- firstRow)
        let block = row / SegmentFormat.blockRowCount
        return (try page(column: column, block: block), row &- block &* SegmentFormat.blockRowCount)
    }

    /// Whether a row of one of the segment's pages has exactly the bytes `key`.
    @inline(__always)
    func holds(
        _ key: UnsafeRawBufferPointer, column: Int, page: PageReader, rowInPage: Int
    ) throws(StoreError) -> Bool {
        do {
            return unsafe try page.holds(key, at: rowInPage)
        } catch {
            throw StoreError(error, path: path)
        }
    }
}

extension PageReader {
    /// Whether the value of `row` has exactly the bytes `key`; a null has none.
    func holds(_ key: UnsafeRawBufferPointer, at row: Int) throws(FormatError) -> Bool {
        if type.isVariableLength { return try unsafe variableBytes(at: row, equal: key) }
        if try isNull(at: row) { return false }
        if type.byteWidth == 8 {
            guard key.count == 8 else { return false }
            return unsafe try bits(at: row) == key.loadUnaligned(as: UInt64.self)
        }
        let builder = ColumnBuilder(type: type, capacity: 1)
        try append(row: row, to: builder)
        let slice = builder.snapshot()
        return withExtendedLifetime(slice) { unsafe ByteOrder.isEqual(slice.keyBytes(at: 0), key) }
    }
}
