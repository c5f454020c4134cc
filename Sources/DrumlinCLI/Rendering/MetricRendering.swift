import CommandSupport
import Drumlin

/// Rows of metrics as text.
enum MetricRendering {
    static func text(_ rows: [MetricRow], _ format: OutputFormat, for terminal: Terminal) -> String {
        switch format {
        case .table: table(rows, for: terminal)
        case .json: RowRendering.json(MetricRow.keys, rows.map(\.values))
        case .csv: RowRendering.csv(MetricRow.keys, rows.map(\.values))
        }
    }

    // MARK: Table

    /// What people want to see, rounded; columns in which nothing stands are left out.
    static func table(_ rows: [MetricRow], for terminal: Terminal) -> String {
        guard !rows.isEmpty else { return "no rows\n" }
        let showsTask = Set(rows.map(\.task)).count > 1
        let fields = allFields.filter { field in
            field.title == "task" ? showsTask : field.isKept || rows.contains { !field.cell($0).text.isEmpty }
        }
        var table = TextTable(fields.map { $0.isNumber ? .number($0.title) : .text($0.title, canShrink: $0.canShrink) })
        for row in rows { table.add(fields.map { $0.cell(row) }) }
        return table.rendered(for: terminal)
    }

    private struct Field {
        let title: String
        var isNumber = false
        /// Shown even where no row has a value.
        var isKept = false
        var canShrink = false
        let cell: (MetricRow) -> TextTable.Cell
    }

    private static var allFields: [Field] {
        [
            Field(title: "task", canShrink: true) { .init($0.task) },
            Field(title: "metric", isKept: true, canShrink: true) { .init($0.metric, .bold) },
            Field(title: "model", canShrink: true) { .init($0.modelVersion ?? "") },
            Field(title: "segment", canShrink: true) { .init($0.segment ?? "") },
            Field(title: "window", isKept: true) { .init($0.window) },
            Field(title: "start (UTC)") { .init($0.start.map(moment) ?? "") },
            Field(title: "status", isKept: true) { .init($0.status, $0.status == "open" ? .yellow : .plain) },
            Field(title: "value", isNumber: true, isKept: true) { .init(number($0.value, $0), .bold) },
            Field(title: "95 % interval", isNumber: true) { .init(interval($0.ciLow, $0.ciHigh, $0), .plain) },
            Field(title: "labeled", isNumber: true, isKept: true) { .init(number($0.labeledValue, $0)) },
            Field(title: "estimated", isNumber: true) { .init(number($0.unlabeledValue, $0)) },
            Field(title: "labels", isNumber: true, isKept: true) { .init(labels($0)) },
            Field(title: "median delay", isNumber: true) { .init(($0.labelDelayP50.map(Units.duration)) ?? "") },
            Field(title: "unsupported", isNumber: true) { .init(unsupported($0), .yellow) },
            Field(title: "method", canShrink: true) { .init($0.method ?? "") },
            Field(title: "complete from") { .init($0.coverageFrom.map(moment) ?? "") },
            Field(title: "error", canShrink: true) { .init($0.error ?? "", .red) },
        ]
    }

    /// A point in time, without what is zero: `2020-04-08`, `2020-04-08 13:00`.
    static func moment(_ time: Timestamp) -> String {
        let text = time.description
        if text.hasSuffix("T00:00:00Z") { return String(text.dropLast(10)) }
        let blank = text.replacing("T", with: " ", maxReplacements: 1)
        return String(blank.hasSuffix(":00Z") ? blank.dropLast(4) : blank.dropLast(1))
    }

    private static func number(_ value: Double?, _ row: MetricRow) -> String {
        guard let value else { return row.error == nil ? "–" : "" }
        return Units.number(value)
    }

    private static func interval(_ low: Double?, _ high: Double?, _ row: MetricRow) -> String {
        // Where all labels are in, both ends are the value; not so in a back-test that withholds them.
        guard let low, let high, row.unlabeledCount > 0 || low < high else { return "" }
        return "\(Units.number(low)) to \(Units.number(high))"
    }

    private static func labels(_ row: MetricRow) -> String {
        let total = row.labeledCount + row.unlabeledCount
        return row.unlabeledCount == 0
            ? "all \(Units.count(total))" : "\(Units.count(row.labeledCount)) of \(Units.count(total))"
    }

    private static func unsupported(_ row: MetricRow) -> String {
        guard let mass = row.unsupportedMass, mass > 0 else { return "" }
        return Units.percent(mass)
    }
}
