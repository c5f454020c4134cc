import CommandSupport
import Drumlin

/// Appends the rows of a CSV file to a table, in pieces: memory does not depend on the size of the file.
final class TableImport {
    private let reader: CSVReader
    private let options: ImportPlan.Options
    private let refusals: RefusalLog

    /// Rows are appended when they take so many bytes; with `.durable` each such piece waits for the disk once.
    private static let pieceByteCount = 1 << 18

    /// - Parameter report: takes messages about refused rows, each with its line end.
    init(_ options: ImportPlan.Options, onError: ErrorPolicy, report: @escaping (String) -> Void) throws(CSVError) {
        self.options = options
        refusals = RefusalLog(onError, report: report)
        reader = try CSVReader(path: options.file, allowsQuotedNUL: true)
        // In a file of one column an empty line is a null.
        reader.takesEmptyLinesAsRows = reader.columnCount == 1
    }

    /// Imports everything and seals it. Where an error ends it, a table that it made is gone, and of one that was there
    /// before the rows above the error are kept.
    ///
    /// - Throws: ``CommandError`` or `StoreError`.
    func run(into path: String, durability: Durability, progress: ProgressBar) throws -> ImportSummary {
        let start = ContinuousClock.now
        defer { progress.finish() }
        var storeOptions = StoreOptions()
        storeOptions.durability = durability
        let store = try Store.opening(path, storeOptions)
        var summary = ImportSummary(store: path, table: options.table, file: reader.name)
        do {
            let plan = try ImportPlan(options, reader: reader, store: store)
            summary.isNew = plan.isNew
            summary.columns = plan.schema.columns
            summary.inferred = plan.inferred
            let table = try store.createTable(options.table, schema: plan.schema)
            do {
                try copy(plan, to: table, &summary, progress)
            } catch let error as CommandError {
                throw try undo(error, plan, store, summary.rowCount)
            }
            try store.seal()
            try store.close()
        } catch {
            // What was imported must not wait for recovery; the first error is the one to tell.
            try? store.close()
            throw error
        }
        summary.refusedCount = refusals.count
        summary.seconds = start.duration(to: .now).inSeconds
        summary.byteCount = reader.bytesRead
        return summary
    }

    private func copy(
        _ plan: ImportPlan, to table: Table, _ summary: inout ImportSummary, _ progress: ProgressBar
    ) throws {
        var decoders = plan.decoders
        var rows = try table.makeRowBuffer()
        while true {
            do throws(CSVError) {
                guard try reader.nextRow() else { break }
                rows.beginRow()
                for place in decoders.indices { try decoders[place].append(reader, to: &rows) }
            } catch {
                rows.abandonRow()
                guard error.isRowError else {
                    try append(&rows, to: table, &summary)
                    throw error.commandError
                }
                do { try refusals.refuse(error.commandError) } catch {
                    try append(&rows, to: table, &summary)
                    throw error
                }
                continue
            }
            try rows.endRow()
            if rows.byteCount >= Self.pieceByteCount {
                try append(&rows, to: table, &summary)
                if progress.isActive {
                    progress.update(
                        share: reader.byteCount.map { Double(reader.bytesRead) / Double(max($0, 1)) },
                        count: summary.rowCount)
                }
            }
        }
        try append(&rows, to: table, &summary)
    }

    private func append(_ rows: inout RowBuffer, to table: Table, _ summary: inout ImportSummary) throws(StoreError) {
        let count = rows.rowCount
        try table.append(&rows)
        summary.rowCount += count
    }

    /// What becomes of an import that an error in the file ends: said in the error.
    private func undo(
        _ error: CommandError, _ plan: ImportPlan, _ store: Store, _ rowCount: Int
    ) throws -> CommandError {
        var error = error
        let fate: String
        if plan.isNew {
            try store.dropTables([options.table])
            fate = "nothing was imported, and table \(options.table) was not made"
        } else {
            fate =
                rowCount == 0
                ? "nothing was imported"
                : "the rows before it, \(Units.count(rowCount)), were imported: import only those that follow"
        }
        error.remedy = [error.remedy, fate + "; --on-error skip leaves bad rows out"].compactMap { $0 }
            .joined(separator: "\n          ")
        return error
    }
}
