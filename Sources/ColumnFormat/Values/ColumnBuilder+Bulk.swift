/// Filling a column many rows at a time: reserve, write through the pointers, commit.
///
/// Nothing is part of the column before ``commit(rowCount:heapByteCount:validity:)``, so a decoder that throws half-way
/// leaves it as it was. The pointers hold until the next call that reserves or appends.
extension ColumnBuilder {
    /// Makes room for `rowCount` more rows. O(1) amortized.
    package func reserve(rowCount: Int) { cursor.reserve(rowCount: rowCount) }

    /// Makes room for `byteCount` more bytes of text. Check ``canAppend(byteCount:)`` first.
    package func reserve(heapByteCount byteCount: Int) { cursor.reserveHeap(byteCount) }

    /// Where the next reserved row of a column of fixed width begins.
    package var reservedValues: UnsafeMutableRawPointer {
        let state = unsafe cursor.state
        return unsafe state.pointee.valuesBase + state.pointee.count * state.pointee.width
    }

    /// One number for each reserved row of text: where its bytes end, counted from the start of the heap.
    package var reservedEnds: UnsafeMutablePointer<UInt32> {
        let state = unsafe cursor.state
        return unsafe state.pointee.valuesBase.assumingMemoryBound(to: UInt32.self) + (state.pointee.count + 1)
    }

    /// Where the next bytes of text go; they are number ``heapByteCount`` and later of the heap.
    package var reservedHeap: UnsafeMutableRawPointer {
        guard let heap = unsafe cursor.state.pointee.heapBase else {
            preconditionFailure("a \(type.name) column has no heap")
        }
        return unsafe heap + cursor.heapCount
    }

    /// Bytes of text in the column.
    package var heapByteCount: Int { cursor.heapCount }

    /// Takes `rowCount` reserved rows and `heapByteCount` reserved bytes into the column.
    ///
    /// `validity` has one byte a row, 1 = valid, nil where all are; null rows must have been written as zero or empty.
    package func commit(rowCount: Int, heapByteCount: Int = 0, validity fresh: UnsafePointer<UInt8>? = nil) {
        let state = unsafe cursor.state
        precondition(unsafe count + rowCount <= state.pointee.capacity, "rows that were not reserved")
        if unsafe fresh != nil, unsafe state.pointee.validity == nil { cursor.makeValidity() }
        if let validity = unsafe state.pointee.validityBase {
            if let fresh = unsafe fresh {
                unsafe (validity + count).copyMemory(from: fresh, byteCount: rowCount)
            } else {
                unsafe (validity + count).initializeMemory(as: UInt8.self, repeating: 1, count: rowCount)
            }
        }
        unsafe state.pointee.count += rowCount
        unsafe state.pointee.heapCount += heapByteCount
    }
}
