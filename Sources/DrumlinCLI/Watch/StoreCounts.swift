import Drumlin

/// How much a store holds, from its manifest, the footers of its segments and the heads of its log's frames: without reading
/// a row.
struct StoreCounts: Equatable {
    /// Rows that each table ever got.
    var endRows: [String: UInt64] = [:]
    var segments = 0
    /// Bytes of all files.
    var byteCount = 0
    var logByteCount = 0
    var logRows = 0
    /// Rows that a loss of power may take, at most.
    var undurableRows = 0
    /// What is wrong with files.
    var damages: [String] = []

    init() {}

    init(_ path: String, currentDirectory: String) throws(StoreError) {
        let inspection = try Inspection.open(path, includingLog: true, currentDirectory: currentDirectory)
        for table in inspection.tables {
            endRows[table.name] = table.endRow
            segments += table.segments.count
            logRows += table.logRowCount
        }
        byteCount = inspection.directoryByteCount
        damages = inspection.damages.map { "\($0.path): \($0.message)" }
        guard let log = inspection.log else { return }
        logByteCount = log.usedByteCount
        if log.frameCount > 0 { undurableRows = Int(clamping: log.endSequence - min(log.durableUpTo, log.endSequence)) }
    }
}
