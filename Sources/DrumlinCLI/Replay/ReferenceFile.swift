import CommandSupport
import Drumlin

/// The reference rows of a replay, read whole: the buckets are fitted on all of them.
struct ReferenceFile {
    private let reader: CSVReader
    private let schema: TaskSchema
    private let output: OutputColumns
    private let labelColumn: Int
    private let features: [FeatureColumn]
    private let refusals: RefusalLog

    init(path: String, specification: TaskSpecification, refusals: RefusalLog) throws {
        let what = "the reference file"
        reader = try CSVReader(path: path)
        schema = specification.schema
        output = try OutputColumns(specification, in: reader, what: what)
        labelColumn = try reader.column(try specification.column("label", specification.columns.label, for: what))
        features = try FeatureColumn.all(specification.schema.features, in: reader)
        self.refusals = refusals
    }

    /// Reads every row.
    func read(_ progress: ProgressBar) throws(CommandError) -> (set: TrainingSet, rowCount: Int) {
        let set = TrainingSet(schema: schema)
        var count = 0
        var numbers = [Double](repeating: 0, count: features.count)
        while true {
            do throws(CSVError) {
                guard try reader.nextRow() else { return (set, count) }
                try append(to: set, &numbers)
                count += 1
            } catch {
                guard error.isRowError else { throw error.commandError }
                try refusals.refuse(error.commandError)
            }
            if count & 0x3FF == 0 {
                progress.update(
                    share: reader.byteCount.map { Double(reader.bytesRead) / Double(max($0, 1)) }, count: count)
            }
        }
    }

    private func append(to set: TrainingSet, _ numbers: inout [Double]) throws(CSVError) {
        let label = try OutputColumns.label(reader, labelColumn, kind: schema.kind)
        guard label != .withdrawn else { throw reader.fieldError(labelColumn, "the label is missing") }
        if case .number(let truth) = label, try features.readNumbers(reader, into: &numbers) {
            let (value, predicted) = try output.number(reader)
            do throws(StoreError) {
                try set.append(score: value, class: predicted, label: truth, features: numbers.span)
            } catch {
                throw reader.rowError(error)
            }
        } else {
            let prediction = try output.value(reader)
            var values: [String: Value] = [:]
            for (feature, column) in zip(schema.features, features) { values[feature.name] = try column.value(reader) }
            do throws(StoreError) {
                try set.append(prediction: prediction, label: label, features: values)
            } catch {
                throw reader.rowError(error)
            }
        }
    }
}
