import CommandSupport
import Testing

@Suite struct NumberParserTests {
    func float64(_ text: String) -> Double? {
        unsafe Array(text.utf8).withUnsafeBytes { unsafe NumberParser.float64($0) }
    }
    func float32(_ text: String) -> Float? {
        unsafe Array(text.utf8).withUnsafeBytes { unsafe NumberParser.float32($0) }
    }
    func int64(_ text: String) -> Int64? { unsafe Array(text.utf8).withUnsafeBytes { unsafe NumberParser.int64($0) } }
    func uint64(_ text: String) -> UInt64? {
        unsafe Array(text.utf8).withUnsafeBytes { unsafe NumberParser.uint64($0) }
    }
    func bool(_ text: String) -> Bool? { unsafe Array(text.utf8).withUnsafeBytes { unsafe NumberParser.bool($0) } }

    /// Both parsers against Swift's own, bit for bit.
    func check(_ text: String) {
        #expect(float64(text)?.bitPattern == Double(text)?.bitPattern, "\(text)")
        #expect(float32(text)?.bitPattern == Float(text)?.bitPattern, "\(text)")
    }

    @Test(arguments: [
        "0", "-0", "0.0", "-0.0e5", "1", "-1", "+1", "1.", ".5", "-.5", "1e5", "1E+5", "1e-5", "007", "0.1",
        "0.30000000000000004",
        "9007199254740993", "9007199254740992.9999999999", "123456789012345678901234567890",
        "0.000000000000000000000000000001",
        "1e22", "1e23", "8.5e22", "1e308", "1.7976931348623157e308", "1.7976931348623159e308", "1e309", "-1e400",
        "5e-324", "2.4e-324",
        "2.5e-324", "2.2250738585072011e-308", "4.9406564584124654e-324", "1e-400", "0e999999999999",
        "1e99999999999999999999",
        "1e-99999999999999999999", "16777217", "16777217.0000001", "33554434.9999999999",
        "1.00000005960464477539062500000000000001",
        "1.000000059604644775390625", "1.00000017881393432617187500", "7.0064923216240854e-46",
        "7.0064923216240853e-46", "1e-45",
        "1.17549435e-38", "1.1754943e-38", "3.4028235e38", "3.4028236e38", "3.40282356779733661637539395458e38",
        "10000000000000000000000000000000000000000e-40", "0.00000000000000000000000000000000000000000001e44",
        "18446744073709551616",
        "9999999999999999999", "99999999999999999999",
    ])
    func roundsAsSwiftDoes(_ text: String) { check(text) }

    @Test(arguments: [
        "", " ", "-", "+", ".", "e5", "1e", "1e+", "1 ", " 1", "1,5", "0x10", "1_000", "--1", "1.2.3", "1e5.0", "na",
        "nanx", "in", "١",
    ])
    func whatIsNoNumberIsNil(_ text: String) {
        #expect(float64(text) == nil)
        #expect(float32(text) == nil)
    }

    @Test func readsNamesOfSpecialNumbers() {
        #expect(float64("NaN")?.isNaN == true && float32("nan")?.isNaN == true && float64("-nan")?.isNaN == true)
        #expect(float64("inf") == .infinity && float64("-Infinity") == -.infinity && float32("+INF") == .infinity)
    }

    @Test func roundsRandomTextAsSwiftDoes() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<15_000 {
            let value = Double(bitPattern: .random(in: 0 ... .max, using: &random))
            if value.isFinite {
                check("\(value)")
                check("\(Float(value))")
            }
            let whole = String(
                UInt64.random(in: 0 ... .max, using: &random) >> UInt64.random(in: 0..<64, using: &random))
            let fraction = String(
                UInt64.random(in: 0 ... .max, using: &random) >> UInt64.random(in: 0..<64, using: &random))
            check("\(whole).\(fraction)e\(Int.random(in: -60...40, using: &random))")
            check("-\(whole).\(fraction)")
            check("0.\(String(repeating: "0", count: Int.random(in: 0..<25, using: &random)))\(fraction)")
        }
    }

    /// The decimal expansions of midpoints between neighbouring Floats, and of numbers a hair to either side.
    @Test func roundsMidpointsOfFloats() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<5_000 {
            let value = Float(bitPattern: .random(in: 0..<0x7F00_0000, using: &random))
            let middle = (Double(value) + Double(value.nextUp)) / 2
            check("\(middle)")
            check("\(middle.nextUp)")
            check("\(middle.nextDown)")
        }
    }

    @Test func readsIntegersToTheirLimits() {
        #expect(int64("9223372036854775807") == .max && int64("-9223372036854775808") == .min)
        #expect(int64("9223372036854775808") == nil && int64("-9223372036854775809") == nil)
        #expect(int64("99999999999999999999999") == nil && int64("+5") == 5 && int64("-0") == 0 && int64("007") == 7)
        for text in ["", "-", "+", "1.0", "1e3", " 1", "1 ", "0x1"] { #expect(int64(text) == nil) }
        #expect(uint64("18446744073709551615") == .max && uint64("18446744073709551616") == nil)
        #expect(uint64("-1") == nil && uint64("-0") == 0)
    }

    @Test func readsTruthValues() {
        for text in ["1", "t", "T", "true", "TRUE", "yes", "Y"] { #expect(bool(text) == true) }
        for text in ["0", "f", "F", "false", "False", "no", "n"] { #expect(bool(text) == false) }
        for text in ["", "2", "tr", "truee", "on", "-1", "1.0"] { #expect(bool(text) == nil) }
    }
}
