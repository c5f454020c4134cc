import CommandSupport
import Drumlin
import Testing

@testable import DrumlinCLI

@Suite struct ConditionParserTests {
    private let schema = Schema([
        ColumnDefinition("miles", .float64), ColumnDefinition("zone", .string), ColumnDefinition("n", .int32),
        ColumnDefinition("at", .timestamp), ColumnDefinition("odd name, \"x\"", .float32),
        ColumnDefinition("ok", .bool),
        ColumnDefinition("blob", .bytes), ColumnDefinition("key", .uuid), ColumnDefinition("v", .vector(dimension: 2)),
    ])

    private func parse(_ text: String) throws -> Predicate { try ConditionParser.parse(text, schema: schema) }

    @Test func comparisonsOfEveryKind() throws {
        #expect(try parse("miles > 2.5") == .greater("miles", 2.5))
        #expect(try parse("n<=-3") == .lessOrEqual("n", -3))
        #expect(try parse("zone='it''s'") == .equal("zone", "it's"))
        #expect(try parse("zone == a") == .equal("zone", "a"))
        #expect(try parse("n <> 1") == .notEqual("n", 1) && parse("n != 1") == .notEqual("n", 1))
        #expect(try parse("\"odd name, \"\"x\"\"\" >= 1") == .greaterOrEqual("odd name, \"x\"", .float32(1)))
        let time = Timestamp(microseconds: 1_586_304_000_000_000)
        #expect(try parse("at < 2020-04-08") == .less("at", .timestamp(time)))
        #expect(try parse("at < '2020-04-08 00:00:00'") == .less("at", .timestamp(time)))
        #expect(try parse("ok = true") == .equal("ok", true))
        #expect(try parse("blob = 0xff00") == .equal("blob", .bytes([255, 0])))
        #expect(
            try parse("key = 00112233-4455-6677-8899-aabbccddeeff")
                == .equal("key", .uuid((0..<16).map { $0 * 17 })))
        #expect(try parse("n > 1.5") == .greater("n", 1.5))
    }

    @Test func wordsOfTheLanguage() throws {
        #expect(try parse("zone in ('a', b)") == .in("zone", ["a", "b"]))
        #expect(try parse("zone NOT IN ('a')") == .not(.in("zone", ["a"])))
        #expect(try parse("n between 1 and 2 and miles > 0") == .and([.between("n", 1, 2), .greater("miles", 0.0)]))
        #expect(try parse("zone is null or zone is not null") == .or([.isNull("zone"), .isNotNull("zone")]))
        #expect(try parse("zone prefix 'ab'") == .prefix("zone", "ab"))
        #expect(
            try parse("n = 1 or n = 2 and not (n = 3 or n = 4)")
                == .or([
                    .equal("n", 1), .and([.equal("n", 2), .not(.or([.equal("n", 3), .equal("n", 4)]))]),
                ]))
    }

    @Test(arguments: [
        ("", "it ends where a column should stand"), ("nope = 1", "there is no column \"nope\""),
        ("n", "it ends where a comparison should stand"), ("n = ", "it ends where a value should stand"),
        ("n = x", "\"x\" is no value of column \"n\", which is int32"),
        ("n = 1 n", "n stands where and, or, or the end should"), ("(n = 1", "it ends where ) should stand"),
        ("n in 1", "1 stands where ( should"), ("zone = 'a", "a quotation mark is never closed"),
        ("n ! 1", "! stands alone"), ("n = null", "a comparison with null is never true"),
        ("n prefix 'a'", "column \"n\" is int32, no text"), ("v = 1", "is no value of column \"v\""),
        ("n = \"zone\"", "stands where a value in 'single quotation marks', or a number should"),
        ("n not 1", "1 stands where in or between should"),
    ])
    func mistakesAreNamed(text: String, message: String) {
        #expect { try parse(text) } throws: { error in
            guard let error = error as? CommandError else { return false }
            return error.status == .wrongUse && error.place == "--where" && error.message.contains(message)
        }
    }

    @Test func nestingHasABound() {
        let deep = String(repeating: "(", count: 100_000) + "n = 1" + String(repeating: ")", count: 100_000)
        #expect(throws: CommandError.self) { try parse(deep) }
        #expect(throws: CommandError.self) { try parse(String(repeating: "not ", count: 100_000) + "n = 1") }
    }
}
