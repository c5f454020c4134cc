package import ColumnFormat

/// Some rows of a table, in order.
package struct InspectedRows: Sendable {
    /// The number of each: rows that were erased are not among them.
    package let numbers: [UInt64]
    /// A slice for each column that was asked for.
    package let columns: [ColumnSlice]

    package var rowCount: Int { numbers.count }
}

extension Inspection {
    /// The first, or the last, `count` rows of a table that are there, sealed or not; fewer where it has fewer.
    ///
    /// Decodes what it returns, and reads the log, of which it decodes rows only where they are wanted. Throws `.corrupt` with file and offset.
    package func rows(
        of table: TableInspection, count: Int, fromEnd: Bool, columns: [Int]
    ) throws(StoreError) -> InspectedRows {
        precondition(count >= 0, "\(count) rows")
        let sealed = table.sealedEndRow
        let first = table.segments.first?.firstRow ?? sealed
        // Any row may have been erased in the log, also one that is sealed.
        var logged = LoggedRows()
        try readLog(of: table, into: &logged, limit: 0)
        let sealedCount = RowSet(first..<sealed).subtracting(table.removed.union(logged.removed)).count
        // The log has the newest rows: of the first ones only where the segments have too few.
        if fromEnd || count > sealedCount {
            try readLog(of: table, into: &logged, limit: fromEnd ? Int.max : count - sealedCount)
        }
        let live = RowSet(first..<sealed + UInt64(logged.rowCount)).subtracting(table.removed.union(logged.removed))
        let wanted = fromEnd ? live.suffix(count) : live.prefix(count)
        let builders = columns.map { ColumnBuilder(type: table.schema.columns[$0].type) }
        for segment in table.segments {
            let part = wanted.intersection(segment.firstRow..<segment.endRow)
            guard !part.isEmpty else { continue }
            guard let reader = segment.reader else {
                throw damages.first { $0.path == segment.path }.map {
                    .corrupt($0.message, path: $0.path, offset: $0.offset)
                } ?? .corrupt("the segment cannot be read", path: segment.path)
            }
            for run in part.runs {
                let rows = Int(run.lowerBound - segment.firstRow)..<Int(run.upperBound - segment.firstRow)
                for (builder, column) in zip(builders, columns) {
                    try reader.read(column: column, rows: rows, into: builder)
                }
            }
        }
        for run in wanted.intersection(sealed..<UInt64.max).runs {
            let rows = Int(run.lowerBound - sealed)..<Int(run.upperBound - sealed)
            for (builder, column) in zip(builders, columns) {
                builder.append(contentsOf: logged.columns[column].snapshot().slice(rows))
            }
        }
        return InspectedRows(
            numbers: wanted.runs.flatMap { Array($0) }, columns: builders.map { $0.snapshot() })
    }

    private struct LoggedRows {
        /// All columns of rows that are in the log; none where they were not asked for.
        var columns: [ColumnBuilder] = []
        /// What the log says is gone, also of rows that are sealed.
        var removed = RowSet()

        var rowCount: Int { columns.first?.count ?? 0 }
    }

    /// Reads what the log removes from a table, and its rows there: the first `limit` that are not known to be removed and
    /// those logged in the same call.
    private func readLog(
        of table: TableInspection, into logged: inout LoggedRows, limit: Int
    ) throws(StoreError) {
        guard let manifest, let storePath, let id = table.id else { return }
        let layout = RowLayout(table.schema)
        let builders = limit > 0 ? table.schema.columns.map { ColumnBuilder(type: $0.type) } : []
        let cursors = builders.map(\.cursor)
        let sealed = table.sealedEndRow
        var removed = logged.removed
        _ = try LogReplay(
            fileSystem: fileSystem, directory: storePath, from: manifest.logStart,
            validByteCounts: manifest.logValidByteCounts, makeDurable: false
        ) { (frames) throws(StoreError) in
            for frame in frames {
                do throws(FormatError) {
                    var sections = frame.sections
                    while let section = try sections.next() {
                        guard section.tableID == id else { continue }
                        if section.kind == .removal {
                            removed.formUnion(unsafe try RowRemoval(reading: section.bytes).rows)
                        }
                        guard section.kind == .rows, limit > 0 else { continue }
                        let rows = sealed..<sealed + UInt64(cursors[0].count)
                        guard limit == .max || rows.count - removed.intersection(rows).count < limit else { continue }
                        if section.schemaVersion == table.schemas.version {
                            unsafe try layout.append(rows: section.rowCount, from: section.bytes, to: cursors)
                        } else {
                            let columns = unsafe try table.schemas.columns(
                                rows: section.rowCount, from: section.bytes, version: section.schemaVersion)
                            for place in builders.indices { builders[place].append(contentsOf: columns[place]) }
                        }
                    }
                } catch {
                    throw StoreError(
                        .corrupt, "a call whose bytes are as they were logged does not fit its table: \(error.message)",
                        offset: frame.offset)
                }
            }
        }
        logged.columns = builders
        logged.removed = removed
    }
}
