import Drumlin
import TaxiTrips

/// One week of serving: what really happened, which only this example can count at once, and what the store made of
/// the labels as they came.
struct ServedWeek {
    /// Monday, and the Monday after.
    let start: Timestamp
    let end: Timestamp
    private(set) var tripCount = 0
    private(set) var correctCount = 0
    private(set) var goodTipCount = 0
    /// The sum of the scores: how many good tips the model expected.
    private(set) var expectedGoodTipCount = 0.0
    /// How often each tip above zero was recorded, by cents.
    private(set) var tipCounts: [Int: Int] = [:]
    /// The store's accuracy when the week's window closed.
    var believed: Accuracy?
    /// The store's accuracy when every label was in.
    var confirmed: Accuracy?

    /// The week that contains a point in time.
    init(containing time: Timestamp) {
        start = time.monday
        end = start.advanced(byDays: 7)
    }

    mutating func add(_ trip: Trip, score: Double) {
        tripCount += 1
        correctCount += (score >= 0.5) == trip.hasGoodTip ? 1 : 0
        goodTipCount += trip.hasGoodTip ? 1 : 0
        expectedGoodTipCount += score
        if trip.tip > 0 { tipCounts[Int((trip.tip * 100).rounded()), default: 0] += 1 }
    }

    /// When the store has closed the week's window for sure: it does so an hour after its end, or with the next event.
    var closed: Timestamp { Timestamp(microseconds: end.microseconds + TimeSpan.hours(3).microseconds) }

    var trueAccuracy: Double { Double(correctCount) / Double(tripCount) }

    /// What the store estimated, when the week ended, for the trips without label, and what their labels said later.
    var unlabeled: (estimated: Double, later: Double, error: Double)? {
        guard let believed, let estimated = believed.unlabeled, believed.unlabeledCount > 0 else { return nil }
        let knownCorrect = (believed.labeled ?? 0) * Double(believed.labeledCount)
        let later = (Double(correctCount) - knownCorrect) / Double(believed.unlabeledCount)
        return (estimated, later, abs(estimated - later))
    }

    /// Whether the accuracy with all labels lies in the interval that was believed.
    var isInsideInterval: Bool? { believed?.interval?.contains(trueAccuracy) }
}

/// What a metric row says that the report needs; nil where the store has no value.
struct Accuracy: Equatable {
    var labeledCount: Int
    var unlabeledCount: Int
    /// Of the trips with a label, counted.
    var labeled: Double?
    /// Of the trips without, estimated.
    var unlabeled: Double?
    /// Of all trips, the two blended.
    var all: Double?
    /// The 95 % interval of `all`.
    var interval: ClosedRange<Double>?
}

extension Accuracy {
    init(_ row: MetricRow) {
        self.init(
            labeledCount: Int(row.labeledCount), unlabeledCount: Int(row.unlabeledCount), labeled: row.labeledValue,
            unlabeled: row.unlabeledValue, all: row.value)
        if let low = row.ciLow, let high = row.ciHigh, low <= high { interval = low...high }
    }
}
