internal import ColumnFormat

/// Finds the sentences that a report begins with.
struct ReportFindings {
    private let report: TaskReport

    init(_ report: TaskReport) { self.report = report }

    /// In the order of time.
    func all() -> [ReportFinding] {
        (disagreements() + anomalies() + [moved(), missing(), violated()].compactMap(\.self)).sorted {
            ($0.at, $0.title) < ($1.at, $1.title)
        }
    }

    private static let anomalyLimit = 8

    // MARK: Labels against estimates

    /// A window with fewer labels, or fewer of its labels, says nothing of an estimate.
    private static let leastLabelCount = 100
    private static let matureShare = 0.7

    /// Metrics that turned out, when labels came, to lie outside of the interval that was told when their window closed.
    private func disagreements() -> [ReportFinding] {
        var found: [String: ReportFinding] = [:]
        var order: [String] = []
        for series in report.series where series.segment == nil {
            guard let finding = disagreement(series) else { continue }
            if found[series.metric] == nil { order.append(series.metric) }
            // The longest windows come last where they are as many: they have the narrowest intervals.
            let isLonger = series.points.first?.now.size ?? 0 > (sizes[series.metric] ?? 0)
            if found[series.metric] == nil || isLonger { found[series.metric] = finding }
        }
        return order.prefix(3).compactMap { found[$0] }
    }

    /// Of each metric the greatest length of its windows of which there are at least six.
    private var sizes: [String: Int64] {
        var result: [String: Int64] = [:]
        for series in report.series where series.points.count >= 6 {
            result[series.metric] = max(result[series.metric] ?? 0, (series.points.first?.now.size ?? 0) - 1)
        }
        return result
    }

    private func disagreement(_ series: ReportSeries) -> ReportFinding? {
        let judged = series.points.filter { point in
            let (labeled, unlabeled) = (point.now.labeledCount, point.now.unlabeledCount)
            return point.then?.ciLow != nil && point.then?.unlabeledCount ?? 0 > 0 && labeled >= Self.leastLabelCount
                && Double(labeled) >= Self.matureShare * Double(labeled + unlabeled)
        }
        func isOutside(_ point: ReportSeries.Point) -> Bool {
            guard let now = point.now.labeledValue, let low = point.then?.ciLow, let high = point.then?.ciHigh else {
                return false
            }
            // As far again as the interval is wide, and by what one would care about.
            let distance = max(low - now, now - high)
            return distance > (high - low) / 2 && distance > 0.005 * max(low.magnitude, high.magnitude)
        }
        let outside = judged.indices.filter { isOutside(judged[$0]) }
        // One of twenty is outside of the interval when all is well, but neither so far nor three running.
        guard let first = outside.first(where: { outside.contains($0 + 1) && outside.contains($0 + 2) }),
            let start = judged[first].now.start, let then = judged[first].then, let now = judged[first].now.labeledValue
        else { return nil }
        let beyond = outside.count { $0 >= first }
        let estimate = then.unlabeledValue.map { ", those without a label at \(Self.number($0))" } ?? ""
        return ReportFinding(
            kind: .disagreement, at: start.microseconds, subject: series.metric,
            title: "\(series.metric): labels are not what was estimated",
            text:
                "When the window \(series.window) from \(Self.day(start.microseconds)) closed, \(series.metric) was put at "
                + "\(Self.number(then.value)) (\(Self.number(then.ciLow)) to \(Self.number(then.ciHigh))\(estimate)); its labels say "
                + "\(Self.number(now)). So in \(beyond) of \(judged.count - first) windows since then, and in "
                + "\(outside.count - beyond) of \(first) before. The features do not tell of it: labels are recorded otherwise, or "
                + "the same features lead to other outcomes. Believe the labels."
        )
    }

    // MARK: Alerts

