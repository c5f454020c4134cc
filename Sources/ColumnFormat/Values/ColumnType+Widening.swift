extension ColumnType {
    /// Whether a column of this type can become one of `other` without a change to any value: integers of more bits,
    /// unsigned integers in signed ones of more bits, float32 in float64, and integers in floats that have them all
    /// (8 and 16 bits in float32, up to 32 bits in float64). A type does not widen to itself.
    public func widens(to other: ColumnType) -> Bool {
        switch (integerKind, other.integerKind) {
        case (let from?, let to?):
            return from.bits < to.bits && (from.isSigned == to.isSigned || to.isSigned)
        case (let from?, nil):
            return other == .float32 ? from.bits <= 16 : other == .float64 && from.bits <= 32
        case (nil, _):
            return self == .float32 && other == .float64
        }
    }

    private var integerKind: (bits: Int, isSigned: Bool)? {
        switch self {
        case .int8: (8, true)
        case .int16: (16, true)
        case .int32: (32, true)
        case .int64: (64, true)
        case .uint8: (8, false)
        case .uint16: (16, false)
        case .uint32: (32, false)
        case .uint64: (64, false)
        default: nil
        }
    }
}
