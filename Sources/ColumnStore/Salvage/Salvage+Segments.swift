internal import ColumnFormat

/// Rows that one source has, or nobody.
private struct Piece {
    let rows: Range<UInt64>
    /// Nil where the rows are lost.
    let source: SalvagedSegment?
    /// Columns whose values are lost in these rows.
    var missing: Set<Int> = []
}

extension Salvage {
    /// A gap of more rows is no damage, but a manifest that somebody made up.
    private static let maximumGap: UInt64 = 1 << 26

    /// Writes the sealed rows of a table. `beyondManifest`: also those of segments that no commit names.
    func writeSegments(
        of place: Int, beyondManifest: Bool, logs: [UInt64], to output: inout SalvageTarget
    ) throws(StoreError) {
        let table = tables[place]
        report.tables.append(.init(name: table.name, oldName: table.oldName))
        var end = table.firstRow
        for record in table.segments {
            let path = FilePath.join(directory, record.fileName)
            guard record.firstRow >= end, record.rowCount <= UInt64(SegmentFormat.maximumRowCount),
                record.endRow <= UInt64(Int64.max), record.firstRow - end <= Self.maximumGap
            else {
                lose(.init("the manifest says impossible things of the segment", path: path, table: table.oldName))
                continue
            }
            if record.firstRow > end { try compose(end..<record.firstRow, of: table, nil, to: &output) }
            try write(record, of: table, path, to: &output)
            end = record.endRow
        }
        if beyondManifest { end = try writeStrays(of: table, from: end, logs: logs, to: &output) }
        tables[place].sealedEndRow = end
        report.tables[report.tables.count - 1].sealedRowCount =
            Int(end - table.firstRow) - report.tables[report.tables.count - 1].lostRowCount
        try writeIndex(of: tables[place], to: &output)
    }

    /// A segment that the manifest names: as it is, or of the rows that can be read.
    private func write(
        _ record: SegmentRecord, of table: SalvagedTable, _ path: String, to output: inout SalvageTarget
    ) throws(StoreError) {
        var segment: SalvagedSegment?
        do throws(StoreError) {
            let found = try SalvagedSegment(path, record, fileSystem, search)
            guard found.reader.firstRow == record.firstRow, found.reader.endRow == record.endRow,
                found.fits(table.schema)
            else { throw .corrupt("the segment is not the one that the manifest names", path: path) }
            segment = found
        } catch {
            guard error.isDamage || error.code == .unsupportedVersion else { throw error }
            return try compose(
                record.firstRow..<record.endRow, of: table, nil, failure: error, to: &output)
        }
        if let segment, segment.isWhole(as: table.schema), table.name == table.oldName {
            report.repairs += segment.repairs
            report.copiedByteCount += segment.bytes.count
            try output.add(segment.bytes, to: table)
        } else {
            try compose(record.firstRow..<record.endRow, of: table, segment, to: &output)
        }
    }

    /// Segments behind those that the manifest names, as far as the log does not have the same rows again.
    private func writeStrays(
        of table: SalvagedTable, from start: UInt64, logs: [UInt64], to output: inout SalvageTarget
    ) throws(StoreError) -> UInt64 {
        let candidates = try allStrays().filter { $0.tableName == table.oldName && $0.rows.upperBound > start }
        guard let last = candidates.map(\.rows.upperBound).max() else { return start }
        let starts = Set(candidates.map { max($0.rows.lowerBound, start) }).sorted()
        guard let first = starts.first, first - start <= Self.maximumGap else {
            lose(.init("its rows are far behind all others", path: candidates[0].path, table: table.oldName))
            return start
        }
        let logged = try loggedRows(of: table, logs)
        // What was being sealed when the store stopped is in the log as well.
        var end = last
        for boundary in starts.reversed() {
            let pieces = try pieces(of: boundary..<last, table, nil, failure: nil, losing: false)
            guard last - boundary <= UInt64(logged.first?.count ?? 0), pieces.allSatisfy({ $0.source != nil }) else {
                break
            }
            if try columns(of: pieces, table).elementsEqual(
                logged.map { $0.slice(0..<Int(last - boundary)) }, by: { $0.holdsSameValues(as: $1) })
            {
                end = boundary
            }
        }
        if end > start { try compose(start..<end, of: table, nil, to: &output) }
        return end
    }

    // MARK: Segments made anew

