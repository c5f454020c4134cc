package import ColumnFormat

/// Which outcomes a condition can have on the rows of a zone. Too many is allowed, too few never.
package struct PossibleOutcomes: Equatable {
    package var canBeTrue: Bool
    package var canBeFalse: Bool

    package static let any = PossibleOutcomes(canBeTrue: true, canBeFalse: true)
}

extension Predicate {
    /// What the condition can be on rows of which only the zone maps are known; `zone` gives nil where nothing is known.
    package func outcomes(type: (String) -> ColumnType, zone: (String) -> ZoneMap?) -> PossibleOutcomes {
        switch self {
        case .and(let parts):
            let each = parts.map { $0.outcomes(type: type, zone: zone) }
            return PossibleOutcomes(
                canBeTrue: each.allSatisfy(\.canBeTrue), canBeFalse: each.contains { $0.canBeFalse })
        case .or(let parts):
            let each = parts.map { $0.outcomes(type: type, zone: zone) }
            return PossibleOutcomes(
                canBeTrue: each.contains { $0.canBeTrue }, canBeFalse: each.allSatisfy(\.canBeFalse))
        case .not(let part):
            let inner = part.outcomes(type: type, zone: zone)
            return PossibleOutcomes(canBeTrue: inner.canBeFalse, canBeFalse: inner.canBeTrue)
        case .isNull(let name):
            guard let zone = zone(name) else { return .any }
            return PossibleOutcomes(canBeTrue: zone.nullCount > 0, canBeFalse: zone.nullCount < zone.rowCount)
        case .isNotNull(let name):
            return Predicate.not(.isNull(name)).outcomes(type: type, zone: zone)
        case .equal(let name, let value): return comparison(name, value, type, zone) { $0.contains(.equal) }
        case .notEqual(let name, let value):
            return Predicate.not(.equal(name, value)).outcomes(type: type, zone: zone)
        case .less(let name, let value): return comparison(name, value, type, zone) { $0.contains(.less) }
        case .greater(let name, let value): return comparison(name, value, type, zone) { $0.contains(.greater) }
        case .lessOrEqual(let name, let value):
            return comparison(name, value, type, zone) { $0.contains(.less) || $0.contains(.equal) }
        case .greaterOrEqual(let name, let value):
            return comparison(name, value, type, zone) { $0.contains(.greater) || $0.contains(.equal) }
        case .between(let name, let low, let high):
            return Predicate.and([.greaterOrEqual(name, low), .lessOrEqual(name, high)])
                .outcomes(type: type, zone: zone)
        case .in(let name, let values):
            return Predicate.or(values.map { .equal(name, $0) }).outcomes(type: type, zone: zone)
        case .prefix(let name, let text):
            guard let zone = zone(name) else { return .any }
            return PossibleOutcomes(canBeTrue: Self.mayHold(prefix: Array(text.utf8), zone), canBeFalse: true)
        }
    }

    /// A comparison can be true only if a value that stands so to the literal can be in the zone. That it can be false is
    /// always granted: the gain would be in `not`, and the price is a rule for each of NaN, null and inexact bounds.
    private func comparison(
        _ name: String, _ value: Value, _ type: (String) -> ColumnType, _ zone: (String) -> ZoneMap?,
        _ accept: (Set<Ordering>) -> Bool
    ) -> PossibleOutcomes {
        guard let zone = zone(name), let key = ComparisonKey(value, for: type(name)) else { return .any }
        if zone.nullCount + zone.nanCount == zone.rowCount {
            return PossibleOutcomes(canBeTrue: false, canBeFalse: true)
        }
        var possible: Set<Ordering> = [.less, .equal, .greater]
        if let low = zone.minimum.flatMap({ ComparisonKey($0, for: type(name)) }), let order = low.compared(to: key) {
            if order != .less { possible.remove(.less) }
            if order == .greater { possible.remove(.equal) }
        }
        if let high = zone.maximum.flatMap({ ComparisonKey($0, for: type(name)) }), let order = high.compared(to: key) {
            if order != .greater { possible.remove(.greater) }
            if order == .less { possible.remove(.equal) }
        }
        return PossibleOutcomes(canBeTrue: accept(possible), canBeFalse: true)
    }

    private static func mayHold(prefix: [UInt8], _ zone: ZoneMap) -> Bool {
        if zone.nullCount == zone.rowCount { return false }
        // Everything with the prefix is at least the prefix itself, and below every text that is greater and does not have it.
        if case .bytes(let high)? = zone.maximum, high.lexicographicallyPrecedes(prefix) { return false }
        if case .bytes(let low)? = zone.minimum, prefix.lexicographicallyPrecedes(low), !low.starts(with: prefix) {
            return false
        }
        return true
    }
}
