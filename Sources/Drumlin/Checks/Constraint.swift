internal import ColumnFormat
internal import ColumnStore

/// What every value of a column has to be: a feature, an observed column, the prediction or the label.
///
///     try task.registerConstraint(.range("trip_distance", 0...100))
///     try task.registerConstraint(.oneOf("payment_type", ["1", "2", "3"]))
///     try task.registerConstraint(.notNull("pickup_hour"))
///
/// Null violates ``Rule/notNull`` alone, and NaN each rule on numbers: what is not known to be in a range is not in it.
public struct Constraint: Sendable, Hashable {
    /// The name under which the score, the class index or the value that was predicted is constrained.
    public static let prediction = "_prediction"
    /// The name under which the label is: 0 or 1, the index of a class, or the value.
    public static let label = "_label"
    /// The name under which the id is.
    public static let id = "_id"

    /// What is asked of each value.
    public enum Rule: Sendable, Hashable {
        /// There is a value.
        case notNull
        /// Neither NaN nor infinite.
        case finite
        /// A number from `low` to `high`, both included; nil for no bound.
        case range(low: Double?, high: Double?)
        /// One of these texts, or of these numbers as text.
        case oneOf(Set<String>)
        /// A text that the regular expression matches as a whole.
        case pattern(String)
        /// A text of so many characters: Unicode scalars, so that the count does not depend on a version of Unicode.
        case length(low: Int, high: Int)
        /// A number or time that is not below the last one that was logged before it.
        case increasing
    }

    /// A feature, an observed column, or one of ``prediction``, ``label`` and ``id``.
    public let column: String
    /// What is asked.
    public let rule: Rule
    /// Whether an event that violates it is refused: see ``refusing()``.
    public let refuses: Bool

    /// A rule for a column.
    public init(_ column: String, _ rule: Rule, refuses: Bool = false) {
        self.column = column
        self.rule = rule
        self.refuses = refuses
    }

    /// The same constraint, which refuses events: the call that logs one that violates it throws `.invalidInput` with the column,
    /// the value and the constraint, and nothing of that call is stored. It is checked on the caller's thread, and what was
    /// logged before by the background. ``Rule/increasing`` cannot refuse: the order of events is not known before they are
    /// stored.
    public func refusing() -> Constraint { Constraint(column, rule, refuses: true) }

    /// There is a value.
    public static func notNull(_ column: String) -> Constraint { Constraint(column, .notNull) }
    /// Neither NaN nor infinite.
    public static func finite(_ column: String) -> Constraint { Constraint(column, .finite) }
    /// A number in a range, its ends included.
    public static func range(_ column: String, _ range: ClosedRange<Double>) -> Constraint {
        Constraint(column, .range(low: range.lowerBound, high: range.upperBound))
    }
    /// A number of at least `low`.
    public static func atLeast(_ column: String, _ low: Double) -> Constraint {
        Constraint(column, .range(low: low, high: nil))
    }
    /// A number of at most `high`.
    public static func atMost(_ column: String, _ high: Double) -> Constraint {
        Constraint(column, .range(low: nil, high: high))
    }
    /// One of some texts, or of some numbers as text.
    public static func oneOf(_ column: String, _ values: Set<String>) -> Constraint {
        Constraint(column, .oneOf(values))
    }
    /// A text that a regular expression matches as a whole.
    public static func pattern(_ column: String, _ expression: String) -> Constraint {
        Constraint(column, .pattern(expression))
    }
    /// A text of so many characters.
    public static func length(_ column: String, _ range: ClosedRange<Int>) -> Constraint {
        Constraint(column, .length(low: range.lowerBound, high: range.upperBound))
    }
    /// A number or time that never falls, in the order in which events are logged.
    public static func increasing(_ column: String) -> Constraint { Constraint(column, .increasing) }
}

