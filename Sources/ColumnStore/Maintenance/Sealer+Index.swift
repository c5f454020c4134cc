internal import ColumnFormat

extension Sealer {
    struct MergedRun {
        let run: IndexRun
        let replaced: Range<Int>
    }

    /// Writes the index of a memtable, merged with the runs before it that are not much larger: so n rows have O(log n)
    /// runs, and an entry is written O(log n) times.
    func writeRun(
        of memtable: Memtable, table: TableState, store: Store, _ edits: inout [ManifestEdit]
    ) throws(StoreError) -> MergedRun? {
        guard memtable.index.count > 0 else { return nil }
        let runs = store.read { _ in table.index.runs }
        var first = runs.count
        var total = memtable.index.count
        while first > 0, runs[first - 1].entryCount <= 2 * total,
            runs[first - 1].entryCount + total <= IndexRunFormat.maximumEntryCount,
            memtable.endRow - runs[first - 1].firstRow <= IndexRunFormat.maximumRowCount
        {
            first -= 1
            total += runs[first].entryCount
        }
        let run = try mergedRun(Array(runs[first...]), with: memtable, table: table, store: store)
        edits += runs[first...].map { .indexRunRemoved(tableID: table.id, fileName: $0.fileName) }
        edits.append(.indexRunAdded(tableID: table.id, run.record))
        return MergedRun(run: run, replaced: first..<runs.count)
    }

    /// The run of `runs` and a memtable; where one of those is damaged, of the rows that they are about.
    private func mergedRun(
        _ runs: [IndexRun], with memtable: Memtable, table: TableState, store: Store
    ) throws(StoreError) -> IndexRun {
        let fresh = memtable.index.sortedKeys()
        func write(_ runs: [IndexRun]) throws(StoreError) -> IndexRun {
            let merge = IndexRunMerge(
                runs: runs, fresh: fresh, freshFirstRow: memtable.firstRow, endRow: memtable.endRow)
            return try self.write(merge, table: table.name)
        }
        do throws(StoreError) {
            return try write(runs)
        } catch {
            guard error.code == .corrupt, let firstRow = runs.first?.firstRow else { throw error }
            let segments = store.read { _ in table.segments }
            let rebuilt = try rebuild(firstRow..<memtable.firstRow, of: table, segments)
            defer { if let rebuilt { try? fileSystem.unlink(rebuilt.path) } }
            return try write(rebuilt.map { [$0] } ?? [])
        }
    }

    /// Writes a run so that it is whole and durable, with its name, and has been read back, on return.
    func write(_ merge: IndexRunMerge, table: String) throws(StoreError) -> IndexRun {
        let name = try newName(table: table, extension: "idx")
        let path = FilePath.join(directory, name)
        let written = try write(merge, to: path + ".tmp")
        let run = try IndexRun(file: try fileSystem.bytes(of: path + ".tmp", fileAccess), path: path, fileName: name)
        guard run.header == written.header, try run.verify() == written.digest else {
            throw .corrupt("the index run reads back as another one", path: path)
        }
        try fileSystem.rename(path + ".tmp", to: path)
        try fileSystem.syncDirectory(FilePath.parent(of: path))
        return run
    }

    private func write(_ merge: IndexRunMerge, to path: String) throws(StoreError) -> (
        header: IndexRunFormat.Header, digest: UInt64
    ) {
        let file = try fileSystem.open(path, .createOrTruncate)
        defer { file.close() }
        let written = try merge.write(to: file)
        try file.sync()
        return written
    }
}

extension MemtableIndex {
    /// All entries as `hash << 32 | row`, sorted.
    func sortedKeys() -> [UInt64] {
        var keys: [UInt64] = []
        keys.reserveCapacity(count)
        forEachEntry { keys.append(UInt64($0.hash) << 32 | UInt64($0.rowOffset)) }
        keys.sort()
        return keys
    }
}

extension IndexRun {
    /// What the manifest keeps of it.
    var record: IndexRunRecord {
        IndexRunRecord(
            fileName: fileName, firstRow: firstRow, endRow: endRow, entryCount: UInt64(entryCount),
            byteCount: UInt64(byteCount), checksum: headerChecksum)
    }
}
