internal import ColumnFormat

/// A predicate compiled for a schema: no `not`, which is pushed down to the comparisons, so that only the rows on which it
/// is true need to be known. (Of what is unknown the negation is unknown, and `not` of `and` is `or`: both hold in
/// three-valued logic, too.)
indirect enum Condition {
    case comparison(Comparison)
    case isNull(column: Int)
    case isNotNull(column: Int)
    case all([Condition])
    case any([Condition])

    /// A column's values against ranges. Null is unknown, so never true.
    struct Comparison {
        let column: Int
        let type: ColumnType
        let ranges: ValueRanges
        /// True of the values outside of the ranges, NaN among them.
        let isNegated: Bool
    }

    /// Compiles `predicate`, which was checked against `schema`.
    init(_ predicate: Predicate, schema: Schema) { self.init(predicate, schema: schema, isNegated: false) }

    private init(_ predicate: Predicate, schema: Schema, isNegated: Bool) {
        func column(_ name: String) -> Int {
            guard let position = schema.position(of: name) else { preconditionFailure("no column '\(name)'") }
            return position
        }
        func comparison(_ name: String, _ isNegated: Bool, _ ranges: (ColumnType) -> ValueRanges) -> Condition {
            let position = column(name)
            let type = schema.columns[position].type
            return .comparison(
                Comparison(column: position, type: type, ranges: ranges(type), isNegated: isNegated))
        }
        func compare(_ name: String, _ kind: ComparisonOperator, _ value: Value, _ isNegated: Bool) -> Condition {
            comparison(name, isNegated) { ValueRanges(kind, value, type: $0) }
        }
        switch predicate {
        case .and(let parts):
            let compiled = parts.map { Condition($0, schema: schema, isNegated: isNegated) }
            self = isNegated ? .any(compiled) : .all(compiled)
        case .or(let parts):
            let compiled = parts.map { Condition($0, schema: schema, isNegated: isNegated) }
            self = isNegated ? .all(compiled) : .any(compiled)
        case .not(let part): self = Condition(part, schema: schema, isNegated: !isNegated)
        case .isNull(let name): self = isNegated ? .isNotNull(column: column(name)) : .isNull(column: column(name))
        case .isNotNull(let name): self = isNegated ? .isNull(column: column(name)) : .isNotNull(column: column(name))
        case .equal(let name, let value): self = compare(name, .equal, value, isNegated)
        case .notEqual(let name, let value): self = compare(name, .equal, value, !isNegated)
        case .less(let name, let value): self = compare(name, .less, value, isNegated)
        case .lessOrEqual(let name, let value): self = compare(name, .lessOrEqual, value, isNegated)
        case .greater(let name, let value): self = compare(name, .greater, value, isNegated)
        case .greaterOrEqual(let name, let value): self = compare(name, .greaterOrEqual, value, isNegated)
        case .between(let name, let low, let high):
            self = comparison(name, isNegated) { type in
                ValueRanges(.greaterOrEqual, low, type: type)
                    .intersection(ValueRanges(.lessOrEqual, high, type: type))
            }
        case .in(let name, let values):
            // Of no values nothing is unknown, not even whether null is among them.
            guard let first = values.first else {
                self = isNegated ? .all([]) : .any([])
                return
            }
            self = comparison(name, isNegated) { type in
                values.dropFirst().reduce(ValueRanges(.equal, first, type: type)) {
                    $0.union(ValueRanges(.equal, $1, type: type))
                }
            }
        case .prefix(let name, let text):
            self = comparison(name, isNegated) { _ in ValueRanges(prefix: Array(text.utf8)) }
        }
    }

    /// The positions of the columns that the condition reads.
    var columns: Set<Int> {
        switch self {
        case .comparison(let comparison): [comparison.column]
        case .isNull(let column), .isNotNull(let column): [column]
        case .all(let parts), .any(let parts): parts.reduce(into: []) { $0.formUnion($1.columns) }
        }
    }
}
