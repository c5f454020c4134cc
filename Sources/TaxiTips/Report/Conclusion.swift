import CommandSupport
import Foundation
import TaxiTrips

/// What the weeks show, in sentences made from their numbers.
struct Conclusion {
    let weeks: [ServedWeek]
    /// The accuracy on the held-out trips of the training period.
    let referenceAccuracy: Double

    /// A week's estimate for the trips without label counts as missed if it is further than this from the truth.
    static let missDistance = 0.03

    private var met: [ServedWeek] { weeks.filter { ($0.unlabeled?.error ?? .infinity) <= Self.missDistance } }
    private var missed: [ServedWeek] { weeks.filter { ($0.unlabeled?.error ?? 0) > Self.missDistance } }

    /// One paragraph a string.
    func paragraphs() -> [String] {
        [whatLabelsConfirm(), whereItAnticipated(), whereItMissed(), whatTheTipsSay()].compactMap { $0 }
    }

    /// The week in which the estimate went astray, or else the first: the one to look into.
    var weekOfInterest: ServedWeek? { missed.first ?? weeks.first }

    // MARK: Paragraphs

    /// The store's last figures against the example's own count.
    private func whatLabelsConfirm() -> String {
        let different = weeks.filter { week in
            guard let confirmed = week.confirmed, confirmed.unlabeledCount == 0 else { return true }
            return abs((confirmed.labeled ?? 0) - week.trueAccuracy) > 1e-12
        }
        if different.isEmpty {
            return "Every label came in, and then the store's accuracy equals a count over all trips in every week."
        }
        return "With the labels that came in, the store's accuracy is not a count over all trips in \(list(different))."
    }

    private func whereItAnticipated() -> String? {
        guard !met.isEmpty else { return nil }
        let estimated = mean(met) { abs(($0.believed?.all ?? .nan) - $0.trueAccuracy) }
        let labeled = mean(met) { abs(($0.believed?.labeled ?? .nan) - $0.trueAccuracy) }
        let constant = mean(met) { abs(referenceAccuracy - ($0.unlabeled?.later ?? .nan)) }
        return """
            The estimate anticipated the labels in \(list(met)). When a week ended, it was \(points(estimated)) points \
            on average from the accuracy that all labels gave in the end, which was in the 95 % interval in \
            \(met.count { $0.isInsideInterval == true }) of \(met.count); the accuracy of the labels that were in \
            was \(points(labeled)) points from it. For the trips without label alone, it was \
            \(points(mean(met, unlabeledError))) points off; the \(Units.percent(referenceAccuracy)) of the held-out \
            trips, had one gone on believing them, \(points(constant)).
            """
    }

    private func whereItMissed() -> String {
        guard let first = missed.first, let unlabeled = first.unlabeled else {
            return "In no week was it more than \(points(Self.missDistance)) points off for the trips without label."
        }
        let bias = mean(missed) { ($0.unlabeled?.estimated ?? 0) - ($0.unlabeled?.later ?? 0) }
        let direction = bias > Self.missDistance ? ", too high" : bias < -Self.missDistance ? ", too low" : ""
        return """
            It did not in \(list(missed)): for the trips without label it was \(points(mean(missed, unlabeledError))) \
            points off\(direction). \(whyItMissed()) The labels that were in told of it: in the week of \
            \(first.start.date) their accuracy was \(Units.percent(first.believed?.labeled ?? .nan)), beside \
            \(Units.percent(unlabeled.estimated)) estimated for the others.\(usualGap())
            """
    }

    /// How far labeled and estimated accuracy were apart where all was well: what to compare an alarm with.
    private func usualGap() -> String {
        let gaps = met.compactMap { week -> Double? in
            guard let labeled = week.believed?.labeled, let unlabeled = week.unlabeled else { return nil }
            return abs(labeled - unlabeled.estimated)
        }
        guard let greatest = gaps.max() else { return "" }
        return " In the weeks that it anticipated, the two were at most \(points(greatest)) points apart."
    }

    private func whyItMissed() -> String {
        let tripCount = Double(missed.reduce(0) { $0 + $1.tripCount })
        let expected = missed.reduce(0) { $0 + $1.expectedGoodTipCount } / tripCount
        let recorded = Double(missed.reduce(0) { $0 + $1.goodTipCount }) / tripCount
        guard abs(expected - recorded) > Self.missDistance else {
            return "Trips of the same score were no longer right as often as in the reference."
        }
        return """
            The model expected a good tip on \(Units.percent(expected)) of these weeks' trips, and \
            \(Units.percent(recorded)) have one on record: what follows from the same features, P(label | features), is \
            no longer what it was in the reference, and without labels no estimate can see that.
            """
    }

    /// A tip that became much more common in the weeks that were missed.
    private func whatTheTipsSay() -> String? {
        let before = tipShares(met)
        let rises = tipShares(missed).map { (cents: $0.key, share: $0.value, rise: $0.value - (before[$0.key] ?? 0)) }
        guard !met.isEmpty, let top = rises.max(by: { ($0.rise, $1.cents) < ($1.rise, $0.cents) }), top.rise >= 0.05
        else { return nil }
        return """
            One value stands out: a tip of exactly $\(String(format: "%.2f", Double(top.cents) / 100)) is \
            \(Units.percent(top.share)) of all tips in these weeks, and \(Units.percent(before[top.cents] ?? 0)) in \
            the others. That looks like a fault in the records.
            """
    }

    // MARK: Figures

    private func unlabeledError(of week: ServedWeek) -> Double { week.unlabeled?.error ?? .nan }

    private func mean(_ weeks: [ServedWeek], _ value: (ServedWeek) -> Double) -> Double {
        weeks.reduce(0) { $0 + value($1) } / Double(weeks.count)
    }

    /// The share of each amount, by cents, among the tips above zero.
    private func tipShares(_ weeks: [ServedWeek]) -> [Int: Double] {
        let counts = weeks.reduce(into: [Int: Int]()) { $0.merge($1.tipCounts, uniquingKeysWith: +) }
        let total = counts.values.reduce(0, +)
        return counts.mapValues { Double($0) / Double(total) }
    }

    private func points(_ share: Double) -> String { String(format: "%.1f", share * 100) }

    /// `the 5 weeks of 2020-03-09 to 2020-03-30, 2020-05-04`
    private func list(_ weeks: [ServedWeek]) -> String {
        var runs: [[ServedWeek]] = []
        for week in weeks {
            if let last = runs.last?.last, last.end == week.start {
                runs[runs.count - 1].append(week)
            } else {
                runs.append([week])
            }
        }
        let dates = runs.map { run in
            run.count == 1 ? run[0].start.date : "\(run[0].start.date) to \(run[run.count - 1].start.date)"
        }
        return (weeks.count == 1 ? "the week of " : "the \(weeks.count) weeks of ") + dates.joined(separator: ", ")
    }
}
