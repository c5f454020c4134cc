import ColumnFormat

/// What an encoder made: the bytes of a node, code first, and its name.
struct EncodedNode {
    let bytes: [UInt8]
    let name: String

    var byteCount: Int { bytes.count }
}

extension ByteWriter {
    /// A child with its byte count before it.
    mutating func append(child: EncodedNode) {
        append(varint: UInt64(child.byteCount))
        append(bytes: child.bytes)
    }

    mutating func append(code: NodeCode) { append(code.rawValue) }
}
