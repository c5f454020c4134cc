/// Filling a column from a ``RowBatch``: room for rows is reserved, filled, and becomes rows at the end.
extension ColumnCursor {
    var heapCapacity: Int { unsafe state.pointee.heap?.byteCapacity ?? 0 }

    var heapBase: UnsafeMutableRawPointer {
        guard let heap = unsafe state.pointee.heapBase else { preconditionFailure("a column without text has no heap") }
        return unsafe heap
    }

    /// Where the next reserved row of a column of fixed width begins.
    var reservedValues: UnsafeMutableRawPointer {
        unsafe state.pointee.valuesBase + state.pointee.count &* state.pointee.width
    }

    /// One number for each reserved row of text: where its bytes end, counted from the start of the heap.
    var reservedEnds: UnsafeMutablePointer<UInt32> {
        unsafe state.pointee.valuesBase.assumingMemoryBound(to: UInt32.self) + (state.pointee.count &+ 1)
    }

    /// Says which of the reserved rows are null, by the bitmaps with which `rows` begin.
    func writeValidity(
        of rowCount: Int, nullCount: Int, rows: UnsafeMutablePointer<UnsafeRawPointer>, column: Int
    ) {
        if unsafe nullCount > 0 && state.pointee.validityBase == nil { makeValidity() }
        guard let validity = unsafe state.pointee.validityBase else { return }
        let first = unsafe (validity + state.pointee.count).assumingMemoryBound(to: UInt8.self)
        let (byte, shift) = (column &>> 3, UInt8(truncatingIfNeeded: column & 7))
        for row in 0..<rowCount {
            unsafe first[row] = ~(rows[row].load(fromByteOffset: byte, as: UInt8.self) &>> shift) & 1
        }
    }

    /// Makes room for text up to `byteCount`, with the first `used` bytes, of which some may be of reserved rows.
    func growHeap(keeping used: Int, to byteCount: Int) {
        let isFilledSlowly = unsafe state.pointee.isFilledSlowly
        unsafe Self.grow(
            &state.pointee.heap!, isFilledSlowly, keeping: used,
            to: max(byteCount, state.pointee.heap!.byteCapacity * 2))
        unsafe state.pointee.heapBase = state.pointee.heap!.base
        if unsafe state.pointee.wantsLargePages { unsafe state.pointee.heap!.wantLargePages(true) }
    }

    /// Whether many rows come at once from now on: then memory may come in large pieces.
    package func wantLargePages(_ areWanted: Bool) {
        unsafe state.pointee.wantsLargePages = areWanted
        unsafe state.pointee.values.wantLargePages(areWanted)
        unsafe state.pointee.validity?.wantLargePages(areWanted)
        unsafe state.pointee.heap?.wantLargePages(areWanted)
    }

    /// Whether rows can be reserved and filled without more memory.
    package func hasRoom(rowCount: Int, heapByteCount: Int) -> Bool {
        guard unsafe state.pointee.count &+ rowCount <= state.pointee.capacity else { return false }
        return unsafe state.pointee.heap == nil || state.pointee.heapCount &+ heapByteCount <= heapCapacity
    }

    /// Says which memory comes to be filled next: see ``RawBuffer/nextToMakeReady(behind:)``.
    @inline(__always)
    package func forEachToMakeReady(_ body: (RawBuffer, Range<Int>) -> Void) {
        let (count, width) = unsafe (state.pointee.count, state.pointee.width)
        if let bytes = unsafe state.pointee.values.nextToMakeReady(behind: count &* width) {
            body(unsafe state.pointee.values, bytes)
        }
        guard let heap = unsafe state.pointee.heap else { return }
        if let bytes = unsafe heap.nextToMakeReady(behind: state.pointee.heapCount) { body(heap, bytes) }
    }

    /// Takes reserved rows, which are filled, into the column.
    func commitReserved(rowCount: Int) {
        unsafe state.pointee.count &+= rowCount
        guard unsafe state.pointee.heapBase != nil else { return }
        unsafe state.pointee.heapCount = Int(
            state.pointee.valuesBase.load(fromByteOffset: state.pointee.count &* 4, as: UInt32.self))
    }
}
