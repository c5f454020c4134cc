/// Reads JSON as RFC 8259 has it and nothing else: no comments, no trailing commas, no NaN, no name twice in an object,
/// no lone surrogates. Bad text never traps and never recurses deeper than ``maximumDepth``.
@safe
package struct JSONParser {
    /// How deep arrays and objects may nest.
    package static let maximumDepth = 64

    private let bytes: UnsafeRawBufferPointer
    private let count: Int
    private var at = 0

    /// The document in `bytes`, which may begin with a byte order mark.
    ///
    /// - Throws: ``JSONError`` with line and column. O(bytes).
    package static func parse(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> JSONValue {
        var parser = unsafe JSONParser(bytes: bytes)
        if let bad = unsafe UTF8Check.firstInvalid(in: bytes.assumingMemoryBound(to: UInt8.self)) {
            throw parser.error("this byte is not UTF-8", at: bad)
        }
        if bytes.count >= 3, unsafe bytes[0] == 0xEF { parser.at = 3 }
        parser.skipBlanks()
        let value = try parser.value(depth: 0)
        parser.skipBlanks()
        guard parser.at == parser.count else { throw parser.error("nothing may follow the value") }
        return value
    }

    /// The document in `text`.
    package static func parse(_ text: String) throws(JSONError) -> JSONValue {
        let bytes = Array(text.utf8)
        return try parse(bytes)
    }

    /// The document in `bytes`.
    package static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        let result: Result<JSONValue, JSONError> = unsafe bytes.withUnsafeBytes { raw in
            do throws(JSONError) { return .success(unsafe try parse(raw)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private init(bytes: UnsafeRawBufferPointer) {
        unsafe self.bytes = bytes
        count = bytes.count
    }

    // MARK: Values

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        guard at < count else { throw error("the text ends where a value should be") }
        switch unsafe bytes[at] {
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: throw error("expected a value")
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
        try enter(depth)
        var members: [JSONObject.Member] = []
        var names: Set<String> = []
        if take(UInt8(ascii: "}")) { return JSONObject(members: members) }
        repeat {
            skipBlanks()
            let start = at
            guard at < count, unsafe bytes[at] == UInt8(ascii: "\"") else {
                throw error("expected a name in quotation marks")
            }
            let name = try string()
            guard names.insert(name).inserted else {
                throw error("the name \"\(PrintableText.excerpt(name))\" is there twice in this object", at: start)
            }
            guard take(UInt8(ascii: ":")) else { throw error("expected ':' after the name") }
            skipBlanks()
            members.append(JSONObject.Member(name: name, value: try value(depth: depth)))
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw error("expected ',' or '}'") }
        return JSONObject(members: members)
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
        try enter(depth)
        var elements: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return elements }
        repeat {
            skipBlanks()
            elements.append(try value(depth: depth))
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw error("expected ',' or ']'") }
        return elements
    }

    private mutating func enter(_ depth: Int) throws(JSONError) {
        guard depth <= Self.maximumDepth else { throw error("nested deeper than \(Self.maximumDepth)") }
        at += 1
    }

    private mutating func word(_ spelling: StaticString, _ meaning: JSONValue) throws(JSONError) -> JSONValue {
        let length = spelling.utf8CodeUnitCount
        guard at + length <= count else { throw error("expected a value") }
        for offset in 0..<length where unsafe bytes[at + offset] != spelling.utf8Start[offset] {
            throw error("expected a value")
        }
        at += length
        return meaning
    }

    // MARK: Numbers

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = at
        var isInteger = true
        if unsafe bytes[at] == UInt8(ascii: "-") { at += 1 }
        let firstDigit = at
        guard digits() > 0 else { throw error("expected a digit") }
        if unsafe bytes[firstDigit] == UInt8(ascii: "0"), at - firstDigit > 1 {
            throw error("a number does not begin with 0", at: firstDigit)
        }
        if at < count, unsafe bytes[at] == UInt8(ascii: ".") {
            isInteger = false
            at += 1
            guard digits() > 0 else { throw error("expected a digit after the point") }
        }
        if at < count, unsafe bytes[at] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            at += 1
            if at < count, unsafe bytes[at] == UInt8(ascii: "-") || bytes[at] == UInt8(ascii: "+") { at += 1 }
            guard digits() > 0 else { throw error("expected a digit in the exponent") }
        }
        let text = unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<at])
        if isInteger,
            unsafe text.count != 2 || bytes[start] != UInt8(ascii: "-") || bytes[start + 1] != UInt8(ascii: "0")
        {
            if let value = unsafe NumberParser.int64(text) { return .integer(value) }
            if let value = unsafe NumberParser.uint64(text) { return .unsigned(value) }
        }
        guard let value = unsafe NumberParser.float64(text), value.isFinite else {
            throw error("this number is beyond the range of float64", at: start)
        }
        return .number(value)
    }

    private mutating func digits() -> Int {
        let start = at
        while at < count, unsafe bytes[at] &- 0x30 < 10 { at += 1 }
        return at - start
    }

    // MARK: Strings

    private mutating func string() throws(JSONError) -> String {
        let open = at
        at += 1
        var result = ""
        var runStart = at
        while at < count {
            let byte = unsafe bytes[at]
            switch byte {
            case UInt8(ascii: "\""):
                result += unsafe String(decoding: bytes[runStart..<at], as: UTF8.self)
                at += 1
                return result
            case UInt8(ascii: "\\"):
                result += unsafe String(decoding: bytes[runStart..<at], as: UTF8.self)
                result.unicodeScalars.append(try escape())
                runStart = at
            case 0..<0x20: throw error("a control character in a string must be escaped")
            default: at += 1
            }
        }
        throw error("this string is never closed", at: open)
    }

    /// The scalar that the escape at the backslash means.
    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        let start = at
        guard at + 1 < count else { throw error("this string is never closed") }
        let kind = unsafe bytes[at + 1]
        at += 2
        switch kind {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw error("this escape is not known", at: start)
        }
        let first = try fourHexadecimalDigits(escapeStart: start)
        if let scalar = Unicode.Scalar(first) { return scalar }
        // Half of a pair of surrogates: the other half must follow.
        guard first < 0xDC00, at + 1 < count, unsafe bytes[at] == UInt8(ascii: "\\"),
            unsafe bytes[at + 1] == UInt8(ascii: "u")
        else { throw error("half of a surrogate pair", at: start) }
        at += 2
        let second = try fourHexadecimalDigits(escapeStart: start)
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw error("half of a surrogate pair", at: start) }
        return scalar
    }

    private mutating func fourHexadecimalDigits(escapeStart: Int) throws(JSONError) -> UInt32 {
        guard at + 4 <= count else { throw error("expected four hexadecimal digits", at: escapeStart) }
        var value: UInt32 = 0
        for offset in 0..<4 {
            let byte = unsafe bytes[at + offset]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw error("expected four hexadecimal digits", at: escapeStart)
            }
            value = value << 4 | UInt32(digit)
        }
        at += 4
        return value
    }

    // MARK: Parts

    private mutating func skipBlanks() {
        while at < count {
            switch unsafe bytes[at] {
            case 0x20, 0x09, 0x0A, 0x0D: at += 1
            default: return
            }
        }
    }

    /// Skips blanks, then `byte` where it stands there.
    private mutating func take(_ byte: UInt8) -> Bool {
        skipBlanks()
        guard at < count, unsafe bytes[at] == byte else { return false }
        at += 1
        return true
    }

    private func error(_ message: String, at place: Int? = nil) -> JSONError {
        let offset = place ?? at
        var line = 1
        var lineStart = 0
        for index in 0..<min(offset, count) where unsafe bytes[index] == 0x0A {
            line += 1
            lineStart = index + 1
        }
        return JSONError(line: line, column: offset - lineStart + 1, message)
    }
}
