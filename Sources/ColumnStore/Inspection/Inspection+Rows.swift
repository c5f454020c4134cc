package import ColumnFormat

/// Some rows of a table that follow each other.
package struct InspectedRows: Sendable {
    package let firstRow: UInt64
    package let rowCount: Int
    /// A slice for each column that was asked for.
    package let columns: [ColumnSlice]
}

extension Inspection {
    /// The first, or the last, `count` rows of a table, sealed or not; fewer where it has fewer.
    ///
    /// Decodes what it returns; reads the log only where rows from it are wanted. Throws `.corrupt` with file and offset.
    package func rows(
        of table: TableInspection, count: Int, fromEnd: Bool, columns: [Int]
    ) throws(StoreError) -> InspectedRows {
        precondition(count >= 0, "\(count) rows")
        let sealed = table.segments.last.map { $0.firstRow + UInt64($0.rowCount) } ?? 0
        let first = table.segments.first?.firstRow ?? 0
        let builders = columns.map { ColumnBuilder(type: table.schema.columns[$0].type) }
        // The log has the newest rows: of the first ones only where the segments have too few.
        let needsLog = fromEnd || UInt64(count) > sealed - first
        let logged = needsLog ? try loggedRows(of: table, limit: fromEnd ? nil : count) : nil
        let loggedCount = logged?.first?.count ?? 0
        let end = sealed + UInt64(loggedCount)
        let wanted = fromEnd ? max(first, end - min(end, UInt64(count)))..<end : first..<min(end, first + UInt64(count))
        for segment in table.segments {
            let part = wanted.clamped(to: segment.firstRow..<segment.firstRow + UInt64(segment.rowCount))
            guard !part.isEmpty else { continue }
            guard let reader = segment.reader else {
                throw damages.first { $0.path == segment.path }.map {
                    .corrupt($0.message, path: $0.path, offset: $0.offset)
                } ?? .corrupt("the segment cannot be read", path: segment.path)
            }
            let rows = Int(part.lowerBound - segment.firstRow)..<Int(part.upperBound - segment.firstRow)
            for (builder, column) in zip(builders, columns) {
                try reader.read(column: column, rows: rows, into: builder)
            }
        }
        let fromLog = wanted.clamped(to: sealed..<end)
        if let logged, !fromLog.isEmpty {
            let rows = Int(fromLog.lowerBound - sealed)..<Int(fromLog.upperBound - sealed)
            for (builder, column) in zip(builders, columns) {
                builder.append(contentsOf: logged[column].snapshot().slice(rows))
            }
        }
        return InspectedRows(
            firstRow: wanted.lowerBound, rowCount: wanted.count, columns: builders.map { $0.snapshot() })
    }

    /// The rows of a table that are in the log, all columns; the first `limit` and those logged in the same call, or all.
    private func loggedRows(of table: TableInspection, limit: Int?) throws(StoreError) -> [ColumnBuilder]? {
        guard let manifest, let storePath, let id = table.id else { return nil }
        let layout = RowLayout(table.schema)
        let builders = table.schema.columns.map { ColumnBuilder(type: $0.type) }
        let cursors = builders.map(\.cursor)
        _ = try LogReplay(
            fileSystem: fileSystem, directory: storePath, from: manifest.logStart,
            validByteCounts: manifest.logValidByteCounts, makeDurable: false
        ) { (frame) throws(StoreError) in
            if let limit, cursors[0].count >= limit { return }
            do throws(FormatError) {
                var sections = frame.sections
                while let section = try sections.next() {
                    guard section.kind == .rows, section.tableID == id else { continue }
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
        return builders
    }
}
