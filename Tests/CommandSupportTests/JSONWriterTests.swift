import CommandSupport
import Testing

@Suite struct JSONWriterTests {
    func document(_ layout: JSONWriter.Layout) -> String {
        var json = JSONWriter(layout)
        json.array { json in
            json.object { json in
                json.member("a", 1)
                json.member("b", Double?.none)
                json.member("c") { $0.array { $0.value("x") } }
            }
            json.object { _ in }
            json.array { _ in }
            json.value(true)
        }
        return json.text
    }

    @Test func writesEveryLayout() {
        #expect(document(.compact) == #"[{"a":1,"b":null,"c":["x"]},{},[],true]"#)
        #expect(document(.lines) == "[\n{\"a\":1,\"b\":null,\"c\":[\"x\"]},\n{},\n[],\ntrue\n]")
        #expect(
            document(.indented)
                == "[\n  {\n    \"a\": 1,\n    \"b\": null,\n    \"c\": [\n      \"x\"\n    ]\n  },\n  {},\n  [],\n  true\n]"
        )
    }

    @Test func escapesAndKeepsNumbers() throws {
        var json = JSONWriter()
        json.array { json in
            json.value("a\"\\\n\u{1}\u{7F}\u{2028}é😀")
            for number in [0.1, 1, -0.0, Double.leastNonzeroMagnitude, 1.7976931348623157e308, .nan, .infinity] {
                json.value(number)
            }
            json.value(Float(0.1))
            json.value(Int64.min)
            json.value(UInt64.max)
        }
        #expect(
            json.text
                == #"["a\"\\\n\u0001\u007f\u2028é😀",0.1,1.0,-0.0,5e-324,1.7976931348623157e+308,null,null,0.1,-9223372036854775808,18446744073709551615]"#
        )
        guard case .array(let values) = try JSONParser.parse(json.text) else { return #expect(Bool(false), "no array") }
        #expect(
            values[0] == .string("a\"\\\n\u{1}\u{7F}\u{2028}é😀") && values[4] == .number(Double.leastNonzeroMagnitude))
    }
}
