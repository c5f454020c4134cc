import TestSupport
import Testing

@testable import Drumlin

/// What a store tells a system that watches processes.
struct OpenMetricsTests {
    private static let day: Int64 = 86_400_000_000
    private static let hostile = "v\"1\\n\\\n{x=\"1\"} 2\r\n# EOF\n🚕\u{0}\u{2028}"

    private static func time(_ days: Double) -> Timestamp {
        Timestamp(microseconds: TaskEvents.first + Int64(days * Double(day)))
    }

    /// A task whose names are as bad as they may be, with windows that have closed, one closure, and an alert that is on.
    private static func harness(days: Int = 4) throws -> TaskHarness {
        let harness = try TaskHarness(TaskEvents.schema(.binary()))
        let task = harness.task
        try task.logTrainingSet(TaskEvents.reference(harness.schema, epoch: 0), modelVersion: hostile)
        try task.registerMetric(
            .accuracy, windows: [.tumbling(.days(1)), .sliding(.days(2), every: .days(1)), .cumulative])
        try task.registerMetric("mean \"x\"\n", windows: [.tumbling(.days(1))]) { labels, _ in Double(labels.count) }
        try task.registerAlerts([
            AlertRule(name: "\"low\"\\", .threshold(metric: "accuracy", low: 0.9, high: nil), over: .tumbling(.days(1)))
        ])
        for day in 0..<days {
            for row in 0..<40 {
                let (id, at) = ("\(day)-\(row)", time(Double(day) + Double(row) / 50))
                try task.logPrediction(id: id, at: at, prediction: 0.75, features: ["x": .float64(1)])
                try task.logFeedback(id: id, at: at, label: .number(row % 2 == 0 ? 1 : 0))
            }
        }
        try task.advance(to: time(Double(days) + 0.3))
        harness.store.drainTriggers()
        _ = try task.alerts()
        return harness
    }

    private static func value(
        _ name: String, _ labels: [String: String], in families: [MeasurementFamily]
    ) throws -> Double? {
        let family = try #require(families.first { $0.name == name }, "no \(name)")
        return family.samples.first { sample in
            labels.allSatisfy { wanted in sample.labels.contains { $0.name == wanted.key && $0.value == wanted.value } }
        }?.value
    }

