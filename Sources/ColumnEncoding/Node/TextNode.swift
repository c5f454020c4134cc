import ColumnFormat

/// A parsed node of strings or bytes.
protocol TextNode: AnyObject, Sendable {
    var count: Int { get }
    var name: String { get }

    /// Writes the ends and bytes of `rows` into the reserve of `builder`, which has room for the rows, and returns how
    /// many bytes of heap it wrote. Rows that `validity` (one byte a row of `rows`) marks null come out empty.
    func decode(_ rows: Range<Int>, validity: UnsafePointer<UInt8>?, into builder: ColumnBuilder) throws(FormatError)
        -> Int

    /// The bytes of `row`: in the page, or in `scratch`, which then must live as long.
    func bytes(at row: Int, scratch: TextScratch) throws(FormatError) -> UnsafeRawBufferPointer
}

/// Where a point read puts bytes that are not in the page as such.
@safe
final class TextScratch {
    private(set) var buffer: RawBuffer?

    /// Room for `byteCount` bytes; valid until the next call.
    func reserve(_ byteCount: Int) -> UnsafeMutableRawPointer {
        if let buffer, buffer.byteCapacity >= byteCount { return unsafe buffer.base }
        let fresh = RawBuffer(byteCapacity: byteCount)
        buffer = fresh
        return unsafe fresh.base
    }

    /// Keeps `owner` alive as long as the scratch, for bytes that lie in it.
    func keep(_ owner: RawBuffer) { buffer = owner }
}
