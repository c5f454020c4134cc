import Testing

@testable import Drumlin

@Suite struct ReportWriterTests {
    @Test func membersAndElementsFollowEachOther() {
        var writer = ReportWriter()
        writer.object { writer in
            writer.member("name", "a")
            writer.member("none", Double?.none)
            writer.member("list") { writer in
                writer.array([[Int64](), [1, -2]]) { $0.value(integers: $1) }
            }
            writer.member("yes", true)
            writer.member("numbers", [1.5, nil, .nan, .infinity])
            writer.member("texts", ["x", "y"])
            writer.member("count", 12)
            writer.member("missing", Int64?.none)
        }
        #expect(
            writer.text
                == #"{"name":"a","none":null,"list":[[],[1,-2]],"yes":true,"numbers":[1.5,null,null,null],"texts":["x","y"],"count":12,"missing":null}"#
        )
    }

    @Test func noTextEndsTheScriptThatItStandsIn() {
        var writer = ReportWriter()
        writer.value("</script><!-- <script> ]]> & ' \" \\ \u{0} \n \u{2028} \u{7F} \u{85} é 🚕")
        for character in ["<", ">", "&", "'", "\n", "\u{0}", "\u{2028}", "\u{7F}", "\u{85}"] {
            #expect(!writer.text.contains(character))
        }
        #expect(writer.text.hasPrefix(#""\u003c/script\u003e"#) && writer.text.contains("é 🚕"))
        #expect(writer.text.contains(#"\u0022 \\ \u0000 \u000a \u2028"#))
        var named = ReportWriter()
        named.object { $0.member("</script>", "x") }
        #expect(named.text == #"{"\u003c/script\u003e":"x"}"#)
    }

    @Test(arguments: [
        (0.1234567, 4, "0.1235"), (123_456.7, 4, "123500"), (0, 3, "0"), (-0.00012345, 3, "-0.000123"), (1, 6, "1"),
        (99_999.96, 6, "100000"), (1e-300, 3, "1e-300"), (0.1 + 0.2, 6, "0.3"), (-17.5, 6, "-17.5"), (2.75, 6, "2.75"),
    ])
    func numbersHaveTheDigitsThatCount(value: Double, digits: Int, text: String) {
        #expect(ReportWriter.literal(value, digits: digits) == text)
    }

    @Test func literalsAreAsNearAsTheirDigitsSay() throws {
        var value = 1.7e-12
        while value < 1e15 {
            let text = try #require(ReportWriter.literal(value, digits: 6))
            let read = try #require(Double(text))
            #expect((read - value).magnitude <= value * 5.01e-6, "\(value) is written \(text)")
            value *= 3.37
        }
        #expect(ReportWriter.literal(.nan, digits: 3) == nil && ReportWriter.literal(-.infinity, digits: 3) == nil)
    }
}
