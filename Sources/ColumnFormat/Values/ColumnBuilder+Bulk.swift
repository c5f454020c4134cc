/// Filling a column many rows at a time: reserve, write through the pointers, commit.
///
/// Nothing is part of the column before ``commit(rowCount:heapByteCount:validity:)``, so a decoder that throws half-way
/// leaves it as it was. The pointers hold until the next call that reserves or appends.
extension ColumnBuilder {
    /// Makes room for `rowCount` more rows. O(1) amortized.
    package func reserve(rowCount: Int) {
        if count + rowCount > capacity { grow(to: count + rowCount) }
    }

    /// Makes room for `byteCount` more bytes of text. Check ``canAppend(byteCount:)`` first.
    package func reserve(heapByteCount byteCount: Int) { reserveHeap(byteCount) }

    /// Where the next reserved row of a column of fixed width begins.
    package var reservedValues: UnsafeMutableRawPointer { unsafe values.base + count * width }

    /// One number for each reserved row of text: where its bytes end, counted from the start of the heap.
    package var reservedEnds: UnsafeMutablePointer<UInt32> {
        unsafe values.base.assumingMemoryBound(to: UInt32.self) + (count + 1)
    }

    /// Where the next bytes of text go; they are number ``heapByteCount`` and later of the heap.
    package var reservedHeap: UnsafeMutableRawPointer {
        guard let heap else { preconditionFailure("a \(type.name) column has no heap") }
        return unsafe heap.base + heapCount
    }

    /// Bytes of text in the column.
    package var heapByteCount: Int { heapCount }

    /// Takes `rowCount` reserved rows and `heapByteCount` reserved bytes into the column.
    ///
    /// `validity` has one byte a row, 1 = valid, nil where all are; null rows must have been written as zero or empty.
    package func commit(rowCount: Int, heapByteCount: Int = 0, validity fresh: UnsafePointer<UInt8>? = nil) {
        precondition(count + rowCount <= capacity, "rows that were not reserved")
        if let fresh = unsafe fresh {
            if validity == nil {
                let buffer = RawBuffer(byteCapacity: capacity)
                unsafe buffer.base.initializeMemory(as: UInt8.self, repeating: 1, count: count)
                validity = buffer
            }
            if let validity { unsafe (validity.base + count).copyMemory(from: fresh, byteCount: rowCount) }
        } else if let validity {
            unsafe (validity.base + count).initializeMemory(as: UInt8.self, repeating: 1, count: rowCount)
        }
        count += rowCount
        heapCount += heapByteCount
    }
}
