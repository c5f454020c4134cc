public import ColumnFormat

/// A condition on the values of a row.
///
/// Null makes a comparison unknown, and a row is kept only where the whole condition is true, as in SQL. NaN is equal to
/// nothing, different from everything and neither less nor greater than anything. Text is compared by its bytes.
public indirect enum Predicate: Sendable, Hashable {
    case equal(String, Value)
    case notEqual(String, Value)
    case less(String, Value)
    case lessOrEqual(String, Value)
    case greater(String, Value)
    case greaterOrEqual(String, Value)
    /// Both ends belong to it.
    case between(String, Value, Value)
    case `in`(String, [Value])
    case isNull(String)
    case isNotNull(String)
    /// Text or bytes that begin with the given text.
    case prefix(String, String)
    case and([Predicate])
    case or([Predicate])
    case not(Predicate)
}

extension Predicate {
    /// The columns that the condition reads.
    package var columns: Set<String> {
        switch self {
        case .equal(let name, _), .notEqual(let name, _), .less(let name, _), .lessOrEqual(let name, _),
            .greater(let name, _), .greaterOrEqual(let name, _), .between(let name, _, _), .in(let name, _),
            .isNull(let name), .isNotNull(let name), .prefix(let name, _):
            [name]
        case .and(let parts), .or(let parts): parts.reduce(into: []) { $0.formUnion($1.columns) }
        case .not(let part): part.columns
        }
    }

    /// Refuses columns that the table lacks and values that its types cannot be compared with.
    package func check(against schema: Schema) throws(StoreError) {
        switch self {
        case .and(let parts), .or(let parts): for part in parts { try part.check(against: schema) }
        case .not(let part): try part.check(against: schema)
        case .isNull(let name), .isNotNull(let name): _ = try Self.type(of: name, in: schema)
        case .prefix(let name, _):
            let type = try Self.type(of: name, in: schema)
            guard type.isVariableLength else { throw Self.mismatch(name, type, "a prefix") }
        case .in(let name, let values):
            let type = try Self.type(of: name, in: schema)
            for value in values { try Self.check(value, name, type) }
        case .between(let name, let low, let high):
            let type = try Self.type(of: name, in: schema)
            try Self.check(low, name, type)
            try Self.check(high, name, type)
        case .equal(let name, let value), .notEqual(let name, let value), .less(let name, let value),
            .lessOrEqual(let name, let value), .greater(let name, let value), .greaterOrEqual(let name, let value):
            try Self.check(value, name, try Self.type(of: name, in: schema))
        }
    }

    private static func type(of name: String, in schema: Schema) throws(StoreError) -> ColumnType {
        guard let position = schema.position(of: name) else {
            throw StoreError(
                .invalidInput, "there is no column '\(name)'",
                remedy: "the columns are \(schema.columns.map(\.name).joined(separator: ", "))")
        }
        return schema.columns[position].type
    }

    private static func check(_ value: Value, _ name: String, _ type: ColumnType) throws(StoreError) {
        guard ComparisonKey(value, for: type) != nil else { throw mismatch(name, type, "the value \(value)") }
    }

    private static func mismatch(_ name: String, _ type: ColumnType, _ what: String) -> StoreError {
        StoreError(
            .invalidInput, "column '\(name)' is \(type.name) and cannot be compared with \(what)",
            remedy: "give a value of that type; for null use isNull")
    }
}
