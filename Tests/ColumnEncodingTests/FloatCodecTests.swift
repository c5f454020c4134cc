import ColumnEncoding
import ColumnFormat
import Testing

/// Decimals, narrowed values and everything that a float can be.
@Suite struct FloatCodecTests {
    @Test func pricesAreStoredAsIntegers() throws {
        var random = SplitMix(state: 31)
        let page = try expectRoundTrip(doubles(10_000) { _ in Double(random.next() % 10_000) / 100 }, "prices")
        #expect(page.encoding == "decimal(bitPacked)")
        #expect(Double(page.bytes.count) / 10_000 < 14.5 / 8)
    }

    @Test func theDecimalTextOfAFloat32IsStoredAsItsDigits() throws {
        var random = SplitMix(state: 32)
        let page = try expectRoundTrip(
            doubles(10_000) { _ in
                // What a CSV file holds of a float32 score.
                Double("\(Float(random.next() >> 40) / Float(1 << 24))")!
            }, "scores")
        #expect(page.encoding.hasPrefix("printed("))
        #expect(Double(page.bytes.count) / 10_000 < 4)
    }

    @Test func doublesThatAreFloatsAreNarrowed() throws {
        var random = SplitMix(state: 33)
        let page = try expectRoundTrip(
            doubles(10_000) { _ in Double(Float(random.next() >> 40) / Float(1 << 24) + 0.5) }, "narrow")
        #expect(page.encoding.hasPrefix("narrowed("))
        #expect(Double(page.bytes.count) / 10_000 < 4)
    }

    @Test(arguments: 0...18)
    func everyExponentComesBack(exponent: Int) throws {
        var random = SplitMix(state: UInt64(exponent))
        var power = 1.0
        for _ in 0..<exponent { power *= 10 }
        let page = try expectRoundTrip(
            doubles(1_500) { _ in Double(Int64(random.next() % 1_000_001) - 500_000) / power }, "exponent \(exponent)")
        #expect(page.bytes.count < 1_500 * 8 * 3 / 4)
    }

    @Test func specialValuesAmongDecimalsArePatched() throws {
        let specials: [Double] = [
            -0.0, .nan, .infinity, -.infinity, .leastNonzeroMagnitude, -.leastNormalMagnitude / 3,
            .greatestFiniteMagnitude,
            Double(bitPattern: 0x7FF0_0000_0000_0001), Double(bitPattern: 0xFFF8_DEAD_BEEF_0001), .pi, 1e300, 9.1e15,
        ]
        var random = SplitMix(state: 34)
        for first in [true, false] {
            let page = try expectRoundTrip(
                doubles(3_000) { row in
                    row % 40 == (first ? 0 : 39)
                        ? specials[row / 40 % specials.count]
                        : Double(random.next() % 999) / 10
                }, "specials")
            #expect(page.encoding == "decimal(bitPacked, patches)")
        }
        for count in [1, 12, 30] {
            try expectRoundTrip(doubles(count) { specials[$0 % specials.count] }, "only specials")
            try expectRoundTrip(floats(count) { Float(specials[$0 % specials.count]) }, "only specials")
        }
    }

    @Test func negativeZerosAndNaNPayloadsKeepTheirBits() throws {
        let bits: [UInt32] = [0x8000_0000, 0x7FC0_0001, 0x7F80_0001, 0xFFC1_2345, 0x0000_0001, 0x7F7F_FFFF, 0]
        try expectRoundTrip(floats(2_000) { Float(bitPattern: bits[$0 % bits.count]) }, "float bits")
        try expectRoundTrip(doubles(2_000) { Double(Float(bitPattern: bits[$0 % bits.count])) }, "widened bits")
        try expectRoundTrip(floats(2_000) { $0 % 2 == 0 ? 0 : -0.0 }, "zeros")
        try expectRoundTrip(doubles(2_000) { $0 % 2 == 0 ? 0 : -0.0 }, "zeros")
    }

    @Test func wholeNumbersInFloatsAreIntegersWithRuns() throws {
        let page = try expectRoundTrip(floats(20_000) { Float($0 / 700 % 24) }, "hours")
        #expect(page.bytes.count < 300)
        try expectRoundTrip(floats(3_000) { Float($0) * 16_777_216 }, "large")
        try expectRoundTrip(floats(3_000) { Float($0 - 1_500) * 1_431_655 }, "about 2^31")
        try expectRoundTrip(doubles(3_000) { Double($0 - 1_500) * 3e12 }, "about 2^52")
    }

    @Test func doublesAreReadFromBothWidths() throws {
        let narrow = PageEncoder.encode(floats(3) { Float($0) + 0.5 })
        #expect(try PageMemory(narrow.bytes).reader(type: .float32, rowCount: 3).double(at: 2) == 2.5)
        let wide = PageEncoder.encode(doubles(3) { Double($0) + 0.1 })
        #expect(try PageMemory(wide.bytes).reader(type: .float64, rowCount: 3).double(at: 2) == 2.1)
    }

    private func doubles(_ count: Int, _ value: (Int) -> Double) -> ColumnSlice {
        let builder = ColumnBuilder(type: .float64)
        for row in 0..<count { builder.append(value(row)) }
        return builder.snapshot()
    }

    private func floats(_ count: Int, _ value: (Int) -> Float) -> ColumnSlice {
        let builder = ColumnBuilder(type: .float32)
        for row in 0..<count { builder.append(value(row)) }
        return builder.snapshot()
    }
}
