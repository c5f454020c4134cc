import ColumnEncoding
import ColumnFormat
import Testing

/// Floats of full precision, floats that were printed, vectors and uuids.
@Suite struct NoiseCodecTests {
    @Test func scoresThatWentThroughTextTakeTheBitsOfTheirFloats() throws {
        var random = SplitMix(state: 41)
        let page = try expectRoundTrip(
            column(.float64, 20_000) { _ in
                Double("\(0.4 + Float(random.next() >> 40) / Float(1 << 25))")!.bitPattern
            }, "printed scores")
        #expect(page.encoding.hasPrefix("printed("))
        #expect(Double(page.bytes.count) / 20_000 < 3.2)
    }

    @Test(arguments: [-38, -20, -9, -4, 0, 3, 7, 20])
    func printedFloatsOfAnyMagnitudeComeBack(exponent: Int) throws {
        var random = SplitMix(state: UInt64(100 + exponent))
        var scale: Float = 1
        for _ in 0..<abs(exponent) { scale = exponent < 0 ? scale / 10 : scale * 10 }
        try expectRoundTrip(
            column(.float64, 3_000) { _ in
                let float = (Float(random.next() >> 40) / Float(1 << 24) - 0.5) * scale
                return Double("\(float)")!.bitPattern
            }, "printed, 10^\(exponent)")
    }

    @Test func specialValuesAmongPrintedFloatsArePatched() throws {
        let specials: [Double] = [
            -0.0, .nan, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1e300, 3e38, 1e-45,
            Double(bitPattern: 0x7FF0_0000_0000_0001), .pi, 16_777_217, 0.1 + 0.2, 1_125_899_906_842_624,
        ]
        var random = SplitMix(state: 42)
        let page = try expectRoundTrip(
            column(.float64, 5_000) { row in
                if row % 50 == 3 { return specials[row / 50 % specials.count].bitPattern }
                return Double("\(0.5 + Float(random.next() >> 40) / Float(1 << 25))")!.bitPattern
            }, "printed with specials")
        #expect(page.encoding.hasPrefix("printed(") && page.encoding.hasSuffix("patches)"))
    }

    @Test func doublesOfFullPrecisionLoseTheirExponents() throws {
        var random = SplitMix(state: 43)
        let page = try expectRoundTrip(
            column(.float64, 30_000) { _ in
                // Of both signs and several magnitudes.
                let sum = (0..<4).reduce(0.0) { sum, _ in sum + Double(random.next() >> 11) / Double(1 << 53) - 0.5 }
                return sum.bitPattern
            }, "bell")
        #expect(Double(page.bytes.count) / 30_000 < 7.2, "\(page.encoding)")
    }

    @Test func floatsOfEveryKindComeBackBitForBit() throws {
        let patterns: [UInt64] = [
            0x7FC0_0001, 0x7F80_0001, 0xFFC1_2345, 0x8000_0000, 0, 1, 0x007F_FFFF, 0x7F80_0000, 0xFF80_0000,
            0x7F7F_FFFF,
        ]
        for count in [1, 1_023, 1_024, 1_025, 4_000] {
            var random = SplitMix(state: UInt64(count))
            for share: UInt64 in [2, 30, 500] {
                let noise = column(.float32, count) { row in
                    if random.next() % share == 0 { return patterns[row % patterns.count] }
                    return 0x3F00_0000 | random.next() >> 42 | random.next() & 1 << 31
                }
                try expectRoundTrip(noise, "noise, 1 of \(share)")
                let wide = column(.float64, count) { row in
                    if random.next() % share == 0 { return patterns[row % patterns.count] << 32 | 0xBEEF }
                    return 0x3FE0_0000_0000_0000 | random.next() >> 14 | random.next() & 1 << 63
                }
                try expectRoundTrip(wide, "wide noise, 1 of \(share)")
            }
        }
    }

    @Test(arguments: [1, 2, 3, 4, 8, 200, 300])
    func vectorsComeBack(dimension: Int) throws {
        for count in [1, 15, 16, 1_025] {
            var random = SplitMix(state: UInt64(dimension))
            for style in 0..<3 {
                let builder = ColumnBuilder(type: .vector(dimension: dimension))
                for row in 0..<count {
                    if row % 11 == 4 {
                        builder.appendNull()
                        continue
                    }
                    let parts = (0..<dimension).map { part -> Float in
                        switch style {
                        case 0: part == row % dimension ? 1 : 0
                        case 1: Float(random.next() >> 44) / Float(1 << 20)
                        default: Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
                        }
                    }
                    unsafe parts.withUnsafeBytes { unsafe builder.append(fixedBytes: $0.baseAddress!) }
                }
                try expectRoundTrip(builder.snapshot(), "style \(style)")
            }
        }
    }

    @Test func probabilitiesOfClassesAreSmallerThanPlain() throws {
        var random = SplitMix(state: 44)
        let builder = ColumnBuilder(type: .vector(dimension: 5))
        for _ in 0..<5_000 {
            let first = Float(random.next() >> 44) / Float(1 << 22)
            let parts: [Float] = [0.5 + first, 0.5 - first, 0, 0, 0]
            unsafe parts.withUnsafeBytes { unsafe builder.append(fixedBytes: $0.baseAddress!) }
        }
        let page = try expectRoundTrip(builder.snapshot(), "probabilities")
        #expect(page.encoding.hasPrefix("components("))
        #expect(Double(page.bytes.count) / 5_000 < 7)
    }

    @Test func uuidsComeBackWhateverTheirVersion() throws {
        for count in [1, 15, 16, 1_025] {
            var random = SplitMix(state: 45)
            for isOrdered in [false, true] {
                let builder = ColumnBuilder(type: .uuid)
                for row in 0..<count {
                    let high = isOrdered ? UInt64(row) << 16 | 0x0190_0000_0000_7000 : random.next()
                    let halves = [high.bigEndian, random.next()]
                    unsafe halves.withUnsafeBytes { unsafe builder.append(fixedBytes: $0.baseAddress!) }
                }
                try expectRoundTrip(builder.snapshot(), "ordered: \(isOrdered)")
            }
        }
    }

    private func column(_ type: ColumnType, _ count: Int, _ bits: (Int) -> UInt64) -> ColumnSlice {
        let builder = ColumnBuilder(type: type)
        for row in 0..<count {
            type.byteWidth == 4
                ? builder.append(UInt32(truncatingIfNeeded: bits(row))) : builder.append(bits(row))
        }
        return builder.snapshot()
    }
}
