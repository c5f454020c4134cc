import ColumnFormat

/// Values as they are in memory, little-endian.
///
///     1, then a ``ByteSource`` of count × width bytes
///
/// A point read is O(1) where the bytes are stored, one frame where they are compressed.
@safe
final class PlainNode: FixedNode {
    let count: Int
    private let byteWidth: Int
    private let source: ByteSource

    init(_ reader: inout ByteReader, shape: FixedShape, count: Int) throws(FormatError) {
        self.count = count
        byteWidth = shape.byteWidth
        source = try ByteSource(&reader, count: count * byteWidth)
    }

    var name: String { source.name.map { "plain(\($0))" } ?? "plain" }

    func decode(_ rows: Range<Int>, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        unsafe try source.copy(rows.lowerBound * byteWidth..<rows.upperBound * byteWidth, to: destination)
    }

    func load(_ row: Int, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        unsafe try source.copy(row * byteWidth..<(row + 1) * byteWidth, to: destination)
    }

    // MARK: Encoding

    /// Bytes of the node without compression.
    static func estimate(_ input: FixedInput) -> Int { 2 + input.byteCount }

    static func encode(_ input: FixedInput, options: EncodingOptions) -> EncodedNode {
        var writer = ByteWriter(reservingCapacity: 2 + input.byteCount)
        writer.append(code: .plain)
        let compressed = unsafe ByteSource.encode(
            input.bytes, options: options, to: &writer)
        return EncodedNode(bytes: writer.bytes, name: compressed ? "plain(lz4)" : "plain")
    }
}
