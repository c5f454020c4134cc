import ColumnFormat

/// One column of one block as it goes to a segment.
package struct EncodedPage: Sendable {
    package private(set) var bytes: [UInt8]
    /// Bytes of the values in memory: rows × width, or the text and four bytes a row for where it ends.
    package let rawByteCount: Int
    /// The codecs, outermost first: `dictionary(bitPacked, values: text(lz4))`.
    package private(set) var encoding: String
    /// The columns that a reader needs besides.
    package private(set) var references = PageReferences()
    /// Bytes of the validity with their count, where the page keeps its own.
    private(set) var validityByteCount: Int
    private let valueEncoding: String
    /// Bytes of the values, whoever keeps the validity.
    var valueByteCount: Int { bytes.count - 1 - validityByteCount }

    init(_ values: EncodedNode, validity: EncodedNode?, rawByteCount: Int, sources: [Int] = []) {
        var writer = ByteWriter(reservingCapacity: values.byteCount + (validity?.byteCount ?? 0) + 16)
        writer.append((validity == nil ? PageReader.NullFlags.none : .own).rawValue)
        if let validity { writer.append(child: validity) }
        validityByteCount = writer.count - 1
        writer.append(bytes: values.bytes)
        bytes = writer.bytes
        valueEncoding = values.name
        encoding = values.name + PageReader.words(validity?.name, sharedWith: nil)
        self.rawByteCount = rawByteCount
        references.sources = sources
    }

    /// Takes the validity from column `position` of the block, which is null in the same rows and keeps its own.
    mutating func shareValidity(of position: Int, name: String) {
        var writer = ByteWriter(reservingCapacity: bytes.count)
        writer.append(PageReader.NullFlags.shared.rawValue)
        writer.append(varint: UInt64(position))
        writer.append(bytes: bytes[(1 + validityByteCount)...])
        bytes = writer.bytes
        encoding = valueEncoding + PageReader.words(nil, sharedWith: name)
        references.validity = position
        validityByteCount = 0
    }
}
