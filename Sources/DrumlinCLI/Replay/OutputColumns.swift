import CommandSupport
import Drumlin

/// The columns of a CSV file that hold what the model said, and what was true.
struct OutputColumns {
    private let kind: TaskKind
    private let score: Int?
    private let prediction: Int?
    private let probabilities: [Int]

    /// - Parameter what: the file's part in the replay, for messages.
    init(_ specification: TaskSpecification, in reader: CSVReader, what: String) throws {
        kind = specification.schema.kind
        let names = specification.columns
        switch kind {
        case .binary:
            score = try reader.column(try specification.column("score", names.score, for: what))
            // A reference or a replay may lack the class, which then follows from the score.
            prediction = try names.prediction.map { name throws(CSVError) in try reader.columnIfPresent(name) } ?? nil
            probabilities = []
        case .multiclass:
            score = nil
            prediction = try reader.column(try specification.column("prediction", names.prediction, for: what))
            var columns: [Int] = []
            for name in names.probabilities { columns.append(try reader.column(name)) }
            probabilities = columns
        case .regression:
            score = nil
            prediction = try reader.column(try specification.column("prediction", names.prediction, for: what))
            probabilities = []
        }
    }

    /// The score (binary) or the value (regression) of the current row, and the class of a binary task where the file
    /// has it.
    func number(_ reader: CSVReader) throws(CSVError) -> (value: Double, predicted: Int?) {
        let column = score ?? prediction ?? 0
        guard let value = try reader.float64(column) else {
            throw reader.fieldError(column, score == nil ? "the prediction is missing" : "the score is missing")
        }
        if score != nil {
            // Said here, where the column is known.
            guard value >= 0, value <= 1 else { throw reader.badValue(column, "a score in 0 to 1") }
        }
        guard score != nil, let prediction, let predicted = try reader.int64(prediction) else { return (value, nil) }
        guard predicted == 0 || predicted == 1 else { throw reader.badValue(prediction, "a class of 0 or 1") }
        return (value, Int(predicted))
    }

    /// What the model said in the current row.
    func value(_ reader: CSVReader) throws(CSVError) -> PredictionValue {
        guard case .multiclass(let classes, _) = kind else {
            let (value, predicted) = try number(reader)
            return predicted.map { .score(value, class: $0) } ?? .number(value)
        }
        let column = prediction ?? 0
        guard let name = reader.string(column) else { throw reader.fieldError(column, "the prediction is missing") }
        guard classes.contains(name) else {
            throw reader.badValue(column, "a class", remedy: "the classes are \(classes.joined(separator: ", "))")
        }
        if probabilities.isEmpty { return .class(name, probabilities: nil) }
        var numbers: [Double] = []
        for probability in probabilities {
            guard let number = try reader.float64(probability) else { return .class(name, probabilities: nil) }
            numbers.append(number)
        }
        return .class(name, probabilities: numbers)
    }

    /// The label in `column` of the current row; an empty field withdraws a label.
    static func label(_ reader: CSVReader, _ column: Int, kind: TaskKind) throws(CSVError) -> LabelValue {
        switch kind {
        case .binary:
            let bytes = unsafe reader.field(column)
            if unsafe bytes.isEmpty { return .withdrawn }
            if let bit = unsafe NumberParser.bool(bytes) { return .number(bit ? 1 : 0) }
            // `1.0`, as many writers have it.
            guard let number = unsafe NumberParser.float64(bytes), number == 0 || number == 1 else {
                throw reader.badValue(column, "a label of 0 or 1")
            }
            return .number(number)
        case .multiclass(let classes, _):
            guard let name = reader.string(column) else { return .withdrawn }
            guard classes.contains(name) else {
                throw reader.badValue(column, "a class", remedy: "the classes are \(classes.joined(separator: ", "))")
            }
            return .class(name)
        case .regression:
            guard let number = try reader.float64(column) else { return .withdrawn }
            guard number.isFinite else { throw reader.badValue(column, "a finite number") }
            return .number(number)
        }
    }
}
