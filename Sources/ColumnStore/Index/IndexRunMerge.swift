package import ColumnFormat

/// Puts the entries of several runs, and fresh ones, into one: a pass through all of them in the order of their hashes.
package struct IndexRunMerge {
    /// Neighbours, oldest first.
    let runs: [IndexRun]
    /// More entries as `hash << 32 | row`, sorted, rows counted from ``freshFirstRow``.
    let fresh: [UInt64]
    let freshFirstRow: UInt64
    let endRow: UInt64
    /// Rows whose entries are left out.
    let erased: RowSet

    package init(
        runs: [IndexRun], fresh: [UInt64], freshFirstRow: UInt64, endRow: UInt64, without erased: RowSet = RowSet()
    ) {
        self.runs = runs
        self.erased = erased
        self.fresh = fresh
        self.freshFirstRow = freshFirstRow
        self.endRow = endRow
    }

    var firstRow: UInt64 { runs.first?.firstRow ?? freshFirstRow }

    /// How many entries the run will have. O(1), where nothing is left out; else all are looked at.
    package func entryCount() throws(StoreError) -> Int {
        var count = runs.reduce(fresh.count) { $0 + $1.entryCount }
        guard !erased.isEmpty else { return count }
        for run in runs {
            var cursor = IndexRunCursor(run)
            while let key = try cursor.next() { if erased.contains(run.firstRow + key & 0xFFFF_FFFF) { count -= 1 } }
        }
        for key in fresh where erased.contains(freshFirstRow + key & 0xFFFF_FFFF) { count -= 1 }
        return count
    }

    /// Writes the run, of at least one entry, to `file`, which is empty. O(entries); memory for three buffers and for the checksums, a 512th of the
    /// run. Returns a sum of all entries.
    package func write(to file: any File) throws(StoreError) -> (header: IndexRunFormat.Header, digest: UInt64) {
        var header = IndexRunFormat.Header(entryCount: try entryCount(), firstRow: firstRow, endRow: endRow)
        if let written = try write(header, to: file) { return written }
        header.directoryBits = IndexRunFormat.widestDirectoryBits
        guard let written = try write(header, to: file) else {
            preconditionFailure("the widest directory says everything")
        }
        return written
    }

    /// Nil where the directory cannot say where the entries are.
    private func write(
        _ header: IndexRunFormat.Header, to file: any File
    ) throws(StoreError) -> (header: IndexRunFormat.Header, digest: UInt64)? {
        var writer = IndexRunWriter(file, header)
        // The fresh entries come last, as do their rows.
        var cursors = runs.map { IndexRunCursor($0) }
        let shifts = runs.map { $0.firstRow - firstRow }
        let freshShift = freshFirstRow - firstRow
        let none = UInt64.max
        var heads: [UInt64] = []
        for place in cursors.indices {
            let key = try cursors[place].next()
            heads.append(key.map { $0 &+ shifts[place] } ?? none)
        }
        heads.append(fresh.first.map { $0 &+ freshShift } ?? none)
        var freshPlace = 0
        while !writer.isSkewed {
            var least = 0
            for place in 1..<heads.count where heads[place] < heads[least] { least = place }
            guard heads[least] != none else { break }
            if erased.isEmpty || !erased.contains(firstRow + heads[least] & 0xFFFF_FFFF) {
                try writer.append(heads[least])
            }
            if least < cursors.count {
                let key = try cursors[least].next()
                heads[least] = key.map { $0 &+ shifts[least] } ?? none
            } else {
                freshPlace += 1
                heads[least] = freshPlace < fresh.count ? fresh[freshPlace] &+ freshShift : none
            }
        }
        if writer.isSkewed { return nil }
        let written = try writer.finish()
        return writer.isSkewed ? nil : (written, writer.digest.sum)
    }
}
