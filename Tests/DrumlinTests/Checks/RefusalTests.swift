import Drumlin
import TestSupport
import Testing

/// Constraints that refuse events, against what the background finds in a task that takes them.
@Suite("Constraints that refuse")
struct RefusalTests {
    private static let schema = TaskSchema(
        kind: .binary(),
        features: ["x": .float64, "small": .float32, "n": .int32, "place": .category, "text": .string],
        observed: ["tip": .float32], bucketing: .scoreQuantiles(4))

    private static let constraints: [Constraint] = [
        .notNull("x"), .finite("x"), .range("x", -2...2), .atMost("small", 0.1), .range("n", 0.5...7),
        .oneOf("n", ["1", "2", "3.0"]), .oneOf("place", ["a", "b"]), .pattern("text", "[a-z]+[0-9]?"),
        .length("text", 2...4), .range(Constraint.prediction, 0.2...0.8), .atMost(Constraint.label, 0),
        .notNull(Constraint.label), .notNull("tip"), .atMost("tip", 3), .pattern(Constraint.id, "e[0-9]+"),
        .oneOf("small", ["0.1", "0.5"]),
    ]

    private struct Values {
        var random: TestSupport.SeededGenerator

        mutating func pick<T>(_ values: [T]) -> T { values.randomElement(using: &random)! }

        mutating func features() -> [String: Value] {
            let all: [String: Value] = [
                "x": pick([.null, .float64(.nan), .float64(.infinity), .float64(-2), .float64(2.5), .float64(0)]),
                "small": pick([.null, .float32(0.1), .float32(0.5), .float32(.nan), .float64(0.1)]),
                "n": pick([.null, .int(0), .int(1), .int(3), .int(9)]),
                "place": pick([.null, .string("a"), .string("c"), .string("")]),
                "text": pick([.null, .string("ab1"), .string("abcde"), .string("A"), .string("é9"), .string("a")]),
            ]
            return all.filter { $0.value != .null }
        }

        mutating func observed() -> [String: Value] {
            let tip: Value = pick([.null, .float32(3), .float32(3.25), .float32(.nan)])
            return tip == .null ? [:] : ["tip": tip]
        }
    }

    /// The ids of the events that violate a constraint in a task that only reports.
    private static func violating(_ store: Store, _ task: MonitoredTask, _ event: String) throws -> Set<String> {
        store.drainTriggers()
        var ids: Set<String> = []
        for row in try store.table("\(task.name)/violations").allRows() where row["event"] == .string(event) {
            if case .string(let id)? = row["id"] { ids.insert(id) }
        }
        return ids
    }

    @Test("Refused is what would be reported, one constraint at a time", arguments: constraints)
    func sameAsReported(constraint: Constraint) throws {
        let store = try Store.open(TemporaryFolder().path("store"))
        let reporting = try store.task("reporting", schema: Self.schema)
        let refusing = try store.task("refusing", schema: Self.schema)
        try reporting.registerConstraint(constraint)
        try refusing.registerConstraint(constraint.refusing())
        var values = Values(random: TestSupport.SeededGenerator(seed: 8))
        var (refusedPredictions, refusedFeedback) = (Set<String>(), Set<String>())
        let row = refusing.makePredictionRow()
        for number in 0..<120 {
            let id = number % 7 == 0 ? "other \(number)" : "e\(number)"
            let at = Timestamp(microseconds: TaskEvents.first + Int64(number))
            let prediction = PredictionValue.number(values.pick([0.1, 0.2, 0.5, 0.9]))
            let (features, observed) = (values.features(), values.observed())
            try reporting.logPrediction(id: id, at: at, prediction: prediction, features: features, observed: observed)
            func attempt(_ refused: inout Set<String>, _ body: () throws -> Void) throws {
                do {
                    try body()
                } catch let error as StoreError {
                    #expect(error.code == .invalidInput)
                    #expect(error.message.contains("'\(constraint.column)'") && error.message.contains("\(constraint)"))
                    refused.insert(id)
                }
            }
            try attempt(&refusedPredictions) {
                if number % 2 == 0 {
                    try refusing.logPrediction(
                        id: id, at: at, prediction: prediction, features: features, observed: observed)
                } else {
                    row.begin(id: id, at: at, prediction: prediction)
                    for (place, feature) in Self.schema.features.enumerated() {
                        if let value = features[feature.name] { row.set(place, value: value) }
                    }
                    for (name, value) in observed { row.observe(name, value) }
                    try refusing.logPrediction(row)
                }
            }
            let label: LabelValue = values.pick([.number(0), .number(1), .withdrawn])
            let tip = values.observed()
            try reporting.logFeedback(id: id, at: at, label: label, observed: tip)
            try attempt(&refusedFeedback) { try refusing.logFeedback(id: id, at: at, label: label, observed: tip) }
        }
        #expect(try Self.violating(store, reporting, "prediction") == refusedPredictions)
        #expect(try Self.violating(store, reporting, "feedback") == refusedFeedback)
        #expect(refusedPredictions.count + refusedFeedback.count > 10)
        let status = refusing.status
        #expect(status.violatingPredictions == refusedPredictions.count)
        #expect(status.violatingFeedback == refusedFeedback.count)
        #expect(status.predictions == 120 - refusedPredictions.count)
        #expect(try refusing.checks().allSatisfy { $0.violationCount == 0 })
    }

    @Test("The form of numbers, batches, and what a call of many leaves behind")
    func otherForms() throws {
        let folder = TemporaryFolder()
        var store = try Store.open(folder.path("store"))
        let schema = TaskSchema(kind: .binary(), features: ["x": .float64, "y": .float64])
        var task = try store.task("t", schema: schema)
        try task.registerConstraint(Constraint.range("y", 0...1).refusing())
        let at = Timestamp(microseconds: TaskEvents.first)
        try task.logPrediction(id: "1", at: at, score: 0.5, features: [7, 1].span)
        #expect(throws: StoreError.self) { try task.logPrediction(id: "2", at: at, score: 0.5, features: [7, 2].span) }
        #expect(throws: StoreError.self) {
            try task.logPrediction(id: "2", at: at, score: 0.5, features: [7, Double.nan].span)
        }
        let batch = task.makePredictionBatch()
        try batch.append(id: "3", at: at, score: 0.5, features: [7, 0].span)
        #expect(throws: StoreError.self) { try batch.append(id: "4", at: at, score: 0.5, features: [7, -1].span) }
        #expect(batch.count == 1)
        try task.logPredictions(batch)
        #expect(task.status.predictions == 2 && task.status.violatingPredictions == 3)
        // It is there at the next start, with what was counted, and ends when it is unregistered.
        try store.close()
        store = try Store.open(folder.path("store"))
        task = try store.task("t")
        #expect(task.constraints == [Constraint.range("y", 0...1).refusing()])
        #expect(task.status.violatingPredictions == 3)
        #expect(throws: StoreError.self) { try task.logPrediction(id: "2", at: at, score: 0.5, features: [7, 2].span) }
        #expect(throws: StoreError.self) { try task.registerConstraint(.range("y", 0...1)) }
        try task.unregisterConstraint(Constraint.range("y", 0...1).refusing())
        try task.logPrediction(id: "2", at: at, score: 0.5, features: [7, 2].span)
        #expect(task.status.predictions == 3)
    }

    @Test("An order cannot be refused, as it is not known before")
    func noOrder() throws {
        let task = try Store.open(TemporaryFolder().path("store")).task("t", schema: Self.schema)
        #expect(throws: StoreError.self) { try task.registerConstraint(Constraint.increasing("x").refusing()) }
        #expect(task.constraints.isEmpty)
    }
}
