import ColumnEncoding
import ColumnFormat
import Testing

/// Rows that are found in their encoded form, the whole page at once.
struct MarkTests {
    private func expectMarked(_ slice: ColumnSlice, _ encoding: String) throws {
        let page = PageEncoder.encode(slice)
        #expect(page.encoding == encoding)
        let memory = PageMemory(page.bytes)
        let reader = try memory.reader(type: slice.type, rowCount: slice.count)
        #expect(
            expectMarks(reader, slice, "\(slice.type.name) × \(slice.count), \(encoding)"), "\(encoding) marks none")
    }

    /// Widths from 1 bit to 32, and every number of rows that a word of bits, or a vector, can be cut at.
    @Test func packedIntegers() throws {
        var random = SplitMix(state: 5)
        for width in 1...32 {
            let count = [1_024, 1_000, 1_025, 993, 2_080][width % 5]
            let low = Int64(width) * -1_000_003
            let builder = ColumnBuilder(type: .int64)
            for row in 0..<count {
                let word = random.next() >> UInt64(64 - width)
                builder.append(low &+ Int64(row % 1_024 < 2 ? [0, UInt64(1) << width - 1][row % 2] : word))
            }
            try expectMarked(builder.snapshot(), "bitPacked")
        }
    }

    @Test(arguments: [ColumnType.int8, .int16, .int32, .uint8, .uint16, .uint32, .uint64, .timestamp])
    func otherTypes(type: ColumnType) throws {
        var random = SplitMix(state: 6)
        let builder = ColumnBuilder(type: type)
        for _ in 0..<1_500 {
            let value = 3 + random.next() % 61
            unsafe withUnsafeBytes(of: value) { unsafe builder.append(fixedBytes: $0.baseAddress!) }
        }
        try expectMarked(builder.snapshot(), "bitPacked")
    }

    @Test func integersWithExceptions() throws {
        var random = SplitMix(state: 7)
        for isSigned in [true, false] {
            let builder = ColumnBuilder(type: isSigned ? .int64 : .uint64)
            for row in 0..<2_500 {
                var value = 40 + random.next() % 30_000
                if row % 83 == 9 { value = (isSigned ? 1 << 63 : 0) &- 1 &- UInt64(row % 7) }
                unsafe withUnsafeBytes(of: value) { unsafe builder.append(fixedBytes: $0.baseAddress!) }
            }
            try expectMarked(builder.snapshot(), "patched(bitPacked)")
        }
    }

    @Test func decimalsWithExceptions() throws {
        let specials: [Double] = [.nan, -0.0, .infinity, -.infinity, .pi, 0x1p-1040, 1e300]
        var random = SplitMix(state: 9)
        let (doubles, singles) = (ColumnBuilder(type: .float64), ColumnBuilder(type: .float32))
        for row in 0..<2_500 {
            let digits = Double(random.next() % 30_000) - 9_000
            doubles.append(row % 61 == 7 ? specials[row / 61 % specials.count] : digits / 1_000)
            singles.append(row % 61 == 7 ? Float(specials[row / 61 % specials.count]) : Float(digits / 100))
        }
        try expectMarked(doubles.snapshot(), "decimal(bitPacked, patches)")
        try expectMarked(singles.snapshot(), "decimal(bitPacked, patches)")
    }

    @Test func constants() throws {
        for value in [0, -0.0, .nan, 2.5] {
            let builder = ColumnBuilder(type: .float64)
            for _ in 0..<1_100 { builder.append(value) }
            try expectMarked(builder.snapshot(), "constant")
        }
        let builder = ColumnBuilder(type: .int16)
        for _ in 0..<33 { builder.append(-7 as Int16) }
        try expectMarked(builder.snapshot(), "constant")
    }

    /// The ends of a range of decimals are those digits whose decimals lie in it, also where they are guessed badly.
    @Test func digitsOfRanges() {
        var random = SplitMix(state: 8)
        for round in 0..<3_000 {
            let divisor = [1.0, 10, 100, 1e3, 1e6, 1e15, 1e22][round % 7]
            let isSingle = round % 2 == 0
            let digits = Int64(bitPattern: random.next()) >> Int64(random.next() % 62)
            func value(_ digits: Int64) -> Double {
                isSingle ? Double(Float(Double(digits) / divisor)) : Double(digits) / divisor
            }
            let low = [value(digits), value(digits).nextUp, value(digits).nextDown][round % 3]
            let range = low...max(low, [value(digits &+ 5), .infinity, low][round / 3 % 3])
            guard let found = DecimalDigits.within(range, divisor: divisor, isSingle: isSingle) else {
                #expect(value(.max) < range.lowerBound || value(digits) != low, "\(range) ÷ \(divisor)")
                continue
            }
            #expect(range.contains(value(found.lowerBound)) && range.contains(value(found.upperBound)))
            if found.lowerBound > .min { #expect(value(found.lowerBound - 1) < range.lowerBound) }
            if found.upperBound < .max { #expect(value(found.upperBound + 1) > range.upperBound) }
        }
    }
}
