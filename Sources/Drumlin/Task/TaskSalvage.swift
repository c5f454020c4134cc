internal import ColumnFormat
package import ColumnStore

/// What salvaging a store has to know of tasks.
package enum TaskSalvage {
    /// Labels refer to the rows of their predictions.
    package static let references = [(table: "labels", column: "_row", target: "predictions")]

    /// Tasks of which tables are there but not all registrations: opened again they would begin anew, or not at all.
    package static func brokenTasks(_ salvage: Salvage) -> Set<String> {
        let tasks = Set(salvage.tableNames.compactMap { $0.split(separator: "/").first.map(String.init) })
        return tasks.filter { task in
            salvage.tableNames.contains { $0.hasPrefix(task + "/") } && !isWhole(task, salvage.metadata)
        }
    }

    private static func isWhole(_ task: String, _ metadata: [String: [UInt8]]) -> Bool {
        let keys = TaskKeys(task)
        guard let bytes = metadata[keys.schema], let schema = try? TaskSchema(reading: bytes) else { return false }
        func parse<T>(_ key: String, _ body: (inout ByteReader) throws(FormatError) -> T) throws(FormatError) -> T? {
            guard let bytes = metadata[key] else { return nil }
            return try unsafe bytes.withUnsafeBytesThrowing { (raw) throws(FormatError) in
                var reader = unsafe ByteReader(raw)
                return try body(&reader)
            }
        }
        do throws(FormatError) {
            _ = try parse(keys.metrics) { (reader) throws(FormatError) in try MetricRegistration.read(&reader) }
            var epochCount = 0
            while try parse(
                keys.epoch(epochCount),
                { (reader) throws(FormatError) in try Epoch(reading: &reader, bucketing: schema.bucketing) }) != nil
            { epochCount += 1 }
            let layout = try parse(keys.layout) { (reader) throws(FormatError) in try CellLayout(from: &reader) }
            return (layout?.epochCount ?? 0) == epochCount
        } catch {
            return false
        }
    }
}
