internal import ColumnFormat

extension Verification {
    /// A segment: what its footer says of it, and every page decoded.
    mutating func verify(_ segment: SegmentInspection, of table: TableInspection) throws(StoreError) {
        let path = segment.path
        try attempt(path, fileName: segment.record == nil ? nil : segment.fileName) {
            (verification) throws(StoreError) in
            let file = try verification.fileSystem.mapped(path)
            // Opened anew: what an earlier reader found whole may be in its memory.
            let reader = try SegmentReader(file: file, path: path)
            try segment.record?.check(reader, schema: table.schema)
            let overhead = file.count - reader.footer.columns.reduce(0) { $0 + $1.reduce(0) { $0 + $1.byteCount } }
            for column in reader.footer.columns.indices {
                for block in 0..<reader.footer.blockCount {
                    verification.verifyPage(of: reader, column: column, block: block)
                }
            }
            verification.verifyPadding(of: file, reader)
            verification.count(bytes: overhead)
        }
    }

    private mutating func verifyPage(of reader: SegmentReader, column: Int, block: Int) {
        let record = reader.footer.columns[column][block]
        let definition = reader.footer.schema.columns[column]
        let rows = reader.footer.rows(ofBlock: block)
        defer { count(bytes: record.byteCount, pages: 1, values: rows.count) }
        do throws(StoreError) {
            let isTrue =
                definition.type.dimension > 0
                ? try verifyVectors(of: reader, column: column, rows: rows, record)
                : try verifyValues(of: reader, column: column, rows: rows, record)
            guard !isTrue else { return }
            note(
                Damage(
                    "the zone map of block \(block) of column '\(definition.name)' does not fit its values, or an erased row has one",
                    path: reader.path, offset: record.offset))
        } catch {
            note(Damage(error, path: reader.path))
        }
    }

    /// Decodes a page; whether its zone maps are those of the values.
    private func verifyValues(
        of reader: SegmentReader, column: Int, rows: Range<Int>, _ record: PageRecord
    ) throws(StoreError) -> Bool {
        let builder = ColumnBuilder(type: reader.footer.schema.columns[column].type, capacity: rows.count)
        try reader.read(column: column, rows: rows, into: builder)
        let slice = builder.snapshot()
        guard ZoneMap(of: slice) == record.zone, areNull(rowsOf: rows, in: slice, of: reader) else { return false }
        for (index, zone) in record.vectorZones.enumerated() {
            let first = index * SegmentFormat.vectorRowCount
            let part = first..<min(first + SegmentFormat.vectorRowCount, rows.count)
            guard ZoneMap(of: slice.slice(part)) == zone else { return false }
        }
        return true
    }

    /// Whether the rows that the footer says are erased hold nothing.
    private func areNull(rowsOf rows: Range<Int>, in slice: ColumnSlice, of reader: SegmentReader) -> Bool {
        let (first, end) = (reader.firstRow + UInt64(rows.lowerBound), reader.firstRow + UInt64(rows.upperBound))
        return reader.footer.erased.intersection(first..<end).runs.allSatisfy { run in
            run.allSatisfy { slice.isNull(Int($0 - first)) }
        }
    }

    /// The same for wide values, of which a whole block may be more than fits in memory.
    private func verifyVectors(
        of reader: SegmentReader, column: Int, rows: Range<Int>, _ record: PageRecord
    ) throws(StoreError) -> Bool {
        var nullCount = 0
        var first = rows.lowerBound
        while first < rows.upperBound {
            let part = first..<min(first + SegmentFormat.vectorRowCount, rows.upperBound)
            let builder = ColumnBuilder(type: reader.footer.schema.columns[column].type)
            try reader.read(column: column, rows: part, into: builder)
            let slice = builder.snapshot()
            guard areNull(rowsOf: part, in: slice, of: reader) else { return false }
            nullCount += ZoneMap(of: slice).nullCount
            first = part.upperBound
        }
        return nullCount == record.zone.nullCount
    }

    /// Between the pages, and before the footer, are zeros.
    private mutating func verifyPadding(of file: MappedFile, _ reader: SegmentReader) {
        let pages = reader.footer.columns.flatMap { $0 }.sorted { $0.offset < $1.offset }
        var end = SegmentFormat.headerByteCount
        for page in pages {
            checkZeros(of: file, end, page.offset, reader.path)
            end = max(end, page.offset + page.byteCount)
        }
        let trailer = file.count - SegmentFormat.trailerByteCount
        let footerByteCount = unsafe UInt64(
            littleEndian: file.bytes.loadUnaligned(fromByteOffset: trailer + 8, as: UInt64.self))
        checkZeros(of: file, end, trailer - Int(clamping: footerByteCount), reader.path)
    }

    private mutating func checkZeros(of file: MappedFile, _ start: Int, _ end: Int, _ path: String) {
        var offset = start
        while offset < end {
            if unsafe file.bytes[offset] != 0 {
                note(Damage("a byte of padding is not zero", path: path, offset: offset))
                return
            }
            offset += 1
        }
    }
}
