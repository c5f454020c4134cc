import CommandSupport
import Drumlin

/// Writes rows of a table to a file or to standard output, in pieces: memory is that of one block of rows.
struct TableExport {
    struct Summary: Equatable {
        var table = ""
        var rowCount = 0
        var byteCount = 0
        var seconds = 0.0
        /// Whether whoever read standard output had enough.
        var isCut = false
        /// The columns as `drumlin import --schema` takes them.
        var schema = ""
    }

    let source: ExportSource
    let columns: [String]
    let condition: Predicate?
    let format: ExportFormat
    let escapesText: Bool

    /// Bytes after which text is written out.
    private static let pieceByteCount = 1 << 18
    /// Rows between two looks at how much text there is.
    private static let rowStep = 256

    func run(to output: OutputFile, progress: ProgressBar) throws -> Summary {
        let start = ContinuousClock.now
        defer { progress.finish() }
        var text = RowText(format, columns: columns, escapesText: escapesText)
        var summary = Summary(table: source.name)
        let next = try source.scan(columns: columns, where: condition)
        while !summary.isCut, let batch = try next() {
            let slices = columns.map { batch.slice($0) }
            let exported = slices.map { ExportedColumn($0) }
            try withExtendedLifetime(slices) {
                var row = 0
                while row < batch.rowCount, !summary.isCut {
                    let end = min(row + Self.rowStep, batch.rowCount)
                    text.append(exported, rows: row..<end)
                    row = end
                    if text.buffer.count >= Self.pieceByteCount { summary.isCut = try !write(&text, output) }
                }
            }
            summary.rowCount += batch.rowCount
            if progress.isActive, let last = batch.rowNumbers.last {
                progress.update(share: Double(last) / Double(max(source.rowCount, 1)), count: summary.rowCount)
            }
        }
        text.end()
        if !summary.isCut { summary.isCut = try !write(&text, output) }
        try output.finish()
        summary.byteCount = output.byteCount
        summary.seconds = start.duration(to: .now).inSeconds
        summary.schema = ColumnSpecification.text(
            columns.compactMap { name in source.schema.columns.first { $0.name == name } })
        return summary
    }

    private func write(_ text: inout RowText, _ output: OutputFile) throws(CommandError) -> Bool {
        defer { text.buffer.removeAll() }
        return unsafe try output.write(text.buffer.bytes)
    }
}

extension TableExport.Summary {
    /// Megabytes of text a second.
    var megabytesPerSecond: Double { seconds > 0 ? Double(byteCount) / 1e6 / seconds : 0 }

    /// The summary as people read it.
    func text(_ terminal: Terminal, output: String) -> String {
        let rate = seconds > 0 ? ", \(Units.count(Int(Double(rowCount) / seconds))) rows/s" : ""
        return """
            \(terminal.styled(PrintableText.escaping(table), .bold)) to \(PrintableText.escaping(output))
              rows     \(Units.count(rowCount))
              text     \(Units.bytes(byteCount))
              time     \(Units.duration(seconds: seconds)), \(Units.fixed(megabytesPerSecond, digits: 1)) MB/s\(rate)
              schema   \(PrintableText.escaping(schema))

            """
    }

    /// The summary as an object.
    func json(output: String) -> String {
        var json = JSONWriter(.compact)
        json.object { json in
            json.member("table", table)
            json.member("file", output)
            json.member("rows", rowCount)
            json.member("bytes", byteCount)
            json.member("seconds", seconds)
            json.member("megabytes_per_second", megabytesPerSecond)
            json.member("schema", schema)
        }
        return json.text + "\n"
    }
}
