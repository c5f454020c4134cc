import Drumlin
import Testing

@testable import TaxiTips
@testable import TaxiTrips

@Suite struct ReportTests {
    private let monday = Timestamp(microseconds: 1_583_712_000_000_000)  // 2020-03-09

    /// A week of 1,000 trips, 800 of them right, of which 600 had a label when the week ended.
    private func week(
        _ number: Int, estimated: Double, tip: Double = 2, labeled: Double = 0.8, confirmed: Double? = 0.8
    ) -> ServedWeek {
        var week = ServedWeek(containing: monday.advanced(byDays: 7 * number))
        for i in 0..<1_000 {
            let trip = Trip(line: i, pickup: week.start, dropoff: week.start, fare: 10, tip: i < 400 ? tip : 0)
            week.add(trip, score: (i % 5 == 0) != (i < 400) ? 0.9 : 0.1)
        }
        let all = 0.6 * labeled + 0.4 * estimated
        week.believed = Accuracy(
            labeledCount: 600, unlabeledCount: 400, labeled: labeled, unlabeled: estimated, all: all,
            interval: (all - 0.01)...(all + 0.01))
        week.confirmed = confirmed.map {
            Accuracy(labeledCount: 1_000, unlabeledCount: 0, labeled: $0, unlabeled: nil, all: $0, interval: nil)
        }
        return week
    }

    @Test func aWeekKnowsWhatItsUnlabeledTripsCameTo() throws {
        let week = week(0, estimated: 0.75)
        #expect(week.start.date == "2020-03-09" && week.end.date == "2020-03-16")
        #expect(week.trueAccuracy == 0.8)
        let unlabeled = try #require(week.unlabeled)
        #expect(
            unlabeled.estimated == 0.75 && abs(unlabeled.later - 0.8) < 1e-12 && abs(unlabeled.error - 0.05) < 1e-12)
        #expect(week.isInsideInterval == false)
        #expect(self.week(0, estimated: 0.79).isInsideInterval == true)
    }

    @Test func theTableIsAligned() {
        var unknown = week(1, estimated: 0.8)
        unknown.believed = nil
        let lines = WeeklyReport(weeks: [week(0, estimated: 0.75), unknown]).table().split(separator: "\n")
        #expect(lines.count == 5)
        #expect(Set(lines.map(\.count)).count == 1)
        #expect(lines[3].hasPrefix("2020-03-09   1,000       60 %   80.0 %     75.0 %     78.0 %  77.0 to 79.0 %"))
        #expect(lines[4].contains("–") && lines[4].contains("80.0 %"))
    }

    @Test func whereTheEstimateHeldNothingElseIsSaid() {
        let text = Conclusion(weeks: [week(0, estimated: 0.8), week(1, estimated: 0.79)], referenceAccuracy: 0.9)
            .paragraphs()
        #expect(text.count == 3)
        #expect(text[0].contains("equals a count"))
        #expect(text[1].contains("the 2 weeks of 2020-03-09 to 2020-03-16") && text[1].contains("2 of 2"))
        #expect(text[2].contains("In no week"))
    }

    @Test func aMissIsSaidWithItsSigns() {
        let weeks = [week(0, estimated: 0.8), week(1, estimated: 0.95, tip: 2.75), week(3, estimated: 0.95, tip: 2.75)]
        let conclusion = Conclusion(weeks: weeks, referenceAccuracy: 0.8)
        let text = conclusion.paragraphs()
        #expect(conclusion.weekOfInterest?.start.date == "2020-03-16")
        #expect(text.count == 4)
        #expect(text[1].contains("the week of 2020-03-09"))
        #expect(text[2].contains("the 2 weeks of 2020-03-16, 2020-03-30"))
        #expect(text[2].contains("15.0 points off, too high"))
        #expect(text[2].contains("at most 0.0 points apart"))
        #expect(text[3].contains("$2.75") && text[3].contains("100.0 %") && text[3].contains("0.0 %"))
    }

    @Test func aStoreThatDisagreesWithTheCountIsNotPraised() {
        let text = Conclusion(weeks: [week(0, estimated: 0.8, confirmed: 0.79)], referenceAccuracy: 0.8).paragraphs()
        #expect(text[0].contains("not") && text[0].contains("2020-03-09"))
        let unknown = Conclusion(weeks: [week(0, estimated: 0.8, confirmed: nil)], referenceAccuracy: 0.8).paragraphs()
        #expect(unknown[0].contains("not"))
    }

    @Test func nextStepsNameTheStoreAsAShellTakesIt() {
        let lines = NextSteps(store: "my store's.drumlin", week: week(0, estimated: 0.8)).lines()
        #expect(lines.contains { $0.contains("colstat 'my store'\\''s.drumlin'") })
        let dayByDay = "--window 1d --from 2020-03-09 --to 2020-03-16 --as-of 2020-03-16T03:00:00Z"
        #expect(lines.contains { $0.contains(dayByDay) })
        #expect(lines.contains { $0.contains("--window 7d+4d") })
    }

    @Test func paragraphsBreakBetweenWordsButNotBeforeAPercentSign() {
        #expect(wrapped("one two 3 % four", width: 9) == "one two\n3 % four")
        #expect(wrapped("one two 3 % four", width: 100) == "one two 3 % four")
        #expect(wrapped("extraordinarily", width: 5) == "extraordinarily")
    }
}
