internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

extension TaskState {
    /// The rows of the table of summaries that count predictions of some times; nil where there are none. O(summaries).
    func summaries(holding times: [Int64], _ core: StoreCore) throws(StoreError) -> (table: TableState, rows: RowSet)? {
        guard let table = core.table(named: "\(name)/\(SummaryTable.name)"), !times.isEmpty else { return nil }
        let times = times.sorted()
        var rows: [UInt64] = []
        let scan = try table.snapshot().scan(
            columns: ["window", "window_start"], where: .notEqual("column", .string(SummaryTable.state)))
        while let batch = try scan.next() {
            let numbers = batch.rowNumbers
            for place in 0..<batch.rowCount {
                guard case .string(let text) = batch[place, "window"], let size = Window(text)?.size,
                    case .timestamp(let start) = batch[place, "window_start"]
                else { continue }
                // The first time that is not before the window.
                var (low, high) = (0, times.count)
                while low < high {
                    let middle = (low + high) / 2
                    if times[middle] < start.microseconds { low = middle + 1 } else { high = middle }
                }
                if low < times.count, times[low] < start.microseconds.saturatingAdd(size.microseconds) {
                    rows.append(numbers[place])
                }
            }
        }
        return rows.isEmpty ? nil : (table, RowSet(rows))
    }
}
