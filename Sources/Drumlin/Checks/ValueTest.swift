internal import ColumnFormat
internal import Synchronization

/// A rule on one value, as it is checked before a row is logged: it says the same of a value as the background says of the
/// stored one.
struct ValueTest: Sendable {
    private enum Test: Sendable {
        case notNull, finite
        case range(low: Double, high: Double)
        case numbers(Set<Double>)
        case texts(Set<String>)
        case pattern(Expression)
        case length(ClosedRange<Int>)
    }

    /// A compiled expression, used by one thread at a time.
    private final class Expression: Sendable {
        private struct Compiled: @unchecked Sendable {
            let regex: Regex<AnyRegexOutput>
        }

        private let compiled: Mutex<Compiled>

        init?(_ text: String) {
            guard let regex = try? Regex(text) else { return nil }
            compiled = Mutex(Compiled(regex: regex))
        }

        func matches(_ text: String) -> Bool { compiled.withLock { (try? $0.regex.wholeMatch(in: text)) != nil } }
    }

    private let test: Test
    /// Whether numbers are narrowed before they are stored.
    private let isNarrow: Bool

    /// Nil for a rule that one value says nothing of.
    init?(_ rule: Constraint.Rule, _ type: ColumnType) {
        let isNarrow = type == .float32
        func stored(_ number: Double) -> Double { isNarrow ? Double(Float(number)) : number }
        self.isNarrow = isNarrow
        switch rule {
        case .notNull: test = .notNull
        case .finite: test = .finite
        case .range(let low, let high):
            test = .range(low: stored(low ?? -.infinity), high: stored(high ?? .infinity))
        case .oneOf(let values):
            test = type == .string ? .texts(values) : .numbers(Set(values.compactMap { Double($0).map(stored) }))
        case .pattern(let text):
            guard let expression = Expression(text) else { return nil }
            test = .pattern(expression)
        case .length(let low, let high): test = .length(low...high)
        case .increasing: return nil
        }
    }

    /// Whether a number violates the rule; it is not null.
    func violates(_ number: Double) -> Bool {
        let number = isNarrow ? Double(Float(number)) : number
        return switch test {
        case .finite: !number.isFinite
        case .range(let low, let high): !(low <= number && number <= high)
        case .numbers(let numbers): !numbers.contains(number)
        default: false
        }
    }

    func violates(_ value: Value) -> Bool {
        switch value {
        case .null:
            if case .notNull = test { true } else { false }
        case .string(let text): violates(text: text)
        default: violates(value.number)
        }
    }

    func violates(text: String) -> Bool {
        switch test {
        case .texts(let texts): !texts.contains(text)
        case .pattern(let expression): !expression.matches(text)
        case .length(let range): !range.contains(text.unicodeScalars.count)
        default: false
        }
    }
}
