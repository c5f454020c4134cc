import CommandSupport
import Testing

@testable import Drumlin
@testable import DrumlinCLI

/// What `drumlin watch` shows, and that it fits.
struct WatchScreenTests {
    private static let hostile = "evil\u{1B}[2J\n\u{202E}name"
    private static let now = Timestamp(microseconds: 1_588_000_000_000_000)

    private static func view(metrics: Int = 3, alerts: Int = 2) -> TaskView {
        let hour: Int64 = 3_600_000_000
        var status = TaskStatus(
            predictions: 12_345_678, labels: 12_000_000, pendingLabels: 3, duplicates: 0, corrections: 0,
            withdrawals: 0,
            expiredLabels: 0, modelVersions: [hostile], clock: Timestamp(microseconds: now.microseconds - 2_000_000),
            paneWidth: .hours(1), viewByteCount: 1)
        status.latePredictions = 12
        let series = (0..<metrics).map { number in
            let rows = (0..<20).map { place in
                let start = now.microseconds / hour * hour - Int64(19 - place) * hour
                return MetricRow(
                    task: "t", metric: number == 1 ? hostile : "metric \(number)", window: "1h",
                    start: Timestamp(microseconds: start), end: Timestamp(microseconds: start + hour), size: 3_600,
                    status: place == 19 ? "open" : "closed", revision: 1,
                    value: place == 3 ? nil : 0.5 + Double(place) / 100, labeledValue: 0.6, unlabeledValue: 0.7,
                    ciLow: 0.5, ciHigh: 0.8, labeledCount: 30, unlabeledCount: 10)
            }
            return TaskView.Series(metric: rows[0].metric, window: "1h", rows: rows)
        }
        let open = (0..<alerts).map { number in
            AlertRow(
                task: "t", alert: "\(number)", rule: "drift 1d", kind: "psi", subject: "x", state: "entered",
                window: "1d", start: now, end: now, computedAt: nil, value: 1, expected: nil, limit: 0.5, rowCount: 5,
                message: hostile + String(repeating: " and on", count: 30))
        }
        return TaskView(
            name: "t", names: ["t", "u"], status: status, allowedLateness: .hours(1), newest: now, series: series,
            openAlerts: open, ruleCount: 1, troubles: ["12 late"], cost: 0.1)
    }

    private static func counts() -> StoreCounts {
        var counts = StoreCounts()
        counts.endRows = ["t/predictions": 12_345_678, "t/labels": 12_000_000]
        (counts.segments, counts.byteCount, counts.logByteCount, counts.logRows) = (12, 345_000_000, 1_200_000, 3_456)
        counts.undurableRows = 78
        return counts
    }

    private static func lines(_ terminal: Terminal, height: Int?, metrics: Int = 3, alerts: Int = 2) -> [String] {
        WatchScreen(
            path: "/srv/" + hostile, counts: counts(), view: view(metrics: metrics, alerts: alerts),
            rates: ["t/predictions": [0, 10, 1_234.5], "t/labels": [3.21]], failure: hostile, now: now, staleness: 3,
            terminal: terminal, height: height
        ).lines()
    }

    @Test func itFitsTheTerminal() {
        for columns in [79, 80, 99, 109, 110, 131, 199] {
            for rows in [10, 23, 24, 50] {
                for (metrics, alerts) in [(0, 0), (1, 0), (3, 2), (40, 1), (2, 40), (40, 40)] {
                    let lines = Self.lines(
                        Terminal(width: columns, hasColour: false), height: rows, metrics: metrics, alerts: alerts)
                    // Where the screen is tiny the head alone may be more than it: the rest is cut when it is drawn.
                    #expect(lines.count <= max(rows, 18), "\(columns) × \(rows): \(lines.count), \(metrics), \(alerts)")
                    if rows >= 23 { #expect(lines.count <= rows) }
                    for line in lines { #expect(DisplayWidth.of(line) <= columns, "\(columns): \(line)") }
                    #expect(!lines.joined().unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E })
                }
            }
        }
    }

    @Test func itSaysWhatThereIs() {
        let text = Self.lines(.none, height: nil).joined(separator: "\n")
        for part in [
            "12,345,678     1,234/s  ▁▁█", "3.2/s", "2020-04-27 15:06:38, 2.00 s ago", "watermark 2020-04-27 14:06:38",
            "345 MB, 12 segments; log 1.20 MB, 3,456 rows; 78 rows not durable yet", "12 late", "task t (1 of 2)",
            "0.6800", "0.6900", "75 %", "on since", "2020-04-27", "drift 1d",
        ] {
            #expect(text.contains(part), "\(part) is not in\n\(text)")
        }
        #expect(!text.contains("\u{1B}"))
        let coloured = Self.lines(Terminal(width: 100, hasColour: true), height: 24).joined()
        #expect(coloured.contains("\u{1B}[1m"))
        var empty = WatchScreen(
            path: "s", counts: StoreCounts(), view: nil, rates: [:], now: Self.now, terminal: .none)
        #expect(empty.lines().last?.contains("no task") == true)
        empty.failure = "gone"
        #expect(empty.lines().contains { $0.hasPrefix("error") && $0.hasSuffix("gone") })
    }

    @Test func metricsAreScrolled() {
        func first(_ offset: Int) -> String {
            let screen = WatchScreen(
                path: "s", counts: Self.counts(), view: Self.view(metrics: 40), rates: [:], now: Self.now,
                offset: offset,
                terminal: Terminal(width: 80, hasColour: false), height: 24)
            let lines = screen.lines()
            let header = lines.firstIndex { $0.hasPrefix("metric ") } ?? 0
            return String(lines[header + 1].prefix(9))
        }
        #expect(first(0) == "metric 0 " && first(5) == "metric 5 ")
        #expect(first(1_000).hasPrefix("metric "))
    }
}
