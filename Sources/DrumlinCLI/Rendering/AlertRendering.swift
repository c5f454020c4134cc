import CommandSupport
import Drumlin

/// Rows of alerts as text.
enum AlertRendering {
    static func text(_ rows: [AlertRow], _ format: OutputFormat, for terminal: Terminal) -> String {
        switch format {
        case .table: table(rows, for: terminal)
        case .json: RowRendering.json(AlertRow.keys, rows.map(\.values))
        case .csv: RowRendering.csv(AlertRow.keys, rows.map(\.values))
        }
    }

    private static func table(_ rows: [AlertRow], for terminal: Terminal) -> String {
        guard !rows.isEmpty else { return "no alerts\n" }
        let showsTask = Set(rows.map(\.task)).count > 1
        var table = TextTable(
            (showsTask ? [.text("task", canShrink: true)] : [])
                + [
                    .text("window (UTC)"), .text("state"), .text("rule", canShrink: true), .text("kind"),
                    .text("what", canShrink: true),
                ])
        for row in rows {
            let isEntered = row.state == "entered"
            table.add(
                (showsTask ? [TextTable.Cell(row.task)] : [])
                    + [
                        TextTable.Cell(MetricRendering.moment(row.start)),
                        TextTable.Cell(row.state, isEntered ? .red : .green), TextTable.Cell(row.rule),
                        TextTable.Cell(row.kind), TextTable.Cell(row.message, isEntered ? .bold : .plain),
                    ])
        }
        return table.rendered(for: terminal)
    }
}