    /// What alerts say that are no drift, a finding for each thing that they are about.
    private func anomalies() -> [ReportFinding] {
        var order: [String?] = []
        var groups: [String?: [ReportIncident]] = [:]
        for incident in report.incidents where DriftStatistic(rawValue: incident.entered.kind) == nil {
            let subject = incident.entered.subject
            if groups[subject] == nil { order.append(subject) }
            groups[subject, default: []].append(incident)
        }
        // What is missing, or one value too often, is a fault more likely than a level that has moved.
        func rank(_ subject: String?) -> Int {
            groups[subject]?.contains { $0.entered.kind != "level" } == true ? 0 : 1
        }
        let ranked = order.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }
        return ranked.prefix(Self.anomalyLimit).compactMap { groups[$0.element].flatMap(anomaly) }
    }

    /// What the alerts about one thing come to: the first of each kind, and how it ended.
    private func anomaly(_ incidents: [ReportIncident]) -> ReportFinding? {
        guard let first = incidents.first else { return nil }
        let isOfVolume = first.entered.kind == AnomalyKind.volume.rawValue
        let steepest = isOfVolume ? steepestChange(near: first.entered.start) : nil
        var text = steepest.map { $0.text + " The alert of \(Self.day(first.entered.start.microseconds)): " } ?? ""
        text += first.entered.message + "."
        if let left = first.left {
            text += " \(Self.day(left.start.microseconds)): \(left.message)."
        } else {
            text += " It lasts."
        }
        var seen: Set<String> = [first.entered.kind]
        for other in incidents.dropFirst() where seen.insert(other.entered.kind).inserted {
            text += " \(Self.day(other.entered.start.microseconds)): \(other.entered.message)."
        }
        let again = incidents.count { $0.entered.kind == first.entered.kind } - 1
        if again > 0 { text += " It came again \(again == 1 ? "once" : "\(again) times"); see the alerts." }
        return ReportFinding(
            kind: .alert, at: steepest?.at ?? first.entered.start.microseconds, subject: first.entered.subject,
            title: Self.title(first.entered.kind, first.entered.subject), text: text)
    }

    /// Where the number of predictions changed most, by the seven windows before and the seven from there on.
    private func steepestChange(near time: Timestamp) -> (at: Int64, text: String)? {
        guard let columns = report.columns,
            let place = columns.starts.firstIndex(where: { $0 >= time.microseconds })
        else { return nil }
        let width = 7
        var best: (place: Int, ratio: Double, before: Int64, after: Int64)?
        for start in max(width, place - 3 * width)...max(width, place + width) {
            guard start + width <= columns.rowCounts.count else { break }
            let before = columns.rowCounts[start - width..<start].reduce(0, +)
            let after = columns.rowCounts[start..<start + width].reduce(0, +)
            let ratio = Double(max(before, after) + 1) / Double(min(before, after) + 1)
            if ratio > best?.ratio ?? 1 { best = (start, ratio, before, after) }
        }
        guard let best else { return nil }
        let at = columns.starts[best.place]
        // A day is more easily remembered by its week.
        let monday = ((at.flooredQuotient(by: Self.dayLength) - 4).flooredQuotient(by: 7) * 7 + 4) * Self.dayLength
        let week = columns.size == 86_400 ? ", in the week of Monday \(Self.day(monday))" : ""
        return (
            at,
            "It changed most from \(Self.day(at)) on\(week): \(best.after) in the \(width) windows from then, \(best.before) in the \(width) before."
        )
    }

    /// µs.
    private static let dayLength: Int64 = 86_400_000_000

    private static func title(_ kind: String, _ subject: String?) -> String {
        let subject = subject.map(name) ?? "predictions"
        return switch AnomalyKind(rawValue: kind) {
        case .volume: "The number of predictions changed"
        case .nulls: "\(subject): values are missing"
        case .nans: "\(subject): values are not a number"
        case .value: "\(subject): one value comes too often"
        case .level: "\(subject): the level changed"
        case nil: kind == "violations" ? "\(subject) is violated" : "\(subject): out of bounds"
        }
    }

    /// A column as people call it.
    private static func name(_ column: String) -> String {
        column == Constraint.prediction ? "prediction" : column == Constraint.label ? "label" : column
    }

    // MARK: Columns and constraints

    /// Columns that were beyond their limit in one of twenty windows or more have moved.
    private static let movedShare = 0.05
    private static let shownColumnCount = 8

    /// The features that have moved, the one that was beyond its limit most often first.
    private func moved() -> ReportFinding? {
        guard let columns = report.columns else { return nil }
        let moved = columns.columns.compactMap { column -> (column: ReportColumn, places: [Int])? in
            let places = column.driftedPlaces
            let compared = column.distances.count { $0 != nil }
            guard column.kind == "feature", places.count >= 3,
                Double(places.count) >= Self.movedShare * Double(compared)
            else { return nil }
            return (column, places)
        }.sorted { $0.places.count > $1.places.count }
        guard let first = moved.first, let at = moved.compactMap({ $0.places.first }).min() else { return nil }
        let each = moved.prefix(Self.shownColumnCount).map { entry in
            let from = entry.column.movedFrom ?? entry.places[0]
            let since = entry.column.movedFrom == nil ? "first" : "mostly from"
            return
                "\(entry.column.name) (\(entry.places.count) of \(entry.column.distances.count { $0 != nil }) windows, \(since) "
                + Self.day(columns.starts[from]) + (entry.column.movedFrom == nil ? ")" : " on)")
        }
        let rest = moved.count > Self.shownColumnCount ? ", and \(moved.count - Self.shownColumnCount) more" : ""
        return ReportFinding(
            kind: .moved, at: columns.starts[at], subject: first.column.name,
            title: moved.count == 1 ? "One feature has moved" : "\(moved.count) features have moved",
            text: "Farther from the reference than its own parts are from each other: " + each.joined(separator: ", ")
                + rest
                + ".")
    }

    /// By so much the share of missing values has to lie above the reference.
    private static let missingChange = 0.05

    /// The features that are missing more often than in the reference, in half of the windows since then.
    private func missing() -> ReportFinding? {
        guard let columns = report.columns else { return nil }
        var found: [(name: String, from: Int, share: Double, reference: Double)] = []
        for column in columns.columns where column.kind == "feature" {
            guard let reference = column.referenceMissing else { continue }
            let limit = reference + Self.missingChange
            let above = column.missing.map { $0.map { $0 > limit } ?? false }
            guard
                let from = above.indices.first(where: { $0 + 7 <= above.count && above[$0..<$0 + 7].allSatisfy(\.self) }
                )
            else { continue }
            let since = column.missing[from...].compactMap(\.self)
            guard above[from...].count(where: \.self) * 2 > since.count else { continue }
            found.append((column.name, from, since.reduce(0, +) / Double(since.count), reference))
        }
        guard let first = found.max(by: { $0.share - $0.reference < $1.share - $1.reference }),
            let at = found.map(\.from).min()
        else { return nil }
        let each = found.prefix(Self.shownColumnCount).map {
            "\($0.name) (\(Self.number($0.share * 100)) % from \(Self.day(columns.starts[$0.from])) on, \(Self.number($0.reference * 100)) % in the reference)"
        }
        return ReportFinding(
            kind: .moved, at: columns.starts[at], subject: first.name,
            title: found.count == 1
                ? "One feature is missing more often" : "\(found.count) features are missing more often",
            text: "Mean share of missing values: " + each.joined(separator: ", ")
                + (found.count > Self.shownColumnCount ? ", and \(found.count - Self.shownColumnCount) more." : "."))
    }

    private func violated() -> ReportFinding? {
        let bad = report.checks.filter { $0.row.violationCount > 0 }.sorted {
            $0.row.violationCount > $1.row.violationCount
        }
        guard let first = bad.first?.row, let at = bad.compactMap({ $0.row.firstAt?.microseconds }).min() else {
            return nil
        }
        return ReportFinding(
            kind: .violations, at: at, subject: first.column,
            title: bad.count == 1 ? "One constraint is violated" : "\(bad.count) constraints are violated",
            text:
                "Most often \(first.constraint): \(first.violationCount) of \(first.checkedCount) events of the kind \(first.event)."
        )
    }

    private static func day(_ at: Int64) -> String {
        let text = Timestamp(microseconds: at).description
        let isMidnight = at.flooredQuotient(by: dayLength) * dayLength == at
        return isMidnight ? String(text.prefix { $0 != "T" }) : text
    }

    private static func number(_ value: Double?) -> String {
        value.flatMap { ReportWriter.literal($0, digits: 4) } ?? "unknown"
    }
}
