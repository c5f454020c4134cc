import ColumnEncoding
import ColumnFormat
import Testing

/// Text in symbols: what they gain, and texts that they have nothing for.
@Suite struct FsstTests {
    @Test func addressesTakeAThird() throws {
        var random = SplitMix(state: 1)
        let hosts = ["www.example.com", "api.example.com", "static.example.org"]
        let pages = ["products", "users", "search", "images", "checkout", "category", "article"]
        let page = try expectRoundTrip(
            texts(3_000) { _ in
                let host = hosts[Int(random.next() % 3)]
                let path = (0..<1 + random.next() % 6).map { _ in pages[Int(random.next() % 7)] }
                return Array("https://\(host)/\(path.joined(separator: "/"))?id=\(random.next() % 100_000)".utf8)
            }, "addresses")
        #expect(page.encoding.hasPrefix("fsst("))
        #expect(page.bytes.count * 3 < page.rawByteCount)
    }

    @Test func bytesWithoutASymbolComeBack() throws {
        // The sample, all rows at an even place, knows nothing of the others.
        var random = SplitMix(state: 2)
        let slice = texts(4_000) { row in
            let known = Array("one two three four five six seven eight nine ten".utf8)
            if row % 64 > 3 { return known }
            return known + (0..<40).map { _ in UInt8(truncatingIfNeeded: random.next()) } + [255]
        }
        try expectRoundTrip(slice, "rare bytes")
    }

    @Test func emptyShortAndVeryLongTextsComeBack() throws {
        let piece = Array("an entry of a log that is repeated over and over, number ".utf8)
        var random = SplitMix(state: 3)
        let slice = texts(40) { row in
            switch row % 5 {
            case 0: return []
            case 1: return [UInt8(row)]
            case 2: return (0..<2_000).flatMap { _ in piece + [48 + UInt8(random.next() % 10)] }
            case 3: return Array(piece.dropLast(row))
            default: return piece + [0, 0, 0, 0, 0, 0, 0, UInt8(row)]
            }
        }
        try expectRoundTrip(slice, "all lengths")
        try expectRoundTrip(slice.slice(2..<3), "one text")
    }

    @Test func zerosAtTheEndOfATextAreNotTakenForTheRoomBehindIt() throws {
        let slice = texts(600) { row in
            [1, 2, 3, 4, 5, 6, 7, 8].dropLast(row % 8) + [UInt8](repeating: 0, count: row % 11) + [UInt8(row % 3)]
        }
        try expectRoundTrip(slice, "zeros")
    }

    @Test func nullsHaveNoCodes() throws {
        let builder = ColumnBuilder(type: .string)
        for row in 0..<2_500 {
            if row % 3 == 1 || row / 1_024 == 1 {
                builder.appendNull()
            } else {
                builder.append(string: "request \(row * 7_919 % 10_007) to /api/v2/orders took \(row % 97) ms")
            }
        }
        try expectRoundTrip(builder.snapshot(), "nulls")
    }

    @Test func codesThatClaimMoreThanTheyMakeAreRefused() throws {
        // One symbol of two bytes, one vector of `claim` bytes, one text of two codes.
        func page(_ claim: UInt8) -> [UInt8] {
            [0, 32, 1, 2, 97, 98, claim, 0, 0, 0, 10, 2, 0, 0, 0, 0, 5, 2, 2, 0, 0, 0, 12, 0, 0]
        }
        func text(_ bytes: [UInt8]) throws -> Value {
            let reader = try PageMemory(bytes).reader(type: .string, rowCount: 1)
            let builder = ColumnBuilder(type: .string)
            try reader.decode(rows: 0..<1, into: builder)
            return builder.snapshot().value(at: 0)
        }
        #expect(try text(page(4)) == .string("abab"))
        for claim: UInt8 in [0, 3, 5, 16, 17, 255] {
            #expect(throws: FormatError.self) { try text(page(claim)) }
        }
    }

    private func texts(_ count: Int, _ text: (Int) -> [UInt8]) -> ColumnSlice {
        let builder = ColumnBuilder(type: .bytes)
        for row in 0..<count { unsafe text(row).withUnsafeBytes { unsafe builder.append(bytes: $0) } }
        return builder.snapshot()
    }
}
