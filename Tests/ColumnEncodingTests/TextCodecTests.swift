import ColumnEncoding
import ColumnFormat
import Testing

/// Text: templates of ids, lengths, heaps beyond a frame of LZ4.
@Suite struct TextCodecTests {
    @Test func tenLowercaseLettersTakeLessThanFortyNineBits() throws {
        var random = SplitMix(state: 1)
        let page = try expectRoundTrip(
            texts(5_000) { _ in String((0..<10).map { _ in Self.letter(&random, "abcdefghijklmnopqrstuvwxyz") }) },
            "ids")
        #expect(page.encoding == "alphabet(patched(bitPacked))")
        #expect(Double(page.bytes.count) / 5_000 < 48.0 / 8)
    }

    @Test func theTextOfAUUIDTakesSixteenBytes() throws {
        var random = SplitMix(state: 2)
        let page = try expectRoundTrip(
            texts(5_000) { _ in
                let digits = (0..<32).map { i in
                    i == 12 ? "4" : Self.letter(&random, i == 16 ? "89ab" : "0123456789abcdef")
                }
                return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
            }, "uuids")
        #expect(Double(page.bytes.count) / 5_000 < 16.2)
    }

    @Test func aPrefixWithACounterTakesAlmostNothing() throws {
        let page = try expectRoundTrip(
            texts(20_000) { row in "prediction-" + String(String(10_000_000 + row).dropFirst()) }, "counter")
        #expect(page.encoding == "alphabet(sequence(constant))")
        #expect(page.bytes.count < 1_000)
    }

    @Test func aCounterWithoutLeadingZerosIsStillACounter() throws {
        let page = try expectRoundTrip(texts(30_000) { row in "user_\(row + 1)" }, "growing counter")
        #expect(page.encoding.hasPrefix("alphabet("))
        #expect(Double(page.bytes.count) / 30_000 < 1.5)
        try expectRoundTrip(texts(3_000) { row in "\(row * row * 7)" }, "no prefix")
        try expectRoundTrip(texts(3_000) { row in "a\(row * 31 % 1_000)-\(row % 7)b" }, "suffix")
    }

    @Test func idsOfVaryingLengthTakeTheBitsOfTheirDigits() throws {
        var random = SplitMix(state: 6)
        let builder = ColumnBuilder(type: .string)
        for row in 0..<5_000 {
            if row % 11 == 3 { builder.appendNull() }
            builder.append(string: "ride/\(random.next() % 1_000_000_000)")
        }
        let page = try expectRoundTrip(builder.snapshot(), "ids")
        #expect(page.encoding.hasPrefix("alphabet(bitPacked)"))
        #expect(page.bytes.count < builder.count * 5)
    }

    @Test func textsThatAreEachOthersPrefixComeBack() throws {
        try expectRoundTrip(texts(2_000) { row in String(repeating: "a", count: row % 6) }, "only a")
        try expectRoundTrip(texts(2_000) { row in "ab" + String(repeating: "ab", count: row * 7 % 4) }, "ab")
        try expectRoundTrip(texts(2_000) { row in String("abcdefgh".dropFirst(row * row % 8)) }, "suffixes")
        try expectRoundTrip(texts(2_000) { row in row == 1_999 ? "" : "x\(row)" }, "one empty")
    }

    @Test func hexadecimalTakesHalf() throws {
        var random = SplitMix(state: 3)
        let page = try expectRoundTrip(
            texts(3_000) { _ in String((0..<64).map { _ in Self.letter(&random, "0123456789abcdef") }) }, "hashes")
        #expect(Double(page.bytes.count) / 3_000 < 34)
    }

    @Test(arguments: [1, 2, 255, 256, 300])
    func textsOfOneLengthWithEveryByteComeBack(length: Int) throws {
        var random = SplitMix(state: 4)
        for count in [1, 300, 1_030] {
            let builder = ColumnBuilder(type: .bytes)
            for row in 0..<count {
                if row % 50 == 49 { builder.appendNull() }
                let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                unsafe bytes.withUnsafeBytes { unsafe builder.append(bytes: $0) }
            }
            try expectRoundTrip(builder.snapshot(), "length \(length)")
        }
    }

    /// Radices of all sizes side by side, so that pairs, chunks and groups end anywhere.
    @Test func alphabetsOfAnySizesComeBack() throws {
        var random = SplitMix(state: 8)
        for _ in 0..<16 {
            let length = Int(random.next() % 40) + 1
            let sizes = (0..<length).map { _ in [1, 1, 2, 3, 4, 10, 16, 26, 62, 64, 100, 256][Int(random.next() % 12)] }
            let starts = sizes.map { UInt8(random.next() % UInt64(257 - $0)) }
            let missing = random.next() % 3 == 0 ? min(length, 3) : 0
            let builder = ColumnBuilder(type: .bytes)
            for row in 0..<(length % 3 == 0 ? 1_100 : 200) {
                if row % 70 == 69, length % 2 == 0 { builder.appendNull() }
                var text = zip(starts, sizes).map { $0 &+ UInt8(random.next() % UInt64($1)) }
                if missing > 0 { text.removeFirst(Int(random.next() % UInt64(missing + 1))) }
                unsafe text.withUnsafeBytes { unsafe builder.append(bytes: $0) }
            }
            let slice = builder.snapshot()
            try expectRoundTrip(slice, "\(sizes)")
            try expectComparisons(slice, step: 31, "\(sizes)")
        }
    }

