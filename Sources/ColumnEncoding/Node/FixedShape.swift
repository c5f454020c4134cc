import ColumnFormat

/// What a node of fixed-width values holds. It is not stored: a page's is known from the column's type, a child's
/// from its parent's codec.
struct FixedShape: Equatable, Sendable {
    enum Kind: Sendable {
        /// One byte a value, 0 or 1.
        case bit
        case signed
        case unsigned
        /// IEEE 754 of 4 or 8 bytes, handled bit for bit.
        case float
        /// Bytes without order: a uuid, a vector.
        case block
    }

    let kind: Kind
    /// Bytes of one value in memory.
    let byteWidth: Int

    static let bit = FixedShape(kind: .bit, byteWidth: 1)
    /// Counts, lengths and dictionary codes.
    static let count = FixedShape(kind: .unsigned, byteWidth: 4)

    /// The integer that the low bytes of `word` are.
    func integer(_ word: UInt64) -> Int128 {
        let shift = UInt64(64 - bitWidth)
        let raised = word << shift
        return kind == .signed ? Int128(Int64(bitPattern: raised) >> Int64(shift)) : Int128(raised >> shift)
    }

    /// The least and the greatest integer of the shape.
    var bounds: ClosedRange<Int128> {
        let range: Int128 = 1 << Int128(bitWidth)
        return kind == .signed ? -(range / 2)...range / 2 - 1 : 0...range - 1
    }

    var bitWidth: Int { byteWidth * 8 }
    var isWord: Bool { kind == .signed || kind == .unsigned || kind == .float }
}

extension ColumnType {
    /// The shape of the type's values; nil for text and bytes.
    var fixedShape: FixedShape? {
        switch self {
        case .bool: .bit
        case .int8: FixedShape(kind: .signed, byteWidth: 1)
        case .int16: FixedShape(kind: .signed, byteWidth: 2)
        case .int32: FixedShape(kind: .signed, byteWidth: 4)
        case .int64, .timestamp: FixedShape(kind: .signed, byteWidth: 8)
        case .uint8: FixedShape(kind: .unsigned, byteWidth: 1)
        case .uint16: FixedShape(kind: .unsigned, byteWidth: 2)
        case .uint32: .count
        case .uint64: FixedShape(kind: .unsigned, byteWidth: 8)
        case .float32: FixedShape(kind: .float, byteWidth: 4)
        case .float64: FixedShape(kind: .float, byteWidth: 8)
        case .uuid: FixedShape(kind: .block, byteWidth: 16)
        case .vector(let dimension): FixedShape(kind: .block, byteWidth: dimension * 4)
        case .string, .bytes: nil
        }
    }
}
