import ColumnStore
import CommandSupport
import Drumlin

/// What columns take, a line for each.
enum ColumnRendering {
    static func text(_ inspection: Inspection, for terminal: Terminal) -> String {
        TableRendering.sections(inspection) { table in
            guard !table.segments.isEmpty else { return "no segments\n" }
            var text = TextTable([
                .text("column", canShrink: false), .text("type", canShrink: false), .number("null"), .number("bytes"),
                .number("ratio"), .number("a row"), .text("encoding"),
            ])
            let columns = table.columns
            for column in columns {
                text.add([
                    .init(column.definition.name, .bold), .init(column.definition.type.name),
                    .init(share(column.nullCount, of: column.rowCount)),
                    .init(Units.bytes(column.encodedByteCount)),
                    .init(RatioText.of(column.rawByteCount, column.encodedByteCount)),
                    .init(perRow(column.encodedByteCount, column.rowCount)), .init(encoding(column)),
                ])
            }
            let (raw, encoded) = (table.rawByteCount, table.encodedByteCount)
            text.add([
                "", "", "", .init(Units.bytes(encoded), .bold),
                .init(RatioText.of(raw, encoded)),
                .init(perRow(encoded, columns.first?.rowCount ?? 0), .bold),
                .init("\(Units.count(columns.first?.rowCount ?? 0)) rows"),
            ])
            return text.rendered(for: terminal)
        }
    }

    /// Bytes a row.
    private static func perRow(_ bytes: Int, _ rows: Int) -> String {
        rows == 0 ? "" : Units.fixed(Double(bytes) / Double(rows), digits: 2)
    }

    /// A share in whole per cent; never 0 for some, and never 100 for less than all.
    private static func share(_ count: Int, of total: Int) -> String {
        if count == 0 || total == 0 { return "" }
        let share = Double(count) / Double(total)
        if share < 0.005 { return "<1 %" }
        return share >= 0.995 && count < total ? ">99 %" : Units.percent(share, digits: 0)
    }

    /// The encoding of most rows; where there are others, with its share.
    private static func encoding(_ column: ColumnInspection) -> String {
        let encodings = column.encodings
        guard let first = encodings.first else { return "" }
        guard encodings.count > 1 else { return first.name }
        return "\(first.name) \(share(first.rowCount, of: column.rowCount)), \(encodings.count - 1) more"
    }

    static func json(_ inspection: Inspection) -> String {
        var json = JSONWriter(.lines)
        json.array { json in
            for table in inspection.tables {
                for column in table.columns {
                    json.object { write(column, of: table.name, to: &$0) }
                }
            }
        }
        return json.text + "\n"
    }

    private static func write(_ column: ColumnInspection, of table: String, to json: inout JSONWriter) {
        json.member("table", table)
        json.member("column", column.definition.name)
        json.member("type", column.definition.type.name)
        json.member("encoding", column.encodings.first?.name)
        json.member("rows", column.rowCount)
        json.member("raw_bytes", column.rawByteCount)
        json.member("encoded_bytes", column.encodedByteCount)
        json.member("nulls", column.nullCount)
        json.member("encodings") { json in
            json.array { json in
                for encoding in column.encodings {
                    json.object { json in
                        json.member("encoding", encoding.name)
                        json.member("pages", encoding.pageCount)
                        json.member("rows", encoding.rowCount)
                        json.member("bytes", encoding.byteCount)
                    }
                }
            }
        }
    }
}
