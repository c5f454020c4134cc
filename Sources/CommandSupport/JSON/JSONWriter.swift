/// Writes JSON: members in the order of the calls, commas where they belong, numbers that read back as the same bits.
/// What JSON cannot say (NaN, infinity) is null.
///
///     var json = JSONWriter()
///     json.object { json in
///         json.member("rows", 12)
///         json.member("encodings") { $0.array { $0.value("plain") } }
///     }
///     print(json.text)
package struct JSONWriter {
    /// How much white space is written.
    package enum Layout: Sendable {
        /// None: one line.
        case compact
        /// Each element of the outermost array or member of the outermost object on a line of its own.
        case lines
        /// Two spaces a level.
        case indented
    }

    package private(set) var text = ""
    private let layout: Layout
    private var depth = 0
    /// Whether something stands before the next element at this depth.
    private var needsComma = false
    private var followsName = false

    package init(_ layout: Layout = .compact) { self.layout = layout }

    // MARK: Containers

    package mutating func object(_ body: (inout JSONWriter) throws -> Void) rethrows {
        try container("{", "}", body)
    }

    package mutating func array(_ body: (inout JSONWriter) throws -> Void) rethrows { try container("[", "]", body) }

    /// A member whose value is what `body` writes, which must be one value.
    package mutating func member(_ name: String, _ body: (inout JSONWriter) throws -> Void) rethrows {
        self.name(name)
        try body(&self)
    }

    private mutating func container(_ open: String, _ close: String, _ body: (inout JSONWriter) throws -> Void) rethrows
    {
        prepare()
        text += open
        depth += 1
        needsComma = false
        try body(&self)
        depth -= 1
        if needsComma { lineBreak(isEnd: true) }
        text += close
        needsComma = true
    }

    // MARK: Values

    package mutating func null() { raw("null") }
    package mutating func value(_ value: Bool) { raw(value ? "true" : "false") }
    package mutating func value(_ value: some FixedWidthInteger) { raw(String(value)) }
    package mutating func value(_ value: Double) { raw(value.isFinite ? value.description : "null") }
    package mutating func value(_ value: Float) { raw(value.isFinite ? value.description : "null") }

    package mutating func value(_ value: String) {
        prepare()
        quote(value)
        needsComma = true
    }

    package mutating func member(_ name: String, _ value: Bool?) {
        self.name(name)
        if let value { self.value(value) } else { null() }
    }

    package mutating func member(_ name: String, _ value: (some FixedWidthInteger)?) {
        self.name(name)
        if let value { self.value(value) } else { null() }
    }

    package mutating func member(_ name: String, _ value: Double?) {
        self.name(name)
        if let value { self.value(value) } else { null() }
    }

    package mutating func member(_ name: String, _ value: String?) {
        self.name(name)
        if let value { self.value(value) } else { null() }
    }

    // MARK: Parts

    private mutating func name(_ name: String) {
        prepare()
        quote(name)
        text += layout == .indented ? ": " : ":"
        followsName = true
    }

    private mutating func raw(_ literal: String) {
        prepare()
        text += literal
        needsComma = true
    }

    private mutating func prepare() {
        if followsName {
            followsName = false
            return
        }
        if needsComma { text += "," }
        if depth > 0 { lineBreak() }
    }

    /// Before an element, or before the end of a container.
    private mutating func lineBreak(isEnd: Bool = false) {
        switch layout {
        case .compact: break
        case .lines: if depth == (isEnd ? 0 : 1) { text += "\n" }
        case .indented: text += "\n" + String(repeating: "  ", count: depth)
        }
    }

    private mutating func quote(_ string: String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            // DEL and the line separators are legal in JSON, but no terminal and no JavaScript likes them.
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
