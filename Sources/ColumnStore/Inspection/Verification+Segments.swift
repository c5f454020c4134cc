internal import ColumnFormat

extension Verification {
    /// A segment: what its footer says of it, and every page.
    mutating func verify(_ segment: SegmentInspection, of table: TableInspection) throws(StoreError) {
        let path = segment.path
        let known = damages.count
        try attempt(path, fileName: segment.record == nil ? nil : segment.fileName) {
            (verification) throws(StoreError) in
            let file = try verification.fileSystem.mapped(path)
            // Opened anew: what an earlier reader found whole may be in its memory.
            let reader = try SegmentReader(file: file, path: path)
            try segment.record?.check(reader, schema: table.schema)
            let overhead = file.count - reader.footer.columns.reduce(0) { $0 + $1.reduce(0) { $0 + $1.byteCount } }
            for column in reader.footer.columns.indices {
                for block in 0..<reader.footer.blockCount {
                    verification.verifyPage(of: reader, column: column, block: block, table)
                }
            }
            verification.verifyPadding(of: file, reader)
            verification.count(bytes: overhead)
        }
        try explain(from: known, segment, of: table)
    }

    /// Says of the damages of a segment which rows they concern, and which bits are wrong.
    private mutating func explain(
        from first: Int, _ segment: SegmentInspection, of table: TableInspection
    ) throws(StoreError) {
        guard damages.count > first, let file = try? fileSystem.mapped(segment.path) else { return }
        let repair = SegmentRepair(
            unsafe [UInt8](file.bytes), path: segment.path, footerChecksum: segment.record?.footerChecksum,
            search: search)
        for place in damages.indices.dropFirst(first) where damages[place].path == segment.path {
            update(place) { damage in
                damage.table = table.name
                // Not a page: all of the file hangs on it.
                damage.rows = damage.rows ?? segment.firstRow..<segment.endRow
                damage.flippedBit = repair.findings.first { $0.offset == damage.offset }?.flippedBit
            }
        }
        // Where the footer cannot be read, its repair may tell why.
        if damages.count == first + 1, damages[first].flippedBit == nil, repair.findings.count == 1 {
            update(first) { $0.flippedBit = repair.findings[0].flippedBit }
        }
    }

    private mutating func verifyPage(of reader: SegmentReader, column: Int, block: Int, _ table: TableInspection) {
        let record = reader.footer.columns[column][block]
        let definition = reader.footer.schema.columns[column]
        let rows = reader.footer.rows(ofBlock: block)
        defer { count(bytes: record.byteCount, pages: 1, values: rows.count) }
        func concerning(_ damage: Damage) -> Damage {
            var damage = damage
            damage.column = definition.name
            damage.rows = reader.footer.rowNumbers(ofBlock: block)
            return damage
        }
        do throws(StoreError) {
            guard decodesValues else {
                _ = try reader.page(column: column, block: block)
                return
            }
            let isTrue =
                definition.type.dimension > 0
                ? try verifyVectors(of: reader, column: column, rows: rows, record)
                : try verifyValues(of: reader, column: column, rows: rows, record)
            guard !isTrue else { return }
            note(
                concerning(
                    Damage(
                        "the zone map of block \(block) of column '\(definition.name)' does not fit its values, or an erased row has one",
                        path: reader.path, offset: record.offset)))
        } catch {
            // A page is read with others: what is wrong with one of those is told where it is its own.
            if let offset = error.offset, offset < record.offset || offset > record.offset + record.byteCount { return }
            note(concerning(Damage(error, path: reader.path)))
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
        for gap in reader.footer.padding(before: reader.footerOffset) {
            if let offset = gap.first(where: { unsafe file.bytes[$0] != 0 }) {
                note(Damage("a byte of padding is not zero", path: reader.path, offset: offset))
            }
        }
    }
}

extension SegmentFooter {
    /// The bytes before `end`, where the footer begins, that belong to nothing.
    func padding(before end: Int) -> [Range<Int>] {
        var gaps: [Range<Int>] = []
        var position = SegmentFormat.headerByteCount
        for page in columns.flatMap({ $0 }).sorted(by: { $0.offset < $1.offset }) {
            if page.offset > position { gaps.append(position..<page.offset) }
            position = max(position, page.offset + page.byteCount)
        }
        if end > position { gaps.append(position..<end) }
        return gaps
    }
}
