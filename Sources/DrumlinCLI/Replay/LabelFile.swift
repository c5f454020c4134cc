import CommandSupport
import Drumlin

/// The labels of a replay.
final class LabelFile {
    /// What a block has of each label beside its id and time.
    struct Payload {
        var labels: [LabelValue]
        /// Observed values; empty where the file has no observed column.
        var observed: [[String: Value]]
    }

    let events: EventFile<Payload>

    init(path: String, specification: TaskSpecification, refusals: RefusalLog) throws {
        let what = "the labels file"
        let reader = try CSVReader(path: path)
        let kind = specification.schema.kind
        let labelColumn = try reader.column(try specification.column("label", specification.columns.label, for: what))
        let key = try EventKey(labelOf: specification, labelColumn, in: reader, what: what)
        let observed = try specification.observedColumns(in: reader)
        let capacity = EventBlock<Payload>.capacity
        let decoder = EventDecoder(reader, key: key) {
            Payload(
                labels: Array(repeating: .withdrawn, count: capacity),
                observed: observed.isEmpty ? [] : Array(repeating: [:], count: capacity))
        } decode: { (reader, payload, position) throws(CSVError) in
            payload.labels[position] = try OutputColumns.label(reader, labelColumn, kind: kind)
            for (name, column) in observed { payload.observed[position][name] = try column.value(reader) }
        }
        events = EventFile(decoder, refusals: refusals)
    }

    /// Logs the current event, and says whether it was accepted.
    ///
    /// - Throws: ``CommandError`` where it is refused and the policy is to stop, or the store is in trouble.
    func log(to task: MonitoredTask) throws(CommandError) -> Bool {
        guard let (payload, position) = events.current else { return false }
        do throws(StoreError) {
            try task.logFeedback(
                id: events.id, at: Timestamp(microseconds: events.at), label: payload.labels[position],
                observed: payload.observed.isEmpty ? [:] : payload.observed[position])
            return true
        } catch {
            try events.refuse(error)
            return false
        }
    }
}
