import CommandSupport
import Drumlin

/// Rows of checks as text.
enum CheckRendering {
    static func text(_ rows: [CheckRow], _ format: OutputFormat, for terminal: Terminal) -> String {
        switch format {
        case .table: table(rows, for: terminal)
        case .json: RowRendering.json(CheckRow.keys, rows.map(\.values))
        case .csv: RowRendering.csv(CheckRow.keys, rows.map(\.values))
        }
    }

    private static func table(_ rows: [CheckRow], for terminal: Terminal) -> String {
        guard !rows.isEmpty else { return "no constraints\n" }
        let showsTask = Set(rows.map(\.task)).count > 1
        var table = TextTable(
            (showsTask ? [.text("task", canShrink: true)] : [])
                + [
                    .text("constraint", canShrink: true), .text("on"), .number("checked"), .number("violations"),
                    .number("share"), .text("first (UTC)"), .text("last"), .text("last value", canShrink: true),
                    .text("its id", canShrink: true),
                ])
        for row in rows {
            let isViolated = row.violationCount > 0
            table.add(
                (showsTask ? [TextTable.Cell(row.task)] : [])
                    + [
                        TextTable.Cell(row.constraint, .bold), TextTable.Cell(row.event),
                        TextTable.Cell(Units.count(row.checkedCount)),
                        TextTable.Cell(Units.count(row.violationCount), isViolated ? .red : .plain),
                        TextTable.Cell(isViolated ? row.share.map { Units.percent($0) } ?? "" : ""),
                        TextTable.Cell(row.firstAt.map(MetricRendering.moment) ?? ""),
                        TextTable.Cell(row.lastAt.map(MetricRendering.moment) ?? ""),
                        TextTable.Cell(isViolated ? row.example ?? "null" : ""), TextTable.Cell(row.exampleID ?? ""),
                    ])
        }
        return table.rendered(for: terminal)
    }
}
