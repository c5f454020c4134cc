import ColumnFormat
import Testing

@testable import Drumlin

@Suite struct ReportFindingsTests {
    private static let day: Int64 = 86_400_000_000

    private func report() -> TaskReport {
        TaskReport(
            name: "t", schema: TaskSchema(kind: .binary(), features: [:]),
            status: TaskStatus(
                predictions: 0, labels: 0, pendingLabels: 0, duplicates: 0, corrections: 0, withdrawals: 0,
                expiredLabels: 0, modelVersions: [], clock: nil, paneWidth: .days(1), viewByteCount: 0))
    }

    private func alert(
        _ kind: String, _ subject: String?, _ state: String = "entered", day: Int64, number: Int = 1
    ) -> AlertRow {
        AlertRow(
            task: "t", alert: "rule/\(kind)/\(subject ?? "")#\(number)", rule: "rule", kind: kind, subject: subject,
            state: state, window: "1d", start: Timestamp(microseconds: day * Self.day),
            end: Timestamp(microseconds: (day + 1) * Self.day), computedAt: nil, value: 1, expected: 0, limit: 0.5,
            rowCount: 10, message: "\(subject ?? "all"): \(kind) \(state)")
    }

    private func metric(_ day: Int64, _ value: Double, low: Double? = nil, high: Double? = nil, unlabeled: Int = 0)
        -> MetricRow
    {
        MetricRow(
            task: "t", metric: "accuracy", window: "1d", start: Timestamp(microseconds: day * Self.day), end: nil,
            size: 86_400, status: "final", revision: 1, value: value, labeledValue: value, unlabeledValue: value,
            ciLow: low, ciHigh: high, labeledCount: 1_000 - unlabeled, unlabeledCount: unlabeled)
    }

    @Test func nothingIsFoundWhereNothingIs() {
        #expect(ReportFindings(report()).all().isEmpty)
    }

    @Test func labelsFarOutsideOfTheIntervalAreTold() throws {
        var report = report()
        let points = (0..<20).map { day in
            // From day 12 on labels are lower than the estimate; day 3 is off by chance.
            ReportSeries.Point(
                now: metric(day, day >= 12 || day == 3 ? 0.7 : 0.8),
                then: metric(day, 0.8, low: 0.79, high: 0.81, unlabeled: 500))
        }
        report.series = [ReportSeries(metric: "accuracy", window: "1d", segment: nil, points: points)]
        let findings = ReportFindings(report).all()
        #expect(findings.count == 1)
        let finding = try #require(findings.first)
        #expect(finding.kind == .disagreement && finding.at == 12 * Self.day && finding.subject == "accuracy")
        #expect(
            finding.text.contains("1970-01-13") && finding.text.contains("8 of 8") && finding.text.contains("1 of 12"))
        // Where most labels are missing nothing is said, nor of slices.
        report.series = [
            ReportSeries(
                metric: "accuracy", window: "1d", segment: nil,
                points: points.map { point in
                    var point = point
                    (point.now.labeledCount, point.now.unlabeledCount) = (300, 700)
                    return point
                }), ReportSeries(metric: "accuracy", window: "1d", segment: "a=1", points: points),
        ]
        #expect(ReportFindings(report).all().isEmpty)
    }

    @Test func alertsAreToldOncePerSubject() throws {
        var report = report()
        report.incidents = ReportIncident.all([
            alert("volume", nil, day: 1), alert("value", "tip", day: 5), alert("level", "tip", day: 6),
            alert("value", "tip", "left", day: 9), alert("psi", "tip", day: 7), alert("level", "fare", day: 3),
            alert("value", "tip", day: 20, number: 2), alert("volume", nil, "left", day: 2),
        ])
        #expect(report.incidents.count == 6 && report.incidents[1].left?.start.microseconds == 9 * Self.day)
        let findings = ReportFindings(report).all()
        #expect(findings.map(\.subject) == [nil, "fare", "tip"])
        let tip = try #require(findings.last)
        #expect(tip.title == "tip: one value comes too often")
        #expect(tip.text.contains("1970-01-10: tip: value left") && tip.text.contains("1970-01-07: tip: level entered"))
        #expect(tip.text.contains("again once") && findings[1].text.contains("It lasts."))
    }

    @Test func theSteepestChangeOfTrafficIsDated() throws {
        var report = report()
        report.incidents = ReportIncident.all([alert("volume", nil, day: 30)])
        var columns = ReportColumns(window: "1d", size: 86_400)
        columns.starts = (0..<60).map { $0 * Self.day }
        // It begins to fall on day 24, a week before the alert.
        columns.rowCounts = (0..<60).map { $0 < 24 ? 1_000 : 100 }
        report.columns = columns
        let finding = try #require(ReportFindings(report).all().first)
        #expect(finding.at == 24 * Self.day)
        // Day 24 is a Sunday.
        #expect(finding.text.contains("1970-01-25") && finding.text.contains("Monday 1970-01-19"))
        #expect(finding.text.contains("700 in the 7 windows from then, 7000 in the 7 before"))
    }

    @Test func columnsThatMovedAndThoseThatAreMissingAreTold() throws {
        var report = report()
        var columns = ReportColumns(window: "1d", size: 86_400)
        columns.starts = (0..<40).map { $0 * Self.day }
        columns.rowCounts = Array(repeating: 100, count: 40)
        func column(_ name: String, _ kind: String, movedFrom: Int, missingFrom: Int) -> ReportColumn {
            var column = ReportColumn(name: name, kind: kind)
            column.distances = (0..<40).map { $0 >= movedFrom ? 0.3 : 0.01 }
            column.limits = Array(repeating: 0.1, count: 40)
            column.missing = (0..<40).map { $0 >= missingFrom ? 0.4 : 0.1 }
            column.referenceMissing = 0.1
            return column
        }
        columns.columns = [
            column("far", "feature", movedFrom: 10, missingFrom: 100),
            column("gone", "feature", movedFrom: 100, missingFrom: 15),
            column("late", "feature", movedFrom: 38, missingFrom: 38),
            column("tip", "observed", movedFrom: 0, missingFrom: 0),
        ]
        report.columns = columns
        #expect(columns.columns[0].movedFrom == 10 && columns.columns[2].movedFrom == nil)
        let findings = ReportFindings(report).all()
        #expect(findings.map(\.subject) == ["far", "gone"])
        #expect(
            findings[0].at == 10 * Self.day
                && findings[0].text.contains("far (30 of 40 windows, mostly from 1970-01-11 on)"))
        #expect(
            findings[1].at == 15 * Self.day
                && findings[1].text.contains("gone (40 % from 1970-01-16 on, 10 % in the reference)"))
    }

    @Test func violatedConstraintsAreTold() throws {
        var report = report()
        var row = CheckRow(
            task: "t", constraint: "fare >= 0", column: "fare", event: "prediction", checkedCount: 100,
            violationCount: 7)
        row.firstAt = Timestamp(microseconds: 3)
        var other = row
        (other.constraint, other.violationCount) = ("fare <= 9", 0)
        report.checks = [ReportCheck(row: other), ReportCheck(row: row)]
        let finding = try #require(ReportFindings(report).all().first)
        #expect(finding.title == "One constraint is violated" && finding.text.contains("fare >= 0: 7 of 100"))
    }
}
