internal import ColumnFormat

extension Sealer {
    /// Rows whose keys are in memory together while an index is made again.
    private static let rebuiltRowCount = 8 * SegmentFormat.blockRowCount

    /// Makes again, from the rows, the index runs that the manifest names and that cannot be read. Only while a store is
    /// opened, before anything else can seal.
    func rebuildIndexes(of core: StoreCore) throws(StoreError) {
        for table in core.tables.values.sorted(by: { $0.id < $1.id }) {
            guard let record = liveState.tables[table.id] else { continue }
            let readable = Set(table.index.runs.map(\.fileName))
            let lost = record.indexRuns.filter { !readable.contains($0.fileName) }
            guard !lost.isEmpty else { continue }
            var edits: [ManifestEdit] = []
            var runs = table.index.runs
            for old in lost {
                edits.append(.indexRunRemoved(tableID: table.id, fileName: old.fileName))
                guard let run = try rebuild(old.firstRow..<old.endRow, of: table, table.segments) else { continue }
                edits.append(.indexRunAdded(tableID: table.id, run.record))
                runs.append(run)
            }
            let obsolete = try commit(edits)
            table.replaceIndex(SealedIndex(runs.sorted { $0.firstRow < $1.firstRow }))
            removeFiles(obsolete, logsBelow: 0)
        }
    }

    /// The run of some rows; nil where they have no keys. Many rows go through smaller runs, so that memory has a bound.
    func rebuild(
        _ rows: Range<UInt64>, of table: TableState, _ segments: [SegmentReader]
    ) throws(StoreError) -> IndexRun? {
        var parts: [IndexRun] = []
        defer { for part in parts { try? fileSystem.unlink(part.path) } }
        var first = rows.lowerBound
        while first < rows.upperBound {
            let end = min(first + UInt64(Self.rebuiltRowCount), rows.upperBound)
            let keys = try sortedKeys(first..<end, of: table, segments)
            if !keys.isEmpty {
                let part = IndexRunMerge(runs: [], fresh: keys, freshFirstRow: first, endRow: end)
                parts.append(try write(part, table: table.name))
            }
            first = end
        }
        guard parts.count > 1 else { return parts.popLast() }
        let merge = IndexRunMerge(runs: parts, fresh: [], freshFirstRow: rows.upperBound, endRow: rows.upperBound)
        return try write(merge, table: table.name)
    }

    private func sortedKeys(
        _ rows: Range<UInt64>, of table: TableState, _ segments: [SegmentReader]
    ) throws(StoreError) -> [UInt64] {
        var keys: [UInt64] = []
        for segment in segments where segment.firstRow < rows.upperBound && segment.endRow > rows.lowerBound {
            let first = max(segment.firstRow, rows.lowerBound)
            let end = min(segment.endRow, rows.upperBound)
            // What these rows held is overwritten.
            let erased = segment.footer.erased
            for column in table.indexedColumns {
                let builder = ColumnBuilder(type: table.schema.columns[column].type)
                try segment.read(
                    column: column, rows: Int(first - segment.firstRow)..<Int(end - segment.firstRow), into: builder)
                let slice = builder.snapshot()
                for row in 0..<slice.count where !slice.isNull(row) && !erased.contains(first + UInt64(row)) {
                    let hash = unsafe table.hash(slice.keyBytes(at: row), column: column)
                    keys.append(UInt64(hash) << 32 | (first - rows.lowerBound + UInt64(row)))
                }
            }
        }
        keys.sort()
        return keys
    }
}
