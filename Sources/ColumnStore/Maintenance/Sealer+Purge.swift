internal import ColumnFormat
internal import Synchronization

extension Sealer {
    /// Writes the index runs that have entries of `erased` rows again, without them. Sealing waits meanwhile: it merges runs.
    /// Returns how many bytes were written, and how many removed.
    func purgeIndex(of table: TableState, _ erased: RowSet, in store: Store) throws(StoreError) -> (Int, Int) {
        try indexWork.withLock { _ throws(StoreError) in
            var (written, removed) = (0, 0)
            for old in store.read({ _ in table.runs }) where erased.overlaps(old.firstRow..<old.endRow) {
                let entries = old.entries(from: old.firstRow)
                let kept = entries.filter { bits in
                    !erased.contains(old.firstRow + UInt64(IndexEntry(bits: bits).rowOffset))
                }
                guard kept.count < entries.count else { continue }
                var edits: [ManifestEdit] = [.indexRunRemoved(tableID: table.id, fileName: old.fileName)]
                var run: IndexRun?
                if !kept.isEmpty {
                    let bytes = IndexRunFormat.bytes(entries: kept, firstRow: old.firstRow, endRow: old.endRow)
                    let (name, file) = try write(bytes, table: table.name, extension: "idx")
                    run = try IndexRun(file: file, path: FilePath.join(directory, name), fileName: name)
                    edits.append(
                        .indexRunAdded(
                            tableID: table.id,
                            IndexRunRecord(
                                fileName: name, firstRow: old.firstRow, endRow: old.endRow,
                                entryCount: UInt64(kept.count), byteCount: UInt64(bytes.count),
                                checksum: Checksum.of(bytes))))
                    written += bytes.count
                }
                let obsolete = try commit(edits)
                store.read { _ in table.replaceRun(old, with: run) }
                removeFiles(obsolete, logsBelow: 0)
                removed += old.byteCount
            }
            return (written, removed)
        }
    }
}
