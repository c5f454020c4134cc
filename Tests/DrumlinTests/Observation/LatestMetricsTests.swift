import TestSupport
import Testing

@testable import Drumlin

/// The newest windows, found without the others.
struct LatestMetricsTests {
    private static let windows: [Window] = [
        .tumbling(.hours(6)), .tumbling(.days(1)), .sliding(.days(7), every: .days(1)),
        .sliding(.days(3), every: .hours(12), offset: .hours(6)), .trailing(.days(2)), .cumulative,
    ]

    @Test(arguments: 1...UInt64(12))
    func theyAreTheLastOfAllWindows(seed: UInt64) throws {
        var random = TestSupport.SeededGenerator(seed: seed)
        let harness = try TaskHarness(TaskEvents.schema(.binary()), seed: seed)
        let task = harness.task
        try task.registerMetric(.accuracy, windows: Self.windows)
        try task.registerMetric(.brier, windows: [.tumbling(.days(1))])
        var at = TaskEvents.first
        #expect(try task.latestMetrics(5).isEmpty)
        for row in 0..<150 {
            // Long silences among busy hours, and some that come late or from the future.
            let gap: Int64 = [0, 1, 1, 1, 7, 30, 300].randomElement(using: &random)!
            at += gap * Int64.random(in: 0...3_600_000_000, using: &random)
            let moved = [0, 0, 0, -40, 1].randomElement(using: &random)! * Int64(3_600_000_000)
            try task.logPrediction(
                id: "\(row)", at: Timestamp(microseconds: max(at + moved, TaskEvents.first)),
                prediction: .number(Double.random(in: 0...1, using: &random)), features: [:])
            if row % 3 > 0 { try task.logFeedback(id: "\(row)", at: Timestamp(microseconds: at), label: 1) }
            guard row % 30 == 29 else { continue }
            for count in [1, 2, 9, 1_000] {
                for includingOpen in [true, false] {
                    var expected: [MetricRow] = []
                    for (metric, windows) in [(Metric.accuracy, Self.windows), (.brier, [.tumbling(.days(1))])] {
                        for window in windows {
                            let all = try task.metrics(metric, window: window).filter {
                                includingOpen || window.slide == nil || $0.status != "open"
                            }
                            expected += all.suffix(count)
                        }
                    }
                    let found = try task.latestMetrics(count, includingOpen: includingOpen)
                    #expect(found == expected, "seed \(seed), row \(row), \(count), open \(includingOpen)")
                }
            }
            let daily = try task.latestMetrics(3, named: "brier", window: .tumbling(.days(1)))
            #expect(daily == (try task.metrics(.brier, window: .tumbling(.days(1)))).suffix(3))
        }
        #expect(try task.latestMetrics(0).isEmpty && task.latestMetrics(-1).isEmpty)
        #expect(try task.latestMetrics(1, named: "none").isEmpty)
    }

    @Test func closuresAreAsLastPublished() throws {
        let harness = try TaskHarness(TaskEvents.schema(.binary()))
        let task = harness.task
        try task.registerMetric("count", windows: [.tumbling(.days(1))]) { labels, _ in Double(labels.count) }
        for day in 0..<80 {
            let at = Timestamp(microseconds: TaskEvents.first + Int64(day) * 86_400_000_000)
            try task.logPrediction(id: "\(day)", at: at, prediction: 0.5, features: [:])
            try task.logFeedback(id: "\(day)", at: at, label: 1)
        }
        harness.store.drainTriggers()
        let published = try task.metrics(asOf: Timestamp(microseconds: .max))
        let calls = task.closureCallCount
        let found = try task.latestMetrics(2)
        #expect(found.map(\.start) == published.suffix(2).map(\.start) && found.allSatisfy { $0.value == 1 })
        #expect(found.allSatisfy { $0.method == "published" } && task.closureCallCount == calls)
        #expect(try task.latestMetrics(1_000).count == 64)
        // A correction is published as a revision of its window.
        try task.logFeedback(
            id: "78", at: Timestamp(microseconds: TaskEvents.first + 80 * 86_400_000_000), label: nil)
        try task.advance(to: Timestamp(microseconds: TaskEvents.first + 90 * 86_400_000_000))
        harness.store.drainTriggers()
        let after = try task.latestMetrics(3)
        #expect(after.count == 3 && after[1].revision > 1 && after[1].value == nil)
    }
}
