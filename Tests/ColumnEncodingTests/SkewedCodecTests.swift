import ColumnEncoding
import ColumnFormat
import Testing

/// Columns whose values are far from evenly spread: codes, steps, sparse values, sequences.
@Suite struct SkewedCodecTests {
    private static let counts = [1, 2, 512, 1_023, 1_024, 1_025, 3_000]

    @Test(arguments: words)
    func skewedWordsOfEveryWidthComeBack(type: ColumnType) throws {
        for count in Self.counts {
            var random = SplitMix(state: UInt64(count))
            for spread: UInt64 in [1, 1_000, 1 << 40] {
                try expectRoundTrip(
                    column(type, count) { _ in
                        // Geometric, around a base that wraps.
                        250 &+ UInt64(random.next().trailingZeroBitCount) &* spread &- (random.next() & 1)
                    }, "spread \(spread)")
            }
        }
    }

    @Test func placesTakeTheirEntropy() throws {
        var random = SplitMix(state: 8)
        let page = try expectRoundTrip(
            column(.float32, 65_536) { _ in
                // 1 … 511, the small ones far more often.
                let scale: UInt64 = 1 << min(random.next() % 9, random.next() % 9)
                return UInt64(Float(scale + random.next() % scale).bitPattern)
            }, "places")
        #expect(page.encoding == "decimal(huffman)")
        #expect(page.bytes.count < 65_536 * 6 / 8)
    }

    @Test func codesOfOneBitAndOfTwelveComeBack() throws {
        var random = SplitMix(state: 9)
        // Frequencies like Fibonacci numbers make the longest codes there are.
        for symbols: UInt64 in [2, 3, 20, 40] {
            let page = try expectRoundTrip(
                column(.int16, 20_000) { _ in
                    var symbol: UInt64 = 0
                    while symbol + 1 < symbols, random.next() % 1_618 < 618 { symbol += 1 }
                    return symbol * symbol
                }, "\(symbols) symbols")
            #expect(symbols < 20 || page.encoding == "huffman", "\(page.encoding)")
        }
        let many = try expectRoundTrip(
            column(.uint32, 65_536) { row in row % 3 == 0 ? UInt64(row / 16) : UInt64(row % 7) }, "4,096 symbols")
        #expect(many.encoding == "huffman")
    }

    @Test(arguments: words)
    func whatAscendsComesBack(type: ColumnType) throws {
        for count in Self.counts {
            var random = SplitMix(state: UInt64(count))
            var value: UInt64 = 0
            for gap: UInt64 in [0, 1, 2, 1 << 16, 1 << 30] {
                value = gap == 2 ? 1 << 63 : 0
                try expectRoundTrip(
                    column(type, count) { _ in
                        value &+= gap == 0 ? 0 : random.next() % (gap << (random.next() % 4))
                        return value
                    }, "gaps of \(gap)")
            }
        }
    }

    @Test func timesOfEventsTakeTwoBitsMoreThanTheirGaps() throws {
        var random = SplitMix(state: 12)
        var time: UInt64 = 1_580_515_200_000_000
        let page = try expectRoundTrip(
            column(.timestamp, 65_536) { _ in
                // About exponential: the smaller of a few even ones.
                time += min(random.next() % 20_000_000, random.next() % 20_000_000, random.next() % 20_000_000)
                return time
            }, "events")
        #expect(page.encoding == "ascending")
        #expect(Double(page.bytes.count) / 65_536 < 3.05)
    }

    @Test func oneBigGapDoesNoHarm() throws {
        for gap: UInt64 in [1 << 20, 1 << 40, 1 << 62, 1 << 63, .max] {
            try expectRoundTrip(column(.uint64, 3_000) { UInt64($0) + ($0 > 1_700 ? gap - 3_000 : 0) }, "gap \(gap)")
            try expectRoundTrip(column(.int64, 3_000) { UInt64($0) &+ ($0 > 1_700 ? gap : 0) }, "gap \(gap)")
        }
    }

    @Test(arguments: words + [.bool])
    func oneValueNearlyEverywhereComesBack(type: ColumnType) throws {
        for count in Self.counts {
            for place in [0, count / 2, count - 1] {
                try expectRoundTrip(column(type, count) { $0 == place ? 0 : 1 }, "one at \(place)")
            }
            let page = try expectRoundTrip(
                column(type, count) { row in row % 37 == 5 ? UInt64(row) &* 0x9E37_79B9_7F4A_7C15 : 1 }, "few")
            if count > 2_000, type != .bool { #expect(page.bytes.count < count * type.byteWidth! / 6) }
        }
    }

    @Test func validityWithFewNullsTakesLittle() throws {
        var random = SplitMix(state: 13)
        let builder = ColumnBuilder(type: .int64)
        for _ in 0..<65_536 { random.next() % 200 == 0 ? builder.appendNull() : builder.append(UInt64(7)) }
        let page = try expectRoundTrip(builder.snapshot(), "nulls")
        #expect(page.encoding == "constant, validity: sparse(ascending, constant)")
        #expect(page.bytes.count < 600)
    }

    @Test func countersTakeAFewBytes() throws {
        for step: UInt64 in [1, 7, 1 << 40, .max, 1 << 63] {
            let page = try expectRoundTrip(column(.uint64, 65_536) { 99 &+ UInt64($0) &* step }, "step \(step)")
            #expect(page.bytes.count < 60, "\(page.encoding)")
        }
        let small = try expectRoundTrip(column(.uint32, 65_536) { 0 &- UInt64($0) &* 3 }, "falling")
        #expect(small.bytes.count < 60, "\(small.encoding)")
    }

    @Test func timesThatSlowDownAreDifferencesOfDifferences() throws {
        var random = SplitMix(state: 14)
        var (time, gap): (UInt64, UInt64) = (0, 1_000_000)
        let page = try expectRoundTrip(
            column(.timestamp, 20_000) { _ in
                gap += 90 + random.next() % 20
                time += gap
                return time
            }, "slowing")
        #expect(page.encoding.hasPrefix("differences("))
        #expect(Double(page.bytes.count) / 20_000 < 0.8)
    }

    static let words: [ColumnType] = [
        .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .timestamp, .float32, .float64,
    ]

    private func column(_ type: ColumnType, _ count: Int, _ value: (Int) -> UInt64) -> ColumnSlice {
        let builder = ColumnBuilder(type: type)
        for row in 0..<count {
            let bits = value(row)
            switch type.byteWidth {
            case 1: builder.append(type == .bool ? UInt8(bits & 1) : UInt8(truncatingIfNeeded: bits))
            case 2: builder.append(UInt16(truncatingIfNeeded: bits))
            case 4: builder.append(UInt32(truncatingIfNeeded: bits))
            default: builder.append(bits)
            }
        }
        return builder.snapshot()
    }
}
