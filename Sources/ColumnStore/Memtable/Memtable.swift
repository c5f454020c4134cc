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
    package let index: MemtableIndex

    package init(schema: Schema, layout: RowLayout, firstRow: UInt64, hash: IndexHash) {
        self.schema = schema
        self.layout = layout
        self.firstRow = firstRow
        self.hash = hash
        columns = schema.columns.map { ColumnBuilder(type: $0.type) }
        cursors = columns.map(\.cursor)
        isVariableLength = schema.columns.map(\.type.isVariableLength)
        indexedColumns = schema.indexed.compactMap { schema.position(of: $0) }
        index = MemtableIndex()
    }

    package var endRow: UInt64 { firstRow + UInt64(appendedCount) }

    /// Bytes of memory held.
    package var byteCapacity: Int { columns.reduce(index.byteCapacity) { $0 + $1.byteCapacity } }

    /// Appends whole rows in the form of ``RowLayout``. On bad bytes the rows before the defect stay.
    package func append(rows count: Int, from bytes: UnsafeRawBufferPointer) throws(FormatError) {
        let before = appendedCount
        defer {
            appendedCount = cursors[0].count
            index(rows: before..<cursors[0].count)
        }
        unsafe try layout.append(rows: count, from: bytes, to: cursors)
    }

    /// Appends rows as columns of the schema's types.
    package func append(columns slices: [ColumnSlice]) {
        let before = appendedCount
        for (column, slice) in zip(columns, slices) { column.append(contentsOf: slice) }
        appendedCount = cursors[0].count
        index(rows: before..<cursors[0].count)
    }

    private func index(rows: Range<Int>) {
        for column in indexedColumns {
            let (cursor, isVariable) = (cursors[column], isVariableLength[column])
            for row in rows where !cursor.isNull(at: row) {
                let key = unsafe cursor.keyBytes(at: row, isVariableLength: isVariable)
                unsafe index.insert(hash: hash(key, column: column), rowOffset: row)
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
