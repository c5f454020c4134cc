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
        options: EncodingOptions = EncodingOptions()
    ) throws(StoreError) -> [UInt8] {
        let rowCount = columns[0].count
        precondition(rowCount > 0 && rowCount <= SegmentFormat.maximumRowCount, "a segment of \(rowCount) rows")
        var footer = SegmentFooter(
            tableName: tableName, schema: schema, firstRow: firstRow, rowCount: rowCount, columns: [])
        var writer = ByteWriter(reservingCapacity: rowCount * 16)
        writer.append(bytes: SegmentFormat.header())
        for (column, slice) in columns.enumerated() {
            var pages: [PageRecord] = []
            for block in 0..<footer.blockCount {
                let part = slice.slice(footer.rows(ofBlock: block))
                let name = schema.columns[column].name
                pages.append(try appendPage(of: part, column: name, to: &writer, options: options))
            }
            footer.columns.append(pages)
        }
        writer.pad(to: SegmentFormat.pageAlignment)
        let footerBytes = footer.bytes()
        writer.append(bytes: footerBytes)
        writer.append(bytes: SegmentFormat.trailer(footer: footerBytes))
        return writer.bytes
    }

    private static func appendPage(
        of slice: ColumnSlice, column: String, to writer: inout ByteWriter, options: EncodingOptions
    ) throws(StoreError) -> PageRecord {
        writer.pad(to: SegmentFormat.pageAlignment)
        let page = PageEncoder.encode(slice, options: options)
        try verify(page, decodesTo: slice, column: column)
        let offset = writer.count
        writer.append(bytes: page.bytes)
        return PageRecord(
            offset: offset, byteCount: page.bytes.count, rawByteCount: page.rawByteCount,
            checksum: Checksum.of(page.bytes, seed: UInt64(offset)), encoding: page.encoding, zone: ZoneMap(of: slice),
            vectorZones: slice.type == .timestamp ? vectorZones(of: slice) : [])
    }

    private static func vectorZones(of slice: ColumnSlice) -> [ZoneMap] {
        stride(from: 0, to: slice.count, by: SegmentFormat.vectorRowCount).map { first in
            ZoneMap(of: slice.slice(first..<min(first + SegmentFormat.vectorRowCount, slice.count)))
        }
    }

    private static func verify(
        _ page: EncodedPage, decodesTo slice: ColumnSlice, column: String
    ) throws(StoreError) {
        let builder = ColumnBuilder(type: slice.type, capacity: slice.count)
        do throws(FormatError) {
            unsafe try page.bytes.withUnsafeBytesThrowing { (bytes) throws(FormatError) in
                let reader = unsafe try PageReader(
                    bytes: bytes, owner: nil, type: slice.type, rowCount: slice.count)
                try reader.decode(rows: 0..<slice.count, into: builder)
            }
        } catch {
            throw StoreError(
                .corrupt, "column '\(column)' encoded as \(page.encoding) does not decode: \(error)",
                remedy: "nothing was written; please report this as a defect of Drumlin")
        }
        guard slice.holdsSameValues(as: builder.snapshot()) else {
            throw StoreError(
                .corrupt, "column '\(column)' encoded as \(page.encoding) decodes to other values",
                remedy: "nothing was written; please report this as a defect of Drumlin")
        }
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
