import Drumlin
import TestSupport
import Testing

/// Constraints against a recomputation from all events, whatever happens between.
struct ConstraintTests {
    private static let schema = TaskSchema(
        kind: .binary(),
        features: [
            "x": .float64, "small": .float32, "n": .int32, "place": .category, "text": .string, "moment": .timestamp,
        ],
        observed: ["tip": .float32], bucketing: .scoreQuantiles(4))

    private static let constraints: [Constraint] = [
        .notNull("x"), .finite("x"), .range("x", -2...2), .atLeast("x", 0), .atMost("small", 0.1),
        .range("n", 0.5...7), .oneOf("n", ["1", "2", "3.0"]), .oneOf("place", ["a", "b"]),
        .pattern("text", "[a-z]+[0-9]?"),
        .length("text", 2...4), .increasing("moment"), .increasing("n"), .range(Constraint.prediction, 0.2...0.8),
        .atMost(Constraint.label, 0), .notNull("tip"), .atMost("tip", 3), .pattern(Constraint.id, "e[0-9]+"),
    ]

    private struct Event {
        var isPrediction: Bool
        var id: String
        var values: [String: Value]
        var at: Int64
    }

    // MARK: A task and its events

    private final class World {
        let fileSystem: SimulatedFileSystem
        var simulated: SimulatedStore
        var store: Store
        var task: MonitoredTask
        var events: [Event] = []
        var random: TestSupport.SeededGenerator

        init(seed: UInt64) throws {
            random = TestSupport.SeededGenerator(seed: seed)
            fileSystem = SimulatedFileSystem(seed: seed)
            simulated = SimulatedStore(fileSystem)
            store = try Store.open("/store", options: World.options(simulated))
            task = try store.task("t", schema: ConstraintTests.schema)
        }

        static func options(_ simulated: SimulatedStore) -> StoreOptions {
            var options = simulated.options(memtableByteCount: 4_000)
            options.arrival = .eventTime
            return options
        }

        func reopen(_ disk: SimulatedFileSystem) throws {
            simulated = SimulatedStore(disk)
            store = try Store.open("/store", options: World.options(simulated))
            task = try store.task("t", schema: ConstraintTests.schema)
        }

        private func pick<T>(_ values: [T]) -> T { values.randomElement(using: &random)! }

        func log(_ number: Int) throws {
            let at = 1_583_020_800_000_000 + Int64(number) * 60_000_000
            let id = pick([true, true, true, false]) ? "e\(number)" : "f\(number)"
            let features: [String: Value] = [
                "x": pick([
                    .float64(-3), .float64(0), .float64(1.5), .float64(2), .float64(.nan), .float64(.infinity), .null,
                ]),
                "small": pick([.float32(0.1), .float32(0.2), .float32(0.05), .null]),
                "n": pick([.int(0), .int(1), .int(3), .int(9), .null]), "place": pick(["a", "b", "c", .null]),
                "text": pick(["abc1", "q", "ABCD", "lettersonly", .null]),
                "moment": pick([
                    .timestamp(Timestamp(microseconds: Int64(number))), .timestamp(Timestamp(microseconds: 40)), .null,
                ]),
            ]
            let score = pick([0.1, 0.2, 0.5, 0.9])
            let observed: [String: Value] = ["tip": pick([.float32(2.75), .float32(9), .null])]
            try task.logPrediction(
                id: id, at: Timestamp(microseconds: at), prediction: .number(score),
                features: features.filter { $0.value != .null }, observed: observed.filter { $0.value != .null })
            var values = features.merging(observed) { $1 }
            values[Constraint.prediction] = .float64(score)
            values[Constraint.id] = .string(id)
            events.append(Event(isPrediction: true, id: id, values: values, at: at))
            guard pick([true, false]) else { return }
            let label = pick([0, 1])
            let tip: Value = pick([.float32(2.75), .float32(9), .null])
            try task.logFeedback(
                id: id, at: Timestamp(microseconds: at + 1), label: .number(Double(label)),
                observed: tip == .null ? [:] : ["tip": tip])
            events.append(
                Event(
                    isPrediction: false, id: id, values: ["tip": tip, Constraint.label: .uint(UInt64(label))],
                    at: at + 1))
        }
    }

