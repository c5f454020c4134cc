import ColumnFormat

/// Puts texts and patches together in the order of their rows.
@safe
final class PatchedTextMerge {
    private let range: Range<Int>
    /// One byte a row, as a page has them; nil where none is null.
    private let validity: UnsafePointer<UInt8>?
    /// The rows whose values are wanted: neither null nor patched.
    private let wanted: UnsafeMutablePointer<UInt8>
    private var values: ColumnSlice?
    private var patches: ColumnSlice?
    /// The next row, counted from the range's first.
    private var next = 0
    /// Bytes written so far.
    private(set) var written = 0

    init(range: Range<Int>, validity: UnsafePointer<UInt8>?) {
        self.range = range
        unsafe self.validity = validity
        unsafe wanted = .allocate(capacity: range.count)
        if let validity = unsafe validity {
            unsafe wanted.update(from: validity, count: range.count)
        } else {
            unsafe wanted.update(repeating: 1, count: range.count)
        }
    }

    deinit { unsafe wanted.deallocate() }

    /// Says that `row` is patched.
    func hide(_ row: Int) { unsafe wanted[row - range.lowerBound] = 0 }

    func decode(_ values: any TextNode, _ patches: any TextNode, patchIndices: Range<Int>) throws(FormatError) {
        self.values = unsafe try Self.decode(values, range, validity: wanted)
        self.patches = unsafe try Self.decode(patches, patchIndices, validity: nil)
    }

    private static func decode(
        _ node: any TextNode, _ rows: Range<Int>, validity: UnsafePointer<UInt8>?
    ) throws(FormatError) -> ColumnSlice {
        let builder = ColumnBuilder(type: .bytes, capacity: rows.count)
        builder.reserve(rowCount: rows.count)
        let byteCount = unsafe try node.decode(rows, validity: validity, into: builder)
        unsafe builder.commit(rowCount: rows.count, heapByteCount: byteCount)
        return builder.snapshot()
    }

    /// The most that there is to write.
    var byteCount: Int { Self.byteCount(values) + Self.byteCount(patches) }

    private static func byteCount(_ slice: ColumnSlice?) -> Int {
        guard let slice else { return 0 }
        return unsafe Int(slice.pointer(as: UInt32.self)[slice.count])
    }

    /// Writes the texts up to `row`, in one piece.
    func takeValues(before row: Int, into builder: ColumnBuilder) {
        let end = row - range.lowerBound
        guard let values, end > next else { return }
        let offsets = unsafe values.pointer(as: UInt32.self)
        let ends = unsafe builder.reservedEnds
        let from = unsafe Int(offsets[next])
        let byteCount = unsafe Int(offsets[end]) - from
        if let heap = values.heap, byteCount > 0 {
            unsafe (builder.reservedHeap + written).copyMemory(from: heap.base + from, byteCount: byteCount)
        }
        let shift = builder.heapByteCount &+ written &- from
        for i in next..<end {
            unsafe ends[i] = UInt32(truncatingIfNeeded: Int(offsets[i &+ 1]) &+ shift)
        }
        written += byteCount
        next = end
    }

    /// Writes patch number `index` as the text of `row`, which is the next one.
    func takePatch(_ index: Int, row: Int, into builder: ColumnBuilder) {
        let isNull = unsafe validity.map { unsafe $0[row - range.lowerBound] == 0 } ?? false
        if let patches, !isNull {
            let text = unsafe patches.variableBytes(at: index)
            if let source = text.baseAddress {
                unsafe (builder.reservedHeap + written).copyMemory(from: source, byteCount: text.count)
                written += text.count
            }
        }
        unsafe builder.reservedEnds[next] = UInt32(truncatingIfNeeded: builder.heapByteCount + written)
        next += 1
    }
}