    @Test func aFamilyIsWrittenAsTheStandardSays() {
        var family = MeasurementFamily("wait_seconds", .counter, unit: "seconds", "A \"help\"\nof \\ two lines.")
        family.samples = [
            .init(labels: [.init("task", "a\\b\"c\nd\r\ne")], value: 0.25), .init(labels: [], value: -.infinity),
            .init(labels: [], value: .nan), .init(labels: [], value: .infinity), .init(labels: [], value: 1e300),
            .init(labels: [], value: -0.0), .init(labels: [], value: 9_007_199_254_740_992),
        ]
        var plain = OpenMetricsText(commonLabels: [])
        plain.append(family)
        plain.finish()
        #expect(
            plain.text == #"""
                # TYPE drumlin_wait_seconds counter
                # UNIT drumlin_wait_seconds seconds
                # HELP drumlin_wait_seconds A \"help\"\nof \\ two lines.
                drumlin_wait_seconds_total{task="a\\b\"c\nd\#r\ne"} 0.25
                drumlin_wait_seconds_total -Inf
                drumlin_wait_seconds_total NaN
                drumlin_wait_seconds_total +Inf
                drumlin_wait_seconds_total 1e+300
                drumlin_wait_seconds_total 0
                drumlin_wait_seconds_total 9007199254740992.0
                # EOF

                """#)
        family = MeasurementFamily("model", .info, "The model.")
        family.samples = [.init(labels: [], value: 1), .init(labels: [.init("version", "2")], value: 1)]
        var common = OpenMetricsText(commonLabels: [.init("store", "\"")])
        common.append(family)
        #expect(common.text.contains("\ndrumlin_model_info{store=\"\\\"\"} 1\n"))
        #expect(common.text.contains("\ndrumlin_model_info{store=\"\\\"\",version=\"2\"} 1\n"))
    }

    @Test func itTellsTheNewestClosedWindowAndWhatIsOn() throws {
        let harness = try Self.harness()
        let (store, task) = (harness.store, harness.task)
        let families = try store.measurements()
        #expect(try Self.value("drumlin_predictions", ["task": "t"], in: families) == 160)
        #expect(try Self.value("drumlin_table_rows", ["table": "t/labels"], in: families) == 160)
        #expect(try Self.value("drumlin_label_coverage_ratio", [:], in: families) == 1)
        let last = try #require(try task.metrics(.accuracy, window: .tumbling(.days(1))).last)
        #expect(last.start == Self.time(3) && last.status == "final")
        let labels = ["metric": "accuracy", "window": "1d"]
        #expect(try Self.value("drumlin_metric_value", labels, in: families) == last.value)
        #expect(
            try Self.value("drumlin_window_end_timestamp_seconds", ["window": "1d"], in: families)
                == Double(last.end!.microseconds) / 1e6)
        #expect(try Self.value("drumlin_window_predictions", ["window": "2d/1d"], in: families) == 80)
        #expect(try Self.value("drumlin_window_predictions", ["window": "cumulative"], in: families) == 160)
        #expect(try Self.value("drumlin_metric_value", ["metric": "mean \"x\"\n"], in: families) == 40)
        #expect(try Self.value("drumlin_alerts_active", ["rule": "\"low\"\\"], in: families) == 1)
        #expect(try Self.value("drumlin_alerts_entered", [:], in: families) == 1)
        #expect(try Self.value("drumlin_alert_value", ["subject": "accuracy"], in: families) == 0.5)
        #expect(try task.openAlerts().map(\.rule) == ["\"low\"\\"])
        #expect(try Self.value("drumlin_model", ["version": Self.hostile], in: families) == 1)
        // The alert is left; what was told is read on from where it was.
        for day in 4..<8 {
            for row in 0..<40 {
                let (id, at) = ("\(day)-\(row)", Self.time(Double(day) + Double(row) / 50))
                try task.logPrediction(id: id, at: at, prediction: 0.75, features: [:])
                try task.logFeedback(id: id, at: at, label: 1)
            }
        }
        try task.advance(to: Self.time(8.3))
        store.drainTriggers()
        #expect(try task.alerts().map(\.state) == ["entered", "left"])
        let later = try store.measurements()
        #expect(try Self.value("drumlin_alerts_active", [:], in: later) == 0)
        #expect(try Self.value("drumlin_alerts_entered", [:], in: later) == 1)
        #expect(!later.contains { $0.name == "drumlin_alert_value" })
    }

    @Test func thereAreAsManySamplesAsRegistrationsAndTables() throws {
        func count(_ days: Int) throws -> Int {
            try Self.harness(days: days).store.measurements().reduce(0) { $0 + $1.samples.count }
        }
        #expect(try count(4) == count(40))
    }

    @Test func noTwoSamplesAreOfTheSame() throws {
        let families = try Self.harness().store.measurements()
        #expect(Set(families.map(\.name)).count == families.count)
        for family in families {
            #expect(!family.samples.isEmpty && Set(family.samples.map(\.labels)).count == family.samples.count)
            #expect(family.unit.map { family.name.hasSuffix("_" + $0) } ?? true, "\(family.name)")
            for label in family.samples.flatMap(\.labels) { #expect(OpenMetricsText.isName(label.name)) }
        }
    }

    @Test func whatCannotBeALabelIsRefused() throws {
        let harness = try Self.harness(days: 1)
        for name in ["task", "", "1a", "a-b", "__name__", "é", "a b", "le\n"] {
            do {
                _ = try harness.store.openMetrics(labels: [name: "x"])
                Issue.record("\(name) was taken")
            } catch { #expect(error.code == .invalidInput && error.remedy != nil) }
        }
        #expect(try harness.store.openMetrics(labels: ["store_1": "x"]).hasSuffix("# EOF\n"))
        try harness.store.close()
        do {
            _ = try harness.store.openMetrics()
            Issue.record("a closed store told something")
        } catch { #expect(error.code == .closed) }
    }

    @Test func readersTellAllTasksAndWritersThoseTheyOpened() throws {
        let folder = TemporaryFolder()
        let path = folder.path("store")
        let schema = TaskSchema(kind: .binary(), features: ["x": .float64])
        let store = try Store.open(path)
        for name in ["a", "b"] {
            let task = try store.task(name, schema: schema)
            try task.registerMetric(.accuracy, windows: [.cumulative])
            try task.logPrediction(id: "1", at: .now, prediction: 0.5, features: [:])
        }
        try store.close()
        func tasks(_ store: Store) throws -> [String] {
            try store.measurements().first { $0.name == "drumlin_predictions" }?.samples.map { $0.labels[0].value }
                ?? []
        }
        #expect(try tasks(try Store.openReadOnly(path)) == ["a", "b"])
        let again = try Store.open(path)
        #expect(try tasks(again) == [])
        _ = try again.task("b", schema: schema)
        #expect(try tasks(again) == ["b"])
        try again.dropTask("b")
        #expect(try tasks(again) == [])
        try again.close()
    }

    @Test(.enabled(if: PrometheusParser.python != nil, "there is no Python with prometheus-client"))
    func prometheusReadsWhatWasMeant() throws {
        let store = try Self.harness().store
        let families = try store.measurements()
        let parsed = try PrometheusParser.families(of: try store.openMetrics(labels: ["store": Self.hostile]))
        #expect(parsed.map(\.name) == families.map(\.name))
        for (found, family) in zip(parsed, families) {
            #expect(found.kind == family.kind.rawValue && found.help == family.help)
            #expect(found.unit == family.unit ?? "")
            let suffix = ["counter": "_total", "info": "_info"][found.kind] ?? ""
            let expected = family.samples.map { sample in
                PrometheusParser.Sample(
                    name: family.name + suffix,
                    labels: Dictionary(
                        uniqueKeysWithValues: sample.labels.map { ($0.name, $0.value) } + [("store", Self.hostile)]),
                    value: sample.value)
            }
            // Memory moves between two calls; all else stays.
            if family.unit == "bytes" { continue }
            #expect(found.samples == expected, "\(family.name)")
        }
    }
}
