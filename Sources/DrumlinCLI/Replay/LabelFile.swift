import CommandSupport
import Drumlin

/// The labels of a replay.
final class LabelFile {
    let events: EventFile
    private let reader: CSVReader
    private let kind: TaskKind
    private let labelColumn: Int
    private let observed: [(name: String, column: FeatureColumn)]

    init(path: String, specification: TaskSpecification, refusals: RefusalLog) throws {
        let what = "the labels file"
        events = try EventFile(path: path, what: what, specification: specification, refusals: refusals)
        reader = events.reader
        kind = specification.schema.kind
        labelColumn = try reader.column(try specification.column("label", specification.columns.label, for: what))
        observed = try specification.observedColumns(in: reader)
    }

    /// Logs the current row, and says whether it was accepted.
    ///
    /// - Throws: ``CommandError`` where the row is refused and the policy is to stop, or the store is in trouble.
    func log(to task: MonitoredTask) throws(CommandError) -> Bool {
        let id: String
        let label: LabelValue
        var values: [String: Value] = [:]
        do throws(CSVError) {
            guard let text = reader.string(events.idColumn) else {
                throw reader.fieldError(events.idColumn, "the id is missing")
            }
            id = text
            label = try OutputColumns.label(reader, labelColumn, kind: kind)
            for (name, column) in observed { values[name] = try column.value(reader) }
        } catch {
            try events.refuse(error)
            return false
        }
        do throws(StoreError) {
            try task.logFeedback(id: id, at: Timestamp(microseconds: events.at), label: label, observed: values)
            return true
        } catch {
            try events.refuse(error)
            return false
        }
    }
}
