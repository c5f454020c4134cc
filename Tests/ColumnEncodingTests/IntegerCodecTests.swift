import ColumnEncoding
import ColumnFormat
import Testing

/// Packed bits of every width, differences that wrap, runs and dictionaries at their limits.
@Suite struct IntegerCodecTests {
    @Test func everyBitWidthComesBack() throws {
        var random = SplitMix(state: 21)
        for width in 1...64 as ClosedRange<UInt64> {
            for count in [1_024, 1_500] {
                let slice = int64s(count) { _ in Int64(bitPattern: random.next() >> (64 - width)) }
                try expectRoundTrip(slice, "\(width) bits")
            }
        }
    }

    @Test func eachVectorHasItsOwnWidth() throws {
        let page = try expectRoundTrip(
            int64s(4_096) { row in Int64(row * row % 1_009) << Int64(row / 1_024 * 12) }, "growing")
        #expect(page.encoding == "bitPacked")
    }

    @Test func aFewOutliersDoNotWidenTheOthers() throws {
        var random = SplitMix(state: 24)
        let page = try expectRoundTrip(
            int64s(10_000) { row in row % 150 == 7 ? .max - Int64(row) : Int64(random.next() % 500) - 250 }, "outliers")
        #expect(page.encoding == "patched(bitPacked)")
        #expect(Double(page.bytes.count) / 10_000 < 1.5)
        try expectRoundTrip(int64s(3_000) { row in row == 2_999 ? .min : .max }, "one low")
        try expectRoundTrip(int64s(65_536) { row in row == 65_535 || row == 0 ? .max : Int64(row % 7) }, "ends")
    }

    @Test func timesInWholeSecondsTakeTheBitsOfSeconds() throws {
        var random = SplitMix(state: 25)
        var second: Int64 = -100_000
        let page = try expectRoundTrip(
            int64s(10_000) { _ in
                second += Int64(random.next() % 60)
                return second * 1_000_000
            }, "seconds")
        #expect(page.encoding == "scaled(delta)")
        #expect(Double(page.bytes.count) / 10_000 < 0.8)
    }

    @Test func multiplesThatWrapComeBack() throws {
        try expectRoundTrip(int64s(3_000) { row in Int64(row % 50) &* 0x1000_0000_0000_0000 &+ 3 }, "high bits")
        try expectRoundTrip(int64s(3_000) { row in row % 3 == 0 ? .min : row % 3 == 1 ? 0 : .min + 6 }, "minimum")
        let builder = ColumnBuilder(type: .uint32)
        for row in 0..<3_000 { builder.append(UInt32(truncatingIfNeeded: row * row * 1_000 + 17)) }
        try expectRoundTrip(builder.snapshot(), "unsigned")
    }

    @Test func extremesThatAreFarApartComeBack() throws {
        let extremes: [Int64] = [.min, .max, 0, -1, 1, .min + 1, .max - 1]
        try expectRoundTrip(int64s(3_000) { row in extremes[row % 7] }, "extremes")
        try expectRoundTrip(int64s(3_000) { row in row % 2 == 0 ? .min : .max }, "two extremes")
    }

    @Test func aCounterThatWrapsIsStoredAsDifferences() throws {
        let page = try expectRoundTrip(int64s(3_000) { row in .max - 5_000 &+ Int64(row * 7 + row % 3) }, "wraps")
        #expect(page.bytes.count < 1_500)
        let falling = try expectRoundTrip(int64s(3_000) { row in .min + 500 &- Int64(row * 1_000 + row % 2) }, "falls")
        #expect(falling.encoding == "sequence(bitPacked)")
    }

    @Test func smallIntegersThatWrapComeBack() throws {
        for type in [ColumnType.int8, .uint8, .int16, .uint16] {
            let builder = ColumnBuilder(type: type)
            for row in 0..<2_100 {
                if type.byteWidth == 1 {
                    builder.append(UInt8(truncatingIfNeeded: row * 3))
                } else {
                    builder.append(UInt16(truncatingIfNeeded: row * 61))
                }
            }
            try expectRoundTrip(builder.snapshot(), "wrapping")
        }
    }

    @Test func timesInOrderTakeTheBitsOfTheirGaps() throws {
        var time: UInt64 = 1_580_515_200_000_000
        var random = SplitMix(state: 22)
        let builder = ColumnBuilder(type: .timestamp)
        for _ in 0..<10_000 {
            time += random.next() % (1 << 22)
            builder.append(time)
        }
        let page = try expectRoundTrip(builder.snapshot(), "times")
        #expect(page.encoding == "delta")
        #expect(Double(page.bytes.count) / 10_000 < 22.5 / 8)
    }

    @Test(arguments: [1, 2, 3, 255, 256, 257, 4_000])
    func runsOfAnyLengthComeBack(length: Int) throws {
        let page = try expectRoundTrip(
            int64s(20_000) { row in Int64(row / length * (row / length)) &* 0x5DEE_CE66_D123_4567 }, "runs of \(length)"
        )
        if length > 100 { #expect(page.encoding.hasPrefix("runLength(")) }
    }

    @Test(arguments: [3, 4, 128, 129, 1_000])
    func dictionariesOfAnySizeComeBack(size: Int) throws {
        var random = SplitMix(state: 23)
        let page = try expectRoundTrip(
            int64s(20_000) { _ in
                var value = SplitMix(state: random.next() % UInt64(size))
                return Int64(bitPattern: value.next())
            }, "\(size)")
        #expect(page.encoding.hasPrefix("dictionary("))
    }

    @Test func aCodeBeyondTheDictionaryIsAnError() {
        // Two values, codes stored plainly: 0 and 2.
        let bytes: [UInt8] = [0, 6, 2, 10, 1, 12, 1, 0, 0, 0, 2, 0, 0, 0, 1, 12, 0, 0, 0, 0, 2, 0, 0, 0]
        #expect(throws: FormatError.self) {
            let reader = try PageMemory(bytes).reader(type: .int32, rowCount: 2)
            #expect(try reader.int64(at: 0) == 1)
            try reader.decode(rows: 0..<2, into: ColumnBuilder(type: .int32))
        }
    }

    @Test func signedReadsExtendTheSign() throws {
        for type in [ColumnType.int8, .int16, .int32, .int64, .timestamp] {
            let builder = ColumnBuilder(type: type)
            for value in [-3, 5] {
                switch type.byteWidth {
                case 1: builder.append(Int8(value))
                case 2: builder.append(Int16(value))
                case 4: builder.append(Int32(value))
                default: builder.append(Int64(value))
                }
            }
            let reader = try PageMemory(PageEncoder.encode(builder.snapshot()).bytes).reader(type: type, rowCount: 2)
            #expect(try reader.int64(at: 0) == -3)
            #expect(try reader.int64(at: 1) == 5)
        }
    }

    private func int64s(_ count: Int, _ value: (Int) -> Int64) -> ColumnSlice {
        let builder = ColumnBuilder(type: .int64)
        for row in 0..<count { builder.append(value(row)) }
        return builder.snapshot()
    }
}
