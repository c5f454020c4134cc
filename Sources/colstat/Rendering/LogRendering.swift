import ColumnStore
import CommandSupport
import Drumlin

/// The files of the log, and the rows in them by table.
enum LogRendering {
    static func text(_ log: LogInspection, of inspection: Inspection, for terminal: Terminal) -> String {
        var table = TextTable([
            .text("log"), .number("calls"), .number("rows"), .number("first row"), .number("used"), .number("size"),
            .text("from (UTC)"), .text("to"),
        ])
        for file in log.files {
            table.add([
                .init(FilePath.name(of: file.path), .bold), .init(Units.count(file.frameCount)),
                .init(Units.count(file.rowCount)), .init(file.sequences.map { Units.count($0.lowerBound) } ?? ""),
                .init(Units.bytes(file.usedByteCount)), .init(Units.bytes(file.byteCount)),
                .init(time(file.arrivals?.lowerBound)), .init(time(file.arrivals?.upperBound)),
            ])
        }
        var text = log.files.isEmpty ? "no log file\n" : table.rendered(for: terminal)
        let rows = inspection.tables.filter { $0.logRowCount > 0 }
        if !rows.isEmpty {
            var tables = TextTable([.text("table"), .number("rows in the log")])
            for table in rows { tables.add([.init(table.name, .bold), .init(Units.count(table.logRowCount))]) }
            text += "\n" + tables.rendered(for: terminal)
        }
        if log.frameCount > 0 {
            let ahead = log.endSequence - min(log.durableUpTo, log.endSequence)
            text +=
                ahead == 0
                ? "\nall durable\n"
                : "\ndurable up to row \(Units.count(log.durableUpTo)), \(Units.count(ahead)) behind the last\n"
        }
        if let torn = log.torn {
            text +=
                "\(FilePath.name(of: torn.path)) ends in a torn frame at byte \(torn.offset), as a crash leaves it\n"
        }
        return text
    }

    private static func time(_ microseconds: Int64?) -> String {
        guard let microseconds else { return "" }
        let text = Timestamp(microseconds: microseconds / 1_000_000 * 1_000_000).description
        return String(text.replacing("T", with: " ", maxReplacements: 1).dropLast(1))
    }

    static func json(_ log: LogInspection, of inspection: Inspection) -> String {
        var json = JSONWriter(.lines)
        json.object { json in
            json.member("end_row", log.endSequence)
            json.member("durable_up_to", log.durableUpTo)
            json.member("torn_at", log.torn?.offset)
            json.member("files") { json in
                json.array { json in
                    for file in log.files {
                        json.object { json in
                            json.member("file", FilePath.name(of: file.path))
                            json.member("calls", file.frameCount)
                            json.member("rows", file.rowCount)
                            json.member("first_row", file.sequences?.lowerBound)
                            json.member("end_row", file.sequences?.upperBound)
                            json.member("used_bytes", file.usedByteCount)
                            json.member("bytes", file.byteCount)
                            json.member(
                                "from", file.arrivals.map { Timestamp(microseconds: $0.lowerBound).description })
                            json.member("to", file.arrivals.map { Timestamp(microseconds: $0.upperBound).description })
                        }
                    }
                }
            }
            json.member("tables") { json in
                json.array { json in
                    for table in inspection.tables where table.logRowCount > 0 {
                        json.object { json in
                            json.member("table", table.name)
                            json.member("rows", table.logRowCount)
                        }
                    }
                }
            }
        }
        return json.text + "\n"
    }
}
