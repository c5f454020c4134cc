import CommandSupport
import Drumlin

/// What became of an import.
struct ImportSummary {
    let store: String
    let table: String
    let file: String
    /// Whether the table was made.
    var isNew = false
    var columns: [ColumnDefinition] = []
    /// The columns whose types were found from the first rows.
    var inferred: [String] = []
    var rowCount = 0
    var refusedCount = 0
    /// Bytes of text that were read.
    var byteCount = 0
    var seconds = 0.0

    init(store: String, table: String, file: String) {
        self.store = store
        self.table = table
        self.file = file
    }

    /// Megabytes of text a second.
    var megabytesPerSecond: Double { seconds > 0 ? Double(byteCount) / 1e6 / seconds : 0 }

    /// The summary as people read it.
    func text(_ terminal: Terminal) -> String {
        let rate = seconds > 0 && rowCount > 0 ? ", \(Units.count(Int(Double(rowCount) / seconds))) rows/s" : ""
        let refused = refusedCount == 0 ? "" : ", \(Units.count(refusedCount)) refused"
        var lines = [
            "\(terminal.styled(PrintableText.escaping(table), .bold)) in \(PrintableText.escaping(store))\(isNew ? ", a new table" : "")",
            "  rows     \(Units.count(rowCount)) imported\(refused)",
            "  text     \(Units.bytes(byteCount))",
            "  time     \(Units.duration(seconds: seconds)), \(Units.fixed(megabytesPerSecond, digits: 1)) MB/s\(rate)",
        ]
        if !inferred.isEmpty {
            let found = columns.filter { inferred.contains($0.name) }
            lines.append(
                "  types    \(PrintableText.escaping(ColumnSpecification.text(found)))\n"
                    + "           as the first \(Units.count(TypeInference.rowLimit)) rows show; to have others, "
                    + "give them with --schema")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The summary as an object.
    var json: String {
        var json = JSONWriter(.compact)
        json.object { json in
            json.member("store", store)
            json.member("table", table)
            json.member("file", file)
            json.member("created", isNew)
            json.member("rows", rowCount)
            json.member("refused", refusedCount)
            json.member("bytes", byteCount)
            json.member("seconds", seconds)
            json.member("megabytes_per_second", megabytesPerSecond)
            json.member("schema", ColumnSpecification.text(columns))
            json.member("inferred") { json in json.array { json in for name in inferred { json.value(name) } } }
        }
        return json.text + "\n"
    }
}
