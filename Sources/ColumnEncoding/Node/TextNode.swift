import ColumnFormat

/// A parsed node of strings or bytes.
protocol TextNode: AnyObject, Sendable {
    var count: Int { get }
    var name: String { get }
    /// The codec alone.
    var codec: String { get }

    /// Writes the ends and bytes of `rows` into the reserve of `builder`, which has room for the rows, and returns how
    /// many bytes of heap it wrote. Rows that `validity` (one byte a row of `rows`) marks null come out empty.
    func decode(_ rows: Range<Int>, validity: UnsafePointer<UInt8>?, into builder: ColumnBuilder) throws(FormatError)
        -> Int

    /// The bytes of `row`: in the page, or in `scratch`, which then must live as long.
    func bytes(at row: Int, scratch: inout TextScratch) throws(FormatError) -> UnsafeRawBufferPointer

    /// Whether the text of `row` is `bytes`.
    func isEqual(at row: Int, to bytes: UnsafeRawBufferPointer) throws(FormatError) -> Bool

    /// Puts a number for each row of a vector into ``VectorBuffer/narrow``, and returns the texts that they stand for,
    /// the same ones for all vectors of the page; nil where a node keeps no distinct texts.
    func codes(ofVector vector: Int, into buffer: VectorBuffer) throws(FormatError) -> ColumnSlice?

    /// See `FixedNode.prefetch(_:)`.
    func prefetch(_ row: Int)
}

extension TextNode {
    var codec: String { String(name.prefix { $0 != "(" }) }

    func prefetch(_ row: Int) {}

    func isEqual(at row: Int, to bytes: UnsafeRawBufferPointer) throws(FormatError) -> Bool {
        var scratch = TextScratch()
        let found = unsafe try self.bytes(at: row, scratch: &scratch)
        let isEqual = unsafe equalTexts(found, bytes)
        withExtendedLifetime(scratch) {}
        return isEqual
    }

    func codes(ofVector vector: Int, into buffer: VectorBuffer) throws(FormatError) -> ColumnSlice? { nil }

    func rows(ofVector vector: Int) -> Range<Int> {
        let first = vector * PageLimits.vectorRowCount
        return first..<min(first + PageLimits.vectorRowCount, count)
    }
}