    // MARK: The model

    private static func violates(_ rule: Constraint.Rule, _ value: Value, after previous: Value?) -> Bool {
        if value == .null { return rule == .notNull }
        switch (rule, value) {
        case (.notNull, _): return false
        case (.finite, .float64(let v)): return !v.isFinite
        case (.range(let low, let high), .float32(let v)):
            return !(v >= Float(low ?? -.infinity) && v <= Float(high ?? .infinity))
        case (.range(let low, let high), _):
            let v = number(value)
            return !(v >= low ?? -.infinity && v <= high ?? .infinity)
        case (.oneOf(let values), .string(let v)): return !values.contains(v)
        case (.oneOf(let values), _): return !values.contains { Double($0) == number(value) }
        case (.pattern(let expression), .string(let v)): return try! Regex(expression).wholeMatch(in: v) == nil
        case (.length(let low, let high), .string(let v)): return v.count < low || v.count > high
        case (.increasing, _): return previous.map { number(value) < number($0) } ?? false
        default: return true
        }
    }

    private static func number(_ value: Value) -> Double {
        switch value {
        case .int(let v): Double(v)
        case .uint(let v): Double(v)
        case .float32(let v): Double(v)
        case .float64(let v): v
        case .timestamp(let v): Double(v.microseconds)
        default: .nan
        }
    }

    /// What must have been found, by constraint and kind of event: ids, in order.
    private static func expected(_ events: [Event]) -> [String: [String]] {
        var result: [String: [String]] = [:]
        for constraint in constraints {
            var previous: [Bool: Value] = [:]
            for event in events {
                guard let value = event.values[constraint.column] else { continue }
                let last = previous[event.isPrediction]
                if violates(constraint.rule, value, after: last) {
                    result["\(constraint)/\(event.isPrediction ? "prediction" : "feedback")", default: []].append(
                        event.id)
                }
                if value != .null, !number(value).isNaN || constraint.rule != .increasing {
                    previous[event.isPrediction] = value
                }
            }
        }
        return result
    }

    private static func found(_ store: Store) throws -> [String: [String]] {
        var result: [String: [(UInt64, String)]] = [:]
        for row in try store.table("t/violations").allRows() {
            guard case .string(let name)? = row["constraint"], case .string(let event)? = row["event"],
                case .string(let id)? = row["id"], case .uint(let number)? = row["row"]
            else { throw Violation("no row of violations: \(row)") }
            result["\(name)/\(event)", default: []].append((number, id))
        }
        return result.mapValues { $0.sorted { $0.0 < $1.0 }.map(\.1) }
    }

