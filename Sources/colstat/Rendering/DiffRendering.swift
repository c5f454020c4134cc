import ColumnStore
import CommandSupport

/// Differences of two stores, a line for each.
enum DiffRendering {
    static func text(_ diff: StoreDiff, for terminal: Terminal) -> String {
        var text = ""
        if !diff.differences.isEmpty {
            var table = TextTable([
                .text("table"), .text("column"), .text("what", canShrink: false), .text("first"), .text("second"),
            ])
            for each in diff.differences {
                let style: Terminal.Style = each.kind == .content ? .red : .faint
                table.add([
                    .init(each.table, .bold), .init(each.column), .init(each.what, style),
                    .init(each.first.isEmpty ? "–" : each.first), .init(each.second.isEmpty ? "–" : each.second),
                ])
            }
            text = table.rendered(for: terminal) + "\n"
        }
        let count = diff.differences.filter { $0.kind == .content }.count
        text += count == 0 ? "the content is alike" : DamageRendering.counted(count, "difference") + " of content"
        let layout = diff.differences.count - count
        if layout > 0 { text += ", \(Units.count(layout)) of layout" }
        if diff.comparedRowCount > 0 { text += "; \(DamageRendering.counted(diff.comparedRowCount, "row")) compared" }
        return text + "\n"
    }

    static func json(_ diff: StoreDiff) -> String {
        var json = JSONWriter(.lines)
        json.object { json in
            json.member("first", diff.first.path)
            json.member("second", diff.second.path)
            json.member("alike", !diff.differences.contains { $0.kind == .content })
            json.member("compared_rows", diff.comparedRowCount)
            json.member("differences") { json in
                json.array { json in
                    for each in diff.differences {
                        json.object { json in
                            json.member("kind", each.kind.rawValue)
                            json.member("table", each.table)
                            json.member("column", each.column.isEmpty ? nil : each.column)
                            json.member("what", each.what)
                            json.member("first", each.first.isEmpty ? nil : each.first)
                            json.member("second", each.second.isEmpty ? nil : each.second)
                        }
                    }
                }
            }
        }
        return json.text + "\n"
    }
}
