import CommandSupport
import Drumlin

/// Reads a condition as people write it: `miles > 2.5 and (zone in ('a', 'b') or zone is null)`.
///
///     or         = and {"or" and}
///     and        = not {"and" not}
///     not        = "not" not | "(" or ")" | column test
///     test       = ("=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">=") value | ["not"] "in" "(" value {"," value} ")"
///                | ["not"] "between" value "and" value | "is" ["not"] "null" | "prefix" value
///
/// Words of the language are in any case. What a value means follows from its column's type.
struct ConditionParser {
    private let schema: Schema
    private let tokens: [Token]
    private var position = 0
    private var depth = 0
    /// Nesting that people do not write and that would exhaust the stack.
    private static let maximumDepth = 100

    /// A piece of the text.
    private enum Token: Equatable {
        /// A column, a value without quotation marks, or a word of the language.
        case word(String)
        /// A value in single quotation marks.
        case text(String)
        /// A column in double quotation marks.
        case name(String)
        case symbol(String)
    }

    /// The condition in `text` on a table's columns.
    ///
    /// - Throws: ``CommandError`` that says what is wrong in which part.
    static func parse(_ text: String, schema: Schema) throws(CommandError) -> Predicate {
        var parser = ConditionParser(schema: schema, tokens: try tokens(of: text))
        let result = try parser.disjunction()
        guard parser.position == parser.tokens.count else { throw parser.unexpected("and, or, or the end") }
        return result
    }

    private init(schema: Schema, tokens: [Token]) {
        self.schema = schema
        self.tokens = tokens
    }

    // MARK: Grammar

    private mutating func disjunction() throws(CommandError) -> Predicate {
        var parts = [try conjunction()]
        while takeWord("or") { parts.append(try conjunction()) }
        return parts.count == 1 ? parts[0] : .or(parts)
    }

    private mutating func conjunction() throws(CommandError) -> Predicate {
        var parts = [try negation()]
        while takeWord("and") { parts.append(try negation()) }
        return parts.count == 1 ? parts[0] : .and(parts)
    }