    private static func check(_ world: World, _ context: Comment) throws {
        let expected = expected(world.events)
        // First what somebody asks for, who waits for nothing.
        for row in try world.task.checks() {
            let ids = expected["\(row.constraint)/\(row.event)"] ?? []
            #expect(row.violationCount == ids.count, "\(row.constraint), \(row.event), \(context)")
            let total = world.events.filter { $0.isPrediction == (row.event == "prediction") }.count
            #expect(row.checkedCount == total, context)
            if let last = ids.last { #expect(row.exampleID == last, context) }
        }
        world.store.drainTriggers()
        #expect(world.task.checkFailure == nil)
        #expect(try found(world.store) == expected, context)
        let reader = try Store.openReadOnly("/store", options: World.options(SimulatedStore(world.fileSystem)))
        _ = reader
    }

    // MARK: Tests

    @Test(arguments: Array(1...4) as [UInt64])
    func violationsAreThoseOfAllEvents(seed: UInt64) throws {
        let world = try World(seed: seed)
        // Some from the beginning, some late.
        let early = seed % 2 == 0 ? Self.constraints.count : Self.constraints.count / 2
        try world.task.registerConstraints(Array(Self.constraints.prefix(early)))
        for number in 0..<90 {
            try world.log(number)
            if number == 40 {
                try world.task.registerConstraints(Array(Self.constraints.dropFirst(early)))
                try Self.check(world, "seed \(seed), after 40")
            }
            if number % 17 == 3 { try world.store.seal() }
            if number == 60 {
                try world.store.close()
                try world.reopen(world.fileSystem)
                #expect(world.task.constraints.count == Self.constraints.count)
            }
        }
        try Self.check(world, "seed \(seed), at the end")
        // Erased events take their violations along.
        let gone = Set(world.events.enumerated().filter { $0.offset % 5 == 0 }.map(\.element.id))
        try world.task.erase(ids: Array(gone))
        let left = try Self.found(world.store).values.flatMap { $0 }
        #expect(gone.isDisjoint(with: left) && !left.isEmpty)
        try world.store.compact()
        try world.store.close()
        try world.reopen(world.fileSystem)
        world.store.drainTriggers()
        #expect(try Self.found(world.store).values.flatMap { $0 }.sorted() == left.sorted())
        // Cleared, the task begins anew with the same constraints.
        try world.task.clear()
        world.events = []
        for number in 200..<230 { try world.log(number) }
        try Self.check(world, "seed \(seed), cleared")
    }

    /// After a power loss at any moment every violation of the events that are left is there once.
    @Test(arguments: Array(1...6) as [UInt64])
    func aCrashNeitherLosesNorDoubles(seed: UInt64) throws {
        let world = try World(seed: seed)
        try world.task.registerConstraints(Self.constraints)
        for number in 0..<60 {
            try world.log(number)
            if number % 13 == Int(seed) { try world.store.sync() }
            if number == 30 { try world.store.seal() }
            if number % 7 == 0 { world.store.drainTriggers() }
        }
        let disk = world.fileSystem.crash(.subset(seed: seed))
        try world.reopen(disk)
        world.store.drainTriggers()
        let (predictions, labels) = (world.task.status.predictions, world.task.status.labels)
        var (p, l) = (0, 0)
        let events = world.events.filter { event in
            if event.isPrediction { p += 1 } else { l += 1 }
            return event.isPrediction ? p <= predictions : l <= labels
        }
        #expect(try Self.found(world.store) == Self.expected(events))
    }

    @Test func whatCannotBeIsRefused() throws {
        let world = try World(seed: 1)
        let bad: [Constraint] = [
            .notNull("y"), .finite("n"), .range("place", 0...1), .atLeast("x", .nan), .oneOf("n", ["many"]),
            .oneOf("place", []), .pattern("text", "("), .pattern("x", "a"), .length("n", 1...2), .increasing("place"),
            .notNull("_class"),
        ]
        for constraint in bad {
            let error = #expect(throws: StoreError.self) { try world.task.registerConstraint(constraint) }
            #expect(error?.code == .invalidInput && error?.remedy?.isEmpty == false, "\(constraint)")
        }
        #expect(world.task.constraints.isEmpty)
        try world.task.registerConstraint(.notNull("x"))
        try world.task.registerConstraint(.notNull("x"))
        #expect(world.task.constraints == [.notNull("x")])
        #expect(throws: StoreError.self) { try world.task.unregisterConstraint(.finite("x")) }
        try world.task.unregisterConstraint(.notNull("x"))
        #expect(try world.task.checks().isEmpty)
    }

    @Test func theReferenceSuggestsWhatItMeets() throws {
        let world = try World(seed: 1)
        #expect(throws: StoreError.self) { try world.task.suggestConstraints() }
        let reference = TrainingSet(schema: world.task.schema)
        for row in 0..<200 {
            var features: [String: Value] = [
                "x": .float64(Double(row % 11) - 5), "n": .int(Int64(row % 4)), "place": row % 2 == 0 ? "a" : "b",
                "text": .string("text \(row)"),
            ]
            if row % 9 == 0 { features["place"] = nil }
            try reference.append(
                prediction: .number(Double(row % 40) / 40), label: .number(Double(row % 2)), features: features)
        }
        try world.task.logTrainingSet(reference, modelVersion: "1")
        let suggested = try world.task.suggestConstraints()
        #expect(
            suggested == [
                .notNull("x"), .range("x", -6...6), .notNull("n"), .range("n", 0...3.3), .oneOf("place", ["a", "b"]),
                .notNull("text"),
            ])
        try world.task.registerConstraints(suggested)
    }
}
