import ColumnStore
import CommandSupport
import Drumlin

/// What maintenance has done to a store, and what it has left to do.
enum MaintenanceRendering {
    static func facts(_ inspection: Inspection) -> [(String, String)] {
        let status = MaintenanceStatus(metadata: inspection.manifest?.metadata ?? [:])
        var parts: [String] = []
        if status.merges > 0 {
            parts.append(
                "\(Units.count(status.mergedSegments)) segments merged into \(Units.count(status.merges)), "
                    + "\(Units.bytes(status.writtenBytes)) written")
        }
        if status.droppedSegments > 0 {
            parts.append(
                "\(DamageRendering.counted(status.droppedSegments, "segment")) dropped, "
                    + DamageRendering.counted(status.droppedRows, "row"))
        }
        if status.purgedRows > 0 { parts.append("\(DamageRendering.counted(status.purgedRows, "erased row")) purged") }
        var facts: [(String, String)] = parts.isEmpty ? [] : [("maintenance", parts.joined(separator: "; "))]
        let erased = inspection.tables.reduce(0) { $0 + $1.erased.count }
        if erased > 0 {
            facts.append(
                ("erased", "\(DamageRendering.counted(erased, "row")) that leave the files with the next compaction"))
        }
        if let failure = status.failure { facts.append(("upkeep failed", PrintableText.escaping(failure.message))) }
        return facts
    }

    static func write(_ inspection: Inspection, to json: inout JSONWriter) {
        guard let metadata = inspection.manifest?.metadata else {
            json.null()
            return
        }
        let status = MaintenanceStatus(metadata: metadata)
        json.object { json in
            json.member("merges", status.merges)
            json.member("merged_segments", status.mergedSegments)
            json.member("rewritten_rows", status.rewrittenRows)
            json.member("written_bytes", status.writtenBytes)
            json.member("removed_bytes", status.removedBytes)
            json.member("dropped_segments", status.droppedSegments)
            json.member("dropped_rows", status.droppedRows)
            json.member("purged_rows", status.purgedRows)
            json.member("erased_rows", inspection.tables.reduce(0) { $0 + $1.erased.count })
            json.member("failure", status.failure?.message)
        }
    }
}
