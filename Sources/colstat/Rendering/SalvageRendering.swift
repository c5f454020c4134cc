import ColumnStore
import CommandSupport

/// What a salvage took out of a store, and what not.
enum SalvageRendering {
    static func text(_ path: String, _ target: String, _ report: SalvageReport, for terminal: Terminal) -> String {
        var text = report.repairs.map { "damaged: \(DamageRendering.line($0))\n" }.joined()
        text += report.losses.map { "lost: \(line($0))\n" }.joined()
        text += report.notes.map { "note: \(PrintableText.escaping($0))\n" }.joined()
        var table = TextTable([.text("table"), .number("rows"), .number("lost"), .text("was", canShrink: false)])
        for result in report.tables {
            table.add([
                .init(result.name, .bold), .init(Units.count(result.rowCount)), .init(Units.count(result.lostRowCount)),
                .init(result.oldName == result.name ? "" : result.oldName),
            ])
        }
        let verdict =
            report.losses.isEmpty
            ? report.repairs.isEmpty ? "all was as it was written" : "nothing is lost"
            : "\(DamageRendering.counted(report.losses.count, "loss", "losses"))"
        return text + table.rendered(for: terminal)
            + "\(PrintableText.escaping(path)) → \(PrintableText.escaping(target)): \(verdict)\n"
    }

    private static func line(_ loss: SalvageReport.Loss) -> String {
        var text = PrintableText.escaping(loss.path) + (loss.offset.map { ", byte \($0)" } ?? "")
        var what: [String] = []
        if let table = loss.table { what.append(PrintableText.escaping(table)) }
        if let column = loss.column { what.append("column \(PrintableText.escaping(column))") }
        if let rows = loss.rows { what.append("rows \(rows.lowerBound) to \(rows.upperBound - 1)") }
        if let count = loss.count { what.append("\(DamageRendering.counted(count, "row"))") }
        if !what.isEmpty { text += ": " + what.joined(separator: ", ") }
        return text + ": " + PrintableText.escaping(loss.reason)
    }

    static func json(_ path: String, _ target: String, _ report: SalvageReport) -> String {
        var json = JSONWriter(.lines)
        json.object { json in
            json.member("path", path)
            json.member("into", target)
            json.member("ok", report.isClean)
            json.member("tables") { json in
                json.array { json in
                    for table in report.tables {
                        json.object { json in
                            json.member("table", table.name)
                            json.member("was", table.oldName)
                            json.member("rows", table.rowCount)
                            json.member("sealed_rows", table.sealedRowCount)
                            json.member("lost_rows", table.lostRowCount)
                        }
                    }
                }
            }
            json.member("frames", report.frameCount)
            json.member("lost") { json in json.array { json in for loss in report.losses { write(loss, to: &json) } } }
            json.member("damages") { DamageRendering.write(report.repairs, to: &$0) }
            json.member("notes") { json in json.array { json in for note in report.notes { json.value(note) } } }
        }
        return json.text + "\n"
    }

    private static func write(_ loss: SalvageReport.Loss, to json: inout JSONWriter) {
        json.object { json in
            json.member("file", loss.path)
            json.member("offset", loss.offset)
            json.member("table", loss.table)
            json.member("column", loss.column)
            json.member("first_row", loss.rows?.lowerBound)
            json.member("end_row", loss.rows?.upperBound)
            json.member("rows", loss.rows?.count ?? loss.count)
            json.member("reason", loss.reason)
        }
    }
}
