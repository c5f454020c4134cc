internal import ColumnFormat
internal import ColumnStore

/// Finds the rows of one snapshot that violate a constraint.
///
/// What can be said as a condition on the column is left to a scan, which evaluates it on encoded vectors and passes over
/// blocks that their zone maps show to be in order; the rest is looked at row by row.
struct ViolationFinder {
    let constraint: Constraint
    let event: CheckedEvent
    private let column: String
    private let type: ColumnType
    private let condition: Predicate?
    private let expression: Expression?

    /// A compiled expression, used by one thread at a time.
    private struct Expression {
        let regex: Regex<AnyRegexOutput>
    }

    /// Nil where such events do not have the column.
    init?(_ constraint: Constraint, _ event: CheckedEvent, _ schema: TaskSchema, _ tables: TaskTables) {
        guard let subject = constraint.subject(in: event, schema, tables) else { return nil }
        self.constraint = constraint
        self.event = event
        column = subject.definition.name
        type = subject.definition.type
        condition = Self.condition(constraint.rule, column, type)
        if case .pattern(let text) = constraint.rule {
            expression = (try? Regex(text)).map { Expression(regex: $0) }
        } else {
            expression = nil
        }
    }

    /// True on the rows that violate; nil for rules that need the values.
    private static func condition(_ rule: Constraint.Rule, _ column: String, _ type: ColumnType) -> Predicate? {
        // A comparison with NaN is false, so its negation is true; one with null is unknown, and so is its negation.
        switch rule {
        case .notNull: return .isNull(column)
        case .finite:
            let limit = type == .float32 ? Double(Float.greatestFiniteMagnitude) : Double.greatestFiniteMagnitude
            return .not(.between(column, .float64(-limit), .float64(limit)))
        case .range(let low, let high):
            return .not(.between(column, number(low ?? -.infinity, type), number(high ?? .infinity, type)))
        case .oneOf(let values):
            let keys: [Value] = values.sorted().compactMap { text in
                if type == .string { return .string(text) }
                return Int64(text).map { .int($0) } ?? Double(text).map { number($0, type) }
            }
            return .not(.in(column, keys))
        case .pattern, .length, .increasing: return nil
        }
    }

    /// A bound as values of the column have it: 0.1 is not above 0.1, also where it is stored as a float32.
    private static func number(_ value: Double, _ type: ColumnType) -> Value {
        type == .float32 ? .float32(Float(value)) : .float64(value)
    }

    /// A row that violates, and its value as text; nil for null.
    struct Found {
        let row: UInt64
        let value: String?
    }

    /// Calls `body` with each row from `first` on that violates, in order.
    func forEach(
        in snapshot: TableSnapshot, from first: UInt64, _ body: (Found) throws(StoreError) -> Void
    ) throws(StoreError) {
        let scan = try snapshot.scan(columns: [column], where: condition ?? .isNotNull(column), from: first)
        var previous: ComparisonKey?
        if constraint.rule == .increasing { previous = try lastKey(before: first, snapshot) }
        while let batch = try scan.next() {
            let slice = batch.slice(column)
            let rows = batch.rowNumbers
            for place in 0..<batch.rowCount {
                let value = slice.value(at: place)
                if constraint.rule == .increasing {
                    guard let key = key(value) else { continue }
                    let isBelow = previous.map { key.compared(to: $0) == .less } ?? false
                    previous = key
                    guard isBelow else { continue }
                } else if condition == nil {
                    guard violates(value) else { continue }
                }
                try body(Found(row: rows[place], value: Self.text(value)))
            }
        }
    }

    private func violates(_ value: Value) -> Bool {
        guard case .string(let text) = value else { return false }
        switch constraint.rule {
        case .pattern:
            guard let expression else { return false }
            return (try? expression.regex.wholeMatch(in: text)) == nil
        case .length(let low, let high): return !(low...high).contains(text.unicodeScalars.count)
        default: return false
        }
    }

    /// The last value before `row` that has a place in the order; nil where there is none.
    private func lastKey(before row: UInt64, _ snapshot: TableSnapshot) throws(StoreError) -> ComparisonKey? {
        var end = row
        var count: UInt64 = 1_024
        while end > snapshot.firstRow {
            let start = max(snapshot.firstRow, end - min(count, end))
            var last: ComparisonKey?
            let scan = try snapshot.scan(columns: [column], where: .isNotNull(column), from: start)
            search: while let batch = try scan.next() {
                let slice = batch.slice(column)
                for (place, number) in batch.rowNumbers.enumerated() {
                    if number >= end { break search }
                    last = key(slice.value(at: place)) ?? last
                }
            }
            if let last { return last }
            end = start
            count *= 8
        }
        return nil
    }

    /// A number or time as a place in their order, exactly; nil for NaN.
    private func key(_ value: Value) -> ComparisonKey? {
        guard let key = ComparisonKey(value, for: type) else { return nil }
        if case .real(let number) = key, number.isNaN { return nil }
        return key
    }

    /// What is shown of a value: the beginning of a long text.
    private static func text(_ value: Value) -> String? {
        guard value != .null else { return nil }
        let text = value.description
        return text.unicodeScalars.count <= 200
            ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(200)))
    }
}
