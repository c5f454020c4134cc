import TestSupport
import Testing

@testable import Drumlin

/// Rules that run a test over the stream of losses or of a feature.
@Suite("Alerts on streams")
struct StreamAlertTests {
    private typealias Generator = TestSupport.SeededGenerator

    private static let begin: Int64 = 1_583_020_800_000_000
    private static let day: Int64 = 86_400_000_000
    private static let schema = TaskSchema(
        kind: .binary(), features: ["x": .float64, "place": .category], bucketing: .scoreQuantiles(4),
        labelHorizon: .days(5))
    private static let rules: [AlertRule] = [
        .stream(), .stream(.pageHinkley), .stream(.adaptiveWindow, columns: ["x"]),
    ]

    private static func store() throws -> (Store, MonitoredTask) {
        var options = StoreOptions()
        options.arrival = .eventTime
        let store = try Store.open(TemporaryFolder().path("store"), options: options)
        let task = try store.task("t", schema: schema)
        return (store, task)
    }

    /// Logs a day of predictions whose labels come some hours later; from `worseFrom` on labels do not go with the scores, and
    /// from `shiftFrom` on x is greater.
    private static func log(
        _ task: MonitoredTask, day: Int, rows: Int = 300, worseFrom: Int = .max, shiftFrom: Int = .max
    ) throws {
        var random = Generator(seed: UInt64(day) &* 977 &+ 5)
        for row in 0..<rows {
            let at = begin + Int64(day) * Self.day + Int64(row) * Self.day / Int64(rows)
            let score = Double.random(in: 0...1, using: &random)
            let isRandom = day >= worseFrom && Double.random(in: 0..<1, using: &random) < 0.8
            let chance = isRandom ? 1 - score : score
            let label = Double.random(in: 0..<1, using: &random) < chance
            try task.logPrediction(
                id: "\(day)-\(row)", at: Timestamp(microseconds: at), prediction: .number(score),
                features: [
                    "x": .float64(100 + Double.random(in: 0..<1, using: &random) + (day >= shiftFrom ? 0.4 : 0)),
                    "place": .string("a"),
                ])
            try task.logFeedback(
                id: "\(day)-\(row)", at: Timestamp(microseconds: at + 1), label: .number(label ? 1 : 0))
        }
    }

    @Test("A change is found in its window, once, by each test, and quiet days raise none")
    func findsChanges() throws {
        let (store, task) = try Self.store()
        try task.registerAlerts(Self.rules)
        for day in 0..<24 { try Self.log(task, day: day, worseFrom: 12, shiftFrom: 17) }
        let alerts = try task.alerts()
        #expect(task.alertFailure == nil)
        func entered(_ rule: AlertRule) -> [Int64] {
            alerts.filter { $0.rule == rule.name && $0.state == "entered" }.map {
                ($0.start.microseconds - Self.begin) / Self.day
            }
        }
        let (adaptive, rising, shifted) = (entered(Self.rules[0]), entered(Self.rules[1]), entered(Self.rules[2]))
        #expect(adaptive.first == 12 && adaptive.count <= 2, "\(adaptive)")
        #expect(rising.count == 1 && (12...14).contains(rising[0]), "\(rising)")
        #expect(shifted == [17], "\(shifted)")
        let first = try #require(alerts.first { $0.rule == Self.rules[0].name })
        #expect(first.kind == "adwin" && first.subject == "_loss" && first.value > first.expected ?? .infinity)
        #expect(first.message.hasPrefix("losses (adwin): a change, to a mean of"))
        #expect(
            alerts.contains {
                $0.rule == Self.rules[2].name && $0.state == "left" && $0.message.hasPrefix("x (adwin): no further")
            })
        try store.close()
    }

    @Test("What is found does not depend on when it is looked for")
    func isDeterministic() throws {
        var found: [[AlertRow]] = []
        for interval in [1, 3, 30] {
            let (store, task) = try Self.store()
            try task.registerAlerts(Self.rules)
            for day in 0..<20 {
                try Self.log(task, day: day, rows: 120, worseFrom: 9, shiftFrom: 13)
                if day % interval == interval - 1 { _ = try task.alerts() }
            }
            found.append(
                try task.alerts().map { row in
                    var row = row
                    row.computedAt = nil
                    return row
                }.sorted { ($0.rule, $0.start.microseconds) < ($1.rule, $1.start.microseconds) })
            try store.close()
        }
        #expect(!found[0].isEmpty)
        #expect(found[0] == found[1] && found[1] == found[2])
    }

    @Test("Rules are kept, and those that cannot be are refused")
    func registration() throws {
        let folder = TemporaryFolder()
        let store = try Store.open(folder.path("store"))
        let task = try store.task("t", schema: Self.schema)
        try task.registerAlerts(Self.rules)
        for rule: AlertRule in [
            .stream(columns: ["place"]), .stream(columns: []), .stream(columns: ["y"]),
            .stream(over: .sliding(.days(2), every: .days(1))), .stream(over: .cumulative),
        ] {
            #expect(throws: StoreError.self) { try task.registerAlerts([rule]) }
        }
        try store.close()
        let again = try Store.open(folder.path("store"))
        #expect(try again.task("t", schema: Self.schema).alertRules == Self.rules)
        try again.close()
    }

    @Test("Streams are scaled, and what has nothing before it is not judged")
    func streams() throws {
        var stream = EventStream(isOfLosses: false)
        for value in 0..<400 { stream.append(1e6 + Double(value % 7), at: Int64(value)) }
        stream.append(.nan, at: 5)
        stream.append(.infinity, at: 6)
        let quiet = try #require(stream.judgement(.adaptiveWindow, from: 300))
        #expect(!quiet.isBad && quiet.isClear && quiet.rowCount == 100)
        #expect(
            stream.judgement(.adaptiveWindow, from: 400) == nil && stream.judgement(.adaptiveWindow, from: 0) == nil)
        for value in 400..<600 { stream.append(1e6 + 4 + Double(value % 7), at: Int64(value)) }
        let changed = try #require(stream.judgement(.adaptiveWindow, from: 400))
        #expect(changed.isBad && changed.value > changed.expected)
        // A change before the judged window is no news.
        #expect(stream.judgement(.adaptiveWindow, from: 590)?.isBad == false)
    }

    @Test("Quiet streams raise few alerts")
    func isQuiet() throws {
        var random = Generator(seed: 77)
        var alarms = 0
        for _ in 0..<60 {
            var stream = EventStream(isOfLosses: true)
            for row in 0..<2_800 {
                let error = Double.random(in: 0...1, using: &random)
                stream.append(error * error, at: Int64(row))
            }
            for test in LossTest.allCases where stream.judgement(test, from: 2_700)?.isBad == true {
                alarms += 1
            }
        }
        #expect(alarms <= 2)
    }
}
