import ColumnFormat

/// One small column for every codec, made to be stored by it, with how its page is then called.
struct CodecSample: CustomStringConvertible, Sendable {
    let name: String
    let encoding: String
    /// Whether the encoder makes such a page today; a page that it made once is read all the same.
    var isStillChosen = true
    let slice: ColumnSlice

    var description: String { name }

    static let all: [CodecSample] = [
        CodecSample(name: "plain", encoding: "plain", slice: words(.int64, 40) { random, _ in random.next() }),
        CodecSample(
            name: "plainCompressed", encoding: "plain(lz4)",
            slice: column(.vector(dimension: 4), 100) { builder, row in
                appendFixed([Float(row % 3), 0, 1, 0.25], to: builder)
            }),
        CodecSample(name: "constant", encoding: "constant", slice: words(.int32, 100) { _, _ in 0xFFFF_FFF0 }),
        CodecSample(
            name: "bitPacked", encoding: "bitPacked",
            slice: words(.uint16, 300) { random, _ in 1_000 + random.next() % 2_000 }),
        CodecSample(
            name: "bitPackedWide", encoding: "bitPacked",
            slice: words(.int64, 1_100) { random, _ in 0 &- (random.next() >> 26) }),
        CodecSample(
            name: "delta", encoding: "delta",
            slice: words(.timestamp, 1_100) { random, row in
                1_580_515_200_000_000 + UInt64(row) * 5_000_000 + random.next() % 1_000
            }),
        CodecSample(
            name: "runLength", encoding: "runLength(plain, plain)",
            slice: words(.uint64, 500) { _, row in UInt64((row / 40 + 3) * (row / 40 + 5)) &* 0x9E37_79B9_7F4A_7C15 }),
        CodecSample(
            name: "dictionary", encoding: "dictionary(bitPacked, values: plain)",
            slice: words(.int64, 400) { random, _ in (random.next() % 6 + 5) &* 0x9E37_79B9_7F4A_7C15 }),
        CodecSample(
            name: "decimal64", encoding: "decimal(bitPacked, patches)",
            slice: column(.float64, 300) { builder, row in
                builder.append(row % 60 == 59 ? .pi / Double(row) : Double(row * 37 % 1_000) / 100)
            }),
        CodecSample(
            name: "decimal32", encoding: "decimal(bitPacked)",
            slice: column(.float32, 300) { builder, row in builder.append(Float(row * 37 % 1_000) / 10) }),
        CodecSample(
            name: "narrowed", encoding: "narrowed(bitPacked)",
            slice: words(.float64, 300) { random, _ in
                Double(Float(bitPattern: 0x3F00_0000 | UInt32(random.next() >> 42))).bitPattern
            }),
        CodecSample(
            name: "patched", encoding: "patched(bitPacked)",
            slice: words(.uint32, 1_100) { random, row in
                row % 90 == 17 ? 4_000_000_000 - UInt64(row) : 700 + random.next() % 200
            }),
        CodecSample(
            name: "scaled", encoding: "scaled(delta)",
            slice: words(.timestamp, 1_100) { random, row in
                1_583_020_800_000_000 + UInt64(row * 40) * 1_000_000 + random.next() % 30 * 1_000_000
            }),
        CodecSample(name: "bitmap", encoding: "bitmap", slice: words(.bool, 301) { random, _ in random.next() & 1 }),
        CodecSample(
            name: "bitRuns", encoding: "runLength(plain, bitmap)",
            slice: words(.bool, 900) { _, row in row % 301 == 4 ? 1 : 0 }),
        CodecSample(
            name: "text", encoding: "text(lengths: bitPacked)",
            slice: column(.string, 150) { builder, row in
                builder.append(string: String(decoding: letters(row, 3 + row % 20), as: UTF8.self))
            }),
        CodecSample(
            name: "textCompressed", encoding: "text(lengths: bitPacked, lz4)", isStillChosen: false,
            slice: column(.string, 200) { builder, row in
                builder.append(
                    string: "the quick brown fox number \(row) jumps" + String(repeating: "ha ", count: row % 30))
            }),
        CodecSample(
            name: "textConstant", encoding: "constant",
            slice: column(.string, 9) { builder, _ in builder.append(string: "v1.2.0") }),
        CodecSample(
            name: "textDictionary", encoding: "dictionary(bitPacked, values: text(lengths: plain))",
            slice: column(.bytes, 400) { builder, row in
                builder.append(string: ["card", "cash", "no charge", "", "dispute"][row * row % 7 % 5])
            }),
        CodecSample(
            name: "alphabet", encoding: "alphabet(bitPacked)",
            slice: column(.string, 200) { builder, row in
                builder.append(string: String(decoding: letters(row, 10), as: UTF8.self))
            }),
        CodecSample(
            name: "alphabetOptional", encoding: "alphabet(bitPacked)",
            slice: column(.string, 200) { builder, row in
                builder.append(string: "id/\(UInt64(row + 1) &* 0x9E37_79B9_7F4A_7C15 >> UInt64(30 + row % 14))")
            }),
        CodecSample(
            name: "fsst", encoding: "fsst(text(lengths: bitPacked))",
            slice: column(.string, 260) { builder, row in
                builder.append(string: "https://www.example.com/" + words(row, "/") + "?page=\(row % 7)")
            }),
        CodecSample(
            name: "fsstEscapes", encoding: "fsst(text(lengths: bitPacked))",
            slice: column(.bytes, 260) { builder, row in
                var random = SplitMix(state: UInt64(row))
                var text = Array(words(row, " ").utf8)
                for _ in 0..<row % 5 { text.append(UInt8(truncatingIfNeeded: random.next())) }
                if row % 20 == 19 { text = [] }
                unsafe text.withUnsafeBytes { unsafe builder.append(bytes: $0) }
            }),
        CodecSample(
            name: "textCompressedLong", encoding: "text(lengths: bitPacked, lz4)",
            slice: column(.string, 60) { builder, row in
                builder.append(
                    string: String(decoding: letters(row * row % 7, 90 + row % 9), as: UTF8.self) + "\(row)")
            }),
        CodecSample(
            name: "nullable", encoding: "bitPacked, validity: bitmap",
            slice: column(.int32, 300) { builder, row in
                row % 3 == 1 ? builder.appendNull() : builder.append(Int32(row * 71 % 512 - 200))
            }),
        CodecSample(
            name: "nullableText", encoding: "alphabet(bitPacked), validity: bitmap",
            slice: column(.string, 200) { builder, row in
                row % 3 == 1
                    ? builder.appendNull()
                    : builder.append(string: "id-" + String(decoding: letters(row, 12), as: UTF8.self))
            }),
    ]

