package import ColumnFormat

/// All of one table: what is sealed, what waits to be sealed, what is being filled. Guarded by the store's lock.
package final class TableState {
    package let id: UInt32
    package let name: String
    package var schemas: SchemaHistory { schemaHistory }
    /// The number of the schema now.
    package var schemaVersion: UInt32 { schemaHistory.version }
    package var schema: Schema { currentSchema }
    package var layout: RowLayout { currentLayout }
    /// Bytes that a row takes in memory at least.
    var rowMemoryByteCount: Int { currentLayout.memoryByteCount }
    /// Sealed rows, in the order of their row numbers and without gaps.
    package var segments: [SegmentReader] { segmentList }
    /// Covers the rows of ``segments``.
    package var index: SealedIndex { sealedIndex }
    package var runs: [IndexRun] { sealedIndex.runs }
    /// Memtables that wait to be sealed, oldest first.
    package var frozen: [Memtable] { frozenList }
    package var active: Memtable { filling }
    /// Rows with lower numbers were dropped.
    package var firstRow: UInt64 { firstLiveRow }
    /// Single rows that are gone, from ``firstRow`` on.
    package var erased: RowSet { erasedRows }
    let hash: IndexHash

    // Private, like all that an event reads or changes: then the compiler sees every use, and needs no check at run time that
    // two of them never overlap.
    private var schemaHistory: SchemaHistory
    private var currentSchema: Schema
    private var currentLayout: RowLayout
    private var segmentList: [SegmentReader] = []
    private var sealedIndex: SealedIndex
    private var frozenList: [Memtable] = []
    private var filling: Memtable
    private var firstLiveRow: UInt64
    private var erasedRows: RowSet
    private var appendListeners: [@Sendable () -> Void] = []
    /// Segments that were dropped in a replay of the log. What the log says of their rows before that still has to be read.
    private var retired: [SegmentReader] = []

    package init(
        id: UInt32, name: String, schemas: SchemaHistory, segments: [SegmentReader], runs: [IndexRun], hash: IndexHash,
        firstRow: UInt64 = 0, erased: RowSet = RowSet()
    ) {
        self.id = id
        self.name = name
        self.hash = hash
        let schema = schemas.current
        let layout = RowLayout(schema)
        schemaHistory = schemas
        currentSchema = schema
        currentLayout = layout
        indexedColumns = schema.indexed.compactMap { schema.position(of: $0) }
        segmentList = segments
        sealedIndex = SealedIndex(runs)
        firstLiveRow = firstRow
        erasedRows = erased.intersection(firstRow..<UInt64.max)
        filling = Memtable(schema: schema, layout: layout, firstRow: segments.last?.endRow ?? firstRow, hash: hash)
    }

    /// The number that the next row will have.
    package var endRow: UInt64 { filling.endRow }
    package var sealedEndRow: UInt64 { (frozenList.first ?? filling).firstRow }
    /// Rows that are there.
    package var rowCount: Int { Int(endRow - firstLiveRow) - erasedRows.count }

    /// Whether a row that was there once still is.
    @inline(__always)
    package func isLive(_ row: UInt64) -> Bool {
        row >= firstLiveRow && (erasedRows.isEmpty || !erasedRows.contains(row))
    }

    /// The positions of the indexed columns, in the order of the schema's list.
    package private(set) var indexedColumns: [Int]
    package func isIndexed(_ column: Int) -> Bool { indexedColumns.contains(column) }

    // MARK: Listeners

    /// Has `listener` called, under the lock, whenever rows were appended.
    package func onAppend(_ listener: @escaping @Sendable () -> Void) { appendListeners.append(listener) }

    func tellListeners() {
        guard !appendListeners.isEmpty else { return }
        let listeners = appendListeners
        for listener in listeners { listener() }
    }

    // MARK: Sealing

    /// Sets the active memtable aside, if it has rows, and begins another.
    package func freeze() -> Memtable? {
        guard filling.rowCount > 0 else { return nil }
        let full = filling
        full.completeIndex()
        frozenList.append(full)
        filling = Memtable(schema: schema, layout: layout, firstRow: full.endRow, hash: hash, after: full)
        return full
    }

    /// Puts sealed segments in the place of the oldest frozen memtable.
    package func replaceOldestFrozen(with sealed: [SegmentReader]) {
        frozenList.removeFirst()
        segmentList += sealed.map { $0.presented(as: schema) }
    }

    /// Puts one segment in the place of neighbours whose rows it has; does nothing where those are not there.
    package func replaceSegments(_ old: [SegmentReader], with merged: SegmentReader) {
        // Not by identity: after a change of the schema others read the same files.
        guard let first = segments.firstIndex(where: { $0.path == old[0].path }), first + old.count <= segments.count
        else { return }
        segmentList.replaceSubrange(first..<first + old.count, with: [merged.presented(as: schema)])
    }

    /// Goes on with another index of the same rows.
    package func replaceIndex(_ replacement: SealedIndex) { sealedIndex = replacement }

    /// Puts one run in the place of several neighbours.
    package func replaceRuns(_ old: Range<Int>, with merged: IndexRun) {
        var runs = index.runs
        runs.replaceSubrange(old, with: [merged])
        sealedIndex = SealedIndex(runs)
    }

    /// Puts one run in the place of another, or nothing.
    package func replaceRun(_ old: IndexRun, with new: IndexRun?) {
        var runs = index.runs
        guard let place = runs.firstIndex(where: { $0 === old }) else { return }
        runs.replaceSubrange(place...place, with: new.map { [$0] } ?? [])
        sealedIndex = SealedIndex(runs)
    }

    // MARK: Removal

    /// Rows go: from here on nobody finds them. Whole segments leave with the rows that are dropped; the index forgets theirs
    /// when that is sealed.
    package func remove(_ removal: RowRemoval, isReplay: Bool) {
        firstLiveRow = min(max(firstRow, removal.droppedBefore), endRow)
        erasedRows = erasedRows.union(removal.erased).intersection(firstRow..<UInt64.max)
        let dropped = segments.prefix { $0.endRow <= firstRow }
        if isReplay { retired += dropped }
        segmentList.removeFirst(dropped.count)
    }

    /// Forgets what nobody can ask for any more, when the manifest does not name it either.
    package func forgetRemoved() {
        if runs.contains(where: { $0.endRow <= firstRow }) {
            sealedIndex = SealedIndex(runs.filter { $0.endRow > firstRow })
        }
        retired = []
    }

    /// A segment that was dropped in the replay of the log.
    package func retiredSegment(of row: UInt64) -> SegmentReader? {
        retired.last { $0.firstRow <= row && row < $0.endRow }
    }

    // MARK: The schema

    /// Goes on with another schema, as if the table had always had it. What snapshots hold stays as it is; memtables are
    /// copied, so that rows in memory have one form only.
    package func change(to changed: Schema) {
        let mapping = schemaHistory.change(to: changed)
        currentSchema = changed
        currentLayout = RowLayout(schema)
        indexedColumns = schema.indexed.compactMap { schema.position(of: $0) }
        segmentList = segmentList.map { $0.presented(as: schema) }
        frozenList = frozenList.map { converted($0, mapping) }
        filling = converted(filling, mapping)
    }

    /// Puts logged rows into the memtable, also rows that were written with an earlier schema.
    package func append(
        rows rowCount: Int, from bytes: UnsafeRawBufferPointer, schemaVersion: UInt32
    ) throws(FormatError) {
        if schemaVersion == schemaHistory.version {
            unsafe try filling.append(rows: rowCount, from: bytes)
        } else {
            filling.append(
                columns: unsafe try schemaHistory.columns(rows: rowCount, from: bytes, version: schemaVersion))
        }
    }

    // MARK: Replay

    /// Appends rows of a log that is replayed, of any schema, behind those that were taken before.
    func appendAtOnce(
        rows rowCount: Int, from bytes: UnsafeRawBufferPointer, schemaVersion: UInt32
    ) throws(DamagedRow) {
        try filling.appendQueued()
        do throws(FormatError) {
            unsafe try append(rows: rowCount, from: bytes, schemaVersion: schemaVersion)
        } catch {
            throw unsafe DamagedRow(error: error, at: bytes.baseAddress)
        }
    }

    /// Makes rows of those that were taken.
    func appendQueued() throws(DamagedRow) { try filling.appendQueued() }

    /// Ends a replay: every row is in its index.
    func endReplay() { filling.endReplay() }

    private func converted(_ memtable: Memtable, _ mapping: ColumnMapping) -> Memtable {
        let copy = Memtable(schema: schema, layout: layout, firstRow: memtable.firstRow, hash: hash)
        if memtable.rowCount > 0 {
            copy.append(columns: mapping.columns(memtable.snapshot(), rowCount: memtable.rowCount))
        }
        return copy
    }

    // MARK: Lookup

    /// What is sealed, for a search without the lock.
    var sealedRows: SealedRows { SealedRows(segments: segments, index: index, firstRow: firstRow, erased: erased) }

    /// The newest-first search for rows whose indexed `column` holds `key`: memtables, then runs. Stops at the first
    /// row that `accept` takes. Expected O(number of runs), apart from the comparison of candidates.
    package func find(
        column: Int, key: UnsafeRawBufferPointer, includesRemoved: Bool = false,
        accept: (UInt64) throws(StoreError) -> Bool = { _ in true }
    ) throws(StoreError) -> UInt64? {
        let hash = unsafe hash(key, column: column)
        sealedIndex.prefetch(hash)
        if let row = unsafe try find(in: filling, column: column, key: key, hash: hash, includesRemoved, accept) {
            return row
        }
        for memtable in frozenList.reversed() {
            if let row = unsafe try find(in: memtable, column: column, key: key, hash: hash, includesRemoved, accept) {
                return row
            }
        }
        return try sealedIndex.find(hash) { (row: UInt64) throws(StoreError) -> Bool in
            guard includesRemoved || isLive(row), unsafe try segmentList.holds(row, column: column, key: key) else {
                return false
            }
            return try accept(row)
        }
    }

    /// Begins to load what appending a row with this key will touch, while the caller has other work to do.
    package func prefetchInsertion(column: Int, key: UnsafeRawBufferPointer) {
        unsafe filling.index.prefetch(hash: hash(key, column: column))
    }

    func find(
        in memtable: Memtable, column: Int, key: UnsafeRawBufferPointer, hash: UInt32, _ includesRemoved: Bool,
        _ accept: (UInt64) throws(StoreError) -> Bool
    ) throws(StoreError) -> UInt64? {
        let row = unsafe try memtable.find(column: column, key: key, hash: hash) { (row: Int) throws(StoreError) in
            let row = memtable.firstRow + UInt64(row)
            return includesRemoved || isLive(row) ? try accept(row) : false
        }
        return row.map { memtable.firstRow + UInt64($0) }
    }

    /// The segment that holds `row`, by binary search.
    package func segment(of row: UInt64) -> SegmentReader? { segmentList.segment(of: row) }

    /// The memtable that holds `row`, if it is not sealed yet.
    package func memtable(of row: UInt64) -> Memtable? {
        if row >= filling.firstRow { return row < filling.endRow ? filling : nil }
        return frozenList.last { $0.firstRow <= row && row < $0.endRow }
    }
}
