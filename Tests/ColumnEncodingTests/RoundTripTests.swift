import ColumnEncoding
import ColumnFormat
import Testing

/// Every type with values that no codec likes, every pattern of nulls, and the counts around a vector.
@Suite struct RoundTripTests {
    @Test(arguments: allScalarTypes)
    func adversarialValuesComeBackBitForBit(type: ColumnType) throws {
        for pattern in NullPattern.allCases {
            for count in [1, 2, 31, 63, 1_023, 1_024, 1_025, 2_500] {
                for style in ValueStyle.allCases {
                    let slice = style.slice(type, count: count, nulls: pattern)
                    try expectRoundTrip(slice, "\(style), \(pattern)")
                }
            }
        }
    }

    @Test(arguments: allScalarTypes)
    func aFullPageComesBack(type: ColumnType) throws {
        try expectRoundTrip(ValueStyle.smooth.slice(type, count: 65_536, nulls: .rare), "full page")
    }
}

/// Shapes of data that lead to different codecs.
enum ValueStyle: CaseIterable {
    /// Everything that is special about a type, and random bits.
    case wild
    /// Slowly growing.
    case smooth
    /// Few distinct values in no order.
    case few
    /// Long runs.
    case runs
    /// One value.
    case same

    func slice(_ type: ColumnType, count: Int, nulls: NullPattern) -> ColumnSlice {
        var random = SplitMix(state: UInt64(count) &* 31 &+ 7)
        let builder = ColumnBuilder(type: type)
        for row in 0..<count {
            if nulls.isNull(row) {
                builder.appendNull()
                continue
            }
            switch self {
            case .wild: append(type, bits: Self.wildBits(row, &random), row: row, isWild: true, to: builder)
            case .smooth: append(type, bits: UInt64(row * 3 + Int(random.next() % 3)), row: row, to: builder)
            case .few: append(type, bits: random.next() % 5 &* 1_000_003, row: row, to: builder)
            case .runs: append(type, bits: UInt64(row / 100) &* 77, row: row, to: builder)
            case .same: append(type, bits: 42, row: row, to: builder)
            }
        }
        return builder.snapshot()
    }

    private static func wildBits(_ row: Int, _ random: inout SplitMix) -> UInt64 {
        let special: [UInt64] = [
            0, 1, .max, 1 << 63, (1 << 63) - 1, 0x7FF0_0000_0000_0000, 0xFFF0_0000_0000_0000, 0x7FF8_0000_0000_0001,
            0x7FF0_0000_0000_0001, 0xFFF4_0000_DEAD_BEEF, 0x0000_0000_0000_0001, 0x000F_FFFF_FFFF_FFFF,
            0x7F80_0000, 0xFF80_0000, 0x7FC0_0001, 0x7F80_0001, 0xFFA0_BEEF, 0x8000_0000, 1, 0x3FF0_0000_0000_0000,
        ]
        return row % 3 == 0 ? special[row / 3 % special.count] : random.next()
    }

    private func append(_ type: ColumnType, bits: UInt64, row: Int, isWild: Bool = false, to builder: ColumnBuilder) {
        switch type {
        case .bool: builder.append(UInt8(bits & 1))
        case .int8, .uint8: builder.append(UInt8(truncatingIfNeeded: bits))
        case .int16, .uint16: builder.append(UInt16(truncatingIfNeeded: bits))
        case .int32, .uint32: builder.append(UInt32(truncatingIfNeeded: bits))
        case .int64, .uint64, .timestamp: builder.append(bits)
        case .float32: builder.append(isWild ? Float(bitPattern: UInt32(truncatingIfNeeded: bits)) : Float(bits) / 4)
        case .float64: builder.append(isWild ? Double(bitPattern: bits) : Double(bits) / 100)
        case .string, .bytes: appendText(bits, row: row, isWild: isWild, to: builder)
        case .uuid, .vector:
            let words = [bits, bits &* 3, bits ^ 9]
            unsafe words.withUnsafeBytes { unsafe builder.append(fixedBytes: $0.baseAddress!) }
        }
    }

    private func appendText(_ bits: UInt64, row: Int, isWild: Bool, to builder: ColumnBuilder) {
        guard isWild else { return builder.append(string: "item \(bits)") }
        switch row % 4 {
        case 0: builder.append(string: "")
        case 1: builder.append(string: "é€😀\u{0}")
        case 2: builder.append(string: String(repeating: "x", count: Int(bits % 300)))
        default:
            let bytes = (0..<Int(bits % 40)).map { UInt8(truncatingIfNeeded: bits >> UInt64($0)) }
            unsafe bytes.withUnsafeBytes { unsafe builder.append(bytes: $0) }
        }
    }
}