    @Test func longTextsAcrossFramesComeBack() throws {
        var random = SplitMix(state: 5)
        let noise = String(
            (0..<65_536).map { _ in Self.letter(&random, "abcdefghijklmnopqrstuvwxyz0123456789 ,.;:-_#+*") })
        let long = String(repeating: "all work and no play ", count: 3_200)
        try expectRoundTrip(texts(12) { row in row % 3 == 0 ? noise : row % 3 == 1 ? long + "\(row)" : "" }, "mixed")
        let page = try expectRoundTrip(texts(40) { row in long + "\(row)" }, "compressible")
        #expect(page.encoding.contains("lz4"))
        #expect(page.bytes.count < page.rawByteCount / 50)
    }

    @Test func emptyTextsAndNullsAreToldApart() throws {
        let builder = ColumnBuilder(type: .string)
        for row in 0..<1_500 {
            switch row % 3 {
            case 0: builder.appendNull()
            case 1: builder.append(string: "")
            default: builder.append(string: "x")
            }
        }
        try expectRoundTrip(builder.snapshot(), "empty and null")
    }

    @Test func longDictionaryEntriesComeBack() throws {
        let entries = ["short", String(repeating: "long ", count: 50), "", "sixteen bytes on", "seventeen bytes it"]
        let page = try expectRoundTrip(texts(3_000) { row in entries[row * row % 11 % 5] }, "dictionary")
        #expect(page.encoding.hasPrefix("dictionary("))
    }

    @Test func shortDictionaryEntriesComeBack() throws {
        let many = (0..<4_500).map { "\($0 * 7_919 % 4_500)" }
        for entries in [["Y", "N"], ["a", "b", "c"], ["", "b", "sixteen bytes on", "é"], many] {
            var random = SplitMix(state: 81)
            let chosen = (0..<20_000).map { _ in entries[Int(random.next() % UInt64(entries.count))] }
            try expectRoundTrip(texts(20_000) { row in chosen[row] }, "\(entries.count) entries")
            let builder = ColumnBuilder(type: .string)
            for row in 0..<3_000 {
                if row * row % 7 == 2 { builder.appendNull() } else { builder.append(string: chosen[row]) }
            }
            try expectRoundTrip(builder.snapshot(), "\(entries.count) entries and nulls")
        }
    }

    @Test func aTextIsComparedWithoutBeingCopied() throws {
        for sample in CodecSample.all where sample.slice.type.isVariableLength {
            try expectComparisons(sample.slice, step: 1, sample.name)
        }
    }

    /// Every text equals itself and nothing that differs a little from it.
    private func expectComparisons(_ slice: ColumnSlice, step: Int, _ context: String) throws {
        let page = PageEncoder.encode(slice)
        let reader = try PageMemory(page.bytes).reader(type: slice.type, rowCount: slice.count)
        func isEqual(_ row: Int, _ bytes: [UInt8]) throws -> Bool {
            try unsafe bytes.withUnsafeBytes { unsafe try reader.variableBytes(at: row, equal: $0) }
        }
        for row in stride(from: 0, to: slice.count, by: step) {
            let text = unsafe Array(slice.variableBytes(at: row))
            #expect(try isEqual(row, text) == !slice.isNull(row), "\(context)")
            var others = [Array("something else".utf8), text + [0], text + [97], [text.first ?? 0] + text]
            if !text.isEmpty { others += [[], Array(text.dropFirst()), Array(text.dropLast())] }
            for position in text.indices {
                var other = text
                other[position] ^= UInt8(1 << (row % 8))
                others.append(other)
            }
            for other in others where other != text {
                if try isEqual(row, other) { Issue.record("row \(row) equals \(other), not \(text): \(context)") }
            }
            #expect(try unsafe reader.withVariableBytes(at: row) { unsafe Array($0) } == text, "\(context)")
        }
    }

    private func texts(_ count: Int, _ text: (Int) -> String) -> ColumnSlice {
        let builder = ColumnBuilder(type: .string)
        for row in 0..<count { builder.append(string: text(row)) }
        return builder.snapshot()
    }

    private static func letter(_ random: inout SplitMix, _ alphabet: String) -> Character {
        let letters = Array(alphabet)
        return letters[Int(random.next() % UInt64(letters.count))]
    }
}
