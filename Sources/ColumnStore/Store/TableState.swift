internal import ColumnEncoding
package import ColumnFormat

/// All of one table: what is sealed, what waits to be sealed, what is being filled. Guarded by the store's lock.
package final class TableState {
    package let id: UInt32
    package let name: String
    package let schema: Schema
    package let layout: RowLayout
    /// Sealed rows, in the order of their row numbers and without gaps.
    package var segments: [SegmentReader] { segmentList }
    /// Oldest first; together they cover the rows of ``segments``.
    package var runs: [IndexRun] { runList }
    /// Memtables that wait to be sealed, oldest first.
    package var frozen: [Memtable] { frozenList }
    package var active: Memtable { filling }
    /// Rows with lower numbers were dropped.
    package var firstRow: UInt64 { firstLiveRow }
    /// Single rows that are gone, from ``firstRow`` on.
    package var erased: RowSet { erasedRows }
    /// Segments that were dropped in a replay of the log. What the log says of their rows before that still has to be read.
    private var retired: [SegmentReader] = []

    // Private, like all that an event reads or changes: then the compiler sees every use, and needs no check at run time that
    // two of them never overlap.
    private var segmentList: [SegmentReader] = []
    private var runList: [IndexRun] = []
    private var frozenList: [Memtable] = []
    private var filling: Memtable
    private var firstLiveRow: UInt64
    private var erasedRows: RowSet
    private let hash: IndexHash
    private var appendListeners: [@Sendable () -> Void] = []
    /// What ``touchRuns(_:)`` read: kept so that reading it is not optimized away.
    private var touched: UInt64 = 0

    package init(
        id: UInt32, name: String, schema: Schema, segments: [SegmentReader], runs: [IndexRun], hash: IndexHash,
        firstRow: UInt64 = 0, erased: RowSet = RowSet()
    ) {
        self.id = id
        self.name = name
        self.schema = schema
        self.hash = hash
        layout = RowLayout(schema)
        segmentList = segments
        runList = runs
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

    package func isIndexed(_ column: Int) -> Bool { schema.indexed.contains(schema.columns[column].name) }

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
        frozenList.append(full)
        filling = Memtable(schema: schema, layout: layout, firstRow: full.endRow, hash: hash)
        return full
    }

    /// Puts sealed segments in the place of the oldest frozen memtable.
    package func replaceOldestFrozen(with sealed: [SegmentReader], run: IndexRun?) {
        frozenList.removeFirst()
        segmentList += sealed
        if let run { runList.append(run) }
    }

    /// Puts one segment in the place of neighbours whose rows it has; does nothing where those are not there.
    package func replaceSegments(_ old: [SegmentReader], with merged: SegmentReader) {
        guard let first = segments.firstIndex(where: { $0 === old[0] }), first + old.count <= segments.count else {
            return
        }
        segmentList.replaceSubrange(first..<first + old.count, with: [merged])
    }

    /// Puts one run in the place of several neighbours.
    package func replaceRuns(_ old: Range<Int>, with merged: IndexRun) {
        runList.replaceSubrange(old, with: [merged])
    }

    /// Puts one run in the place of another, or nothing.
    package func replaceRun(_ old: IndexRun, with new: IndexRun?) {
        guard let place = runs.firstIndex(where: { $0 === old }) else { return }
        runList.replaceSubrange(place...place, with: new.map { [$0] } ?? [])
    }

    // MARK: Removal

    /// Rows go: from here on nobody finds them. Whole segments leave with the rows that are dropped; the index forgets theirs
    /// when that is sealed.
    package func remove(_ removal: RowRemoval, isReplay: Bool) {
        firstLiveRow = min(max(firstRow, removal.droppedBefore), endRow)
        erasedRows = erased.union(removal.erased).intersection(firstRow..<UInt64.max)
        let dropped = segments.prefix { $0.endRow <= firstRow }
        if isReplay { retired += dropped }
        segmentList.removeFirst(dropped.count)
    }

    /// Forgets what nobody can ask for any more, when the manifest does not name it either.
    package func forgetRemoved() {
        runList.removeAll { $0.endRow <= firstRow }
        retired = []
    }

    /// A segment that was dropped in the replay of the log.
    package func retiredSegment(of row: UInt64) -> SegmentReader? {
        retired.last { $0.firstRow <= row && row < $0.endRow }
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
        if let row = unsafe try find(in: filling, column: column, key: key, hash: hash, includesRemoved, accept) {
            return row
        }
        for memtable in frozenList.reversed() {
            if let row = unsafe try find(in: memtable, column: column, key: key, hash: hash, includesRemoved, accept) {
                return row
            }
        }
        for run in runList.reversed() {
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

    /// Begins to load what appending a row with this key will touch, while the caller has other work to do.
    package func prefetchInsertion(column: Int, key: UnsafeRawBufferPointer) {
        unsafe filling.index.prefetch(hash: hash(key, column: column))
    }

    /// Loads from all runs at once: a search that goes through them one after the other would wait for the memory as often
    /// as there are runs, these loads wait for it together.
    private func touchRuns(_ hash: UInt32) {
        var sum: UInt64 = 0
        for place in runList.indices { sum &+= runList[place].touch(hash: hash) }
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
        var (low, high) = (0, segmentList.count)
        while low < high {
            let middle = (low + high) / 2
            if segmentList[middle].endRow <= row { low = middle + 1 } else { high = middle }
        }
        return low < segmentList.count && segmentList[low].firstRow <= row ? segmentList[low] : nil
    }

    /// The memtable that holds `row`, if it is not sealed yet.
    package func memtable(of row: UInt64) -> Memtable? {
        if row >= filling.firstRow { return row < filling.endRow ? filling : nil }
        return frozenList.last { $0.firstRow <= row && row < $0.endRow }
    }
}
