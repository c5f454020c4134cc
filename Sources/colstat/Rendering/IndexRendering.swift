import ColumnStore
import CommandSupport
import Drumlin

/// The index runs of tables, a line for each.
enum IndexRendering {
    static func text(_ inspection: Inspection, for terminal: Terminal) -> String {
        TableRendering.sections(inspection) { table in
            guard !table.schema.indexed.isEmpty else { return "no indexed column\n" }
            let columns = table.schema.indexed.map { PrintableText.escaping($0) }.joined(separator: ", ")
            guard !table.indexRuns.isEmpty else { return "no runs; indexed: \(columns)\n" }
            var text = TextTable([
                .text("run"), .number("first row"), .number("rows"), .number("keys"), .number("bytes"),
                .number("a key"),
            ])
            for run in table.indexRuns {
                text.add([
                    .init(FilePath.name(of: run.fileName), .bold), .init(Units.count(run.firstRow)),
                    .init(Units.count(run.endRow - run.firstRow)), .init(Units.count(run.entryCount)),
                    .init(Units.bytes(Int(clamping: run.byteCount))), .init(perKey(run.byteCount, run.entryCount)),
                ])
            }
            let keys = table.indexRuns.reduce(0) { $0 + $1.entryCount }
            let bytes = table.indexRuns.reduce(0) { $0 + $1.byteCount }
            text.add([
                "", "", "", .init(Units.count(keys), .bold), .init(Units.bytes(Int(clamping: bytes)), .bold),
                .init(perKey(bytes, keys), .bold),
            ])
            return text.rendered(for: terminal) + "indexed: \(columns)\n"
        }
    }

    private static func perKey(_ bytes: UInt64, _ keys: UInt64) -> String {
        keys == 0 ? "" : Units.fixed(Double(bytes) / Double(keys), digits: 2)
    }

    static func json(_ inspection: Inspection) -> String {
        var json = JSONWriter(.lines)
        json.array { json in
            for table in inspection.tables {
                for run in table.indexRuns {
                    json.object { json in
                        json.member("table", table.name)
                        json.member("file", run.fileName)
                        json.member("first_row", run.firstRow)
                        json.member("end_row", run.endRow)
                        json.member("keys", run.entryCount)
                        json.member("bytes", run.byteCount)
                        json.member(
                            "bytes_a_key",
                            run.entryCount == 0 ? nil : Double(run.byteCount) / Double(run.entryCount))
                        json.member("columns") { json in
                            json.array { json in for name in table.schema.indexed { json.value(name) } }
                        }
                    }
                }
            }
        }
        return json.text + "\n"
    }
}
