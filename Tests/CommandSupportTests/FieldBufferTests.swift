import CommandSupport
import Drumlin
import Testing

@Suite struct FieldBufferTests {
    private func text(_ body: (inout FieldBuffer) -> Void) -> String {
        var buffer = FieldBuffer(capacity: 1)
        body(&buffer)
        return unsafe String(decoding: buffer.bytes, as: UTF8.self)
    }

    private func double(_ text: String) -> Double? {
        unsafe Array(text.utf8).withUnsafeBytes { unsafe NumberParser.float64($0) }
    }

    private func float(_ text: String) -> Float? {
        unsafe Array(text.utf8).withUnsafeBytes { unsafe NumberParser.float32($0) }
    }

    private func nanBits(_ text: String) -> UInt64? {
        unsafe Array(text.utf8).withUnsafeBytes { unsafe SpecialNumber.nanBits($0, digits: 16) }
    }

    private func time(_ text: String) -> Int64? {
        unsafe Array(text.utf8).withUnsafeBytes { unsafe TimestampParser.microseconds($0) }
    }

    @Test func integersOfEveryLength() {
        for value in [0, 1, 9, 10, 99, 100, 12_345, Int64.max, Int64.min, -1, -10] {
            #expect(text { $0.append(integer: value) } == String(value))
        }
        for value: UInt64 in [
            0, 9, 10, 18_446_744_073_709_551_615, 10_000_000_000_000_000_000, 9_999_999_999_999_999_999,
        ] {
            #expect(text { $0.append(integer: value) } == String(value))
        }
        var power: UInt64 = 1
        for _ in 0..<19 {
            power *= 10
            for value in [power - 1, power, power + 1] { #expect(text { $0.append(integer: value) } == String(value)) }
        }
    }

    @Test func realsAreShortestAndReadBackBitForBit() {
        var generator = SeededGenerator(seed: 4)
        var values: [Double] = [
            0, -0.0, 1, 0.1, 0.3, 1e9, 999_999_999.999999, 1e-3, 0.0009, 123.456, 1e22, .leastNonzeroMagnitude, .pi,
        ]
        values += [.greatestFiniteMagnitude, -2.5, 0.1 + 0.2, 1 / 3, 100, 1_000_000.5, 4_503_599_627_370_496.5]
        for _ in 0..<2_000 {
            values.append(Double(bitPattern: .random(in: .min ... .max, using: &generator)))
            values.append(Double(Int.random(in: -99_999_999...99_999_999, using: &generator)) / 1e6)
            values.append(Double(Int.random(in: -9_999...9_999, using: &generator)) / 100)
            values.append(Double.random(in: -1...1, using: &generator))
        }
        for value in values where value.isFinite {
            let written = text { $0.append(real: value) }
            #expect(double(written)?.bitPattern == value.bitPattern, "\(value)")
            // Swift's own form is the shortest; ours has as many digits, apart from how the exponent is written.
            #expect(written == value.description, "\(value)")
            let narrow = Float(value)
            guard narrow.isFinite else { continue }
            let short = text { $0.append(real: narrow) }
            #expect(float(short)?.bitPattern == narrow.bitPattern && short == narrow.description, "\(narrow)")
        }
    }

    @Test func whatNumbersCannotSpellReadsBackToo() {
        #expect(text { $0.append(real: Double.nan) } == "NaN" && text { $0.append(real: Float.nan) } == "NaN")
        #expect(text { $0.append(real: -Double.infinity) } == "-Infinity")
        #expect(text { $0.append(real: Float.infinity) } == "Infinity")
        for bits: UInt64 in [0x7FF8_0000_0000_0001, 0xFFF8_0000_0000_0000, 0x7FF0_0000_0000_0001] {
            let written = text { $0.append(real: Double(bitPattern: bits)) }
            #expect(written.hasPrefix("NaN(0x"))
            #expect(nanBits(written) == bits)
        }
        for wrong in ["NaN", "NaN(", "NaN(0x)", "NaN(0x1", "NaN(0xg)", "NaN(0x00000000000000001)", "xaN(0x1)"] {
            #expect(nanBits(wrong) == nil, "\(wrong)")
        }
    }

    @Test func timesOfAllYears() {
        #expect(text { $0.append(time: 0) } == "1970-01-01T00:00:00.000000Z")
        #expect(text { $0.append(time: -1) } == "1969-12-31T23:59:59.999999Z")
        #expect(text { $0.append(time: 1_586_351_100_000_001) } == "2020-04-08T13:05:00.000001Z")
        let first = Int64(-719_528) * 86_400_000_000
        let last = Int64(2_932_897) * 86_400_000_000 - 1
        #expect(text { $0.append(time: first) } == "0000-01-01T00:00:00.000000Z")
        #expect(text { $0.append(time: last) } == "9999-12-31T23:59:59.999999Z")
        #expect(text { $0.append(time: first - 1) } == String(first - 1))
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<500 {
            let time =
                Bool.random(using: &generator)
                ? Int64.random(in: first...last, using: &generator)
                : Int64.random(in: .min ... .max, using: &generator)
            let written = text { $0.append(time: time) }
            #expect(self.time(written) == time, "\(written)")
        }
    }

    @Test func textIsQuotedWhereAReaderWouldSeeSomethingElse() {
        let cases = [
            "plain": "plain", "": "\"\"", "a,b": "\"a,b\"", "a\"b": "\"a\"\"b\"", "a\nb": "\"a\nb\"",
            "\u{FEFF}x": "\"\u{FEFF}x\"", "NULL": "NULL", " ": " ", "é": "é",
        ]
        for (value, field) in cases { #expect(text { $0.append(csv: value) } == field) }
    }

    @Test func jsonTextHasNoControlCharacters() {
        #expect(text { $0.append(json: "a\"b\\\n\u{0}é\u{2028}\u{1B}") } == #""a\"b\\\n\u0000é\u2028\u001b""#)
        let bytes: [UInt8] = [0x61, 0xFF]
        let repaired = text { buffer in unsafe bytes.withUnsafeBytes { unsafe buffer.append(json: $0) } }
        #expect(repaired == "\"a\u{FFFD}\"")
    }
}
