package import ColumnFormat

/// A value of a predicate in the form in which values of one column type are compared with it.
package enum ComparisonKey: Equatable {
    /// Wide enough for every integer type, so that no literal has to be cut.
    case integer(Int128)
    case real(Double)
    case bytes([UInt8])

    /// Nil where values of `type` cannot be compared with `value`.
    package init?(_ value: Value, for type: ColumnType) {
        switch (type, value) {
        case (.bool, .bool(let v)): self = .integer(v ? 1 : 0)
        case (.timestamp, .timestamp(let v)): self = .integer(Int128(v.microseconds))
        case (.string, .string(let v)): self = .bytes(Array(v.utf8))
        case (.string, .bytes(let v)), (.bytes, .bytes(let v)): self = .bytes(v)
        case (.bytes, .string(let v)): self = .bytes(Array(v.utf8))
        case (.uuid, .uuid(let v)) where v.count == 16: self = .bytes(v)
        case (.bool, _), (.timestamp, _), (.string, _), (.bytes, _), (.uuid, _), (.vector, _): return nil
        case (_, .float32(let v)): self = .real(Double(v))
        case (_, .float64(let v)): self = .real(v)
        case (_, .int(let v)): self = .integer(Int128(v))
        case (_, .uint(let v)): self = .integer(Int128(v))
        default: return nil
        }
    }

    /// How this key, a bound of a zone map, compares with a literal; nil where either is NaN.
    package func compared(to other: ComparisonKey) -> Ordering? {
        switch (self, other) {
        case (.integer(let a), .integer(let b)): return a < b ? .less : a == b ? .equal : .greater
        case (.bytes(let a), .bytes(let b)):
            return a == b ? .equal : a.lexicographicallyPrecedes(b) ? .less : .greater
        case (.real(let a), .real(let b)): return Ordering(a, b)
        case (.integer(let a), .real(let b)): return Ordering(integer: a, real: b)
        case (.real(let a), .integer(let b)): return Ordering(integer: b, real: a)?.reversed
        default: return nil
        }
    }
}

/// The outcome of a comparison.
package enum Ordering {
    case less, equal, greater

    @inline(__always)
    package init?(_ a: Double, _ b: Double) {
        if a < b { self = .less } else if a == b { self = .equal } else if a > b { self = .greater } else { return nil }
    }

    /// An integer against a float, exactly: neither is rounded.
    @inline(__always)
    package init?(integer: Int128, real: Double) {
        if real.isNaN { return nil }
        if real >= 0x1p64 { self = .less; return }
        if real < -0x1p63 { self = .greater; return }
        let whole = real.rounded(.down)
        let floor = Int128(whole)
        if integer < floor {
            self = .less
        } else if integer > floor {
            self = .greater
        } else {
            self = whole == real ? .equal : .less
        }
    }

    package var reversed: Ordering {
        switch self {
        case .less: .greater
        case .equal: .equal
        case .greater: .less
        }
    }
}
