import ColumnStore
import CommandSupport

/// Damage, and what a verification looked at, as text.
enum DamageRendering {
    /// A line for each damage: `damage: file, byte 64: what is wrong`.
    static func lines(_ damages: [Damage]) -> String { damages.map { "damage: \(line($0))\n" }.joined() }

    /// Place, what is wrong, the flipped bit, what hangs on it, and what to do.
    static func line(_ damage: Damage) -> String {
        var text = "\(place(damage)): \(PrintableText.escaping(damage.message))"
        if let bit = damage.flippedBit { text += "; one bit flipped: byte \(bit.byte), bit \(bit.bit)" }
        var affected: [String] = []
        if let table = damage.table { affected.append(PrintableText.escaping(table)) }
        if let column = damage.column { affected.append("column \(PrintableText.escaping(column))") }
        if let rows = damage.rows, !rows.isEmpty {
            affected.append("rows \(rows.lowerBound) to \(rows.upperBound - 1)")
        }
        if !affected.isEmpty { text += "\n  affects \(affected.joined(separator: ", "))" }
        if let remedy = damage.remedy { text += "\n  remedy: \(PrintableText.escaping(remedy))" }
        return text
    }

    static func place(_ damage: Damage) -> String {
        PrintableText.escaping(damage.path) + (damage.offset.map { ", byte \($0)" } ?? "")
    }

    static func text(
        _ path: String, _ counts: Verification.Counts, _ damages: [Damage], seconds: Double
    ) -> String {
        let looked =
            "\(counted(counts.files, "file")), \(Units.bytes(counts.bytes)), \(counted(counts.pages, "page")), "
            + "\(counted(counts.frames, "frame")) of logs, \(counted(counts.values, "value"))"
        let verdict = damages.isEmpty ? "all is as it was written" : "\(counted(damages.count, "damage")) found"
        return lines(damages)
            + "\(PrintableText.escaping(path)): \(verdict)\n  \(looked) in \(Units.duration(seconds: seconds))\n"
    }

    static func json(_ path: String, _ counts: Verification.Counts, _ damages: [Damage]) -> String {
        var json = JSONWriter(.lines)
        json.object { json in
            json.member("path", path)
            json.member("ok", damages.isEmpty)
            json.member("files", counts.files)
            json.member("bytes", counts.bytes)
            json.member("pages", counts.pages)
            json.member("frames", counts.frames)
            json.member("values", counts.values)
            json.member("damages") { write(damages, to: &$0) }
        }
        return json.text + "\n"
    }

    static func write(_ damages: [Damage], to json: inout JSONWriter) {
        json.array { json in
            for damage in damages {
                json.object { json in
                    json.member("file", damage.path)
                    json.member("offset", damage.offset)
                    json.member("message", damage.message)
                    json.member("table", damage.table)
                    json.member("column", damage.column)
                    json.member("first_row", damage.rows?.lowerBound)
                    json.member("end_row", damage.rows?.upperBound)
                    json.member("flipped_byte", damage.flippedBit?.byte)
                    json.member("flipped_bit", damage.flippedBit?.bit)
                    json.member("remedy", damage.remedy)
                }
            }
        }
    }

    /// `1 file`, `1,234 files`.
    static func counted(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
        "\(Units.count(count)) \(count == 1 ? noun : plural ?? noun + "s")"
    }
}
