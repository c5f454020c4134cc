import ColumnStore
import CommandSupport

/// Damage, and what a verification looked at, as text.
enum DamageRendering {
    /// A line for each damage: `damage: file, byte 64: what is wrong`.
    static func lines(_ damages: [Damage]) -> String {
        damages.map { "damage: \(place($0)): \(PrintableText.escaping($0.message))\n" }.joined()
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
                }
            }
        }
    }

    /// `1 file`, `1,234 files`.
    static func counted(_ count: Int, _ noun: String) -> String {
        "\(Units.count(count)) \(noun)\(count == 1 ? "" : "s")"
    }
}