    /// Writes rows `rows`, of `primary` or of any other segment that has them; those that nobody has are nulls that the
    /// footer says are gone.
    private func compose(
        _ rows: Range<UInt64>, of table: SalvagedTable, _ primary: SalvagedSegment?, failure: StoreError? = nil,
        to output: inout SalvageTarget
    ) throws(StoreError) {
        var first = rows.lowerBound
        while first < rows.upperBound {
            let part = first..<min(first + UInt64(SegmentFormat.maximumRowCount), rows.upperBound)
            let pieces = try pieces(of: part, table, primary, failure: failure, losing: true)
            var gone = RowSet()
            var lostCount = 0
            for piece in pieces {
                if let source = piece.source {
                    gone.formUnion(source.reader.footer.erased.intersection(piece.rows))
                } else {
                    gone.formUnion(RowSet(piece.rows))
                    lostCount += RowSet(piece.rows).subtracting(table.erased).count
                }
            }
            report.tables[report.tables.count - 1].lostRowCount += lostCount
            var sources: [SalvagedSegment] = []
            for piece in pieces {
                if let source = piece.source, !sources.contains(where: { $0 === source }) { sources.append(source) }
            }
            report.repairs += sources.flatMap(\.repairs).filter { !report.repairs.contains($0) }
            let bytes = try SegmentBuilder.bytes(
                tableName: table.name, schema: table.schema, firstRow: part.lowerBound,
                rowCount: part.count, erased: gone
            ) { (block) throws(StoreError) in
                let range = part.lowerBound + UInt64(block.lowerBound)..<part.lowerBound + UInt64(block.upperBound)
                return try self.columns(of: Self.clip(pieces, to: range), table)
            }
            try output.add(bytes, to: table)
            first = part.upperBound
        }
    }

    private static func clip(_ pieces: [Piece], to rows: Range<UInt64>) -> [Piece] {
        pieces.compactMap { piece in
            let part = piece.rows.clamped(to: rows)
            return part.isEmpty ? nil : Piece(rows: part, source: piece.source, missing: piece.missing)
        }
    }

    /// Who has each of the rows. `losing`: reports those that nobody has, with `failure` where that is why.
    private func pieces(
        of rows: Range<UInt64>, _ table: SalvagedTable, _ primary: SalvagedSegment?, failure: StoreError?, losing: Bool
    ) throws(StoreError) -> [Piece] {
        var sources = primary.map { [$0] } ?? []
        if sources.isEmpty || !sources[0].isWhole(as: table.schema) { sources += try others(with: rows, of: table) }
        var pieces: [Piece] = []
        var row = rows.lowerBound
        while row < rows.upperBound {
            // As far as nothing changes: blocks and segments begin and end.
            var end = rows.upperBound
            var found: (source: SalvagedSegment, failures: [Int: StoreError])?
            var reason = failure
            for source in sources {
                let own = source.reader.firstRow..<source.reader.endRow
                guard own.contains(row) else {
                    if own.lowerBound > row { end = min(end, own.lowerBound) }
                    continue
                }
                let block = source.block(of: row)
                end = min(end, source.rows(ofBlock: block).upperBound)
                guard found == nil else { continue }
                let failures = source.failures(block: block, as: table.schema)
                if failures.isEmpty || isPartial(failures, table.schema) {
                    found = (source, failures)
                } else {
                    reason = reason ?? failures.sorted { $0.key < $1.key }[0].value
                }
            }
            pieces.append(
                Piece(rows: row..<end, source: found?.source, missing: Set(found.map { Array($0.failures.keys) } ?? []))
            )
            if losing {
                if let found {
                    losePart(found.failures, rows: row..<end, table)
                } else {
                    loseAll(row..<end, table, reason)
                }
            }
            row = pieces[pieces.count - 1].rows.upperBound
        }
        return pieces
    }

    /// Other segments with some of the rows, those that were written last first.
    private func others(with rows: Range<UInt64>, of table: SalvagedTable) throws(StoreError) -> [SalvagedSegment] {
        var found: [SalvagedSegment] = []
        for stray in try allStrays() where stray.tableName == table.oldName && stray.rows.overlaps(rows) {
            if let segment = try? SalvagedSegment(stray.path, nil, fileSystem, search), segment.fits(table.schema) {
                found.append(segment)
            }
        }
        return found
    }