    private static func column(_ type: ColumnType, _ count: Int, _ append: (ColumnBuilder, Int) -> Void) -> ColumnSlice
    {
        let builder = ColumnBuilder(type: type)
        for row in 0..<count { append(builder, row) }
        return builder.snapshot()
    }

    private static func words(
        _ type: ColumnType, _ count: Int, _ value: (inout SplitMix, Int) -> UInt64
    ) -> ColumnSlice {
        var random = SplitMix(state: 11)
        return column(type, count) { builder, row in
            let word = value(&random, row)
            switch type.byteWidth {
            case 1: builder.append(UInt8(truncatingIfNeeded: word))
            case 2: builder.append(UInt16(truncatingIfNeeded: word))
            case 4: builder.append(UInt32(truncatingIfNeeded: word))
            default: builder.append(word)
            }
        }
    }

    private static func appendFixed(_ values: [Float], to builder: ColumnBuilder) {
        unsafe values.withUnsafeBytes { unsafe builder.append(fixedBytes: $0.baseAddress!) }
    }

    /// Four to eight of twelve words, which look random.
    private static func words(_ row: Int, _ separator: String) -> String {
        let words = [
            "payments", "garden", "summer", "users", "checkout", "images", "static", "orders", "search", "music",
            "winter", "kitchen",
        ]
        var random = SplitMix(state: UInt64(row))
        return (0..<4 + Int(random.next() % 5)).map { _ in words[Int(random.next() % 12)] }.joined(separator: separator)
    }

    /// Lowercase letters that look random.
    private static func letters(_ row: Int, _ count: Int) -> [UInt8] {
        var random = SplitMix(state: UInt64(row))
        return (0..<count).map { _ in 97 + UInt8(random.next() % 26) }
    }
}
