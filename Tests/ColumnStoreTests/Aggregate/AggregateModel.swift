import ColumnFormat
import ColumnStore

/// What aggregates are, from boxed rows, as plainly as it can be said.
enum AggregateModel {
    /// The values of the aggregates over `rows`; floats are rounded once, from exact sums.
    static func values(_ aggregates: [Aggregate], _ rows: [[String: Value]]) -> [Value] {
        aggregates.map { value($0, rows) }
    }

    static func value(_ aggregate: Aggregate, _ rows: [[String: Value]]) -> Value {
        guard let column = aggregate.column else { return .int(Int64(rows.count)) }
        let values = rows.compactMap { $0[column] == .null ? nil : $0[column] }
        let name = aggregate.name.prefix { $0 != "(" }
        switch name {
        case "count": return .int(Int64(values.count))
        case "distinctCount": return .int(Int64(Set(values.map { canonical($0) }).count))
        case "min", "max":
            if values.isEmpty { return .null }
            let ordered = values.filter { !isNaN($0) }.sorted { isLess($0, $1) }
            return (name == "min" ? ordered.first : ordered.last).map { canonical($0) } ?? canonical(values[0])
        default: break
        }
        if values.isEmpty { return .null }
        let doubles = values.map { double($0) }
        switch name {
        case "sum":
            if let integers = integers(values) {
                let sum = integers.reduce(0, +)
                if case .uint = values[0] { return .uint(UInt64(sum)) }
                return .int(Int64(sum))
            }
            return .float64(exactSum(doubles))
        case "mean":
            if let integers = integers(values) {
                return .float64(Double(integers.reduce(0, +)) / Double(values.count))
            }
            return .float64(exactSum(doubles) / Double(values.count))
        case "variance":
            if values.count < 2 { return .null }
            let mean = exactSum(doubles) / Double(values.count)
            return .float64(exactSum(doubles.map { ($0 - mean) * ($0 - mean) }) / Double(values.count - 1))
        default: preconditionFailure("no model of \(aggregate.name)")
        }
    }

    /// The exact sum, rounded once (J. R. Shewchuk's growing expansion); NaN and infinities as they add up.
    static func exactSum(_ values: [Double]) -> Double {
        let plain = values.reduce(0, +)
        if !values.allSatisfy(\.isFinite) { return plain }
        var parts: [Double] = []
        for value in values {
            var x = value
            var kept: [Double] = []
            for part in parts {
                let (large, small) = x.magnitude < part.magnitude ? (part, x) : (x, part)
                let sum = large + small
                let lost = small - (sum - large)
                if lost != 0 { kept.append(lost) }
                x = sum
            }
            parts = kept + [x]
        }
        return parts.reversed().reduce(0, +)
    }

    /// −0.0 as 0.0, and all NaNs as one.
    static func canonical(_ value: Value) -> Value {
        switch value {
        case .float32(let v): v.isNaN ? .string("NaN") : .float32(v == 0 ? 0 : v)
        case .float64(let v): v.isNaN ? .string("NaN") : .float64(v == 0 ? 0 : v)
        default: value
        }
    }

    private static func isNaN(_ value: Value) -> Bool { canonical(value) == .string("NaN") }

    private static func integers(_ values: [Value]) -> [Int128]? {
        switch values[0] {
        case .bool, .int, .uint, .timestamp: values.map { integer($0) }
        default: nil
        }
    }

    static func integer(_ value: Value) -> Int128 {
        switch value {
        case .bool(let v): v ? 1 : 0
        case .int(let v): Int128(v)
        case .uint(let v): Int128(v)
        case .timestamp(let v): Int128(v.microseconds)
        default: 0
        }
    }

    static func double(_ value: Value) -> Double {
        switch value {
        case .float32(let v): Double(v)
        case .float64(let v): v
        default: Double(integer(value))
        }
    }

    static func isLess(_ left: Value, _ right: Value) -> Bool {
        switch (left, right) {
        case (.string(let a), .string(let b)): Array(a.utf8).lexicographicallyPrecedes(Array(b.utf8))
        case (.bytes(let a), .bytes(let b)), (.uuid(let a), .uuid(let b)): a.lexicographicallyPrecedes(b)
        case (.float32, _), (.float64, _): double(left) < double(right)
        default: integer(left) < integer(right)
        }
    }

    /// Whether a result is what it should be: exactly, or for float64 results of sums within `tolerance`.
    static func isClose(_ found: Value, _ expected: Value, tolerance: Double) -> Bool {
        switch (canonical(found), canonical(expected)) {
        case (.float64(let a), .float64(let b)):
            // Where an exact sum is beyond all floats, another order may get there sooner or later.
            a == b || (a - b).magnitude <= tolerance || !tolerance.isFinite
        case (let a, let b): a == b
        }
    }
}
