internal import ColumnEncoding
package import ColumnFormat

/// All of one table: what is sealed, what waits to be sealed, what is being filled. Guarded by the store's lock.
package final class TableState {
    package let id: UInt32
    package let name: String
    package private(set) var schemas: SchemaHistory
    package private(set) var layout: RowLayout
    /// Sealed rows, in the order of their row numbers and without gaps.
    package private(set) var segments: [SegmentReader] = []
    /// Oldest first; together they cover the rows of ``segments``.
    package private(set) var runs: [IndexRun] = []
    /// Memtables that wait to be sealed, oldest first.
    package private(set) var frozen: [Memtable] = []
    package private(set) var active: Memtable
    /// Rows with lower numbers were dropped.
    package private(set) var firstRow: UInt64
    /// Single rows that are gone, from ``firstRow`` on.
    package private(set) var erased: RowSet
    /// Segments that were dropped in a replay of the log. What the log says of their rows before that still has to be read.
    private var retired: [SegmentReader] = []
    private let hash: IndexHash
    /// What ``touchRuns(_:)`` read: kept so that reading it is not optimized away.
    private var touched: UInt64 = 0

    package init(
        id: UInt32, name: String, schemas: SchemaHistory, segments: [SegmentReader], runs: [IndexRun], hash: IndexHash,
        firstRow: UInt64 = 0, erased: RowSet = RowSet()
    ) {
        self.id = id
        self.name = name
        self.schemas = schemas
        self.hash = hash
        let schema = schemas.current
        layout = RowLayout(schema)
        self.segments = segments
        self.runs = runs
        self.firstRow = firstRow
        self.erased = erased.intersection(firstRow..<UInt64.max)
        active = Memtable(schema: schema, layout: layout, firstRow: segments.last?.endRow ?? firstRow, hash: hash)
    }

    package var schema: Schema { schemas.current }

    /// The number that the next row will have.
    package var endRow: UInt64 { active.endRow }
    package var sealedEndRow: UInt64 { (frozen.first ?? active).firstRow }
    /// Rows that are there.
    package var rowCount: Int { Int(endRow - firstRow) - erased.count }

    /// Whether a row that was there once still is.
    @inline(__always)
    package func isLive(_ row: UInt64) -> Bool { row >= firstRow && (erased.isEmpty || !erased.contains(row)) }

    package func isIndexed(_ column: Int) -> Bool { schema.indexed.contains(schema.columns[column].name) }

    // MARK: Sealing

    /// Sets the active memtable aside, if it has rows, and begins another.
    package func freeze() -> Memtable? {
        guard active.rowCount > 0 else { return nil }
        let full = active
        frozen.append(full)
        active = Memtable(schema: schema, layout: layout, firstRow: full.endRow, hash: hash)
        return full
    }

    /// Puts sealed segments in the place of the oldest frozen memtable.
    package func replaceOldestFrozen(with sealed: [SegmentReader], run: IndexRun?) {
        frozen.removeFirst()
        segments += sealed.map { $0.presented(as: schema) }
        if let run { runs.append(run) }
    }

    /// Puts one segment in the place of neighbours whose rows it has; does nothing where those are not there.
    package func replaceSegments(_ old: [SegmentReader], with merged: SegmentReader) {
        // Not by identity: after a change of the schema others read the same files.
        guard let first = segments.firstIndex(where: { $0.path == old[0].path }), first + old.count <= segments.count
        else { return }
        segments.replaceSubrange(first..<first + old.count, with: [merged.presented(as: schema)])
    }

    /// Puts one run in the place of several neighbours.
    package func replaceRuns(_ old: Range<Int>, with merged: IndexRun) {
        runs.replaceSubrange(old, with: [merged])
    }

    /// Puts one run in the place of another, or nothing.
    package func replaceRun(_ old: IndexRun, with new: IndexRun?) {
        guard let place = runs.firstIndex(where: { $0 === old }) else { return }
        runs.replaceSubrange(place...place, with: new.map { [$0] } ?? [])
    }

    // MARK: Removal

    /// Rows go: from here on nobody finds them. Whole segments leave with the rows that are dropped; the index forgets theirs
    /// when that is sealed.
    package func remove(_ removal: RowRemoval, isReplay: Bool) {
        firstRow = min(max(firstRow, removal.droppedBefore), endRow)
        erased = erased.union(removal.erased).intersection(firstRow..<UInt64.max)
        let dropped = segments.prefix { $0.endRow <= firstRow }
        if isReplay { retired += dropped }
        segments.removeFirst(dropped.count)
    }

    /// Forgets what nobody can ask for any more, when the manifest does not name it either.
    package func forgetRemoved() {
        runs.removeAll { $0.endRow <= firstRow }
        retired = []
    }

    /// A segment that was dropped in the replay of the log.
    package func retiredSegment(of row: UInt64) -> SegmentReader? {
        retired.last { $0.firstRow <= row && row < $0.endRow }
    }

    // MARK: The schema

    /// Goes on with another schema, as if the table had always had it. What snapshots hold stays as it is; memtables are
    /// copied, so that rows in memory have one form only.
    package func change(to schema: Schema) {
        let mapping = schemas.change(to: schema)
        layout = RowLayout(schema)
        segments = segments.map { $0.presented(as: schema) }
        frozen = frozen.map { converted($0, mapping) }
        active = converted(active, mapping)
    }

    /// Puts logged rows into the memtable, also rows that were written with an earlier schema.
    package func append(
        rows rowCount: Int, from bytes: UnsafeRawBufferPointer, schemaVersion: UInt32
    ) throws(FormatError) {
        if schemaVersion == schemas.version {
            unsafe try active.append(rows: rowCount, from: bytes)
        } else {
            active.append(
                columns: unsafe try schemas.columns(rows: rowCount, from: bytes, version: schemaVersion))
        }
    }

    private func converted(_ memtable: Memtable, _ mapping: ColumnMapping) -> Memtable {
        let copy = Memtable(schema: schema, layout: layout, firstRow: memtable.firstRow, hash: hash)
        if memtable.rowCount > 0 {
            copy.append(columns: mapping.columns(memtable.snapshot(), rowCount: memtable.rowCount))
        }
        return copy
    }

    // MARK: Lookup

    /// The newest-first search for rows whose indexed `column` holds `key`: memtables, then runs. Stops at the first
    /// row that `accept` takes. Expected O(number of runs), apart from the comparison of candidates.
    package func find(
        column: Int, key: UnsafeRawBufferPointer, includesRemoved: Bool = false,
        accept: (UInt64) throws(StoreError) -> Bool = { _ in true }
    ) throws(StoreError) -> UInt64? {
        let hash = unsafe hash(key, column: column)
        touchRuns(hash)
        if let row = unsafe try find(in: active, column: column, key: key, hash: hash, includesRemoved, accept) {
            return row
        }
        for memtable in frozen.reversed() {
            if let row = unsafe try find(in: memtable, column: column, key: key, hash: hash, includesRemoved, accept) {
                return row
            }
        }
        for run in runs.reversed() {
            let row = try run.find(hash: hash) { (row: UInt64) throws(StoreError) -> Bool in
                guard includesRemoved || isLive(row), unsafe try holds(row, column: column, key: key) else {
                    return false
                }
                return try accept(row)
            }
            if let row { return row }
        }
        return nil
    }

    /// Loads from all runs at once: a search that goes through them one after the other would wait for the memory as often
    /// as there are runs, these loads wait for it together.
    private func touchRuns(_ hash: UInt32) {
        var sum: UInt64 = 0
        for place in runs.indices { sum &+= runs[place].touch(hash: hash) }
        touched = sum
    }

    private func find(
        in memtable: Memtable, column: Int, key: UnsafeRawBufferPointer, hash: UInt32, _ includesRemoved: Bool,
        _ accept: (UInt64) throws(StoreError) -> Bool
    ) throws(StoreError) -> UInt64? {
        let row = unsafe try memtable.find(column: column, key: key, hash: hash) { (row: Int) throws(StoreError) in
            let row = memtable.firstRow + UInt64(row)
            return includesRemoved || isLive(row) ? try accept(row) : false
        }
        return row.map { memtable.firstRow + UInt64($0) }
    }

    /// Whether a sealed row's `column` holds exactly `key`.
    private func holds(_ row: UInt64, column: Int, key: UnsafeRawBufferPointer) throws(StoreError) -> Bool {
        guard let segment = segment(of: row) else { return false }
        return try segment.withPage(column: column, row: Int(row - segment.firstRow)) {
            (page, row) throws(FormatError) in
            if page.type.isVariableLength { return try unsafe page.variableBytes(at: row, equal: key) }
            if key.count == 8 { return unsafe try page.bits(at: row) == key.loadUnaligned(as: UInt64.self) }
            let builder = ColumnBuilder(type: page.type, capacity: 1)
            try page.append(row: row, to: builder)
            let slice = builder.snapshot()
            return withExtendedLifetime(slice) { unsafe ByteOrder.isEqual(slice.keyBytes(at: 0), key) }
        }
    }

    /// The segment that holds `row`, by binary search.
    package func segment(of row: UInt64) -> SegmentReader? {
        var (low, high) = (0, segments.count)
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].endRow <= row { low = middle + 1 } else { high = middle }
        }
        return low < segments.count && segments[low].firstRow <= row ? segments[low] : nil
    }

    /// The memtable that holds `row`, if it is not sealed yet.
    package func memtable(of row: UInt64) -> Memtable? {
        if row >= active.firstRow { return row < active.endRow ? active : nil }
        return frozen.last { $0.firstRow <= row && row < $0.endRow }
    }
}
