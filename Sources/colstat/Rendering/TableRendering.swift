import ColumnStore
import CommandSupport
import Drumlin

/// The tables of a store, a line for each.
enum TableRendering {
    private static let barWidth = 8
    private static let leastBarWidth = 100

    /// - Parameters:
    ///   - names: How tables are called.
    ///   - limit: How many are shown, those with most bytes first to be kept.
    static func text(
        _ inspection: Inspection, names: (String) -> String, limit: Int = .max,
        for terminal: Terminal
    ) -> String {
        var shown = inspection.tables
        if shown.count > limit {
            let kept = shown.sorted { $0.segmentByteCount > $1.segmentByteCount }.prefix(limit - 1).map(\.name)
            shown = shown.filter { kept.contains($0.name) }
        }
        let hasLog = inspection.tables.contains { $0.logRowCount > 0 }
        let ranges = inspection.tables.compactMap(\.timeRange)
        let precision = ranges.isEmpty ? nil : TimeText.precision(for: ranges)
        var columns: [TextTable.Column] = [.text("table"), .number("rows")]
        if hasLog { columns.append(.number("in log")) }
        columns += [.number("segments"), .number("bytes")]
        let largest = shown.count > 1 ? shown.map(\.segmentByteCount).max() ?? 0 : 0
        // A bar beside the bytes, where the columns that say more leave room for it.
        let hasBars = largest > 0 && (terminal.width ?? .max) >= leastBarWidth
        if hasBars { columns.append(.text("", canShrink: false)) }
        columns.append(.number("ratio"))
        if precision != nil { columns += [.text("from (UTC)", canShrink: false), .text("to", canShrink: false)] }
        var table = TextTable(columns)
        for each in shown {
            let bar = hasBars ? ShareBar.text(Double(each.segmentByteCount) / Double(largest), width: barWidth) : nil
            table.add(cells(each, name: names(each.name), hasLog: hasLog, bar: bar, precision))
        }
        var text = table.rendered(for: terminal)
        if shown.count < inspection.tables.count {
            text += "… and \(inspection.tables.count - shown.count) more: colstat tables shows all\n"
        }
        return inspection.tables.isEmpty ? "no tables\n" : text
    }

    private static func cells(
        _ table: TableInspection, name: String, hasLog: Bool, bar: String?, _ precision: TimeText.Precision?
    ) -> [TextTable.Cell] {
        var cells: [TextTable.Cell] = [.init(name, .bold), .init(Units.count(table.rowCount))]
        if hasLog { cells.append(.init(table.logRowCount == 0 ? "" : Units.count(table.logRowCount))) }
        let (range, bytes) = (table.timeRange, table.segmentByteCount)
        cells += [
            .init(Units.count(table.segments.count)), .init(bytes == 0 ? "" : Units.bytes(bytes)),
        ]
        if let bar { cells.append(.init(bar, .cyan)) }
        cells.append(.init(RatioText.of(table.rawByteCount, bytes)))
        guard let precision else { return cells }
        return cells + [range?.lowerBound, range?.upperBound].map { .init(TimeText.of($0, precision)) }
    }

    static func json(_ inspection: Inspection) -> String {
        var json = JSONWriter(.lines)
        write(inspection.tables, to: &json)
        return json.text + "\n"
    }

    static func write(_ tables: [TableInspection], to json: inout JSONWriter) {
        json.array { json in
            for table in tables {
                json.object { json in
                    json.member("table", table.name)
                    json.member("rows", table.rowCount)
                    json.member("log_rows", table.logRowCount)
                    json.member("erased_rows", table.erased.count)
                    json.member("segments", table.segments.count)
                    json.member("segment_bytes", table.segmentByteCount)
                    json.member("raw_bytes", table.rawByteCount)
                    json.member("encoded_bytes", table.encodedByteCount)
                    json.member("index_bytes", table.indexByteCount)
                    json.member("time_column", table.timeColumn.map { table.schema.columns[$0].name })
                    json.member("from", table.timeRange?.lowerBound.description)
                    json.member("to", table.timeRange?.upperBound.description)
                }
            }
        }
    }

    /// Writes one section for each table: its name, where there are several, and what `body` makes of it.
    static func sections(_ inspection: Inspection, _ body: (TableInspection) -> String) -> String {
        guard inspection.tables.count != 1 else { return body(inspection.tables[0]) }
        guard !inspection.tables.isEmpty else { return "no tables\n" }
        return inspection.tables.map { "\(PrintableText.escaping($0.name))\n" + body($0) }.joined(separator: "\n")
    }
}
