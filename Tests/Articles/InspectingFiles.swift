import Drumlin

enum InspectingFiles {
    static func run() throws {
        let task = try Parcels.monitored(days: 4)
        try task.store.close()
        // begin
        let store = try Store.openReadOnly("model.drumlin")
        for table in store.tables { print(table.name, try table.rowCount, try table.schema.columns.map(\.name)) }
        let scan = try store.table("predictions").scan(columns: ["_id", "_score"], where: .greater("_score", 0.9))
        while let batch = try scan.next() {
            for place in 0..<batch.rowCount { print(batch[place, "_id"], batch[place, "_score"]) }
        }
        // end
    }
}