extension Constraint: CustomStringConvertible {
    /// By this text a constraint is known in the table of violations: `trip_distance in [0, 100]`.
    public var description: String {
        switch rule {
        case .notNull: return "\(column) not null"
        case .finite: return "\(column) finite"
        case .range(let low?, let high?): return "\(column) in [\(Self.text(low)), \(Self.text(high))]"
        case .range(let low?, nil): return "\(column) >= \(Self.text(low))"
        case .range(nil, let high?): return "\(column) <= \(Self.text(high))"
        case .range(nil, nil): return "\(column) not NaN"
        case .oneOf(let values):
            let sorted = values.sorted()
            let shown = sorted.prefix(8).joined(separator: ", ")
            return "\(column) one of {\(shown)\(sorted.count > 8 ? ", … \(sorted.count) values" : "")}"
        case .pattern(let expression): return "\(column) matches /\(expression)/"
        case .length(let low, let high): return "\(column) has \(low) to \(high) characters"
        case .increasing: return "\(column) never falls"
        }
    }

    private static func text(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? "\(Int64(number))" : "\(number)"
    }
}

extension Constraint {
    /// Whether there can be such a constraint in a task; throws `.invalidInput` with the reason where not.
    func check(_ schema: TaskSchema) throws(StoreError) {
        let tables = TaskTables(schema)
        let subjects = CheckedEvent.allCases.compactMap { subject(in: $0, schema, tables) }
        guard let subject = subjects.first else {
            let names = (schema.features + schema.observed).map(\.name) + [Self.prediction, Self.label, Self.id]
            throw invalid("there is no column '\(column)'", "the columns are \(names.joined(separator: ", "))")
        }
        let type = subject.definition.type
        let isNumber =
            type != .bool && type != .timestamp && !type.isVariableLength && type.byteWidth.map { $0 <= 8 } ?? false
        switch rule {
        case .notNull: break
        case .finite:
            guard type == .float32 || type == .float64 else {
                throw invalid("'\(column)' is \(type.name): all its values are finite", "leave the constraint out")
            }
        case .range(let low, let high):
            guard isNumber else { throw invalid("'\(column)' is \(type.name), which has no range", "") }
            guard !(low?.isNaN ?? false), !(high?.isNaN ?? false), (low ?? -.infinity) <= (high ?? .infinity) else {
                throw invalid("the range of '\(column)' is empty", "give a lower end that is not above the upper one")
            }
        case .oneOf(let values):
            guard type == .string || isNumber else {
                throw invalid("'\(column)' is \(type.name), which is no text and no number", "")
            }
            guard (1...10_000).contains(values.count), values.allSatisfy({ (0...1_024).contains($0.utf8.count) }) else {
                throw invalid("\(values.count) values for '\(column)'", "give 1 to 10,000 of at most 1,024 bytes each")
            }
            if isNumber, let text = values.first(where: { Double($0) == nil }) {
                throw invalid("'\(text)' is no number, and '\(column)' is \(type.name)", "give numbers")
            }
        case .pattern(let expression):
            guard type == .string else { throw invalid("'\(column)' is \(type.name), which is no text", "") }
            guard expression.utf8.count <= 1_024, (try? Regex(expression)) != nil else {
                throw invalid("'\(expression)' is no regular expression", "correct it")
            }
        case .length(let low, let high):
            guard type == .string else { throw invalid("'\(column)' is \(type.name), which is no text", "") }
            guard low >= 0, low <= high else {
                throw invalid("a length of \(low) to \(high) characters", "give a range that is not empty")
            }
        case .increasing where refuses:
            throw invalid("the order of events is not known before they are stored", "let it report, and not refuse")
        case .increasing:
            guard isNumber || type == .timestamp else {
                throw invalid("'\(column)' is \(type.name), which has no order in time", "")
            }
        }
    }

    private func invalid(_ message: String, _ remedy: String) -> StoreError {
        StoreError(
            .invalidInput, "constraint '\(self)': \(message)",
            remedy: remedy.isEmpty ? "choose another rule or another column" : remedy)
    }
}
