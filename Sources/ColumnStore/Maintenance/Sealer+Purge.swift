internal import ColumnFormat
internal import Synchronization

extension Sealer {
    /// Writes the index runs that have entries of `erased` rows again, without them. Sealing waits meanwhile: it merges runs.
    /// Returns how many bytes were written, and how many removed.
    func purgeIndex(of table: TableState, _ erased: RowSet, in store: Store) throws(StoreError) -> (Int, Int) {
        try indexWork.withLock { _ throws(StoreError) in
            var (written, removed) = (0, 0)
            for old in store.read({ _ in table.runs }) where erased.overlaps(old.firstRow..<old.endRow) {
                let merge = IndexRunMerge(
                    runs: [old], fresh: [], freshFirstRow: old.endRow, endRow: old.endRow, without: erased)
                let keptCount = try merge.entryCount()
                guard keptCount < old.entryCount else { continue }
                var edits: [ManifestEdit] = [.indexRunRemoved(tableID: table.id, fileName: old.fileName)]
                var run: IndexRun?
                if keptCount > 0 {
                    let kept = try write(merge, table: table.name)
                    edits.append(.indexRunAdded(tableID: table.id, kept.record))
                    written += kept.byteCount
                    run = kept
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
