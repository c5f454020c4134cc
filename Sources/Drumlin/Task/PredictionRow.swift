public import ColumnFormat
public import ColumnStore
internal import Synchronization

/// One prediction to be filled in place by place and logged, again and again: for the hot path where features may be
/// missing or are no numbers.
///
///     let row = task.makePredictionRow()
///     row.begin(id: "ABC", at: .now, prediction: 0.83)
///     row.set(0, 2.4)
///     row.set(1, "cash")
///     try task.logPrediction(row)
///
/// After `begin` every feature is missing until it is set. For use by one thread.
public final class PredictionRow {
    var id = ""
    var at = Timestamp(microseconds: 0)
    var prediction = PredictionValue.number(.nan)
    var observed: [String: Value] = [:]
    let features: [Feature]
    private var numbers: [Double]
    private var others: [Value]
    private var states: [State]

    private enum State: UInt8 {
        case missing, number, other
    }

    init(features: [Feature]) {
        self.features = features
        numbers = Array(repeating: .nan, count: features.count)
        others = Array(repeating: .null, count: features.count)
        states = Array(repeating: .missing, count: features.count)
    }

    /// Begins a prediction: all features are missing, nothing is observed.
    public func begin(id: String, at: Timestamp, prediction: PredictionValue) {
        self.id = id
        self.at = at
        self.prediction = prediction
        if !observed.isEmpty { observed.removeAll() }
        for place in states.indices { states[place] = .missing }
    }

    /// Sets the feature at a declared position to a number.
    public func set(_ position: Int, _ number: Double) {
        numbers[position] = number
        states[position] = .number
    }

    /// Sets the feature at a declared position to text: a category or a string.
    public func set(_ position: Int, _ text: String) {
        others[position] = .string(text)
        states[position] = .other
    }

    /// Sets the feature at a declared position to any value; null is missing.
    public func set(_ position: Int, value: Value) {
        others[position] = value
        states[position] = value == .null ? .missing : .other
    }

    /// Adds a value that is logged but is no feature.
    public func observe(_ name: String, _ value: Value) { observed[name] = value }

    /// The value at a declared position, null where it is missing.
    func value(at position: Int) -> Value {
        switch states[position] {
        case .missing: .null
        case .number: .float64(numbers[position])
        case .other: others[position]
        }
    }

    func write(with encoder: EventEncoder, into writer: inout RowWriter) throws(StoreError) {
        guard features.count == encoder.schema.features.count else {
            throw StoreError(
                .invalidInput, "the row was made by another task", remedy: "make it with task.makePredictionRow()")
        }
        for place in features.indices {
            switch states[place] {
            case .missing: writer.null(encoder.tables.firstFeatureColumn + place)
            case .number: try encoder.writeNumber(numbers[place], feature: place, into: &writer)
            case .other:
                try encoder.write(
                    others[place], of: features[place], column: encoder.tables.firstFeatureColumn + place, into: &writer
                )
            }
        }
    }
}

extension PredictionRow: FeatureSource {
    package func number(at feature: Int) -> Double {
        switch states[feature] {
        case .missing: .nan
        case .number: numbers[feature]
        case .other: others[feature].number
        }
    }

    package func text(at feature: Int) -> String? {
        guard states[feature] == .other, features[feature].type.isNumeric == false else { return nil }
        return others[feature].description
    }
}

/// Features by name, as buckets read them.
struct NamedFeatures: FeatureSource {
    let features: [Feature]
    let values: [String: Value]

    func number(at feature: Int) -> Double { values[features[feature].name]?.number ?? .nan }

    func text(at feature: Int) -> String? {
        guard !features[feature].type.isNumeric, let value = values[features[feature].name], value != .null else {
            return nil
        }
        return value.description
    }
}

extension MonitoredTask {
    /// A reusable row for this task's predictions.
    public func makePredictionRow() -> PredictionRow { PredictionRow(features: schema.features) }

    /// An empty batch for this task's predictions.
    public func makePredictionBatch() -> PredictionBatch { PredictionBatch(task: self) }
}

/// Many predictions that are logged as one call: see `MonitoredTask.logPredictions`. For use by one thread.
public final class PredictionBatch {
    private let task: MonitoredTask
    let scratch = PredictionScratch()

    init(task: MonitoredTask) { self.task = task }

    /// How many predictions it holds.
    public var count: Int { scratch.items.count }

    /// Empties the batch and keeps its memory.
    public func removeAll() { scratch.removeAll() }

    /// Adds a prediction whose features are all numbers, in declared order. Throws as `logPrediction` does.
    public func append(
        id: String, at: Timestamp, score: Double, class predictedClass: Int? = nil, features: Span<Double>
    ) throws(StoreError) {
        try task.encode(
            id: id, at: at, score: score, class: predictedClass, features: features,
            context: task.shared.context, arrival: task.arrival, into: scratch)
    }

    /// Adds a prediction from a reusable row. Throws as `logPrediction` does.
    public func append(_ row: PredictionRow) throws(StoreError) {
        try task.encode(
            row, context: task.shared.context, arrival: task.arrival, into: scratch)
    }

    /// Adds predictions from columns of equal length, features by name; a feature that is left out is missing. All are
    /// added, or none.
    public func append(
        ids: [String], times: [Timestamp], predictions: [PredictionValue], features: [String: [Value]]
    ) throws(StoreError) {
        guard times.count == ids.count, predictions.count == ids.count,
            features.values.allSatisfy({ $0.count == ids.count })
        else {
            throw StoreError(.invalidInput, "columns of different lengths", remedy: "give one value a row in each")
        }
        var places: [(Int, [Value])] = []
        for (name, values) in features {
            guard let place = task.schema.features.firstIndex(where: { $0.name == name }) else {
                throw StoreError(
                    .schemaMismatch, "there is no feature '\(name)'",
                    remedy: "they are \(task.schema.features.map(\.name).joined(separator: ", "))")
            }
            places.append((place, values))
        }
        let row = task.makePredictionRow()
        let before = count
        for index in ids.indices {
            row.begin(id: ids[index], at: times[index], prediction: predictions[index])
            for (place, values) in places { row.set(place, value: values[index]) }
            do {
                try append(row)
            } catch {
                scratch.truncate(to: before)
                throw error
            }
        }
    }
}

/// Feedback for many predictions that is logged as one call: see `MonitoredTask.logFeedback`.
public struct FeedbackBatch: Sendable {
    struct Entry: Sendable {
        let id: String
        let at: Timestamp
        let label: LabelValue
        let observed: [String: Value]
    }

    var entries: [Entry] = []

    /// An empty batch.
    public init() {}

    /// How many pieces of feedback it holds.
    public var count: Int { entries.count }

    /// Adds feedback; it is checked when the batch is logged.
    public mutating func append(id: String, at: Timestamp, label: LabelValue, observed: [String: Value] = [:]) {
        entries.append(Entry(id: id, at: at, label: label, observed: observed))
    }

    /// Empties the batch and keeps its memory.
    public mutating func removeAll() { entries.removeAll(keepingCapacity: true) }
}
