import Foundation
import TestSupport
import Testing

@testable import Drumlin

/// Reports of whole stores: what is in them agrees with what the store says elsewhere.
@Suite struct StoreReportTests {
    private static let begin: Int64 = 1_583_020_800_000_000
    private static let day: Int64 = 86_400_000_000

    private struct World {
        let disk: SimulatedFileSystem
        let simulated: SimulatedStore
        let store: Store
        let task: MonitoredTask
    }

    private static func options(_ simulated: SimulatedStore) -> StoreOptions {
        var options = simulated.options(memtableByteCount: 20_000)
        options.arrival = .eventTime
        return options
    }

    /// Twenty days of 120 predictions; on day 14 a fifth of the tips are 2.75, from day 16 on `x` is greater.
    private func world(isWatched: Bool, hasReference: Bool = true, place: String = "a") throws -> World {
        let disk = SimulatedFileSystem(seed: 3)
        let simulated = SimulatedStore(disk)
        let store = try Store.open("/store", options: Self.options(simulated))
        let schema = TaskSchema(
            kind: .binary(), features: ["x": .float64, "</script>": .category, "n": .int32],
            observed: ["tip": .float32],
            labelHorizon: .days(5))
        let task = try store.task("t", schema: schema)
        try task.registerMetric(.accuracy, windows: [.tumbling(.days(1)), .cumulative])
        try task.registerMetric(.rocAUC, windows: [.tumbling(.days(7), offset: .days(4)), .trailing(.days(2))])
        try task.registerConstraint(.atMost("x", 3))
        try task.registerSegments(["n"])
        if isWatched { try task.watch() }
        func features(_ row: Int, _ shift: Double) -> [String: Value] {
            var random = TestSupport.SeededGenerator(seed: UInt64(row) &+ 9)
            let z = (0..<6).reduce(0.0) { sum, _ in sum + Double.random(in: -1...1, using: &random) } / 1.4142
            return [
                "x": .float64(z + shift), "</script>": .string(["<b>", place, "c"][row % 3]), "n": .int(Int64(row % 5)),
            ]
        }
        if hasReference {
            let reference = TrainingSet(schema: schema)
            for row in 0..<1_200 {
                try reference.append(
                    prediction: .number(row % 2 == 0 ? 0.2 : 0.8), label: .number(row % 4 < 2 ? 1 : 0),
                    features: features(row * 7, 0))
            }
            try task.logTrainingSet(reference, modelVersion: "<v1>")
        }
        for row in 0..<2_400 {
            let at = Self.begin + Int64(row) * Self.day / 120
            let day = row / 120
            try task.logPrediction(
                id: "\(row)", at: Timestamp(microseconds: at), prediction: .number(row % 2 == 0 ? 0.2 : 0.8),
                features: features(row, day >= 16 ? 1.5 : 0))
            let tip = day == 14 && row % 5 == 0 ? 2.75 : Double((row * 7_919) % 800) / 100
            try task.logFeedback(
                id: "\(row)", at: Timestamp(microseconds: at + 3_600_000_000), label: .number(row % 4 < 2 ? 1 : 0),
                observed: ["tip": .float32(Float(tip))])
        }
        // The background checks constraints.
        simulated.advance(milliseconds: 1_000)
        return World(disk: disk, simulated: simulated, store: store, task: task)
    }

