import Drumlin
import TestSupport

/// Random events of a task, and the same for the same seed.
struct TaskEvents {
    enum Event {
        case prediction(TaskModel.Prediction)
        case feedback(TaskModel.Feedback)
        case reference(Int)
    }

    static let first: Int64 = 1_583_020_800_000_000
    static let features: [Feature] = [Feature("x", .float64), Feature("n", .int16), Feature("place", .category)]

    static func schema(_ kind: TaskKind, bucketing: Bucketing? = nil, estimator: Estimator? = nil) -> TaskSchema {
        TaskSchema(
            kind: kind, features: features, observed: [Feature("tip", .float32)],
            bucketing: estimator == nil ? bucketing ?? .scoreQuantiles(4) : nil, estimator: estimator,
            allowedLateness: .hours(6), labelHorizon: .days(4))
    }

    static let kinds: [TaskKind] = [
        .binary(), .multiclass(classes: ["a", "b", "c"], hasProbabilities: true), .regression,
    ]

    let kind: TaskKind
    var generator: TestSupport.SeededGenerator

    init(_ kind: TaskKind, seed: UInt64) {
        self.kind = kind
        generator = TestSupport.SeededGenerator(seed: seed)
    }

    mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &generator) < share }

    // MARK: Single events

    mutating func output() -> PredictionValue {
        switch kind {
        case .binary:
            let score = Double(Int.random(in: 0...64, using: &generator)) / 64
            return chance(0.2) ? .score(score, class: Int.random(in: 0...1, using: &generator)) : .number(score)
        case .multiclass(let classes, _):
            let shares = classes.map { _ in Double(Int.random(in: 0...16, using: &generator)) / 16 }
            return .class(classes.randomElement(using: &generator)!, probabilities: chance(0.1) ? nil : shares)
        case .regression: return .number(Double(Int.random(in: -500...500, using: &generator)) / 7)
        }
    }

    mutating func label() -> LabelValue {
        switch kind {
        case .binary: .number(Double(Int.random(in: 0...1, using: &generator)))
        case .multiclass(let classes, _): .class(classes.randomElement(using: &generator)!)
        case .regression: .number(Double(Int.random(in: -500...500, using: &generator)) / 3)
        }
    }

    mutating func someFeatures() -> [String: Value] {
        var values: [String: Value] = [:]
        if chance(0.9) { values["x"] = .float64(Double.random(in: -1...1, using: &generator)) }
        if chance(0.9) { values["n"] = .int(Int64.random(in: -9...9, using: &generator)) }
        if chance(0.9) { values["place"] = .string(["P", "Q", "R", "S"].randomElement(using: &generator)!) }
        return values
    }

    mutating func someObserved() -> [String: Value] {
        chance(0.3) ? ["tip": .float32(Float(Int.random(in: 0...40, using: &generator)) / 4)] : [:]
    }

    mutating func time(withinDays days: Int64) -> Int64 {
        Self.first + Int64.random(in: 0..<(days * 86_400_000_000), using: &generator)
    }

    // MARK: Sequences

    /// Predictions and feedback with all that goes wrong in practice, in random order, with `epochs` reference sets
    /// between them.
    mutating func sequence(count: Int, epochs: Int) -> [Event] {
        var phases: [[Event]] = Array(repeating: [], count: epochs + 1)
        for number in 0..<count {
            let at = time(withinDays: 6)
            let id = "id-\(number)"
            let phase = Int.random(in: 0...epochs, using: &generator)
            func later() -> Int { Int.random(in: phase...epochs, using: &generator) }
            let prediction = TaskModel.Prediction(
                id: id, at: at, value: output(), features: someFeatures(), observed: someObserved())
            if !chance(0.05) { phases[phase].append(.prediction(prediction)) }
            if chance(0.1) { phases[later()].append(.prediction(prediction)) }
            if chance(0.08) {
                var other = prediction
                other.at += chance(0.5) ? 1 : 86_400_000_000
                phases[later()].append(.prediction(other))
            }
            guard chance(0.7) else { continue }
            var label = TaskModel.Feedback(
                id: id, at: at + Int64.random(in: -3_600_000_000...172_800_000_000, using: &generator),
                label: label(), observed: someObserved())
            // Some early, before their prediction comes; more late.
            phases[chance(0.3) ? Int.random(in: 0...phase, using: &generator) : later()].append(.feedback(label))
            if chance(0.1) { phases[later()].append(.feedback(label)) }
            for _ in 0..<2 where chance(0.3) {
                if chance(0.7) { label.at += Int64.random(in: -7_200_000_000...86_400_000_000, using: &generator) }
                label.label = chance(0.25) ? .withdrawn : self.label()
                label.observed = someObserved()
                phases[later()].append(.feedback(label))
            }
        }
        var events: [Event] = []
        for phase in phases.indices {
            if phase > 0 { events.append(.reference(phase - 1)) }
            events += phases[phase].shuffled(using: &generator)
        }
        return events
    }

    /// A reference set of an epoch, the same for the same kind and number.
    static func reference(_ schema: TaskSchema, epoch: Int) throws -> TrainingSet {
        var random = TaskEvents(schema.kind, seed: UInt64(1_000 + epoch))
        let set = TrainingSet(schema: schema)
        for _ in 0..<240 {
            try set.append(prediction: random.output(), label: random.label(), features: random.someFeatures())
        }
        return set
    }
}
