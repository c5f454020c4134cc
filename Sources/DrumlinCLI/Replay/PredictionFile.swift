import CommandSupport
import Drumlin

/// The predictions of a replay.
final class PredictionFile {
    let events: EventFile
    private let reader: CSVReader
    private let output: OutputColumns
    private let features: [FeatureColumn]
    private let observed: [(name: String, column: FeatureColumn)]
    /// The features of the current row, where all are numbers.
    private var numbers: [Double]
    /// Whether rows without missing values can be logged by position alone.
    private let isPositional: Bool

    init(path: String, specification: TaskSpecification, refusals: RefusalLog) throws {
        let what = "the predictions file"
        events = try EventFile(path: path, what: what, specification: specification, refusals: refusals)
        reader = events.reader
        output = try OutputColumns(specification, in: reader, what: what)
        features = try FeatureColumn.all(specification.schema.features, in: reader)
        observed = try specification.observedColumns(in: reader)
        numbers = Array(repeating: 0, count: features.count)
        let isMulticlass = if case .multiclass = specification.schema.kind { true } else { false }
        isPositional = !isMulticlass && observed.isEmpty && specification.schema.features.allSatisfy(\.type.isNumeric)
    }

    /// Logs the current row, and says whether it was accepted.
    ///
    /// - Throws: ``CommandError`` where the row is refused and the policy is to stop, or the store is in trouble.
    func log(to task: MonitoredTask, _ row: PredictionRow) throws(CommandError) -> Bool {
        let id: String
        var score = (value: 0.0, predicted: Int?.none)
        var hasNumbers = false
        do throws(CSVError) {
            guard let text = reader.string(events.idColumn) else {
                throw reader.fieldError(events.idColumn, "the id is missing")
            }
            id = text
            if isPositional {
                score = try output.number(reader)
                hasNumbers = try features.readNumbers(reader, into: &numbers)
            }
            if !hasNumbers { try fill(row, id) }
        } catch {
            try events.refuse(error)
            return false
        }
        do throws(StoreError) {
            if hasNumbers {
                let at = Timestamp(microseconds: events.at)
                let numbers = numbers
                try task.logPrediction(
                    id: id, at: at, score: score.value, class: score.predicted, features: numbers.span)
            } else {
                try task.logPrediction(row)
            }
            return true
        } catch {
            try events.refuse(error)
            return false
        }
    }

    private func fill(_ row: PredictionRow, _ id: String) throws(CSVError) {
        row.begin(id: id, at: Timestamp(microseconds: events.at), prediction: try output.value(reader))
        for (place, column) in features.enumerated() {
            switch try column.read(reader) {
            case .null: break
            case .number(let number): row.set(place, number)
            case .integer(let integer) where integer.magnitude <= 1 << 53: row.set(place, Double(integer))
            case .integer(let integer): row.set(place, value: .int(integer))
            case .other(let value): row.set(place, value: value)
            }
        }
        for (name, column) in observed { row.observe(name, try column.value(reader)) }
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
