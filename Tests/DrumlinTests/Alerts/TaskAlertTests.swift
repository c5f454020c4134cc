import Drumlin
import Synchronization
import TestSupport
import Testing

/// Alerts of a task in a store: what they find, that each comes once, and what becomes of them.
struct TaskAlertTests {
    private typealias Generator = TestSupport.SeededGenerator

    private static let schema = TaskSchema(
        kind: .binary(), features: ["x": .float64, "place": .category, "n": .int32], observed: ["tip": .float32],
        bucketing: .scoreQuantiles(4), labelHorizon: .days(5))
    private static let begin: Int64 = 1_583_020_800_000_000
    private static let day: Int64 = 86_400_000_000

    /// A task that gets some rows a day.
    private final class World {
        let disk: SimulatedFileSystem
        private(set) var simulated: SimulatedStore
        private(set) var store: Store
        private(set) var task: MonitoredTask
        private var random: Generator

        init(seed: UInt64 = 3, disk: SimulatedFileSystem? = nil) throws {
            random = Generator(seed: seed)
            self.disk = disk ?? SimulatedFileSystem(seed: seed)
            simulated = SimulatedStore(self.disk)
            store = try Store.open("/store", options: World.options(simulated))
            task = try store.task("t", schema: TaskAlertTests.schema)
        }

        static func options(_ simulated: SimulatedStore) -> StoreOptions {
            var options = simulated.options(memtableByteCount: 20_000)
            options.arrival = .eventTime
            return options
        }

        func reopen() throws {
            try store.close()
            simulated = SimulatedStore(disk)
            store = try Store.open("/store", options: World.options(simulated))
            task = try store.task("t", schema: TaskAlertTests.schema)
        }

        /// Logs a day; tips come with feedback, an hour later.
        func log(day: Int, rows: Int = 120, shift: Double = 0, fault: Double = 0) throws {
            var random = Generator(seed: UInt64(day) &* 977 &+ 5)
            for row in 0..<rows {
                let at =
                    TaskAlertTests.begin + Int64(day) * TaskAlertTests.day
                    + Int64(row) * TaskAlertTests.day / Int64(rows)
                let z = (0..<6).reduce(0.0) { sum, _ in sum + Double.random(in: -1...1, using: &random) } / 1.4142
                let isFaulty = Double.random(in: 0..<1, using: &random) < fault
                let tip = isFaulty ? 2.75 : (Double.random(in: 0..<800, using: &random)).rounded() / 100
                try task.logPrediction(
                    id: "\(day)-\(row)", at: Timestamp(microseconds: at), prediction: .number(row % 2 == 0 ? 0.2 : 0.8),
                    features: [
                        "x": .float64(z + shift), "place": .string(["a", "b", "c"][row % 3]), "n": .int(Int64(row % 5)),
                    ])
                try task.logFeedback(
                    id: "\(day)-\(row)", at: Timestamp(microseconds: at + 1), label: .number(row % 4 < 2 ? 1 : 0),
                    observed: ["tip": .float32(Float(tip))])
            }
        }

        func alerts() throws -> [AlertRow] { try task.alerts() }
    }

    @Test func aQuietTaskHasNoAlerts() throws {
        let world = try World()
        try world.task.watch()
        for day in 0..<20 { try world.log(day: day) }
        let alerts = try world.alerts()
        #expect(alerts.isEmpty, "\(alerts.map(\.message))")
        #expect(world.task.alertFailure == nil)
        try world.store.close()
    }

    @Test func aValueThatRecursAndAShiftAreFoundOnceAndNamed() throws {
        let world = try World()
        try world.task.watch()
        for day in 0..<16 {
            try world.log(day: day, shift: day >= 13 ? 1 : 0, fault: day == 12 ? 0.2 : 0)
        }
        let alerts = try world.alerts()
        let tip = alerts.filter { $0.subject == "tip" && $0.kind == "value" }
        #expect(tip.map(\.state) == ["entered", "left"])
        #expect(tip.first?.message.contains("the value 2.75 is") ?? false, "\(alerts.map(\.message))")
        #expect(tip.first?.start == Timestamp(microseconds: Self.begin + 12 * Self.day))
        let shift = alerts.filter { $0.subject == "x" }
        #expect(shift.contains { $0.start == Timestamp(microseconds: Self.begin + 13 * Self.day) })
        #expect(Set(alerts.map { [$0.alert, $0.state] }).count == alerts.count)
        #expect(!alerts.contains { $0.subject == nil || $0.subject == "place" || $0.subject == "n" })
        try world.store.close()
    }

