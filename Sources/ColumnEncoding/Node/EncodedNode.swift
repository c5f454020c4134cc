import ColumnFormat

/// What an encoder made: the bytes of a node, code first, its name, and what it costs a reader.
struct EncodedNode {
    let bytes: [UInt8]
    let name: String
    /// Picoseconds to decode a value, the children's included: see ``DecodeCost``.
    var decodeCost = 0

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
