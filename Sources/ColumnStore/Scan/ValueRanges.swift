internal import ColumnFormat

/// The values that a comparison accepts, as ranges in the order of its column's type: what `=`, `<`, `≤`, `>`, `≥`, `between`,
/// `in` and `prefix` all come down to. NaN lies in no range.
enum ValueRanges {
    /// Bool, integers, timestamps; wide enough for every literal.
    case integers([ClosedRange<Int128>])
    /// Floats; the bounds of a float32 column are float32 values.
    case reals([ClosedRange<Double>])
    /// Text, bytes and uuids, by their bytes.
    case texts([TextRange])
    /// A type without order.
    case none

    var isEmpty: Bool {
        switch self {
        case .integers(let ranges): ranges.isEmpty
        case .reals(let ranges): ranges.isEmpty
        case .texts(let ranges): ranges.isEmpty
        case .none: true
        }
    }
}

/// All byte strings from `low` on, and below `end` where there is one.
struct TextRange {
    let low: [UInt8]
    let end: [UInt8]?

    func contains(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let isAtLeast = unsafe low.withUnsafeBytes { unsafe !ByteOrder.isLess(bytes, $0) }
        guard isAtLeast, let end else { return isAtLeast }
        return unsafe end.withUnsafeBytes { unsafe ByteOrder.isLess(bytes, $0) }
    }
}

/// A comparison with one literal.
enum ComparisonOperator {
    case equal, less, lessOrEqual, greater, greaterOrEqual
}

extension ValueRanges {
    /// The values of `type` that compare so with `literal`, which ``ComparisonKey`` accepts for it.
    init(_ comparison: ComparisonOperator, _ literal: Value, type: ColumnType) {
        guard let key = ComparisonKey(literal, for: type) else {
            self = .none
            return
        }
        switch type {
        case .float32, .float64:
            let range = Self.reals(comparison, key).flatMap { type == .float32 ? Self.single($0) : $0 }
            self = .reals(range.map { [$0] } ?? [])
        case .string, .bytes, .uuid:
            guard case .bytes(let bytes) = key else {
                self = .none
                return
            }
            self = .texts([Self.texts(comparison, bytes)])
        case .vector: self = .none
        default: self = .integers(Self.integers(comparison, key).map { [$0] } ?? [])
        }
    }

    /// Text that begins with `prefix`.
    init(prefix: [UInt8]) {
        var end = prefix
        while end.last == 0xFF { end.removeLast() }
        if let last = end.last { end[end.count - 1] = last + 1 }
        self = .texts([TextRange(low: prefix, end: end.isEmpty ? nil : end)])
    }

    /// The values in both; each has at most one range.
    func intersection(_ other: ValueRanges) -> ValueRanges {
        switch (self, other) {
        case (.integers(let a), .integers(let b)): .integers(Self.intersection(a.first, b.first))
        case (.reals(let a), .reals(let b)): .reals(Self.intersection(a.first, b.first))
        case (.texts(let a), .texts(let b)):
            if let a = a.first, let b = b.first { .texts(Self.intersection(a, b)) } else { .texts([]) }
        default: .none
        }
    }

    private static func intersection<T: Comparable>(_ a: ClosedRange<T>?, _ b: ClosedRange<T>?) -> [ClosedRange<T>] {
        guard let a, let b else { return [] }
        let (low, high) = (max(a.lowerBound, b.lowerBound), min(a.upperBound, b.upperBound))
        return low <= high ? [low...high] : []
    }

    private static func intersection(_ a: TextRange, _ b: TextRange) -> [TextRange] {
        let low = a.low.lexicographicallyPrecedes(b.low) ? b.low : a.low
        let end: [UInt8]? =
            if let left = a.end, let right = b.end { left.lexicographicallyPrecedes(right) ? left : right } else {
                a.end ?? b.end
            }
        if let end, !low.lexicographicallyPrecedes(end) { return [] }
        return [TextRange(low: low, end: end)]
    }

    /// The values in either.
    func union(_ other: ValueRanges) -> ValueRanges {
        switch (self, other) {
        case (.integers(let a), .integers(let b)): .integers(a + b)
        case (.reals(let a), .reals(let b)): .reals(a + b)
        case (.texts(let a), .texts(let b)): .texts(a + b)
        default: .none
        }
    }

    // MARK: Integers

    /// Beyond every integer and every literal.
    private static let infinity: Int128 = 1 << 100

    private static func integers(_ comparison: ComparisonOperator, _ key: ComparisonKey) -> ClosedRange<Int128>? {
        let (floor, ceiling): (Int128, Int128)
        switch key {
        case .integer(let value): (floor, ceiling) = (value, value)
        case .real(let value):
            if value.isNaN { return nil }
            if value.magnitude >= 0x1p80 {
                // Above all or below all.
                (floor, ceiling) = value > 0 ? (infinity - 1, infinity) : (-infinity, 1 - infinity)
            } else {
                (floor, ceiling) = (Int128(value.rounded(.down)), Int128(value.rounded(.up)))
            }
        case .bytes: return nil
        }
        switch comparison {
        case .equal: return floor == ceiling ? floor...floor : nil
        case .less: return -infinity...max(ceiling - 1, -infinity)
        case .lessOrEqual: return -infinity...floor
        case .greater: return min(floor + 1, infinity)...infinity
        case .greaterOrEqual: return ceiling...infinity
        }
    }

    // MARK: Floats

    private static func reals(_ comparison: ComparisonOperator, _ key: ComparisonKey) -> ClosedRange<Double>? {
        // The doubles next to the literal, which need not be one itself: an integer may have more digits.
        let (floor, ceiling): (Double, Double)
        switch key {
        case .real(let value):
            if value.isNaN { return nil }
            (floor, ceiling) = (value, value)
        case .integer(let value):
            let nearest = Double(value)
            switch Ordering(integer: value, real: nearest) {
            case .less: (floor, ceiling) = (nearest.nextDown, nearest)
            case .greater: (floor, ceiling) = (nearest, nearest.nextUp)
            default: (floor, ceiling) = (nearest, nearest)
            }
        case .bytes: return nil
        }
        switch comparison {
        case .equal: return floor == ceiling ? floor...floor : nil
        case .less: return ceiling == -.infinity ? nil : -.infinity...ceiling.nextDown
        case .lessOrEqual: return -.infinity...floor
        case .greater: return floor == .infinity ? nil : floor.nextUp ... .infinity
        case .greaterOrEqual: return ceiling ... .infinity
        }
    }

    /// The float32 values of a range; nil where there are none.
    private static func single(_ range: ClosedRange<Double>) -> ClosedRange<Double>? {
        var low = Float(range.lowerBound)
        if Double(low) < range.lowerBound { low = low.nextUp }
        var high = Float(range.upperBound)
        if Double(high) > range.upperBound { high = high.nextDown }
        return low <= high ? Double(low)...Double(high) : nil
    }

    // MARK: Text

    private static func texts(_ comparison: ComparisonOperator, _ bytes: [UInt8]) -> TextRange {
        // Nothing lies between a text and the same with a zero byte behind it.
        switch comparison {
        case .equal: TextRange(low: bytes, end: bytes + [0])
        case .less: TextRange(low: [], end: bytes)
        case .lessOrEqual: TextRange(low: [], end: bytes + [0])
        case .greater: TextRange(low: bytes + [0], end: nil)
        case .greaterOrEqual: TextRange(low: bytes, end: nil)
        }
    }
}
