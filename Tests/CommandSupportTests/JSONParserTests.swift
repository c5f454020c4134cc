import CommandSupport
import Testing

@Suite struct JSONParserTests {
    func failure(_ text: String) -> String? {
        do {
            _ = try JSONParser.parse(text)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func keepsTheOrderOfMembers() throws {
        guard case .object(let object) = try JSONParser.parse(#"{"z":1,"a":{"y":2,"b":[3]},"m":null}"#) else {
            Issue.record("no object")
            return
        }
        #expect(object.members.map(\.name) == ["z", "a", "m"])
        #expect(object["m"] == .null && object["q"] == nil)
        #expect(
            object["a"]
                == .object(
                    JSONObject(members: [
                        .init(name: "y", value: .integer(2)), .init(name: "b", value: .array([.integer(3)])),
                    ])))
    }

    @Test func readsScalars() throws {
        #expect(try JSONParser.parse(" true ") == .bool(true))
        #expect(try JSONParser.parse("\u{FEFF}null") == .null)
        #expect(try JSONParser.parse("-12") == .integer(-12))
        #expect(try JSONParser.parse("9223372036854775807") == .integer(.max))
        #expect(try JSONParser.parse("18446744073709551615") == .unsigned(.max))
        #expect(try JSONParser.parse("18446744073709551616") == .number(18446744073709551616))
        #expect(try JSONParser.parse("1.0") == .number(1))
        #expect(try JSONParser.parse("-2.5E+3") == .number(-2_500))
        guard case .number(let zero) = try JSONParser.parse("-0") else { return #expect(Bool(false), "no number") }
        #expect(zero.sign == .minus)
    }

    @Test func readsStrings() throws {
        #expect(
            try JSONParser.parse(#""\"\\\/\b\f\n\r\tA\u00e9\ud83d\ude00é""#) == .string("\"\\/\u{8}\u{C}\n\r\tAé😀é"))
        #expect(try JSONParser.parse(#""\u0000""#) == .string("\0"))
        #expect(try JSONParser.parse("\"\u{7F}\"") == .string("\u{7F}"))
    }

    @Test(arguments: [
        ("", "line 1, column 1: the text ends where a value should be"),
        ("{\n \"a\": 1,\n}", "line 3, column 1: expected a name in quotation marks"),
        ("[1,]", "line 1, column 4: expected a value"), ("[1 2]", "line 1, column 4: expected ',' or ']'"),
        ("{\"a\" 1}", "line 1, column 6: expected ':' after the name"),
        ("{\"a\":1 \"b\":2}", "line 1, column 8: expected ',' or '}'"),
        ("{\"a\":1,\n\"a\":2}", "line 2, column 1: the name \"a\" is there twice in this object"),
        ("01", "line 1, column 1: a number does not begin with 0"),
        ("-", "line 1, column 2: expected a digit"), ("1.", "line 1, column 3: expected a digit after the point"),
        ("1e", "line 1, column 3: expected a digit in the exponent"), (".5", "line 1, column 1: expected a value"),
        ("+1", "line 1, column 1: expected a value"),
        ("1e999", "line 1, column 1: this number is beyond the range of float64"),
        ("NaN", "line 1, column 1: expected a value"),
        ("tru", "line 1, column 1: expected a value"), ("truely", "line 1, column 5: nothing may follow the value"),
        ("nul", "line 1, column 1: expected a value"),
        ("\"abc", "line 1, column 1: this string is never closed"),
        ("\"a\nb\"", "line 1, column 3: a control character in a string must be escaped"),
        (#""\x""#, "line 1, column 2: this escape is not known"),
        (#""\u12""#, "line 1, column 2: expected four hexadecimal digits"),
        (#""\ud83d""#, "line 1, column 2: half of a surrogate pair"),
        (#""\ude00""#, "line 1, column 2: half of a surrogate pair"),
        (#""\ud83d\u0041""#, "line 1, column 2: half of a surrogate pair"),
        ("\"\\", "line 1, column 2: this string is never closed"),
        ("// c\n1", "line 1, column 1: expected a value"),
        ("{'a':1}", "line 1, column 2: expected a name in quotation marks"),
        ("[", "line 1, column 2: the text ends where a value should be"),
    ])
    func badTextIsAnErrorWithItsPlace(_ text: String, _ message: String) { #expect(failure(text) == message) }

    @Test func badUTF8IsAnError() {
        for bytes: [UInt8] in [
            [0x22, 0xFF, 0x22], [0x22, 0xC3], [0xC0, 0x80], [0x22, 0xED, 0xA0, 0x80, 0x22], [0xEF, 0xBB],
        ] {
            #expect(throws: JSONError.self) { try JSONParser.parse(bytes) }
        }
    }

    @Test func depthIsLimited() throws {
        let deepest = JSONParser.maximumDepth
        #expect(
            try JSONParser.parse(String(repeating: "[", count: deepest) + String(repeating: "]", count: deepest))
                != .null)
        #expect(failure(String(repeating: "[", count: deepest + 1))?.hasSuffix("nested deeper than 64") == true)
        #expect(failure(String(repeating: "{\"a\":", count: 100_000))?.hasSuffix("nested deeper than 64") == true)
    }

    /// Every prefix of a document and every change of one byte gives a value or an error, never a trap.
    @Test func damageNeverTraps() {
        let text = Array(
            #"{"name":"täxi\u00e9\ud83d\ude00","x":[1,-2.5e-3,true,null,{"a":"\n"}],"big":18446744073709551616}"#.utf8)
        for length in 0..<text.count {
            #expect(throws: JSONError.self) { try JSONParser.parse(Array(text[..<length])) }
        }
        for index in text.indices {
            for byte: UInt8 in [0, 0x22, 0x5C, 0x7B, 0x5D, 0x80, 0xFF, 0x30, 0x2D, 0x65] {
                var changed = text
                changed[index] = byte
                _ = try? JSONParser.parse(changed)
            }
        }
    }

    @Test func errorsSayFileAndPath() {
        var error = JSONError(path: "metrics[1].windows[0]", "\"1x\" is no window", remedy: "write 1h")
        error.file = "task.json"
        #expect(error.description == "task.json, metrics[1].windows[0]: \"1x\" is no window")
        #expect(
            error.commandError.report
                == "error: task.json, metrics[1].windows[0]: \"1x\" is no window\n  remedy: write 1h")
        var syntax = JSONError(line: 3, column: 7, "expected a value")
        syntax.file = "task.json"
        #expect(syntax.description == "task.json:3:7: expected a value")
    }
}
