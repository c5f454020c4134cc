import CommandSupport
import Drumlin

/// Rows of drift as text.
enum DriftRendering {
    static func text(_ rows: [DriftRow], _ format: OutputFormat, for terminal: Terminal) -> String {
        switch format {
        case .table: table(rows, for: terminal)
        case .json: RowRendering.json(DriftRow.keys, rows.map(\.values))
        case .csv: RowRendering.csv(DriftRow.keys, rows.map(\.values))
        }
    }

    static func text(_ rows: [LossChange], _ format: OutputFormat, for terminal: Terminal) -> String {
        switch format {
        case .table: table(rows, for: terminal)
        case .json: RowRendering.json(LossChange.keys, rows.map(\.values))
        case .csv: RowRendering.csv(LossChange.keys, rows.map(\.values))
        }
    }

    static func text(_ rows: [RangeRow], _ format: OutputFormat, for terminal: Terminal) -> String {
        switch format {
        case .table: table(rows, for: terminal)
        case .json: RowRendering.json(RangeRow.keys, rows.map(\.values))
        case .csv: RowRendering.csv(RangeRow.keys, rows.map(\.values))
        }
    }

    private static func table(_ rows: [RangeRow], for terminal: Terminal) -> String {
        guard !rows.isEmpty else { return "no reference to compare with\n" }
        let showsTask = Set(rows.map(\.task)).count > 1
        var table = TextTable(
            (showsTask ? [.text("task", canShrink: true)] : [])
                + [
                    .text("model", canShrink: true), .text("column", canShrink: true), .text("reference"),
                    .number("values"), .number("outside"), .number("share"),
                ])
        for row in rows {
            let range =
                row.knownCount.map { "\(Units.count($0)) texts" }
                ?? "\(number(row.low ?? .nan)) to \(number(row.high ?? .nan))"
            table.add(
                (showsTask ? [TextTable.Cell(row.task)] : [])
                    + [
                        TextTable.Cell(row.modelVersion), TextTable.Cell(row.column, .bold), TextTable.Cell(range),
                        TextTable.Cell(Units.count(row.valueCount)), TextTable.Cell(Units.count(row.outsideCount)),
                        TextTable.Cell(row.outsideShare.map { Units.percent($0) } ?? "–"),
                    ])
        }
        return table.rendered(for: terminal)
    }

    private static func table(_ rows: [LossChange], for terminal: Terminal) -> String {
        guard !rows.isEmpty else { return "the losses have not changed\n" }
        let showsTask = Set(rows.map(\.task)).count > 1
        var table = TextTable(
            (showsTask ? [.text("task", canShrink: true)] : [])
                + [.text("found at (UTC)"), .number("mean before"), .number("since"), .number("losses")])
        for row in rows {
            table.add(
                (showsTask ? [TextTable.Cell(row.task)] : [])
                    + [
                        TextTable.Cell(MetricRendering.moment(row.at)), TextTable.Cell(number(row.meanBefore)),
                        TextTable.Cell(row.meanAfter.map(number) ?? "", .bold),
                        TextTable.Cell(Units.count(row.rowCount)),
                    ])
        }
        return table.rendered(for: terminal)
    }

    private static func table(_ rows: [DriftRow], for terminal: Terminal) -> String {
        guard !rows.isEmpty else { return "no windows that could be compared\n" }
        let showsTask = Set(rows.map(\.task)).count > 1
        var table = TextTable(
            (showsTask ? [.text("task", canShrink: true)] : [])
                + [
                    .text("window (UTC)"), .text("column", canShrink: true), .text("statistic"), .number("distance"),
                    .number("limit"), .number("p"), .number("adjusted"), .number("rows"),
                    .text("compared with", canShrink: true),
                ])
        for row in rows {
            table.add(
                (showsTask ? [TextTable.Cell(row.task)] : [])
                    + [
                        TextTable.Cell(MetricRendering.moment(row.start)), TextTable.Cell(row.column, .bold),
                        TextTable.Cell(row.statistic.rawValue),
                        TextTable.Cell(number(row.value), row.isDrifted ? .red : .plain),
                        TextTable.Cell(number(row.limit)), TextTable.Cell(row.pValue.map(number) ?? ""),
                        TextTable.Cell(row.adjustedPValue.map(number) ?? ""), TextTable.Cell(Units.count(row.rowCount)),
                        TextTable.Cell(row.comparedWith),
                    ])
        }
        return table.rendered(for: terminal)
    }

    /// As other tables show numbers.
    static func number(_ value: Double) -> String { Units.number(value) }
}