    @Test func lateRegistrationAndRestartsGiveTheSameAlerts() throws {
        func faults(_ day: Int) -> Double { day == 11 ? 0.3 : 0 }
        let first = try World()
        try first.task.watch()
        for day in 0..<15 { try first.log(day: day, rows: day == 13 ? 20 : 120, fault: faults(day)) }
        let expected = try first.alerts().map { [$0.alert, $0.state, $0.message] }
        #expect(expected.count >= 2)
        try first.store.close()

        // Registered when all is there.
        let second = try World()
        for day in 0..<15 { try second.log(day: day, rows: day == 13 ? 20 : 120, fault: faults(day)) }
        try second.task.watch()
        #expect(try second.alerts().map { [$0.alert, $0.state, $0.message] } == expected)
        try second.store.close()

        // A new process each day, which registers again.
        let third = try World()
        for day in 0..<15 {
            try third.task.watch()
            try third.log(day: day, rows: day == 13 ? 20 : 120, fault: faults(day))
            if day % 3 == 0 { third.store.drainTriggers() }
            try third.reopen()
        }
        let found = try third.alerts().map { [$0.alert, $0.state, $0.message] }
        #expect(
            found == expected, "\(found.filter { !expected.contains($0) }), \(expected.filter { !found.contains($0) })")
        // Who reads sees the same.
        try third.store.close()
        let reader = try Store.openReadOnly("/store", options: World.options(SimulatedStore(third.disk)))
        #expect(try reader.task("t").alerts().map { [$0.alert, $0.state, $0.message] } == expected)
    }

    @Test func whatACrashLeavesIsJudgedOnce() throws {
        let world = try World(seed: 9)
        try world.task.watch()
        for day in 0..<12 { try world.log(day: day, rows: 110) }
        _ = try world.alerts()
        try world.log(day: 12, rows: 110, fault: 0.5)
        try world.log(day: 13, rows: 110, fault: 0.5)
        try world.store.sync()
        // Power fails before, while, and after the faulty day is judged.
        for seed in 0..<6 {
            let fork = world.disk.fork(seed == 0 ? .nothing : .subset(seed: UInt64(seed)), seed: UInt64(seed))
            let after = try World(seed: 9, disk: fork)
            try after.log(day: 14, rows: 110)
            let alerts = try after.alerts()
            #expect(Set(alerts.map { [$0.alert, $0.state] }).count == alerts.count)
            #expect(alerts.contains { $0.subject == "tip" && $0.message.contains("2.75") })
            try after.store.close()
            _ = try world.alerts()
        }
    }

    @Test func handlersAndSequencesGetEachAlertInOrder() async throws {
        let world = try World()
        let seen = Mutex<[AlertRow]>([])
        try world.task.onAlert { alert in seen.withLock { $0.append(alert) } }
        try world.task.watch()
        let stream = try world.task.alertUpdates(from: 0)
        for day in 0..<14 { try world.log(day: day, fault: day == 11 ? 0.3 : 0) }
        let alerts = try world.alerts()
        #expect(!alerts.isEmpty)
        world.store.drainTriggers()
        world.store.drainTriggers()
        #expect(seen.withLock { $0 } == alerts)
        var streamed: [AlertRow] = []
        for await alert in stream {
            streamed.append(alert)
            if streamed.count == alerts.count { break }
        }
        #expect(streamed == alerts)
        try world.store.close()
    }

    @Test func rulesAreCheckedAndKept() throws {
        let world = try World()
        let day = Window.tumbling(.days(1))
        try world.task.registerMetric(.accuracy, windows: [day, .sliding(.days(7), every: .days(1))])
        let constraint = Constraint.atMost("tip", 7)
        try world.task.registerConstraint(constraint)
        let rules: [AlertRule] = [
            .threshold("accuracy", below: 0.8, over: day), .historyChange("accuracy", by: 0.1, over: day),
            .violations(of: constraint, above: 0.5, over: day), .drift(.falseDiscovery(.kolmogorovSmirnov, rate: 0.05)),
            .anomalies([.volume], method: .medianDeviation, seasonalLag: 7, over: day, coolDown: .days(3)),
            .threshold("accuracy", above: 0.99, over: .sliding(.days(7), every: .days(1))),
        ]
        try world.task.registerAlerts(rules)
        try world.task.registerAlerts(rules)
        #expect(world.task.alertRules == rules)
        try world.reopen()
        #expect(world.task.alertRules == rules)
        for (rule, part) in [
            (AlertRule.threshold("f1", below: 0.5, over: day), "not registered"),
            (.threshold("accuracy", over: day), "no bound"),
            (.drift(columns: ["y"]), "no column 'y'"),
            (.drift(over: .sliding(.days(2), every: .days(1))), "does not tumble"),
            (.drift(.falseDiscovery(.hellinger, rate: 0.1)), "no p-value"),
            (.anomalies([]), "looks for nothing"),
            (.anomalies(seasonalLag: 0), "lag"),
            (.violations(of: .notNull("x"), above: 0.1, over: day), "no constraint"),
            (.threshold("accuracy", below: 0.1, over: .cumulative), "does not close"),
        ] {
            let error = #expect(throws: StoreError.self) { try world.task.registerAlerts([rule]) }
            #expect(error?.message.contains(part) ?? false, "\(String(describing: error)): \(part)")
        }
        let other = AlertRule(name: rules[0].name, .threshold(metric: "accuracy", low: 0.7, high: nil), over: day)
        #expect(throws: StoreError.self) { try world.task.registerAlerts([other]) }
        try world.task.unregisterAlert(rules[0].name)
        #expect(throws: StoreError.self) { try world.task.unregisterAlert(rules[0].name) }
        #expect(world.task.alertRules == Array(rules.dropFirst()))
        try world.store.close()
    }

    @Test func metricsAndConstraintsRaiseAlerts() throws {
        let world = try World()
        let day = Window.tumbling(.days(1))
        try world.task.registerMetric(.accuracy, windows: [day])
        try world.task.registerConstraint(.atMost("x", 3))
        try world.task.registerAlerts([
            .threshold("accuracy", below: 0.4, over: day), .threshold("accuracy", below: 0.6, over: day),
            .violations(of: .atMost("x", 3), above: 0.2, over: day),
        ])
        for number in 0..<6 { try world.log(day: number, rows: 40, shift: number == 2 ? 9 : 0) }
        let alerts = try world.alerts()
        // Half of the predictions are right on every day.
        #expect(alerts.filter { $0.kind == "metric" }.map(\.rule) == ["accuracy below 0.6 1d"])
        let violations = alerts.filter { $0.kind == "violations" }
        #expect(violations.map(\.state) == ["entered", "left"])
        #expect(violations.first?.value == 1)
        try world.store.close()
    }

    @Test func lossesThatRiseAreFoundWhereTheyDo() throws {
        let world = try World()
        for number in 0..<2_000 {
            let at = Timestamp(microseconds: Self.begin + Int64(number) * 1_000_000)
            let label = number % 2
            let isRight = number < 1_200 ? number % 10 != 0 : number % 10 > 4
            try world.task.logPrediction(
                id: "\(number)", at: at, prediction: .number((label == 1) == isRight ? 0.9 : 0.1), features: [:])
            try world.task.logFeedback(id: "\(number)", at: at, label: .number(Double(label)))
        }
        let found = try world.task.lossChanges(.adaptiveWindow)
        let first = try #require(found.first)
        let place = (first.at.microseconds - Self.begin) / 1_000_000
        #expect((1_200..<1_400).contains(place) && first.rowCount == place + 1)
        #expect((first.meanBefore - 0.09).magnitude < 0.03 && first.meanAfter ?? 0 > first.meanBefore)
        let rises = try world.task.lossChanges(.pageHinkley)
        #expect(rises.count == 1 && rises[0].at > first.at)
        #expect(try world.task.lossChanges(.pageHinkley, to: first.at).isEmpty)
        try world.store.close()
    }

    @Test func erasureTakesTheSummariesThatCountARow() throws {
        let world = try World()
        try world.task.watch()
        for day in 0..<6 { try world.log(day: day, rows: 40) }
        _ = try world.alerts()
        func windows() throws -> Set<Timestamp> {
            var result = Set<Timestamp>()
            try world.store.table("t/summaries").scan(
                columns: ["window_start", "column"], where: .notEqual("column", .string("_state"))
            ).forEach { batch in
                for place in 0..<batch.rowCount {
                    if case .timestamp(let time) = batch[place, "window_start"] { result.insert(time) }
                }
            }
            return result
        }
        let before = try windows()
        #expect(before.count == 5)
        try world.task.erase(ids: ["2-7"])
        let after = try windows()
        #expect(before.subtracting(after) == [Timestamp(microseconds: Self.begin + 2 * Self.day)])
        try world.log(day: 6, rows: 40)
        #expect(try world.alerts().isEmpty)
        try world.task.clear()
        #expect(try windows().isEmpty)
        #expect(world.task.alertRules == AlertRule.standard)
        for day in 0..<3 { try world.log(day: day, rows: 40) }
        #expect(try world.alerts().isEmpty)
        #expect(try windows().count == 2)
        try world.store.dropTask("t")
        #expect(!world.store.tables.contains { $0.name.hasPrefix("t/") })
    }
}
