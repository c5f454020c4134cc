package import ColumnFormat

extension Window: LosslessStringConvertible {
    /// A window from its text, or nil where `parse` would throw.
    public init?(_ description: String) {
        guard let window = try? Window.parse(description) else { return nil }
        self = window
    }

    /// The text of a window, each length in the largest unit that divides it: `1h`, `7d/1d`, `7d/1d+12h`,
    /// `trailing:1h`, `cumulative`, `count:1000`.
    public var description: String {
        let offset = self.offset == 0 ? "" : "+\(Window.text(of: self.offset))"
        return switch self {
        case .tumbling(let size, _): Window.text(of: size) + offset
        case .sliding(let size, let slide, _): Window.text(of: size) + "/" + Window.text(of: slide) + offset
        case .trailing(let size): "trailing:" + Window.text(of: size)
        case .cumulative: "cumulative"
        case .count(let count): "count:\(count)"
        }
    }

    private static let units: [(suffix: Character, seconds: Int64)] = [
        ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1),
    ]

    /// A length in the largest unit that divides it.
    package static func text(of span: TimeSpan) -> String {
        guard span.microseconds % 1_000_000 == 0 else { return "\(span.microseconds)us" }
        let seconds = span.microseconds / 1_000_000
        guard seconds != 0 else { return "0s" }
        for unit in units where seconds % unit.seconds == 0 { return "\(seconds / unit.seconds)\(unit.suffix)" }
        return "\(seconds)s"
    }

    /// A window from its text: `SIZE`, `SIZE/SLIDE`, either with `+OFFSET`, `trailing:SIZE`, `cumulative` or `count:N`; lengths as
    /// `60s`, `5m`, `1h`, `7d`. Throws an error that shows what was read and what was expected.
    package static func parse(_ text: String) throws(ViewError) -> Window {
        let window = try parseForm(text)
        try window.validate()
        return window
    }

    private static func parseForm(_ text: String) throws(ViewError) -> Window {
        if text == "cumulative" { return .cumulative }
        if text.hasPrefix("count:") {
            let digits = text.dropFirst("count:".count)
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(digits) else {
                throw ViewError(
                    .invalidInput, "\(quoted(text)) is not a window: write how many predictions, as count:1000")
            }
            return .count(count)
        }
        if text.hasPrefix("trailing:") { return .trailing(try length(text.dropFirst("trailing:".count), in: text)) }
        var rest = Substring(text)
        var offset: TimeSpan = 0
        if let plus = rest.firstIndex(of: "+") {
            offset = try length(rest[rest.index(after: plus)...], in: text)
            rest = rest[..<plus]
        }
        guard let slash = rest.firstIndex(of: "/") else { return .tumbling(try length(rest, in: text), offset: offset) }
        let size = try length(rest[..<slash], in: text)
        let slide = try length(rest[rest.index(after: slash)...], in: text)
        return .sliding(size, every: slide, offset: offset)
    }

    private static func length(_ part: Substring, in text: String) throws(ViewError) -> TimeSpan {
        guard let suffix = part.last, let unit = units.first(where: { $0.suffix == suffix }),
            part.dropLast().utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int64(part.dropLast())
        else {
            throw ViewError(
                .invalidInput,
                "\(quoted(text)) is not a window: \(quoted(String(part))) should be a length as 60s, 5m, 1h or 7d; "
                    + "windows are SIZE, SIZE/SLIDE, either with +OFFSET, trailing:SIZE, cumulative and count:N")
        }
        let (seconds, overflow) = count.multipliedReportingOverflow(by: unit.seconds)
        return .seconds(overflow ? .max : seconds)
    }

    private static func quoted(_ text: String) -> String { "\"\(text)\"" }
}
