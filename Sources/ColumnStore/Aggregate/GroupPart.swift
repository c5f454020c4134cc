internal import ColumnFormat

/// One key of a group, comparable and hashable.
enum GroupPart: Hashable, Comparable {
    /// Bits in which equal values are equal: see ``WordBits``. For intervals where they begin.
    case word(order: Int64, bits: UInt64)
    case bytes([UInt8])
    case null

    /// Ascending values, null last.
    static func < (left: GroupPart, right: GroupPart) -> Bool {
        switch (left, right) {
        case (.word(let a, _), .word(let b, _)): a < b
        case (.bytes(let a), .bytes(let b)): a.lexicographicallyPrecedes(b)
        case (.null, _): false
        case (_, .null): true
        case (.word, .bytes): true
        case (.bytes, .word): false
        }
    }

    init(bits: UInt64, type: ColumnType) {
        let order = OrderKey.key(WordBits.value(bits, type: type), type: type) ?? 0
        self = .word(order: order, bits: bits)
    }

    func value(type: ColumnType) -> Value {
        switch self {
        case .null: .null
        case .word(_, let bits): WordBits.value(bits, type: type)
        case .bytes(let bytes):
            type == .string
                ? .string(String(decoding: bytes, as: UTF8.self)) : type == .uuid ? .uuid(bytes) : .bytes(bytes)
        }
    }
}
