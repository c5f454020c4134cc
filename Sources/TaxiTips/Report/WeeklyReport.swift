import CommandSupport
import TaxiTrips

/// What was served, week by week: what the store believed when a week ended, and what the labels said in the end.
struct WeeklyReport {
    let weeks: [ServedWeek]

    /// One line a week, under its headings.
    func table() -> String {
        let columns = Self.columns
        let groups = [(0..<2, ""), (2..<7, "accuracy when the week ended"), (7..<10, "accuracy with all labels")]
        let groupLine = groups.map { range, title in
            let width = columns[range].reduce(0) { $0 + $1.width }
            return title.isEmpty ? spaces(width) : "  " + centered(" \(title) ", width: width - 2, fill: "─")
        }
        let titleLines = (0..<2).map { line in columns.map { $0.aligned($0.titles[line]) }.joined() }
        let weekLines = weeks.map { week in columns.map { $0.aligned($0.cell(week)) }.joined() }
        return ([groupLine.joined()] + titleLines + weekLines).joined(separator: "\n")
    }

    private struct Column: Sendable {
        let titles: [String]
        let width: Int
        var isLeftAligned = false
        /// An empty cell is shown as a dash.
        let cell: @Sendable (ServedWeek) -> String

        func aligned(_ text: String) -> String {
            let padding = spaces(max(0, width - text.count))
            return isLeftAligned ? text + padding : padding + text
        }
    }

    private static let columns = [
        Column(titles: ["week of", ""], width: 10, isLeftAligned: true) { $0.start.date },
        Column(titles: ["trips", ""], width: 8) { Units.count($0.tripCount) },
        Column(titles: ["labels in", ""], width: 11) { week in
            dash(
                week.believed.map { Double($0.labeledCount) / Double(week.tripCount) }.map {
                    Units.percent($0, digits: 0)
                })
        },
        Column(titles: ["labeled", "counted"], width: 9) { dash($0.believed?.labeled.map { Units.percent($0) }) },
        Column(titles: ["unlabeled", "estimated"], width: 11) {
            dash($0.unlabeled.map { Units.percent($0.estimated) })
        },
        Column(titles: ["all", "estimated"], width: 11) { dash($0.believed?.all.map { Units.percent($0) }) },
        Column(titles: ["", "95 % interval"], width: 16) { week in
            dash(
                week.believed?.interval.map {
                    "\(Units.percent($0.lowerBound).dropLast(2)) to \(Units.percent($0.upperBound))"
                })
        },
        Column(titles: ["unlabeled", "counted"], width: 11) { dash($0.unlabeled.map { Units.percent($0.later) }) },
        Column(titles: ["all", "counted"], width: 9) { Units.percent($0.trueAccuracy) },
        Column(titles: ["in interval", ""], width: 13) { dash($0.isInsideInterval.map { $0 ? "yes" : "no" }) },
    ]
}

private func dash(_ text: String?) -> String { text ?? "–" }

private func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }

private func centered(_ text: String, width: Int, fill: String) -> String {
    let free = max(0, width - text.count)
    return String(repeating: fill, count: free / 2) + text + String(repeating: fill, count: free - free / 2)
}