    private func isPartial(_ failures: [Int: StoreError], _ schema: Schema) -> Bool {
        options.keepsPartialRows
            && failures.keys.allSatisfy { column in
                let definition = schema.columns[column]
                return definition.isNullable && !definition.name.hasPrefix("_")
                    && !schema.indexed.contains(definition.name)
            }
    }

    private func losePart(_ failures: [Int: StoreError], rows: Range<UInt64>, _ table: SalvagedTable) {
        for (column, error) in failures.sorted(by: { $0.key < $1.key }) {
            var loss = SalvageReport.Loss(
                error.message, path: error.path ?? directory, offset: error.offset, table: table.oldName)
            loss.column = table.schema.columns[column].name
            loss.rows = rows
            lose(loss)
        }
    }

    private func loseAll(_ rows: Range<UInt64>, _ table: SalvagedTable, _ reason: StoreError?) {
        var loss = SalvageReport.Loss(
            reason?.message ?? "no segment has these rows", path: reason?.path ?? directory, offset: reason?.offset,
            table: table.oldName)
        loss.rows = rows
        if let last = report.losses.last, last.table == loss.table, last.reason == loss.reason,
            last.path == loss.path, last.offset == loss.offset, let before = last.rows,
            before.upperBound == rows.lowerBound
        {
            report.losses[report.losses.count - 1].rows = before.lowerBound..<rows.upperBound
        } else {
            lose(loss)
        }
    }

    /// The rows of `pieces`, one slice a column.
    private func columns(of pieces: [Piece], _ table: SalvagedTable) throws(StoreError) -> [ColumnSlice] {
        var slices: [ColumnSlice] = []
        for (column, definition) in table.schema.columns.enumerated() {
            let builder = ColumnBuilder(type: definition.type)
            for piece in pieces {
                guard let source = piece.source, !piece.missing.contains(column) else {
                    builder.append(contentsOf: .nulls(piece.rows.count, type: definition.type))
                    continue
                }
                let first = Int(piece.rows.lowerBound - source.reader.firstRow)
                try source.presented(as: table.schema).read(
                    column: column, rows: first..<first + piece.rows.count, into: builder)
            }
            slices.append(builder.snapshot())
        }
        return slices
    }

    // MARK: Indexes

    /// Copies the index runs that are whole. For the others the new store names files that it does not have, so that its
    /// opening makes them from the rows.
    private func writeIndex(of table: SalvagedTable, to output: inout SalvageTarget) throws(StoreError) {
        guard !table.schema.indexed.isEmpty else { return }
        var end = table.firstRow
        for record in table.indexRuns where record.firstRow >= end && record.endRow <= table.sealedEndRow {
            if record.firstRow > end { try add(nil, rows: end..<record.firstRow, of: table, to: &output) }
            let path = FilePath.join(directory, record.fileName)
            var copy: IndexRunRecord?
            do throws(StoreError) {
                let file = SalvageFile(try fileSystem.open(path, .read))
                defer { file.close() }
                let bytes = try file.map()
                let run = try IndexRun(file: bytes, path: path)
                guard run.isOne(record) else { throw .corrupt("the index run is another one", path: path) }
                _ = try run.verify()
                var copied = record
                copied.fileName = try output.write(
                    unsafe [UInt8](bytes.bytes), table: table.name, extension: "idx")
                copy = copied
            } catch {
                guard error.isDamage else { throw error }
                var damage = Damage(error, path: path)
                damage.remedy = "nothing is lost: the index is made from the rows"
                report.repairs.append(damage)
            }
            try add(copy, rows: record.firstRow..<record.endRow, of: table, to: &output)
            end = record.endRow
        }
        if end < table.sealedEndRow { try add(nil, rows: end..<table.sealedEndRow, of: table, to: &output) }
    }

    private func add(
        _ record: IndexRunRecord?, rows: Range<UInt64>, of table: SalvagedTable, to output: inout SalvageTarget
    ) throws(StoreError) {
        if let record {
            output.edits.append(.indexRunAdded(tableID: table.id, record))
            return
        }
        let name = try output.newName(table: table.name, extension: "idx")
        output.edits.append(
            .indexRunAdded(
                tableID: table.id,
                IndexRunRecord(
                    fileName: name, firstRow: rows.lowerBound, endRow: rows.upperBound, entryCount: 1, byteCount: 0,
                    checksum: 0)))
    }
}
