import ColumnFormat
import ColumnStore
import TestSupport

/// What a condition means, written once more as plainly as it can be said: true, false, or nil for unknown.
enum PredicateModel {
    static func truth(_ predicate: Predicate, _ row: [String: Value]) -> Bool? {
        switch predicate {
        case .and(let parts):
            let each = parts.map { truth($0, row) }
            return each.contains(false) ? false : each.contains(nil) ? nil : true
        case .or(let parts):
            let each = parts.map { truth($0, row) }
            return each.contains(true) ? true : each.contains(nil) ? nil : false
        case .not(let part): return truth(part, row).map { !$0 }
        case .isNull(let name): return row[name] ?? .null == .null
        case .isNotNull(let name): return row[name] ?? .null != .null
        case .equal(let name, let value): return compare(row[name], value) { $0 == 0 }
        case .notEqual(let name, let value): return compare(row[name], value) { $0 != 0 }
        case .less(let name, let value): return compare(row[name], value) { $0.map { $0 < 0 } ?? false }
        case .lessOrEqual(let name, let value): return compare(row[name], value) { $0.map { $0 <= 0 } ?? false }
        case .greater(let name, let value): return compare(row[name], value) { $0.map { $0 > 0 } ?? false }
        case .greaterOrEqual(let name, let value): return compare(row[name], value) { $0.map { $0 >= 0 } ?? false }
        case .between(let name, let low, let high):
            return truth(.and([.greaterOrEqual(name, low), .lessOrEqual(name, high)]), row)
        case .in(let name, let values): return truth(.or(values.map { .equal(name, $0) }), row)
        case .prefix(let name, let text):
            guard let bytes = bytes(of: row[name] ?? .null) else { return nil }
            return bytes.starts(with: Array(text.utf8))
        }
    }

    /// `accept` is given −1, 0 or 1, or nil where NaN is among the two.
    private static func compare(_ value: Value?, _ literal: Value, _ accept: (Int?) -> Bool) -> Bool? {
        guard let value, value != .null else { return nil }
        if let left = bytes(of: value), let right = bytes(of: literal) {
            return accept(left == right ? 0 : left.lexicographicallyPrecedes(right) ? -1 : 1)
        }
        guard let left = number(value), let right = number(literal) else { return accept(nil) }
        return accept(left < right ? -1 : left > right ? 1 : 0)
    }

    private static func bytes(of value: Value) -> [UInt8]? {
        switch value {
        case .string(let text): Array(text.utf8)
        case .bytes(let bytes), .uuid(let bytes): bytes
        default: nil
        }
    }

    /// Exact, for an order of integers and floats: infinities lie beyond all, NaN is no number. Quarters suffice below
    /// 2^52; what is smaller is told apart by the last element.
    private static func number(_ value: Value) -> Exact? {
        switch value {
        case .bool(let v): Exact(integer: v ? 1 : 0)
        case .int(let v): Exact(integer: Int128(v))
        case .uint(let v): Exact(integer: Int128(v))
        case .timestamp(let v): Exact(integer: Int128(v.microseconds))
        case .float32(let v): Exact(Double(v))
        case .float64(let v): Exact(v)
        default: nil
        }
    }

    private struct Exact: Comparable {
        let whole: Int128
        let fraction: Double

        init(integer: Int128) {
            whole = integer
            fraction = 0
        }

        init?(_ value: Double) {
            guard !value.isNaN else { return nil }
            if abs(value) > 0x1p100 {
                whole = value < 0 ? .min : .max
                // Among themselves the huge ones are compared as they are.
                fraction = value
            } else {
                whole = Int128(value.rounded(.down))
                fraction = value - value.rounded(.down)
            }
        }

        static func < (left: Exact, right: Exact) -> Bool {
            left.whole != right.whole ? left.whole < right.whole : left.fraction < right.fraction
        }
    }
}

/// Random conditions on the columns of ``EveryType``.
struct PredicateGenerator {
    var generator: SeededGenerator

    mutating func predicate(depth: Int = 2) -> Predicate {
        guard depth > 0, Int.random(in: 0..<3, using: &generator) > 0 else { return comparison() }
        let parts = (0..<Int.random(in: 0...3, using: &generator)).map { _ in predicate(depth: depth - 1) }
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: return .and(parts)
        case 1: return .or(parts)
        default: return .not(predicate(depth: depth - 1))
        }
    }

    private mutating func comparison() -> Predicate {
        let comparable = EveryType.schema.columns.filter { $0.name != "pair" }
        let column = comparable.randomElement(using: &generator)!
        let name = column.name
        switch Int.random(in: 0..<11, using: &generator) {
        case 0: return .equal(name, literal(column.type))
        case 1: return .notEqual(name, literal(column.type))
        case 2: return .less(name, literal(column.type))
        case 3: return .lessOrEqual(name, literal(column.type))
        case 4: return .greater(name, literal(column.type))
        case 5: return .greaterOrEqual(name, literal(column.type))
        case 6: return .between(name, literal(column.type), literal(column.type))
        case 7: return .in(name, (0..<Int.random(in: 0...4, using: &generator)).map { _ in literal(column.type) })
        case 8: return .isNull(name)
        case 9: return .isNotNull(name)
        default:
            let prefixes = ["", "a", "b", "ab", String(repeating: "a", count: 31), String(repeating: "a", count: 40)]
            let texts = ["id", "text", "blob"]
            return .prefix(texts.randomElement(using: &generator)!, prefixes.randomElement(using: &generator)!)
        }
    }

    /// A value of the type, or for numbers one of another type of number.
    private mutating func literal(_ type: ColumnType) -> Value {
        switch type {
        case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .float32, .float64:
            let others: [ColumnType] = [type, type, .int64, .uint64, .float64]
            return EveryType.value(of: others.randomElement(using: &generator)!, using: &generator)
        default: return EveryType.value(of: type, using: &generator)
        }
    }
}
