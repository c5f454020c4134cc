package import ColumnFormat

/// The outcome of a condition on each row: 0 false, 1 true, 2 unknown.
package typealias TruthColumn = [UInt8]

extension Predicate {
    /// Evaluates the condition on `count` rows; `slice` gives the rows of a column that ``columns`` names.
    package func evaluate(count: Int, slice: (String) -> ColumnSlice) -> TruthColumn {
        switch self {
        case .and(let parts):
            return parts.reduce(into: TruthColumn(repeating: 1, count: count)) { result, part in
                let other = part.evaluate(count: count, slice: slice)
                for i in 0..<count {
                    result[i] = result[i] == 0 || other[i] == 0 ? 0 : result[i] == 2 || other[i] == 2 ? 2 : 1
                }
            }
        case .or(let parts):
            return parts.reduce(into: TruthColumn(repeating: 0, count: count)) { result, part in
                let other = part.evaluate(count: count, slice: slice)
                for i in 0..<count {
                    result[i] = result[i] == 1 || other[i] == 1 ? 1 : result[i] == 2 || other[i] == 2 ? 2 : 0
                }
            }
        case .not(let part):
            return part.evaluate(count: count, slice: slice).map { $0 == 2 ? 2 : 1 - $0 }
        case .isNull(let name):
            let column = slice(name)
            return (0..<count).map { column.isNull($0) ? 1 : 0 }
        case .isNotNull(let name):
            let column = slice(name)
            return (0..<count).map { column.isNull($0) ? 0 : 1 }
        case .equal(let name, let value): return compare(slice(name), value) { $0 == .equal }
        case .notEqual(let name, let value): return compare(slice(name), value) { $0 != .equal }
        case .less(let name, let value): return compare(slice(name), value) { $0 == .less }
        case .lessOrEqual(let name, let value): return compare(slice(name), value) { $0 == .less || $0 == .equal }
        case .greater(let name, let value): return compare(slice(name), value) { $0 == .greater }
        case .greaterOrEqual(let name, let value):
            return compare(slice(name), value) { $0 == .greater || $0 == .equal }
        case .between(let name, let low, let high):
            return Predicate.and([.greaterOrEqual(name, low), .lessOrEqual(name, high)])
                .evaluate(count: count, slice: slice)
        case .in(let name, let values):
            if values.isEmpty { return TruthColumn(repeating: 0, count: count) }
            return Predicate.or(values.map { .equal(name, $0) }).evaluate(count: count, slice: slice)
        case .prefix(let name, let text):
            let column = slice(name)
            let prefix = Array(text.utf8)
            return (0..<count).map { row in
                if column.isNull(row) { return 2 }
                return unsafe column.variableBytes(at: row).starts(with: prefix) ? 1 : 0
            }
        }
    }

    /// Compares every value with a literal; `accept` is given nil where one of the two is NaN.
    @inline(__always)
    private func compare(_ slice: ColumnSlice, _ value: Value, accept: (Ordering?) -> Bool) -> TruthColumn {
        guard let key = ComparisonKey(value, for: slice.type) else {
            return TruthColumn(repeating: 2, count: slice.count)
        }
        switch slice.type {
        case .bool, .uint8: return compareIntegers(slice, as: UInt8.self, key, accept)
        case .int8: return compareIntegers(slice, as: Int8.self, key, accept)
        case .int16: return compareIntegers(slice, as: Int16.self, key, accept)
        case .int32: return compareIntegers(slice, as: Int32.self, key, accept)
        case .int64, .timestamp: return compareIntegers(slice, as: Int64.self, key, accept)
        case .uint16: return compareIntegers(slice, as: UInt16.self, key, accept)
        case .uint32: return compareIntegers(slice, as: UInt32.self, key, accept)
        case .uint64: return compareIntegers(slice, as: UInt64.self, key, accept)
        case .float32: return compareReals(slice, as: Float.self, key, accept)
        case .float64: return compareReals(slice, as: Double.self, key, accept)
        case .string, .bytes, .uuid: return compareBytes(slice, key, accept)
        case .vector: return TruthColumn(repeating: 2, count: slice.count)
        }
    }

    @inline(__always)
    private func compareIntegers<T: FixedWidthInteger & BitwiseCopyable>(
        _ slice: ColumnSlice, as _: T.Type, _ key: ComparisonKey, _ accept: (Ordering?) -> Bool
    ) -> TruthColumn {
        let values = unsafe slice.pointer(as: T.self)
        var result = TruthColumn(repeating: 0, count: slice.count)
        for row in 0..<slice.count {
            let value = unsafe Int128(values[row])
            let ordering: Ordering? =
                switch key {
                case .integer(let other): value < other ? .less : value == other ? .equal : .greater
                case .real(let other): Ordering(integer: value, real: other)
                case .bytes: nil
                }
            result[row] = slice.isNull(row) ? 2 : accept(ordering) ? 1 : 0
        }
        return result
    }

    @inline(__always)
    private func compareReals<T: BinaryFloatingPoint & BitwiseCopyable>(
        _ slice: ColumnSlice, as _: T.Type, _ key: ComparisonKey, _ accept: (Ordering?) -> Bool
    ) -> TruthColumn {
        let values = unsafe slice.pointer(as: T.self)
        var result = TruthColumn(repeating: 0, count: slice.count)
        for row in 0..<slice.count {
            let value = unsafe Double(values[row])
            let ordering: Ordering? =
                switch key {
                case .real(let other): Ordering(value, other)
                case .integer(let other): Ordering(integer: other, real: value)?.reversed
                case .bytes: nil
                }
            result[row] = slice.isNull(row) ? 2 : accept(ordering) ? 1 : 0
        }
        return result
    }

    @inline(__always)
    private func compareBytes(
        _ slice: ColumnSlice, _ key: ComparisonKey, _ accept: (Ordering?) -> Bool
    ) -> TruthColumn {
        guard case .bytes(let other) = key else { return TruthColumn(repeating: 2, count: slice.count) }
        return unsafe other.withUnsafeBytes { other in
            var result = TruthColumn(repeating: 0, count: slice.count)
            for row in 0..<slice.count {
                let value = unsafe slice.keyBytes(at: row)
                let ordering: Ordering =
                    unsafe ByteOrder.isEqual(value, other)
                    ? .equal : unsafe ByteOrder.isLess(value, other) ? .less : .greater
                result[row] = slice.isNull(row) ? 2 : accept(ordering) ? 1 : 0
            }
            return result
        }
    }
}
