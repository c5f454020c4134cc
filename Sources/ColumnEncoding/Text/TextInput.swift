import ColumnFormat

/// Texts on their way into a page. The slice owns the memory: the caller keeps it alive.
@safe
struct TextInput {
    let count: Int
    private let slice: ColumnSlice
    private let ends: UnsafePointer<UInt32>

    init(_ slice: ColumnSlice) {
        self.slice = slice
        count = slice.count
        unsafe ends = slice.pointer(as: UInt32.self)
    }

    @inline(__always)
    func bytes(at row: Int) -> UnsafeRawBufferPointer { unsafe slice.variableBytes(at: row) }

    @inline(__always)
    func length(at row: Int) -> Int { unsafe Int(ends[row + 1] &- ends[row]) }

    @inline(__always)
    func isNull(_ row: Int) -> Bool { slice.isNull(row) }

    func byteCount(ofRows rows: Range<Int>) -> Int {
        unsafe Int(ends[rows.upperBound] &- ends[rows.lowerBound])
    }

    var heapByteCount: Int { unsafe Int(ends[count] &- ends[0]) }

    /// All texts, one after the other; a null has none.
    var heap: UnsafeRawBufferPointer {
        guard let heap = slice.heap, heapByteCount > 0 else {
            return unsafe UnsafeRawBufferPointer(start: nil, count: 0)
        }
        return unsafe UnsafeRawBufferPointer(start: heap.base + Int(ends[0]), count: heapByteCount)
    }

    /// The first row that is not null.
    var firstValid: Int? { (0..<count).first { !isNull($0) } }
}
