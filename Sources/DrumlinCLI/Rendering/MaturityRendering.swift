import CommandSupport
import Drumlin

/// Maturity curves as text: a line a curve, a column an age.
enum MaturityRendering {
    static func text(_ rows: [MaturityRow], _ format: OutputFormat, for terminal: Terminal) -> String {
        switch format {
        case .table: table(rows, for: terminal)
        case .json: RowRendering.json(MaturityRow.keys, rows.map(\.values))
        case .csv: RowRendering.csv(MaturityRow.keys, rows.map(\.values))
        }
    }

    private static func table(_ rows: [MaturityRow], for terminal: Terminal) -> String {
        guard !rows.isEmpty else { return "no predictions\n" }
        var ages: [TimeSpan] = []
        for row in rows where !ages.contains(row.age) { ages.append(row.age) }
        let showsTask = Set(rows.map(\.task)).count > 1
        let showsBuckets = rows.contains { $0.bucket != nil }
        var table = TextTable(
            (showsTask ? [.text("task", canShrink: true)] : [])
                + (showsBuckets
                    ? [.text("model", canShrink: true), .number("bucket"), .number("class"), .number("mean score")]
                    : [])
                + ages.map { .number(Window.tumbling($0).description) })
        var first = 0
        while first < rows.count {
            let row = rows[first]
            let curve = rows[first..<min(first + ages.count, rows.count)]
            var cells: [TextTable.Cell] = showsTask ? [.init(row.task)] : []
            if showsBuckets {
                cells += [
                    .init(row.modelVersion ?? "all"), .init(row.bucket.map { "\($0)" } ?? ""),
                    .init(row.predictedClass.map { "\($0)" } ?? ""),
                    .init(row.meanScore.map { Units.number($0) } ?? ""),
                ]
            }
            cells += curve.map { .init($0.labeledShare.map { Units.percent($0) } ?? "–") }
            table.add(cells)
            first += ages.count
        }
        return table.rendered(for: terminal)
    }
}