    private func parsed(_ report: StoreReport) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(report.json.utf8)) as? [String: Any])
    }

    private func firstTask(_ report: StoreReport) throws -> [String: Any] {
        try #require((try parsed(report)["tasks"] as? [[String: Any]])?.first)
    }

    @Test func valuesAreThoseOfTheTask() throws {
        let world = try world(isWatched: false)
        let report = try world.store.report()
        let task = try firstTask(report)
        let series = try #require(task["series"] as? [[String: Any]])
        let rows = try world.task.metrics(.accuracy, window: .tumbling(.days(1)))
        let daily = try #require(
            series.first {
                $0["metric"] as? String == "accuracy" && $0["window"] as? String == "1d" && $0["slice"] is NSNull
            })
        let values = try #require(daily["labeled"] as? [Double])
        #expect(values.count == 20 && rows.count == 20 && daily["count"] as? Int == 20)
        for (value, row) in zip(values, rows) { #expect((value - (row.labeledValue ?? 0)).magnitude < 1e-5) }
        #expect((daily["start"] as? [Int64])?.first == Self.begin / 1_000_000)
        #expect((daily["then_low"] as? [Any])?.contains { $0 is Double } == true)
        #expect(
            series.contains { $0["slice"] as? String == "n=3" }
                && series.contains { $0["window"] as? String == "trailing:2d" })
        let columns = try #require(task["columns"] as? [String: Any])
        #expect(columns["window"] as? String == "1d" && columns["rows"] as? [Int] == Array(repeating: 120, count: 20))
        let distances = try world.task.drift(columns: ["x"])
        let x = try #require((columns["columns"] as? [[String: Any]])?.first { $0["name"] as? String == "x" })
        #expect((columns["columns"] as? [[String: Any]])?.first?["name"] as? String == "x")
        for (value, row) in zip(try #require(x["distance"] as? [Double]), distances) {
            #expect((value - row.value).magnitude <= 1e-3 * row.value)
        }
        #expect(x["drifted"] as? Int == distances.count(where: \.isDrifted))
        let counts = try #require(x["counts"] as? [[Int]])
        #expect(counts.count == 20 && counts.allSatisfy { $0.reduce(0, +) == 120 })
        let place = try #require(
            (columns["columns"] as? [[String: Any]])?.first { $0["name"] as? String == "</script>" })
        #expect((place["bars"] as? [String: Any])?["texts"] as? [String] == ["<b>", "a", "c"])
        #expect(place["reference"] as? [Int] == [400, 400, 400, 0])
        let buckets = try #require(task["buckets"] as? [String: Any])
        #expect((buckets["reference"] as? [Int])?.reduce(0, +) == 1_200)
        #expect((buckets["counts"] as? [[Int]])?.allSatisfy { $0.reduce(0, +) == 120 } == true)
        let check = try #require((task["checks"] as? [[String: Any]])?.first)
        let violations = try world.task.checks()[0].violationCount
        #expect(check["violations"] as? Int == violations && (check["counts"] as? [Int])?.reduce(0, +) == violations)
        try world.store.close()
    }

    /// What nobody watches is judged for the report, and comes to the same.
    @Test(arguments: [true, false]) func theFaultAndTheShiftAreFound(isWatched: Bool) throws {
        let world = try world(isWatched: isWatched)
        _ = try world.task.alerts()
        let report = try world.store.report()
        let task = try firstTask(report)
        #expect(task["alerts_registered"] as? Bool == isWatched)
        let alerts = try #require(task["alerts"] as? [[String: Any]])
        let tip = try #require(alerts.first { $0["subject"] as? String == "tip" && $0["kind"] as? String == "value" })
        #expect((tip["message"] as? String)?.contains("the value 2.75 is") == true)
        #expect(tip["start"] as? Int64 == (Self.begin + 14 * Self.day) / 1_000_000)
        #expect(alerts.contains { $0["subject"] as? String == "x" && $0["kind"] as? String == "psi" })
        let findings = report.tasks[0].findings
        #expect(
            findings.contains { $0.subject == "tip" && $0.text.contains("2.75") && $0.at == Self.begin + 14 * Self.day }
        )
        #expect(findings.contains { $0.kind == .moved && $0.text.contains("x (4 of 20 windows") })
        // A report adds nothing to the store.
        #expect(try world.task.alerts().isEmpty != isWatched)
        try world.store.close()
    }

    @Test func thePageIsItsDataAndNothingElseOfIt() throws {
        let world = try world(isWatched: false, place: "</script><img src=x>")
        let report = try world.store.report()
        let page = report.html
        #expect(page.contains(report.json) && page.components(separatedBy: "</script>").count == 3)
        #expect(!page.contains("<img") && page.components(separatedBy: "<script").count == 3)
        #expect(page.contains(#"\u003c/script\u003e\u003cimg src=x\u003e"#) && page.contains(#""\u003cv1\u003e""#))
        try world.store.close()
    }

    @Test func aReaderReportsTheSame() throws {
        let world = try world(isWatched: true)
        let own = try world.store.report()
        try world.store.close()
        let (files, operations) = (world.disk.filePaths, world.disk.operationCount)
        let simulated = SimulatedStore(world.disk)
        let reader = try Store.openReadOnly("/store", options: Self.options(simulated))
        let other = try reader.report()
        #expect(try firstTask(own).keys == firstTask(other).keys)
        #expect(own.tasks[0].series.map(\.points.count) == other.tasks[0].series.map(\.points.count))
        #expect(own.tasks[0].findings.map(\.text) == other.tasks[0].findings.map(\.text))
        #expect(other.storage.damages.isEmpty && other.storage.tables.contains { $0.name == "t/predictions" })
        try reader.close()
        #expect(world.disk.filePaths == files && world.disk.operationCount == operations)
    }

    @Test func partsAreLeftOutWhereThereIsNothing() throws {
        let world = try world(isWatched: false, hasReference: false)
        var options = ReportOptions()
        options.from = Timestamp(microseconds: Self.begin + 5 * Self.day)
        options.to = Timestamp(microseconds: Self.begin + 10 * Self.day)
        options.tasks = ["t"]
        let task = try firstTask(try world.store.report(options))
        #expect(task["buckets"] == nil && task["reference_rows"] as? Int == 0)
        #expect(((task["columns"] as? [String: Any])?["start"] as? [Int64])?.count == 5)
        options.tasks = ["nobody"]
        #expect(throws: StoreError.self) { try world.store.report(options) }
        options.tasks = nil
        options.window = .sliding(.days(2), every: .days(1))
        #expect(throws: StoreError.self) { try world.store.report(options) }
        // A task without events, and a store without tasks.
        let simulated = SimulatedStore(SimulatedFileSystem(seed: 1))
        let empty = try Store.open("/store", options: Self.options(simulated))
        #expect((try parsed(try empty.report())["tasks"] as? [Any])?.isEmpty == true)
        _ = try empty.task("new", schema: TaskSchema(kind: .regression, features: ["x": .float64]))
        let fresh = try firstTask(try empty.report())
        #expect(fresh["columns"] == nil && (fresh["findings"] as? [Any])?.isEmpty == true)
        try empty.close()
        try world.store.close()
    }

    @Test(arguments: TaskEvents.kinds.indices) func everyKindOfTaskHasAReport(kind: Int) throws {
        let schema = TaskEvents.schema(TaskEvents.kinds[kind])
        let harness = try TaskHarness(schema)
        for metric in TaskPropertyTests.metrics(schema.kind) {
            try harness.register(metric, [.tumbling(.days(1)), .count(50)])
        }
        var events = TaskEvents(schema.kind, seed: 8)
        for event in events.sequence(count: 300, epochs: 2) { try harness.log(event) }
        let task = try firstTask(try harness.store.report())
        let series = try #require(task["series"] as? [[String: Any]])
        #expect(series.count == 2 * TaskPropertyTests.metrics(schema.kind).count)
        #expect((task["columns"] as? [String: Any])?["columns"] is [[String: Any]])
    }
}
