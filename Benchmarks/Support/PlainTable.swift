package import Drumlin

/// The predictions of a workload as rows of a user's own table: log and memtable, no index, no trigger.
package final class PlainTable {
    private let scratch: ScratchFolder
    private let rows: [[String: Value]]
    private let table: Table
    private var next = 0
    package let store: Store

    /// A new store with an empty table; `rowCount` rows of `folder` stand ready and are appended in turn.
    package init(folder: String, rowCount: Int = 10_000) throws {
        let workload = try StandardWorkload(folder: folder, limit: rowCount)
        rows = workload.ids.indices.map { row in
            var values: [String: Value] = [
                "id": .string(workload.ids[row]), "at": .timestamp(workload.times[row]),
                "score": .float64(workload.scores[row]),
            ]
            for (index, name) in workload.features.enumerated() {
                values[name] = .float32(Float(workload.values[workload.featureRange(row).lowerBound + index]))
            }
            return values
        }
        scratch = try ScratchFolder()
        store = try Store.open(scratch.path("plain.drumlin"), options: .replay)
        let columns = [
            ColumnDefinition("id", .string), ColumnDefinition("at", .timestamp), ColumnDefinition("score", .float64),
        ]
        table = try store.createTable(
            "rows", schema: Schema(columns + workload.features.map { ColumnDefinition($0, .float32) }))
    }

    deinit { try? store.close() }

    /// Appends the next row, one call.
    package func appendNext() throws {
        try table.append(rows: [rows[next]])
        next = (next + 1) % rows.count
    }
}
