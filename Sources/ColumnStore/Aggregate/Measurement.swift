internal import ColumnFormat

/// What is to be known of a column's values.
struct MeasureNeeds: OptionSet {
    let rawValue: UInt8

    static let sum = MeasureNeeds(rawValue: 1)
    static let extremes = MeasureNeeds(rawValue: 2)
    static let moments = MeasureNeeds(rawValue: 4)
    static let quantiles = MeasureNeeds(rawValue: 8)
    static let distinct = MeasureNeeds(rawValue: 16)
}

/// What is known of the values of one column in one group. Merging in a given order gives the same bits every time.
struct Measurement {
    /// Values that are not null.
    var count = 0
    var nanCount = 0
    var integerSum: Int128 = 0
    var realSum = CompensatedSum()
    /// See ``OrderKey``; the low one is above the high one where there is no value.
    var lowKey = Int64.max
    var highKey = Int64.min
    var moments = Moments()
    /// What few need, in one place, so that the many are copied quickly. Belongs to the measurement that was changed last.
    private var details: Details?

    private final class Details {
        var lowBytes: [UInt8]?
        var highBytes: [UInt8]?
        var quantiles: QuantileSketch?
        var distinct: DistinctSketch?
    }

    var lowBytes: [UInt8]? {
        get { details?.lowBytes }
        set { filledDetails().lowBytes = newValue }
    }
    var highBytes: [UInt8]? {
        get { details?.highBytes }
        set { filledDetails().highBytes = newValue }
    }
    var quantiles: QuantileSketch? {
        get { details?.quantiles }
        set { filledDetails().quantiles = newValue }
    }
    var distinct: DistinctSketch? {
        get { details?.distinct }
        set { filledDetails().distinct = newValue }
    }

    private mutating func filledDetails() -> Details {
        if let details { return details }
        let made = Details()
        details = made
        return made
    }

    mutating func add(_ other: Measurement) {
        count += other.count
        nanCount += other.nanCount
        integerSum += other.integerSum
        realSum.add(other.realSum)
        lowKey = min(lowKey, other.lowKey)
        highKey = max(highKey, other.highKey)
        moments.add(other.moments)
        guard let details = other.details else { return }
        if let low = details.lowBytes { lower(to: low) }
        if let high = details.highBytes { raise(to: high) }
        if let theirs = details.quantiles {
            if let ours = quantiles { ours.merge(theirs) } else { quantiles = theirs }
        }
        if let theirs = details.distinct {
            if let ours = distinct { ours.merge(theirs) } else { distinct = theirs }
        }
    }

    mutating func lower(to bytes: [UInt8]) {
        if let known = lowBytes, !bytes.lexicographicallyPrecedes(known) { return }
        lowBytes = bytes
    }

    mutating func raise(to bytes: [UInt8]) {
        if let known = highBytes, !known.lexicographicallyPrecedes(bytes) { return }
        highBytes = bytes
    }
}

/// Count, mean and squared distances to it.
struct Moments {
    private(set) var count = 0.0
    private var mean = 0.0
    private var squares = 0.0

    init() {}

    init(count: Double, mean: Double, squares: Double) {
        self.count = count
        self.mean = mean
        self.squares = squares
    }

    mutating func add(_ other: Moments) {
        if other.count == 0 { return }
        if count == 0 {
            self = other
            return
        }
        let total = count + other.count
        let distance = other.mean - mean
        mean += distance * (other.count / total)
        squares += other.squares + distance * distance * (count * (other.count / total))
        count = total
    }

    @inline(__always)
    mutating func add(_ value: Double) {
        count += 1
        let distance = value - mean
        mean += distance / count
        squares += distance * (value - mean)
    }

    /// The sample variance; nil of fewer than two values.
    var variance: Double? { count < 2 ? nil : squares / (count - 1) }
}
