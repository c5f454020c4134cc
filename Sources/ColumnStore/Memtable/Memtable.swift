package import ColumnFormat

/// The newest rows of a table, in column buffers, with their index.
///
/// Rows are appended under the store's lock. A frozen memtable is one to which nothing is appended any more: it waits
/// to be sealed into a segment and is read like any other.
package final class Memtable {
    package let schema: Schema
    /// The table's row number of the first row.
    package let firstRow: UInt64
    package var rowCount: Int { appendedCount }
    private var appendedCount = 0
    private let layout: RowLayout
    private let columns: [ColumnBuilder]
    /// The ways to ``columns``, for loops that must not count references.
    private let cursors: [ColumnCursor]
    private let isVariableLength: [Bool]
    /// Positions of the indexed columns, and the index that serves them all.
    private let indexedColumns: [Int]
    private let hash: IndexHash
    private let table: MemtableIndex
    /// How many rows are in the index: all, but in a replay of the log, which leaves that until there are many.
    private var indexedCount = 0
    /// Rows of a replay that are appended together with others.
    private var queue: RowBatch?
    /// Made when there is memory to take.
    private var pagesAhead: PagesAhead?
    private static let replayedBatchCount = 4_096

    /// - Parameter last: The memtable before, whose size this one will probably have: then nothing has to grow, and no call
    ///   waits for that. The room takes addresses, and no memory before it is used.
    package init(schema: Schema, layout: RowLayout, firstRow: UInt64, hash: IndexHash, after last: Memtable? = nil) {
        self.schema = schema
        self.layout = layout
        self.firstRow = firstRow
        self.hash = hash
        // A sixteenth more, since the next one is never quite the same.
        func room(_ count: Int) -> Int { count + count / 16 }
        columns = schema.columns.indices.map { c in
            ColumnBuilder(
                type: schema.columns[c].type, capacity: max(64, last.map { room($0.rowCount) } ?? 0),
                heapByteCapacity: last.map { room($0.columns[c].heapByteCount) }, isFilledSlowly: true)
        }
        cursors = columns.map(\.cursor)
        isVariableLength = schema.columns.map(\.type.isVariableLength)
        indexedColumns = schema.indexed.compactMap { schema.position(of: $0) }
        table = MemtableIndex(keyCount: last.map { room($0.table.count) } ?? 0)
    }

    package var endRow: UInt64 { firstRow + UInt64(appendedCount) }

    /// Bytes of memory held.
    package var byteCapacity: Int { columns.reduce(index.byteCapacity) { $0 + $1.byteCapacity } }

    /// The index of all rows.
    package var index: MemtableIndex {
        if indexedCount != appendedCount { completeIndex() }
        return table
    }

    /// Appends whole rows in the form of ``RowLayout``. On bad bytes the rows before the defect stay.
    package func append(rows count: Int, from bytes: UnsafeRawBufferPointer) throws(FormatError) {
        defer {
            appendedCount = cursors[0].count
            completeIndex()
        }
        unsafe try layout.append(rows: count, from: bytes, to: cursors)
    }

    /// The number that the next row of a replay will have: behind those that ``enqueue(rows:from:)`` took and that are no rows yet.
    package var queuedEndRow: UInt64 { endRow &+ UInt64(queue?.count ?? 0) }

    /// Takes rows of a replay, to append them with others. Their bytes must stay valid until ``appendQueued()``. Says what is wrong
    /// with them at the latest then.
    package func enqueue(rows count: Int, from bytes: UnsafeRawBufferPointer) throws(DamagedRow) {
        let queue = queue ?? makeQueue()
        if queue.isFull { try appendQueued() }
        if count == 1 { return unsafe try queue.add(row: bytes) }
        var offset = 0
        var rest = count
        while rest > 0 {
            if queue.isFull { try appendQueued() }
            rest -= unsafe try queue.add(rows: rest, from: bytes, at: &offset)
        }
        guard offset == bytes.count else {
            throw unsafe DamagedRow(
                error: FormatError(
                    .invalid, "\(bytes.count - offset) bytes after the last row of a section", at: offset),
                at: bytes.baseAddress)
        }
    }

    private func makeQueue() -> RowBatch {
        let fresh = RowBatch(layout: layout)
        queue = fresh
        wantLargePages(true)
        return fresh
    }

    private func wantLargePages(_ areWanted: Bool) {
        for cursor in cursors { cursor.wantLargePages(areWanted) }
        table.wantLargePages(areWanted)
    }

    /// Appends what was taken; all of it or, where one of the rows is damaged, nothing. They are indexed when they are many, or
    /// somebody asks.
    package func appendQueued() throws(DamagedRow) {
        guard let queue, queue.count > 0 else { return }
        if let pagesAhead, !hasRoom(for: queue) { pagesAhead.finish() }
        try queue.empty(into: cursors)
        appendedCount = cursors[0].count
        if appendedCount &- indexedCount >= Self.replayedBatchCount { completeIndex() }
        for cursor in cursors { cursor.forEachToMakeReady(makeReady) }
    }

    private func hasRoom(for queue: RowBatch) -> Bool {
        let byteCount = queue.byteCount
        return cursors.allSatisfy { $0.hasRoom(rowCount: queue.count, heapByteCount: byteCount) }
    }

    private func makeReady(_ buffer: RawBuffer, _ bytes: Range<Int>) {
        let pages = pagesAhead ?? PagesAhead()
        pagesAhead = pages
        table.pagesAhead = pages
        pages.makeReady(buffer, bytes)
    }

    /// Ends a replay: every row is in the index.
    package func endReplay() {
        completeIndex()
        guard queue != nil else { return }
        queue = nil
        pagesAhead = nil
        table.pagesAhead = nil
        // Calls come one by one again, and none of them shall wait for a large page.
        wantLargePages(false)
    }

    /// Appends rows as columns of the schema's types.
    package func append(columns slices: [ColumnSlice]) {
        for (column, slice) in zip(columns, slices) { column.append(contentsOf: slice) }
        appendedCount = cursors[0].count
        completeIndex()
    }

    /// Indexes what is not yet. Under the store's lock, as every append.
    package func completeIndex() {
        let rows = indexedCount..<appendedCount
        indexedCount = appendedCount
        if rows.count > 8 { return indexMany(rows) }
        for column in indexedColumns {
            let (cursor, isVariable) = (cursors[column], isVariableLength[column])
            for row in rows where !cursor.isNull(at: row) {
                let key = unsafe cursor.keyBytes(at: row, isVariableLength: isVariable)
                unsafe table.insert(IndexEntry(hash: hash(key, column: column), rowOffset: UInt32(row)))
            }
        }
    }

    /// Asks for the places of many keys before it fills the first, so that it waits for memory once and not for each.
    private func indexMany(_ rows: Range<Int>) {
        let step = 256
        for column in indexedColumns {
            let (cursor, isVariable) = (cursors[column], isVariableLength[column])
            unsafe withUnsafeTemporaryAllocation(of: IndexEntry.self, capacity: step) { entries in
                for start in stride(from: rows.lowerBound, to: rows.upperBound, by: step) {
                    table.reserve(step)
                    var count = 0
                    for row in start..<min(start + step, rows.upperBound) where !cursor.isNull(at: row) {
                        let key = unsafe cursor.keyBytes(at: row, isVariableLength: isVariable)
                        let entry = unsafe IndexEntry(hash: hash(key, column: column), rowOffset: UInt32(row))
                        table.prefetch(hash: entry.hash)
                        unsafe entries[count] = entry
                        count += 1
                    }
                    for i in 0..<count { unsafe table.insert(entries[i]) }
                }
            }
        }
    }

    /// All rows appended so far, as columns.
    package func snapshot() -> [ColumnSlice] { columns.map { $0.snapshot() } }

    package func snapshot(column: Int) -> ColumnSlice { columns[column].snapshot() }

    /// The way to one column, for reading single values of rows that exist.
    package func cursor(column: Int) -> ColumnCursor { cursors[column] }

    /// The first row whose `column` equals `key` and that `accept` takes, counted from ``firstRow``.
    package func find(
        column: Int, key: UnsafeRawBufferPointer, hash: UInt32, accept: (Int) throws(StoreError) -> Bool
    ) throws(StoreError) -> Int? {
        let (cursor, isVariable) = (cursors[column], isVariableLength[column])
        return try index.find(hash: hash) { (row: Int) throws(StoreError) -> Bool in
            guard !cursor.isNull(at: row),
                unsafe ByteOrder.isEqual(cursor.keyBytes(at: row, isVariableLength: isVariable), key)
            else { return false }
            return try accept(row)
        }
    }
}

extension ColumnSlice {
    /// The bytes by which a value is indexed and compared: the text, or the value as it lies in memory.
    package func keyBytes(at row: Int) -> UnsafeRawBufferPointer {
        if type.isVariableLength { return unsafe variableBytes(at: row) }
        return unsafe UnsafeRawBufferPointer(start: rawPointer(at: row), count: type.byteWidth!)
    }
}
