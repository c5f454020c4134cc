/// Rows in the form of ``RowLayout`` that wait to be copied into columns, all of them at once and a column at a time.
///
/// Row by row, each value meets another column, whose state has to be fetched, and a width that is not that of the value before. A
/// column at a time all that is known before the first value. Only pointers are kept: the bytes must stay valid until the batch is
/// emptied. Not for concurrent use.
@safe
package final class RowBatch {
    /// So few that what their bytes take is near to the processor.
    package static let capacity = 512

    /// Rows that wait.
    package var count: Int { rowCount }
    private var rowCount = 0
    private let layout: RowLayout
    /// Where each row begins, where its next value is, and where it ends.
    private let starts: UnsafeMutablePointer<UnsafeRawPointer>
    private let places: UnsafeMutablePointer<UnsafeRawPointer>
    private let ends: UnsafeMutablePointer<UnsafeRawPointer>

    package init(layout: RowLayout) {
        self.layout = layout
        unsafe starts = .allocate(capacity: 3 * Self.capacity)
        unsafe places = starts + Self.capacity
        unsafe ends = starts + 2 * Self.capacity
    }

    deinit { unsafe starts.deallocate() }

    package var isFull: Bool { rowCount == Self.capacity }

    /// Bytes of the rows that wait.
    package var byteCount: Int {
        var sum = 0
        for row in 0..<rowCount { sum &+= unsafe ends[row] - starts[row] }
        return sum
    }

    /// Takes one row, which `bytes` should be; whether they are is seen when it is copied. Not if it ``isFull``.
    @inline(__always)
    package func add(row bytes: UnsafeRawBufferPointer) throws(DamagedRow) {
        guard bytes.count >= layout.bitmapByteCount, let start = bytes.baseAddress else {
            let error = FormatError(.truncated, "a row ends within its null bitmap", at: 0)
            throw unsafe DamagedRow(error: error, at: bytes.baseAddress)
        }
        unsafe starts[rowCount] = start
        unsafe places[rowCount] = start + layout.bitmapByteCount
        unsafe ends[rowCount] = start + bytes.count
        rowCount &+= 1
    }

    /// Takes several rows, as far as there is room, from `offset` on, which then says where the next one begins.
    package func add(
        rows count: Int, from bytes: UnsafeRawBufferPointer, at offset: inout Int
    ) throws(DamagedRow) -> Int {
        let taken = min(count, Self.capacity - rowCount)
        for _ in 0..<taken {
            let end: Int
            do throws(FormatError) {
                end = try unsafe layout.endOfRow(bytes, at: offset)
            } catch {
                throw unsafe DamagedRow(error: error, at: bytes.baseAddress)
            }
            unsafe try add(row: UnsafeRawBufferPointer(rebasing: bytes[offset..<end]))
            offset = end
        }
        return taken
    }

    /// Appends the rows to columns of the layout's types, and forgets them. Throws where a row is not what it should be; then the
    /// columns are as they were.
    package func empty(into columns: [ColumnCursor]) throws(DamagedRow) {
        precondition(columns.count == layout.widths.count, "a row of \(layout.widths.count) columns")
        defer { rowCount = 0 }
        guard copy(to: columns) else { throw defect }
        for c in columns.indices { columns[c].commitReserved(rowCount: rowCount) }
    }

    /// Fills the rooms behind the columns' last rows. False where a row has too few or too many bytes, or a null in the wrong place.
    private func copy(to columns: [ColumnCursor]) -> Bool {
        for c in columns.indices {
            let column = columns[c]
            column.reserve(rowCount: rowCount)
            let nulls = nullCount(column: c)
            guard nulls == 0 || layout.isNullable[c] else { return false }
            unsafe column.writeValidity(of: rowCount, nullCount: nulls, rows: starts, column: c)
            let isCopied =
                switch layout.widths[c] {
                case 0: copyTexts(to: column, c, hasNulls: nulls > 0)
                case 4 where nulls == 0: copyWords(to: column, as: UInt32.self)
                case 8 where nulls == 0: copyWords(to: column, as: UInt64.self)
                case let width: copyValues(to: column, c, byteWidth: width)
                }
            guard isCopied else { return false }
        }
        for row in 0..<rowCount where unsafe places[row] != ends[row] { return false }
        return true
    }

    private func nullCount(column: Int) -> Int {
        let (byte, shift) = (column &>> 3, UInt8(truncatingIfNeeded: column & 7))
        var count: UInt32 = 0
        for row in 0..<rowCount {
            count &+= unsafe UInt32(starts[row].load(fromByteOffset: byte, as: UInt8.self) &>> shift & 1)
        }
        return Int(count)
    }

    /// Values of which none is null.
    @inline(__always)
    private func copyWords<Word: BitwiseCopyable>(to column: ColumnCursor, as _: Word.Type) -> Bool {
        let width = MemoryLayout<Word>.size
        let values = unsafe column.reservedValues.assumingMemoryBound(to: Word.self)
        for row in 0..<rowCount {
            let place = unsafe places[row]
            guard unsafe ends[row] - place >= width else { return false }
            unsafe values[row] = place.loadUnaligned(as: Word.self)
            unsafe places[row] = place + width
        }
        return true
    }

    private func copyValues(to column: ColumnCursor, _ c: Int, byteWidth width: Int) -> Bool {
        var value = unsafe column.reservedValues
        for row in 0..<rowCount {
            if isNull(row, c) {
                unsafe value.initializeMemory(as: UInt8.self, repeating: 0, count: width)
            } else {
                let place = unsafe places[row]
                guard unsafe ends[row] - place >= width else { return false }
                unsafe value.copyMemory(from: place, byteCount: width)
                unsafe places[row] = place + width
            }
            unsafe value += width
        }
        return true
    }

    private func copyTexts(to column: ColumnCursor, _ c: Int, hasNulls: Bool) -> Bool {
        var used = column.heapCount
        var capacity = column.heapCapacity
        var heap = unsafe column.heapBase
        let textEnds = unsafe column.reservedEnds
        for row in 0..<rowCount {
            if hasNulls, isNull(row, c) {
                unsafe textEnds[row] = UInt32(truncatingIfNeeded: used)
                continue
            }
            var place = unsafe places[row]
            let rest = unsafe ends[row] - place
            guard rest > 0 else { return false }
            var count = unsafe Int(place.load(as: UInt8.self))
            unsafe place += 1
            if count >= 0x80 {
                var reader = unsafe ByteReader(UnsafeRawBufferPointer(start: place - 1, count: rest))
                guard let long = try? reader.readCount(limit: Int(UInt32.max), of: "bytes in a value") else {
                    return false
                }
                count = long
                unsafe place += reader.offset &- 1
            }
            guard unsafe count <= ends[row] - place, used &+ count <= Int(UInt32.max) else { return false }
            if used &+ count > capacity {
                column.growHeap(keeping: used, to: used &+ count)
                capacity = column.heapCapacity
                unsafe heap = column.heapBase
            }
            unsafe Self.copy(count, from: place, to: heap + used)
            used &+= count
            unsafe textEnds[row] = UInt32(truncatingIfNeeded: used)
            unsafe places[row] = place + count
        }
        return true
    }

    /// Texts are short: a call for each would cost more than the copy.
    @inline(__always)
    private static func copy(_ count: Int, from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer) {
        if count > 16 || count < 4 { return unsafe target.copyMemory(from: source, byteCount: count) }
        // Two words that may overlap.
        if count >= 8 {
            let first = unsafe source.loadUnaligned(as: UInt64.self)
            let last = unsafe source.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
            unsafe target.storeBytes(of: first, as: UInt64.self)
            unsafe target.storeBytes(of: last, toByteOffset: count &- 8, as: UInt64.self)
        } else {
            let first = unsafe source.loadUnaligned(as: UInt32.self)
            let last = unsafe source.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
            unsafe target.storeBytes(of: first, as: UInt32.self)
            unsafe target.storeBytes(of: last, toByteOffset: count &- 4, as: UInt32.self)
        }
    }

    @inline(__always)
    private func isNull(_ row: Int, _ column: Int) -> Bool {
        unsafe starts[row].load(fromByteOffset: column &>> 3, as: UInt8.self) & (1 &<< UInt8(column & 7)) != 0
    }

    /// What is wrong with the first row that cannot be copied, told by who reads it slowly.
    private var defect: DamagedRow {
        for row in 0..<rowCount {
            let bytes = unsafe UnsafeRawBufferPointer(start: starts[row], count: ends[row] - starts[row])
            do throws(FormatError) {
                let end = try unsafe layout.endOfRow(bytes, at: 0)
                guard end == bytes.count else {
                    throw FormatError(.invalid, "\(bytes.count - end) bytes after the last row of a section", at: end)
                }
            } catch {
                return unsafe DamagedRow(error: error, at: starts[row])
            }
        }
        let error = FormatError(.invalid, "a column of text is larger than 4 GiB", at: 0)
        return unsafe DamagedRow(error: error, at: starts[rowCount - 1])
    }
}
