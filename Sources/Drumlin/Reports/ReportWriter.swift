internal import ColumnFormat

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writes the data of a report as JSON that may stand inside of a page's `<script>`: what HTML could take for markup is escaped,
/// and so are control characters. Numbers have a few digits that count; what JSON cannot say (NaN, infinity) is null.
struct ReportWriter {
    private(set) var text = ""
    private var needsComma = false

    /// How many digits of a number count where nothing else is said.
    static let digitCount = 6

    mutating func object(_ body: (inout ReportWriter) -> Void) { container("{", "}", body) }
    mutating func array(_ body: (inout ReportWriter) -> Void) { container("[", "]", body) }

    private mutating func container(_ open: String, _ close: String, _ body: (inout ReportWriter) -> Void) {
        comma()
        text += open
        needsComma = false
        body(&self)
        text += close
        needsComma = true
    }

    private mutating func comma() {
        if needsComma { text += "," }
        needsComma = true
    }

    /// A member whose value is what `body` writes, which must be one value.
    mutating func member(_ name: String, _ body: (inout ReportWriter) -> Void) {
        comma()
        quote(name)
        text += ":"
        needsComma = false
        body(&self)
    }

    mutating func member(_ name: String, _ value: String?) { member(name) { $0.value(value) } }
    mutating func member(_ name: String, _ value: Double?) { member(name) { $0.value(value) } }
    mutating func member(_ name: String, _ value: Bool) { member(name) { $0.raw(value ? "true" : "false") } }
    mutating func member(_ name: String, _ value: some BinaryInteger) { member(name) { $0.raw("\(value)") } }
    mutating func member(_ name: String, _ value: Int64?) { member(name) { $0.raw(value.map { "\($0)" } ?? "null") } }
    mutating func member(_ name: String, _ values: [String]) { member(name) { $0.array(values) { $0.value($1) } } }
    mutating func member(_ name: String, _ values: [Double?], digits: Int = digitCount) {
        member(name) { $0.array(values) { $0.value($1, digits: digits) } }
    }
    mutating func member(_ name: String, _ values: [Int64]) { member(name) { $0.array(values) { $0.raw("\($1)") } } }

    /// An array with an element for each of `elements`.
    mutating func array<T>(_ elements: [T], _ body: (inout ReportWriter, T) -> Void) {
        array { writer in
            for element in elements { body(&writer, element) }
        }
    }

    mutating func value(_ value: String?) {
        comma()
        if let value { quote(value) } else { text += "null" }
    }

    mutating func value(_ value: Double?, digits: Int = digitCount) {
        raw(value.flatMap { Self.literal($0, digits: digits) } ?? "null")
    }

    mutating func value(integers: [Int64]) { array(integers) { $0.raw("\($1)") } }

    private mutating func raw(_ literal: String) {
        comma()
        text += literal
    }

    private mutating func quote(_ string: String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\"", "<", ">", "&", "'", "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    /// A number rounded to some digits that count, as JSON; nil for what is no finite number.
    static func literal(_ value: Double, digits: Int) -> String? {
        guard value.isFinite else { return nil }
        let rounded = rounded(value, digits: digits)
        if rounded == rounded.rounded(), rounded.magnitude < 1e15 { return "\(Int64(rounded))" }
        return "\(rounded)"
    }

    private static func rounded(_ value: Double, digits: Int) -> Double {
        guard value != 0, value.magnitude > 1e-290, value.magnitude < 1e290 else { return value }
        let places = digits - 1 - Int(log10(value.magnitude).rounded(.down))
        // Powers of ten up to 22 are exact, so that the quotient is the number that its digits spell.
        guard places.magnitude <= 22 else { return value }
        let scale = pow(10, Double(places.magnitude))
        return places >= 0 ? (value * scale).rounded() / scale : (value / scale).rounded() * scale
    }
}