    private mutating func negation() throws(CommandError) -> Predicate {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw Self.failure("more than \(Self.maximumDepth) levels deep") }
        if takeWord("not") { return .not(try negation()) }
        if takeSymbol("(") {
            let inner = try disjunction()
            guard takeSymbol(")") else { throw unexpected(")") }
            return inner
        }
        return try test(of: try column())
    }

    private mutating func column() throws(CommandError) -> ColumnDefinition {
        guard position < tokens.count else { throw unexpected("a column") }
        let name: String
        switch tokens[position] {
        case .word(let text), .name(let text): name = text
        case .text, .symbol: throw unexpected("a column")
        }
        guard let place = schema.position(of: name) else {
            throw Self.failure(
                "there is no column \"\(PrintableText.excerpt(name))\"",
                remedy: "the columns are \(schema.columns.map(\.name).joined(separator: ", "))")
        }
        position += 1
        return schema.columns[place]
    }

    private mutating func test(of column: ColumnDefinition) throws(CommandError) -> Predicate {
        if takeWord("is") {
            let isNegated = takeWord("not")
            guard takeWord("null") else { throw unexpected("null") }
            return isNegated ? .isNotNull(column.name) : .isNull(column.name)
        }
        if takeWord("not") {
            if takeWord("in") { return .not(try membership(column)) }
            if takeWord("between") { return .not(try interval(column)) }
            throw unexpected("in or between")
        }
        if takeWord("in") { return try membership(column) }
        if takeWord("between") { return try interval(column) }
        if takeWord("prefix") { return try prefix(column) }
        guard position < tokens.count, case .symbol(let symbol) = tokens[position], !["(", ")", ","].contains(symbol)
        else { throw unexpected("a comparison") }
        position += 1
        let value = try value(for: column)
        switch symbol {
        case "=", "==": return .equal(column.name, value)
        case "!=", "<>": return .notEqual(column.name, value)
        case "<": return .less(column.name, value)
        case "<=": return .lessOrEqual(column.name, value)
        case ">": return .greater(column.name, value)
        default: return .greaterOrEqual(column.name, value)
        }
    }

    private mutating func membership(_ column: ColumnDefinition) throws(CommandError) -> Predicate {
        guard takeSymbol("(") else { throw unexpected("(") }
        var values = [try value(for: column)]
        while takeSymbol(",") { values.append(try value(for: column)) }
        guard takeSymbol(")") else { throw unexpected(")") }
        return .in(column.name, values)
    }

    private mutating func interval(_ column: ColumnDefinition) throws(CommandError) -> Predicate {
        let low = try value(for: column)
        guard takeWord("and") else { throw unexpected("and") }
        return .between(column.name, low, try value(for: column))
    }

    private mutating func prefix(_ column: ColumnDefinition) throws(CommandError) -> Predicate {
        guard column.type == .string else {
            throw Self.failure("column \"\(PrintableText.excerpt(column.name))\" is \(column.type.name), no text")
        }
        guard case .string(let text) = try value(for: column) else { throw unexpected("a text") }
        return .prefix(column.name, text)
    }

    private mutating func value(for column: ColumnDefinition) throws(CommandError) -> Value {
        guard position < tokens.count else { throw unexpected("a value") }
        let text: String
        switch tokens[position] {
        case .word(let word): text = word
        case .text(let quoted): text = quoted
        case .name, .symbol: throw unexpected("a value in 'single quotation marks', or a number")
        }
        position += 1
        if case .word(let word) = tokens[position - 1], word.lowercased() == "null" {
            throw Self.failure("a comparison with null is never true", remedy: "write is null or is not null")
        }
        guard let value = ValueText.value(text, of: column.type) else {
            throw Self.failure(
                "\"\(PrintableText.excerpt(text))\" is no value of column "
                    + "\"\(PrintableText.excerpt(column.name))\", which is \(column.type.name)")
        }
        return value
    }

    // MARK: Tokens

    private mutating func takeWord(_ word: String) -> Bool {
        guard position < tokens.count, case .word(let found) = tokens[position], found.lowercased() == word else {
            return false
        }
        position += 1
        return true
    }

    private mutating func takeSymbol(_ symbol: String) -> Bool {
        guard position < tokens.count, tokens[position] == .symbol(symbol) else { return false }
        position += 1
        return true
    }

    private func unexpected(_ expected: String) -> CommandError {
        guard position < tokens.count else { return Self.failure("it ends where \(expected) should stand") }
        let found =
            switch tokens[position] {
            case .word(let text), .symbol(let text): text
            case .text(let text): "'\(text)'"
            case .name(let text): "\"\(text)\""
            }
        return Self.failure("\(PrintableText.excerpt(found)) stands where \(expected) should")
    }

    private static func failure(_ message: String, remedy: String? = nil) -> CommandError {
        CommandError(
            .wrongUse, message, at: "--where",
            remedy: remedy ?? "write a condition such as \"miles > 2.5 and zone in ('a', 'b')\"")
    }

    private static func tokens(of text: String) throws(CommandError) -> [Token] {
        let scalars = Array(text.unicodeScalars)
        let symbols: [Unicode.Scalar] = ["(", ")", ",", "<", ">", "=", "!"]
        var tokens: [Token] = []
        var at = 0
        while at < scalars.count {
            let scalar = scalars[at]
            if scalar.properties.isWhitespace {
                at += 1
            } else if scalar == "'" || scalar == "\"" {
                guard let (content, end) = quoted(scalars, from: at) else {
                    throw failure("a quotation mark is never closed", remedy: "double quotation marks inside a text")
                }
                tokens.append(scalar == "'" ? .text(content) : .name(content))
                at = end
            } else if symbols.contains(scalar) {
                let two = at + 1 < scalars.count ? String(Character(scalar)) + String(Character(scalars[at + 1])) : ""
                let isTwo = ["==", "!=", "<>", "<=", ">="].contains(two)
                guard isTwo || scalar != "!" else { throw failure("! stands alone", remedy: "write != or not") }
                tokens.append(.symbol(isTwo ? two : String(Character(scalar))))
                at += isTwo ? 2 : 1
            } else {
                var word = String.UnicodeScalarView()
                while at < scalars.count, !scalars[at].properties.isWhitespace, !symbols.contains(scalars[at]),
                    scalars[at] != "'", scalars[at] != "\""
                {
                    word.append(scalars[at])
                    at += 1
                }
                tokens.append(.word(String(word)))
            }
        }
        return tokens
    }

    /// What stands between the quotation mark at `start` and its partner, and the place behind that.
    private static func quoted(_ scalars: [Unicode.Scalar], from start: Int) -> (text: String, end: Int)? {
        let mark = scalars[start]
        var text = String.UnicodeScalarView()
        var at = start + 1
        while at < scalars.count {
            if scalars[at] == mark {
                guard at + 1 < scalars.count, scalars[at + 1] == mark else { return (String(text), at + 1) }
                at += 1
            }
            text.append(scalars[at])
            at += 1
        }
        return nil
    }
}
