internal import ColumnFormat

/// What zone maps say of a condition on their rows.
enum ZoneOutcome {
    /// True on no row.
    case never
    /// Nothing is sure.
    case possible
    /// True on every row.
    case always
}

extension Condition {
    /// What is sure on rows of which only the zone maps are known; `zone` gives nil where nothing is. "Never" and "always" are
    /// never wrong, "possible" says nothing.
    func outcome(zone: (Int) -> ZoneMap?) -> ZoneOutcome {
        switch self {
        case .comparison(let comparison): return zone(comparison.column).map(comparison.outcome) ?? .possible
        case .isNull(let column):
            guard let zone = zone(column) else { return .possible }
            return zone.nullCount == 0 ? .never : zone.nullCount == zone.rowCount ? .always : .possible
        case .isNotNull(let column):
            guard let zone = zone(column) else { return .possible }
            return zone.nullCount == 0 ? .always : zone.nullCount == zone.rowCount ? .never : .possible
        case .all(let parts):
            var result = ZoneOutcome.always
            for part in parts {
                switch part.outcome(zone: zone) {
                case .never: return .never
                case .possible: result = .possible
                case .always: break
                }
            }
            return result
        case .any(let parts):
            var result = ZoneOutcome.never
            for part in parts {
                switch part.outcome(zone: zone) {
                case .always: return .always
                case .possible: result = .possible
                case .never: break
                }
            }
            return result
        }
    }
}

extension Condition.Comparison {
    func outcome(_ zone: ZoneMap) -> ZoneOutcome {
        let valid = zone.rowCount - zone.nullCount
        guard valid > 0 else { return .never }
        let numbers = valid - zone.nanCount
        var (some, all) = numbers > 0 ? within(zone) : (false, false)
        if zone.nanCount > 0 { all = false }
        // NaN lies outside of the ranges, a null is neither outside nor inside.
        let (canBe, mustBe) = isNegated ? (!all, !some) : (some, all)
        some = canBe
        all = mustBe && zone.nullCount == 0
        return all ? .always : some ? .possible : .never
    }

    /// Whether some, and whether all of the values between the zone's bounds may, or do, lie in the ranges. A bound need
    /// not be a value, nor be there.
    private func within(_ zone: ZoneMap) -> (some: Bool, all: Bool) {
        switch ranges {
        case .none: return (false, false)
        case .integers(let ranges):
            return Self.within(ranges, zone.minimum.flatMap(Self.integer), zone.maximum.flatMap(Self.integer))
        case .reals(let ranges):
            return Self.within(ranges, zone.minimum.flatMap(Self.real), zone.maximum.flatMap(Self.real))
        case .texts(let ranges):
            return Self.within(ranges, zone.minimum.flatMap(Self.bytes), zone.maximum.flatMap(Self.bytes))
        }
    }

    private static func within<T: Comparable>(_ ranges: [ClosedRange<T>], _ low: T?, _ high: T?) -> (Bool, Bool) {
        var some = false
        for range in ranges {
            let isBelow = high.map { $0 < range.lowerBound } ?? false
            let isAbove = low.map { $0 > range.upperBound } ?? false
            if isBelow || isAbove { continue }
            some = true
            if let low, let high, low >= range.lowerBound, high <= range.upperBound { return (true, true) }
        }
        return (some, false)
    }

    private static func within(_ ranges: [TextRange], _ low: [UInt8]?, _ high: [UInt8]?) -> (Bool, Bool) {
        var some = false
        for range in ranges {
            let isBelow = high.map { $0.lexicographicallyPrecedes(range.low) } ?? false
            var isAbove = false
            if let low, let end = range.end { isAbove = !low.lexicographicallyPrecedes(end) }
            if isBelow || isAbove { continue }
            some = true
            guard let low, !low.lexicographicallyPrecedes(range.low) else { continue }
            guard let end = range.end else { return (true, true) }
            if let high, high.lexicographicallyPrecedes(end) { return (true, true) }
        }
        return (some, false)
    }

    private static func integer(_ value: Value) -> Int128? {
        switch value {
        case .bool(let v): v ? 1 : 0
        case .int(let v): Int128(v)
        case .uint(let v): Int128(v)
        case .timestamp(let v): Int128(v.microseconds)
        default: nil
        }
    }

    private static func real(_ value: Value) -> Double? {
        switch value {
        case .float32(let v): Double(v)
        case .float64(let v): v
        default: nil
        }
    }

    private static func bytes(_ value: Value) -> [UInt8]? {
        if case .bytes(let bytes) = value { bytes } else { nil }
    }
}
