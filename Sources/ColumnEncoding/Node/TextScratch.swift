import ColumnFormat

/// Where a point read puts bytes that are not in the page as such. What a node returns may lie in it, so it outlives that.
@safe
struct TextScratch: ~Copyable {
    private let small: UnsafeMutableRawPointer
    private var owner: RawBuffer?

    private static let smallByteCount = 256

    init() { unsafe small = UnsafeMutableRawPointer.allocate(byteCount: Self.smallByteCount, alignment: 16) }

    deinit { unsafe small.deallocate() }

    /// Room for `byteCount` bytes; valid until the next call.
    mutating func reserve(_ byteCount: Int) -> UnsafeMutableRawPointer {
        if byteCount <= Self.smallByteCount { return unsafe small }
        let fresh = RawBuffer(byteCapacity: byteCount)
        owner = fresh
        return unsafe fresh.base
    }

    /// Keeps `owner` alive as long as the scratch, for bytes that lie in it.
    mutating func keep(_ owner: RawBuffer) { self.owner = owner }
}
