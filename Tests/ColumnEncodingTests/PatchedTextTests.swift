import ColumnEncoding
import ColumnFormat
import Testing

/// Columns of which a few texts are unlike the others.
@Suite struct PatchedTextTests {
    private static let hexadecimal = Array("0123456789abcdef")

    private func uuid(_ random: inout SplitMix) -> String {
        let digits = (0..<32).map { _ in Self.hexadecimal[Int(random.next() % 16)] }
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
    }

    @Test func aFewHostileIDsDoNotDestroyTheOthers() throws {
        var random = SplitMix(state: 1)
        let hostile = ["", "'; DROP TABLE ids; --", "é€😀\u{0}", String(repeating: "x", count: 5_000), "NULL"]
        let builder = ColumnBuilder(type: .string)
        for row in 0..<4_000 {
            if row % 900 == 5 { builder.appendNull() }
            builder.append(string: row % 500 == 100 ? hostile[row / 500 % 5] : uuid(&random))
        }
        let page = try expectRoundTrip(builder.snapshot(), "uuids")
        #expect(page.encoding.hasPrefix("patched(alphabet("))
        #expect(page.bytes.count < 4_000 * 17 + 6_000)
    }

    @Test func aCounterWithStrangersIsStillACounter() throws {
        let builder = ColumnBuilder(type: .string)
        for row in 0..<6_000 {
            builder.append(string: row % 700 == 3 ? "replay of \(row)" : "req-" + "\(1_000_000 + row)".dropFirst())
        }
        let page = try expectRoundTrip(builder.snapshot(), "counter")
        #expect(page.encoding.contains("alphabet("))
        #expect(page.bytes.count < 6_000)
    }

    @Test func mostlyOneTextTakesWhatTheOthersTake() throws {
        var random = SplitMix(state: 2)
        for (count, common) in [(3_000, "none"), (1_024, ""), (70, "x")] {
            let builder = ColumnBuilder(type: .string)
            for row in 0..<count {
                builder.append(string: row % 60 == 9 ? uuid(&random) : common)
                if row % 31 == 30 { builder.appendNull() }
            }
            let page = try expectRoundTrip(builder.snapshot(), "mostly '\(common)'")
            #expect(page.bytes.count < 200 + count / 60 * 38 + count / 31 * 3)
        }
    }

    @Test func mostlyNullTakesWhatIsThere() throws {
        var random = SplitMix(state: 3)
        for valid in [[0], [2_999], [0, 1, 2, 1_023, 1_024, 1_025, 2_000], Array(stride(from: 3, to: 3_000, by: 11))] {
            let builder = ColumnBuilder(type: .string)
            for row in 0..<3_000 {
                valid.contains(row) ? builder.append(string: uuid(&random)) : builder.appendNull()
            }
            let page = try expectRoundTrip(builder.snapshot(), "valid \(valid.count)")
            #expect(page.bytes.count < 600 + valid.count * 38)
        }
    }

    @Test func uuidsInCapitalsAmongOthersTakeABitMore() throws {
        var random = SplitMix(state: 4)
        let builder = ColumnBuilder(type: .string)
        for row in 0..<3_000 {
            let text = uuid(&random)
            builder.append(string: random.next() % 2 == 0 ? text.uppercased() : text)
            if row % 100 == 50 { builder.append(string: "00000000-0000-0000-0000-000000000000") }
            if row % 100 == 99 { builder.appendNull() }
        }
        let page = try expectRoundTrip(builder.snapshot(), "uuids")
        #expect(page.encoding.hasPrefix("cased(alphabet("))
        #expect(Double(page.bytes.count) / 3_060 < 16.8)
        // One that has both keeps the others from it, but comes back.
        builder.append(string: "aB")
        try expectRoundTrip(builder.snapshot(), "both")
    }

    @Test func everyRowMayBePatched() throws {
        // Values: constant "v"; patches: both rows.
        let bytes: [UInt8] = [0, 33, 2, 0, 0, 1, 0, 15, 10, 2, 0, 0, 0, 0, 5, 2, 1, 0, 0, 0, 12, 97, 98, 2, 118]
        let reader = try PageMemory(bytes).reader(type: .string, rowCount: 2)
        #expect(try reader.value(at: 0) == .string("a"))
        #expect(try reader.value(at: 1) == .string("b"))
    }

    @Test func patchesOutOfOrderOrOutsideAreRefused() {
        for rows: [UInt8] in [[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 2, 0], [255, 255, 0, 0]] {
            let bytes: [UInt8] = [0, 33, 2] + rows + [2, 2, 97, 2, 98]
            #expect(throws: FormatError.self) { try PageMemory(bytes).reader(type: .string, rowCount: 2) }
        }
        #expect(throws: FormatError.self) {
            try PageMemory([0, 33, 0, 2, 2, 97, 2, 98]).reader(type: .string, rowCount: 2)
        }
    }
}
