import ColumnFormat

/// A block of values for which one codec is the right one.
struct CodecSample {
    let name: String
    let rows: ColumnSlice

    /// `make` gives the bits of the value of a row.
    init(_ name: String, _ type: ColumnType, _ make: (Int, inout SeededWords) -> UInt64) {
        self.name = name
        let builder = ColumnBuilder(type: type, capacity: SegmentFormat.blockRowCount)
        var words = SeededWords(state: UInt64(name.utf8.count) &+ 1)
        for row in 0..<SegmentFormat.blockRowCount {
            let bits = make(row, &words)
            switch type.byteWidth {
            case 1: builder.append(UInt8(truncatingIfNeeded: bits))
            case 2: builder.append(UInt16(truncatingIfNeeded: bits))
            case 4: builder.append(UInt32(truncatingIfNeeded: bits))
            default: builder.append(bits)
            }
        }
        rows = builder.snapshot()
    }
}

/// The samples of all codecs of fixed width that are read in bulk.
enum CodecSamples {
    static var all: [CodecSample] { packed + others }

    private static var packed: [CodecSample] {
        [1, 2, 4, 7, 8, 11, 12, 16, 20, 24, 28].map { width in
            CodecSample("\(width) bits", .int32) { _, words in words.next(below: 1 << width) }
        }
    }

    private static var others: [CodecSample] {
        let distinct = (0..<200).map { Double($0 * $0).squareRoot() * 1.0001 }
        return [
            CodecSample("one value", .int64) { _, _ in 42 },
            CodecSample("long runs", .int32) { row, _ in UInt64(row / 500 % 7) * 1_000_003 },
            CodecSample("200 doubles", .float64) { _, words in
                distinct[Int(words.next(below: 200))].bitPattern
            },
            CodecSample("prices", .float64) { _, words in (Double(words.next(below: 10_000)) / 100).bitPattern },
            CodecSample("prices, single", .float32) { _, words in
                UInt64((Float(words.next(below: 10_000)) / 100).bitPattern)
            },
            CodecSample("a few large", .int32) { row, words in
                row % 97 == 3 ? words.next(below: 1 << 30) : words.next(below: 500)
            },
            CodecSample("skewed", .uint8) { _, words in
                let (a, b) = (words.next(below: 256), words.next(below: 256))
                return a * b * a / 65_536
            },
            CodecSample("steps of hundreds", .int64) { row, _ in UInt64(row * 250 + row % 3) },
            CodecSample("times in order", .timestamp) { row, words in
                1_583_020_800_000_000 + UInt64(row) * 1_000_000 + words.next(below: 1_000_000)
            },
            CodecSample("times nearly in order", .timestamp) { row, words in
                1_583_020_800_000_000 + UInt64(row) * 1_000_000 + words.next(below: 4_000_000)
            },
            CodecSample("mostly 0", .int32) { row, _ in row % 151 == 0 ? UInt64(row) : 0 },
            CodecSample("scores", .float32) { _, words in
                UInt64(Float(Double(words.next(below: 1 << 40)) / 0x1p40).bitPattern)
            },
            CodecSample("doubles of floats", .float64) { _, words in
                Double(Float(Double(words.next(below: 1 << 40)) / 0x1p40)).bitPattern
            },
        ]
    }
}

/// Words that are the same in every run (SplitMix64 by G. L. Steele, D. Lea and C. H. Flood).
struct SeededWords {
    var state: UInt64

    mutating func next(below limit: UInt64) -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return ((word ^ (word >> 31)) >> 16) % limit
    }
}
