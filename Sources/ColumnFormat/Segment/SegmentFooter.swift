/// One page: where it lies, how it is encoded and what it holds.
package struct PageRecord: Sendable, Equatable {
    package var offset: Int
    package var byteCount: Int
    /// Bytes of the same values without any encoding.
    package var rawByteCount: Int
    /// ``Checksum`` of the page's bytes, seeded with its offset.
    package var checksum: UInt64
    /// The tree of encodings, for people: `dictionary(bitPacked, lz4)`.
    package var encoding: String
    package var zone: ZoneMap
    /// One zone map per vector, or empty; kept for time columns.
    package var vectorZones: VectorZones

    package init(
        offset: Int, byteCount: Int, rawByteCount: Int, checksum: UInt64, encoding: String, zone: ZoneMap,
        vectorZones: VectorZones
    ) {
        self.offset = offset
        self.byteCount = byteCount
        self.rawByteCount = rawByteCount
        self.checksum = checksum
        self.encoding = encoding
        self.zone = zone
        self.vectorZones = vectorZones
    }
}

/// The description at the end of a segment: enough to read, prune and inspect it without the store around it.
package struct SegmentFooter: Sendable, Equatable {
    package var tableName: String
    package var schema: Schema
    /// The table's row number of the first row.
    package var firstRow: UInt64
    package var rowCount: Int
    /// One array of pages a column, one page a block.
    package var columns: [[PageRecord]]
    /// Rows that are gone, by their numbers in the table: null in every column.
    package var erased = RowSet()

    package init(tableName: String, schema: Schema, firstRow: UInt64, rowCount: Int, columns: [[PageRecord]]) {
        self.tableName = tableName
        self.schema = schema
        self.firstRow = firstRow
        self.rowCount = rowCount
        self.columns = columns
    }

    package var blockCount: Int {
        (rowCount + SegmentFormat.blockRowCount - 1) / SegmentFormat.blockRowCount
    }

    /// The rows of block `block`, counted from the segment's first row.
    package func rows(ofBlock block: Int) -> Range<Int> {
        let first = block * SegmentFormat.blockRowCount
        return first..<min(first + SegmentFormat.blockRowCount, rowCount)
    }

    /// The same rows by their numbers in the table.
    package func rowNumbers(ofBlock block: Int) -> Range<UInt64> {
        let rows = rows(ofBlock: block)
        return firstRow + UInt64(rows.lowerBound)..<firstRow + UInt64(rows.upperBound)
    }
}

extension SegmentFooter {
    package func bytes() -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: 4_096)
        writer.append(string: tableName)
        schema.write(to: &writer)
        writer.append(firstRow)
        writer.append(varint: UInt64(rowCount))
        for pages in columns {
            for page in pages {
                writer.append(varint: UInt64(page.offset / SegmentFormat.pageAlignment))
                writer.append(varint: UInt64(page.byteCount))
                writer.append(varint: UInt64(page.rawByteCount))
                writer.append(page.checksum)
                writer.append(string: page.encoding)
                page.zone.write(to: &writer)
                writer.append(varint: UInt64(page.vectorZones.count))
                for zone in page.vectorZones { zone.write(to: &writer) }
            }
        }
        writer.append(varint: erased.isEmpty ? 0 : 1)
        if !erased.isEmpty {
            var section = ByteWriter()
            RowSet(offsets: erased, from: firstRow).write(to: &section)
            writer.append(varint: Extension.erasedRows)
            writer.append(varint: UInt64(section.count))
            writer.append(bytes: section.bytes)
        }
        return writer.bytes
    }

    /// Reads a footer of a file of `fileByteCount` bytes; every place it names is checked to lie within the file.
    package init(reading bytes: UnsafeRawBufferPointer, fileByteCount: Int) throws(FormatError) {
        var reader = unsafe ByteReader(bytes)
        tableName = try reader.readString(limit: 4_096)
        schema = try Schema(reading: &reader)
        firstRow = try reader.read(UInt64.self)
        rowCount = try reader.readCount(limit: SegmentFormat.maximumRowCount, of: "rows in a segment")
        guard rowCount > 0, firstRow <= UInt64(Int64.max) - UInt64(rowCount) else {
            throw FormatError(.invalid, "\(rowCount) rows from row \(firstRow)", at: reader.offset)
        }
        columns = []
        for column in schema.columns {
            var pages: [PageRecord] = []
            pages.reserveCapacity(blockCount)
            for block in 0..<blockCount {
                let page = try Self.readPage(
                    from: &reader, type: column.type, rowCount: rows(ofBlock: block).count,
                    fileByteCount: fileByteCount, previous: pages.last)
                pages.append(page)
            }
            columns.append(pages)
        }
        let extensionCount = try reader.readCount(limit: reader.remaining, of: "extensions")
        for _ in 0..<extensionCount {
            let code = try reader.readVarint()
            let byteCount = try reader.readCount(limit: reader.remaining, of: "bytes of an extension")
            let start = reader.offset
            var section = unsafe ByteReader(try reader.readBytes(byteCount))
            guard code == Extension.erasedRows else { continue }
            do throws(FormatError) {
                try readErased(&section)
            } catch {
                throw error.shifted(by: start)
            }
        }
    }

    /// Codes of what may follow the pages. A reader passes over those that it does not know.
    private enum Extension {
        static let erasedRows: UInt64 = 1
    }

    private mutating func readErased(_ reader: inout ByteReader) throws(FormatError) {
        let offsets = try RowSet(reading: &reader)
        guard (offsets.runs.last?.upperBound ?? 0) <= UInt64(rowCount), reader.remaining == 0 else {
            throw FormatError(.invalid, "erased rows behind the last of \(rowCount)", at: reader.offset)
        }
        erased = offsets.shifted(by: firstRow)
    }

    private static func readPage(
        from reader: inout ByteReader, type: ColumnType, rowCount: Int, fileByteCount: Int, previous: PageRecord?
    ) throws(FormatError) -> PageRecord {
        let start = reader.offset
        let unit = try reader.readCount(limit: fileByteCount / SegmentFormat.pageAlignment, of: "pages before a page")
        let offset = unit * SegmentFormat.pageAlignment
        let byteCount = try reader.readCount(limit: fileByteCount, of: "bytes in a page")
        guard offset >= SegmentFormat.headerByteCount, byteCount <= fileByteCount - offset else {
            throw FormatError(.invalid, "a page at \(offset) of \(byteCount) bytes lies outside the file", at: start)
        }
        let rawByteCount = try reader.readCount(limit: 1 << 40, of: "raw bytes in a page")
        let checksum = try reader.read(UInt64.self)
        // Most pages are encoded as the one before.
        let encoding = try reader.readString(limit: 1_024, expected: previous?.encoding)
        let zone = try ZoneMap(reading: &reader, type: type)
        let vectorLimit = (rowCount + SegmentFormat.vectorRowCount - 1) / SegmentFormat.vectorRowCount
        let vectorCount = try reader.readCount(limit: vectorLimit, of: "zones in a block")
        guard zone.rowCount == rowCount, vectorCount == 0 || vectorCount == vectorLimit else {
            throw FormatError(.invalid, "a zone map of \(zone.rowCount) rows for a block of \(rowCount)", at: start)
        }
        let vectorZones = try VectorZones(reading: &reader, count: vectorCount, type: type)
        return PageRecord(
            offset: offset, byteCount: byteCount, rawByteCount: rawByteCount, checksum: checksum, encoding: encoding,
            zone: zone, vectorZones: vectorZones)
    }
}
