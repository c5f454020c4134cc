package import ColumnEncoding
package import ColumnFormat

/// Turns rows in memory into the bytes of a segment file. The bytes are a function of the rows alone.
package enum SegmentBuilder {
    /// Encodes `columns`, one slice a column of `schema`, all of 1…1,048,576 rows.
    ///
    /// Every page is decoded again and compared with what went in before the bytes are handed out: a defect of an
    /// encoder must never reach the disk. Throws `StoreError.corrupt` where they differ.
    package static func bytes(
        tableName: String, schema: Schema, firstRow: UInt64, columns: [ColumnSlice],
        erased: RowSet = RowSet(), options: EncodingOptions = EncodingOptions()
    ) throws(StoreError) -> [UInt8] {
        let rowCount = columns[0].count
        return try bytes(
            tableName: tableName, schema: schema, firstRow: firstRow, rowCount: rowCount, erased: erased,
            options: options
        ) { rows in columns.map { $0.slice(rows) } }
    }

    /// Encodes rows that come block by block, so that only one block is in memory at a time.
    ///
    /// Rows of `erased`, by their numbers in the table, become null in every column, and the footer names them.
    /// `block` is asked for the rows of each block in turn, counted from the segment's first: one slice a column.
    package static func bytes(
        tableName: String, schema: Schema, firstRow: UInt64, rowCount: Int, erased: RowSet = RowSet(),
        options: EncodingOptions = EncodingOptions(), block: (Range<Int>) throws(StoreError) -> [ColumnSlice]
    ) throws(StoreError) -> [UInt8] {
        precondition(rowCount > 0 && rowCount <= SegmentFormat.maximumRowCount, "a segment of \(rowCount) rows")
        var footer = SegmentFooter(
            tableName: tableName, schema: schema, firstRow: firstRow, rowCount: rowCount, columns: [])
        footer.erased = erased.intersection(firstRow..<firstRow + UInt64(rowCount))
        let holes = RowSet(offsets: footer.erased, from: firstRow)
        var pages = [[Page]](repeating: [], count: schema.columns.count)
        let names = schema.columns.map(\.name)
        var encoder = BlockEncoder(names: names, options: options)
        for number in 0..<footer.blockCount {
            let rows = footer.rows(ofBlock: number)
            let gone = holes.intersection(UInt64(rows.lowerBound)..<UInt64(rows.upperBound))
            let cleared = RowSet(offsets: gone, from: UInt64(rows.lowerBound))
            let columns = try block(rows).map { $0.clearing(cleared) }
            #if DRUMLIN_INJECTED_BUGS
                let isWrong = InjectedBug.publishUnverified.isOn && rows.count > 1
                let encoded = encoder.encode(
                    isWrong ? columns.map { $0.gather([1, 1] + Array(2..<rows.count)) } : columns)
                if !isWrong { try EncodedBlock(encoded, of: columns, names: names).verify() }
            #else
                let encoded = encoder.encode(columns)
                try EncodedBlock(encoded, of: columns, names: names).verify()
            #endif
            for (column, slice) in columns.enumerated() { pages[column].append(Page(encoded[column], of: slice)) }
        }
        let byteCount = pages.reduce(0) {
            $0 + $1.reduce(0) { $0 + $1.encoded.bytes.count + SegmentFormat.pageAlignment }
        }
        var writer = ByteWriter(reservingCapacity: byteCount + 4_096)
        writer.append(bytes: SegmentFormat.header())
        // All blocks of a column lie together.
        for column in pages.indices {
            footer.columns.append(pages[column].map { append($0, to: &writer) })
            pages[column] = []
        }
        writer.pad(to: SegmentFormat.pageAlignment)
        let footerBytes = footer.bytes()
        writer.append(bytes: footerBytes)
        writer.append(bytes: SegmentFormat.trailer(footer: footerBytes))
        return writer.bytes
    }

    /// A page before it has its place.
    private struct Page {
        let encoded: EncodedPage
        let zone: ZoneMap
        let vectorZones: [ZoneMap]

        init(_ encoded: EncodedPage, of slice: ColumnSlice) {
            self.encoded = encoded
            zone = ZoneMap(of: slice)
            guard slice.type == .timestamp else {
                vectorZones = []
                return
            }
            vectorZones = stride(from: 0, to: slice.count, by: SegmentFormat.vectorRowCount).map { first in
                ZoneMap(of: slice.slice(first..<min(first + SegmentFormat.vectorRowCount, slice.count)))
            }
        }
    }

    private static func append(_ page: Page, to writer: inout ByteWriter) -> PageRecord {
        writer.pad(to: SegmentFormat.pageAlignment)
        let offset = writer.count
        writer.append(bytes: page.encoded.bytes)
        return PageRecord(
            offset: offset, byteCount: page.encoded.bytes.count, rawByteCount: page.encoded.rawByteCount,
            checksum: Checksum.of(page.encoded.bytes, seed: UInt64(offset)), encoding: page.encoded.encoding,
            zone: page.zone, vectorZones: VectorZones(page.vectorZones))
    }
}

extension ColumnSlice {
    /// Whether two slices have the same rows, bit for bit.
    package func holdsSameValues(as other: ColumnSlice) -> Bool {
        guard type == other.type, count == other.count else { return false }
        for row in 0..<count where isNull(row) != other.isNull(row) { return false }
        if let width = type.byteWidth {
            if validity == nil {
                guard count > 0 else { return true }
                let (left, right) = unsafe (rawPointer(at: 0), other.rawPointer(at: 0))
                return unsafe ByteOrder.isEqual(
                    UnsafeRawBufferPointer(start: left, count: count * width),
                    UnsafeRawBufferPointer(start: right, count: count * width))
            }
        }
        for row in 0..<count where !isNull(row) {
            guard unsafe ByteOrder.isEqual(keyBytes(at: row), other.keyBytes(at: row)) else { return false }
        }
        return true
    }
}
