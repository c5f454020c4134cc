import ColumnFormat
import ColumnViews
import Testing

@testable import Drumlin

@Suite struct ReportCollectionTests {
    private struct Case: Sendable {
        let span: TimeSpan
        let rows: Int
        let window: String
    }

    private static let cases: [Case] = [
        Case(span: .seconds(90), rows: 1_000, window: "1m"), Case(span: .hours(1), rows: 100_000, window: "1m"),
        Case(span: .hours(5), rows: 100_000, window: "1m"), Case(span: .days(2), rows: 100_000, window: "10m"),
        Case(span: .days(7), rows: 20_000, window: "1h"), Case(span: .days(12), rows: 2_400, window: "1d"),
        Case(span: .days(113), rows: 270_000, window: "1d"), Case(span: .days(399), rows: 1_000_000, window: "1d"),
        Case(span: .days(1_000), rows: 1_000_000, window: "7d+4d"), Case(span: .days(36_500), rows: 10, window: "360d"),
        Case(span: .days(60), rows: 60, window: "7d+4d"),
    ]

    @Test(arguments: cases.indices) func windowsSuitTheTimeAndTheRows(place: Int) {
        let one = Self.cases[place]
        let window = ReportCollection.window(for: one.span.microseconds, rowCount: one.rows)
        #expect(window.description == one.window)
    }
}
