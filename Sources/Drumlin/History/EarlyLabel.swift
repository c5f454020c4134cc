internal import ColumnFormat
internal import ColumnStore

/// Feedback that came before its prediction and has joined it since. It is stored by id.
struct EarlyLabel {
    let labelRow: UInt64
    let predictionRow: UInt64
    let at: Int64
    let value: Double?

    /// Feedback that came before its prediction: what has joined, in the order of rows, and the ids of what still waits.
    ///
    /// - Parameter find: the row of the prediction with an id.
    static func all(
        in labels: TableSnapshot, find: (UnsafeRawBufferPointer) throws(StoreError) -> UInt64?
    ) throws(StoreError) -> (joined: [EarlyLabel], waiting: Set<[UInt8]>, latest: Int64) {
        var joined: [EarlyLabel] = []
        var waiting = Set<[UInt8]>()
        var latest = Int64.min
        let scan = try labels.scan(columns: ["_id", "_at", "_label"], where: .isNotNull("_id"))
        while let batch = try scan.next() {
            let (times, values) = (batch.slice("_at"), batch.slice("_label"))
            for place in 0..<batch.rowCount {
                guard case .string(var id) = batch[place, "_id"] else { continue }
                let at = times.int64(at: place)
                latest = max(latest, at)
                let row = unsafe try id.withUTF8Throwing { (bytes) throws(StoreError) in unsafe try find(bytes) }
                guard let row else {
                    waiting.insert(Array(id.utf8))
                    continue
                }
                joined.append(
                    EarlyLabel(
                        labelRow: batch.rowNumbers[place], predictionRow: row, at: at,
                        value: values.isNull(place) ? nil : values.double(at: place)))
            }
        }
        return (joined, waiting, latest)
    }
}

extension MonitoredTask {
    /// Feedback that came before its prediction, without holding the lock all the while.
    func earlyLabels(
        _ labels: TableSnapshot
    ) throws(StoreError) -> (joined: [EarlyLabel], waiting: Set<[UInt8]>, latest: Int64) {
        unsafe try EarlyLabel.all(in: labels) { (id) throws(StoreError) in
            try store.read { _ throws(StoreError) in unsafe try shared.state.predictions.find(column: 0, key: id) }
        }
    }
}
