import ColumnFormat

/// One small column for every codec, made to be stored by it, with how its page is then called.
struct CodecSample: CustomStringConvertible, Sendable {
    let name: String
    /// How the committed page is called.
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
            name: "delta", encoding: "delta", isStillChosen: false,
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
        CodecSample(
            name: "huffman", encoding: "huffman", isStillChosen: false,
            slice: words(.int32, 1_500) { random, _ in
                40 &- UInt64((random.next() & random.next()).trailingZeroBitCount)
            }),
        CodecSample(
            name: "huffmanLowBits", encoding: "huffman",
            slice: words(.uint64, 3_000) { random, _ in
                let scale = UInt64(random.next().trailingZeroBitCount)
                return 1_000_000 + (random.next() % 1_000) << min(scale, 8)
            }),
        CodecSample(
            name: "ascending", encoding: "ascending",
            slice: {
                var time: UInt64 = 1_580_515_200_000_000
                return words(.timestamp, 1_100) { random, _ in
                    time += (random.next() >> 40) >> UInt64(min(random.next().trailingZeroBitCount, 8))
                    return time
                }
            }()),
        CodecSample(
            name: "printed", encoding: "printed(bitPacked, patches)",
            slice: column(.float64, 300) { builder, row in
                var random = SplitMix(state: UInt64(row))
                let float = 0.4 + Float(random.next() >> 40) / Float(1 << 25)
                builder.append(row == 77 ? .infinity : Double("\(float)")!)
            }),
        CodecSample(
            name: "sparse", encoding: "sparse(delta, plain)",
            slice: words(.uint32, 900) { random, row in
                row % 45 == 7 ? random.next() % 65_536 : 1_000_000_000
            }),
        CodecSample(
            name: "bitSparse", encoding: "sparse(ascending, constant)",
            slice: words(.bool, 30_000) { random, _ in random.next() % 100 == 0 ? 0 : 1 }),
        CodecSample(
            name: "split", encoding: "split(dictionary(bitPacked, values: plain), bitPacked)", isStillChosen: false,
            slice: words(.float64, 300) { random, row in
                let noise = random.next() >> 13
                return (row % 3 == 0 ? 0xBFE0 : 0x3FD0) << 48 | noise >> 1
            }),
        CodecSample(
            name: "sequence", encoding: "sequence(constant)",
            slice: words(.int64, 3_000) { _, row in 0 &- UInt64(row) &* 7_000_001 }),
        CodecSample(
            name: "sequenceWithJitter", encoding: "sequence(bitPacked)",
            slice: words(.timestamp, 3_000) { random, row in
                1_580_515_200_000_000 + UInt64(row) * 10_000_000 + random.next() % 4_000
            }),
        CodecSample(
            name: "differences", encoding: "differences(delta)",
            slice: {
                var (time, gap): (UInt64, UInt64) = (1_580_515_200_000_000, 1_000_000)
                return words(.timestamp, 2_500) { random, _ in
                    gap += 100 + random.next() % 16
                    time += gap
                    return time
                }
            }()),
        CodecSample(
            name: "components", encoding: "components(constant, 2 × bitPacked)",
            slice: {
                var random = SplitMix(state: 3)
                return column(.vector(dimension: 3), 400) { builder, _ in
                    let share = Float(random.next() >> 44) / Float(1 << 20)
                    appendFixed([0, 0.25 + share / 8, 0.75 - share / 8], to: builder)
                }
            }()),
        CodecSample(
            name: "uuidHalves", encoding: "components(delta, bitPacked)",
            slice: {
                var random = SplitMix(state: 4)
                return column(.uuid, 400) { builder, row in
                    // Version 7: milliseconds first.
                    let time = 0x0190_0000_0000 + UInt64(row) * 30
                    let halves = [
                        (time << 16 | 0x7000 | random.next() >> 52).bigEndian,
                        (1 << 63 | random.next() >> 12).bigEndian,
                    ]
                    unsafe halves.withUnsafeBytes { unsafe builder.append(fixedBytes: $0.baseAddress!) }
                }
            }()),
        CodecSample(name: "bitmap", encoding: "bitmap", slice: words(.bool, 301) { random, _ in random.next() & 1 }),
        CodecSample(
            name: "bitRuns", encoding: "runLength(plain, bitmap)", isStillChosen: false,
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
            isStillChosen: false,
            slice: column(.bytes, 400) { builder, row in
                builder.append(string: ["card", "cash", "no charge", "", "dispute"][row * row % 7 % 5])
            }),
        CodecSample(
            name: "textDictionarySorted", encoding: "dictionary(bitPacked, values: text(lengths: plain))",
            slice: column(.string, 400) { builder, row in
                builder.append(string: ["card", "cash", "no charge", "", "dispute"][row * row % 7 % 5])
            }),
        CodecSample(
            name: "textDictionaryIDs", encoding: "dictionary(bitPacked, values: alphabet(plain, bitPacked))",
            slice: column(.string, 1_200) { builder, row in
                builder.append(string: String(decoding: letters(row * row % 211, 20), as: UTF8.self))
            }),
        CodecSample(
            name: "patchedIDs", encoding: "patched(alphabet(patched(bitPacked)), patches: alphabet(delta))",
            slice: column(.string, 1_200) { builder, row in
                builder.append(
                    string: row % 300 == 77
                        ? "entered by hand, \(row)" : String(decoding: letters(row, 10), as: UTF8.self))
            }),
        CodecSample(
            name: "casedIDs", encoding: "cased(alphabet(bitPacked), capitals: bitmap)",
            slice: column(.string, 600) { builder, row in
                let text = String(decoding: letters(row, 10), as: UTF8.self)
                builder.append(string: row * row % 7 < 3 ? text.uppercased() : text)
            }),
        CodecSample(
            name: "mostlyOneText", encoding: "patched(constant, patches: text)",
            slice: column(.string, 1_200) { builder, row in
                builder.append(string: row % 100 == 17 ? String(decoding: letters(row, 3), as: UTF8.self) : "fine")
            }),
        CodecSample(
            name: "mostlyNullText",
            encoding: "patched(constant, patches: text), validity: sparse(delta, constant)",
            isStillChosen: false,
            slice: column(.string, 1_200) { builder, row in
                row % 70 == 17
                    ? builder.append(string: String(decoding: letters(row, 16), as: UTF8.self))
                    : builder.appendNull()
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
            name: "nullableText", encoding: "alphabet(bitPacked), validity: bitmap", isStillChosen: false,
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
