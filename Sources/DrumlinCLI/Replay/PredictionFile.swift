import CommandSupport
import Drumlin

/// The predictions of a replay.
final class PredictionFile {
    /// What a block has of each prediction beside its id and time. Positions are those of the block's rows; features lie
    /// row by row.
    struct Payload {
        enum State: UInt8 {
            case missing, number, other
        }

        var outputs: [PredictionValue]
        var numbers: [Double]
        var states: [State]
        /// Whether all features of a row are numbers.
        var isNumeric: [Bool]
        /// Features that are no numbers, by their place among all of the block.
        var others: [Int: Value] = [:]
        /// Observed values; empty where the file has no observed column.
        var observed: [[String: Value]]
    }

    let events: EventFile<Payload>
    private let featureCount: Int
    private let hasObserved: Bool
    /// Whether events whose features are all numbers can be logged by position alone.
    private let isPositional: Bool

    init(path: String, specification: TaskSpecification, refusals: RefusalLog) throws {
        let what = "the predictions file"
        let reader = try CSVReader(path: path)
        let key = try EventKey(predictionOf: specification, in: reader, what: what)
        let output = try OutputColumns(specification, in: reader, what: what)
        let features = try FeatureColumn.all(specification.schema.features, in: reader)
        let observed = try specification.observedColumns(in: reader)
        let capacity = EventBlock<Payload>.capacity
        let decoder = EventDecoder(reader, key: key) {
            Payload(
                outputs: Array(repeating: 0, count: capacity),
                numbers: Array(repeating: 0, count: capacity * features.count),
                states: Array(repeating: .missing, count: capacity * features.count),
                isNumeric: Array(repeating: true, count: capacity),
                observed: observed.isEmpty ? [] : Array(repeating: [:], count: capacity))
        } decode: { (reader, payload, position) throws(CSVError) in
            payload.outputs[position] = try output.value(reader)
            try payload.decode(features, reader, position)
            for (name, column) in observed { payload.observed[position][name] = try column.value(reader) }
        }
        events = EventFile(decoder, refusals: refusals)
        featureCount = features.count
        hasObserved = !observed.isEmpty
        let isMulticlass = if case .multiclass = specification.schema.kind { true } else { false }
        isPositional = !isMulticlass && !hasObserved && specification.schema.features.allSatisfy(\.type.isNumeric)
    }

    /// Logs the current event, and says whether it was accepted.
    ///
    /// - Throws: ``CommandError`` where it is refused and the policy is to stop, or the store is in trouble.
    func log(to task: MonitoredTask, _ row: PredictionRow) throws(CommandError) -> Bool {
        guard let (payload, position) = events.current else { return false }
        do throws(StoreError) {
            if isPositional, payload.isNumeric[position] {
                try logByPosition(payload, position, to: task)
            } else {
                fill(row, payload, position)
                try task.logPrediction(row)
            }
            return true
        } catch {
            try events.refuse(error)
            return false
        }
    }

    private func logByPosition(_ payload: Payload, _ position: Int, to task: MonitoredTask) throws(StoreError) {
        let score: Double
        var predicted: Int?
        switch payload.outputs[position] {
        case .number(let number): score = number
        case .score(let number, let index): (score, predicted) = (number, index)
        case .class: return
        }
        let first = position * featureCount
        try task.logPrediction(
            id: events.id, at: Timestamp(microseconds: events.at), score: score, class: predicted,
            features: payload.numbers.span.extracting(first..<first + featureCount))
    }

    private func fill(_ row: PredictionRow, _ payload: Payload, _ position: Int) {
        row.begin(id: events.id, at: Timestamp(microseconds: events.at), prediction: payload.outputs[position])
        for place in 0..<featureCount {
            let index = position * featureCount + place
            switch payload.states[index] {
            case .missing: break
            case .number: row.set(place, payload.numbers[index])
            case .other: row.set(place, value: payload.others[index] ?? .null)
            }
        }
        if hasObserved {
            for (name, value) in payload.observed[position] { row.observe(name, value) }
        }
    }
}

extension PredictionFile.Payload {
    /// Reads the features of the reader's row.
    mutating func decode(_ features: [FeatureColumn], _ reader: CSVReader, _ position: Int) throws(CSVError) {
        var index = position * features.count
        for feature in features {
            switch try feature.read(reader) {
            case .number(let number):
                numbers[index] = number
                states[index] = .number
            case .integer(let integer) where integer.magnitude <= 1 << 53:
                numbers[index] = Double(integer)
                states[index] = .number
            case .integer(let integer): setOther(.int(integer), index, position)
            case .other(let value): setOther(value, index, position)
            case .null:
                states[index] = .missing
                isNumeric[position] = false
            }
            index += 1
        }
    }

    private mutating func setOther(_ value: Value, _ index: Int, _ position: Int) {
        others[index] = value
        states[index] = .other
        isNumeric[position] = false
    }
}

extension TaskSpecification {
    /// The observed columns that the file has. Those that it lacks are missing in its events: they may come with the
    /// other kind.
    func observedColumns(in reader: CSVReader) throws(CSVError) -> [(name: String, column: FeatureColumn)] {
        var result: [(name: String, column: FeatureColumn)] = []
        for feature in schema.observed {
            guard let column = try reader.columnIfPresent(feature.name) else { continue }
            result.append((feature.name, FeatureColumn(feature, column: column)))
        }
        return result
    }
}
