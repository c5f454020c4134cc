import CommandSupport
import Drumlin

/// What `drumlin watch` shows, as lines.
struct WatchScreen {
    let path: String
    let counts: StoreCounts
    let view: TaskView?
    let rates: [String: [Double]]
    /// What could not be read the last time.
    var failure: String?
    /// Now, by the machine's clock.
    var now: Timestamp
    /// How old the windows are, where they are older than the store; in seconds.
    var staleness: Double?
    /// How many metrics have been scrolled out of sight.
    var offset = 0
    let terminal: Terminal
    /// Rows of the terminal; nil where all is shown.
    var height: Int?

    /// How many windows a line of `width` columns has room for.
    static func windowCount(width: Int?) -> Int {
        let width = width ?? 100
        return min(max(width - (width >= wideFrom ? 100 : 62), 8), 60)
    }

    /// The width from which on times and intervals are shown too.
    private static let wideFrom = 110

    private var width: Int { terminal.width ?? 100 }

    func lines() -> [String] {
        var lines = head()
        let body = (height ?? .max) - lines.count
        guard let view else {
            lines.append("  the store has no task; colstat \(PrintableText.escaping(path)) shows its tables")
            return lines
        }
        var alerts = alertLines(view)
        let metrics = metricLines(view)
        if let height {
            // A third for alerts, and what metrics leave.
            let room = max(2, body / 3, body - metrics.count - 1)
            alerts = cut(alerts, to: room, "alerts that are on", terminal)
            let left = max(2, height - lines.count - alerts.count - 1)
            var shown = Array(metrics.prefix(1))
            shown += metrics.dropFirst().dropFirst(min(offset, max(0, metrics.count - left)))
            lines += cut(shown, to: left, "metrics (↓)", terminal)
        } else {
            lines += metrics
        }
        return lines + [""] + alerts
    }

    private func cut(_ lines: [String], to count: Int, _ what: String, _ terminal: Terminal) -> [String] {
        guard lines.count > count else { return lines }
        return lines.prefix(count - 1) + [
            terminal.styled("  and \(lines.count - count + 1) more \(what)", .faint)
        ]
    }

    // MARK: Head

    private func head() -> [String] {
        var title = PrintableText.escaping(path)
        if let view {
            title += "  task \(PrintableText.escaping(view.name))"
            if view.names.count > 1 {
                title += " (\(view.names.firstIndex(of: view.name)! + 1) of \(view.names.count))"
            }
            if let version = view.status.modelVersions.last { title += "  model \(PrintableText.excerpt(version))" }
        }
        let clock = MetricRendering.moment(Timestamp(microseconds: now.microseconds / 1_000_000 * 1_000_000)) + " UTC"
        let room = width - DisplayWidth.of(clock) - 2
        title = DisplayWidth.truncated(title, to: room)
        let gap = String(repeating: " ", count: max(2, width - DisplayWidth.of(title) - DisplayWidth.of(clock)))
        var lines = [terminal.styled(title, .bold) + gap + terminal.styled(clock, .faint)]
        if let view {
            lines.append(eventLine("predictions", view.name + "/predictions", ""))
            let waiting = view.status.predictions - labeled(view)
            lines.append(
                eventLine(
                    "labels", view.name + "/labels",
                    waiting > 0 ? "\(Units.count(waiting)) predictions wait for theirs" : ""))
            lines += times(view).map { fact($0.name, $0.text) }
        }
        lines.append(fact("disk", disk))
        if let failure { lines.append(fact("error", failure, .red)) }
        let troubles = counts.damages.prefix(2).map { "damage: \($0)" } + (view?.troubles ?? [])
        if !troubles.isEmpty { lines.append(fact("trouble", troubles.joined(separator: "; "), .red)) }
        if let staleness { lines.append(fact("", "what follows is \(Units.duration(seconds: staleness)) old", .faint)) }
        return lines + [""]
    }

    /// Predictions with a label, as the newest window of all of them says, or the rows of feedback.
    private func labeled(_ view: TaskView) -> Int {
        if let row = view.series.first(where: { $0.window == "cumulative" })?.rows.last { return row.labeledCount }
        return min(view.status.predictions, view.status.labels - view.status.pendingLabels)
    }

    private func fact(_ name: String, _ text: String, _ style: Terminal.Style = .plain) -> String {
        let escaped = PrintableText.escaping(text)
        let shown = terminal.width.map { DisplayWidth.truncated(escaped, to: $0 - 13) } ?? escaped
        return terminal.styled(name, .bold) + String(repeating: " ", count: 13 - name.count)
            + terminal.styled(shown, style)
    }

    private func eventLine(_ name: String, _ table: String, _ rest: String) -> String {
        var parts = [pad(Units.count(counts.endRows[table] ?? 0), 12)]
        if let rates = rates[table], let last = rates.last {
            parts.append(pad(last < 10 ? Units.fixed(last, digits: 1) : Units.count(Int(last)), 8) + "/s")
            parts.append(Sparkline.text(rates, width: min(20, width - 50), floor: 0))
        }
        if !rest.isEmpty { parts.append(rest) }
        return fact(name, parts.joined(separator: "  "))
    }

    private func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private func times(_ view: TaskView) -> [(name: String, text: String)] {
        guard let clock = view.status.clock else { return [("clock", "no event yet")] }
        func moment(_ microseconds: Int64) -> String {
            MetricRendering.moment(Timestamp(microseconds: microseconds / 1_000_000 * 1_000_000))
        }
        let behind = Double(now.microseconds &- clock.microseconds) / 1e6
        var text = moment(clock.microseconds)
        if behind >= 0 { text += ", \(Units.duration(seconds: behind.rounded())) ago" }
        let watermark = clock.microseconds.subtractingReportingOverflow(view.allowedLateness.microseconds)
        if !watermark.overflow { text += "; watermark \(moment(watermark.partialValue))" }
        let newest = view.newest.map { "of the newest prediction \(moment($0.microseconds))" } ?? "no prediction yet"
        return [("clock", text), ("", newest)]
    }

    private var disk: String {
        var text = "\(Units.bytes(counts.byteCount)), \(Units.count(counts.segments)) segments"
        text += "; log \(Units.bytes(counts.logByteCount)), \(Units.count(counts.logRows)) rows; "
        return text
            + (counts.undurableRows == 0 ? "all durable" : "\(Units.count(counts.undurableRows)) rows not durable yet")
    }

    // MARK: Metrics

    private func metricLines(_ view: TaskView) -> [String] {
        guard !view.series.isEmpty else { return ["no metric has a window with a prediction yet"] }
        let isWide = width >= Self.wideFrom
        var columns: [TextTable.Column] = [.text("metric"), .text("window", canShrink: false)]
        if isWide { columns.append(.text("closed", canShrink: false)) }
        columns.append(.number("value"))
        if isWide { columns.append(.number("95 % interval")) }
        columns += [
            .number("labeled"), .number("estimate"), .number("labels"), .number("open"),
            .text("windows", canShrink: false),
        ]
        var table = TextTable(columns)
        for series in view.series {
            let row = series.settled
            var cells: [TextTable.Cell] = [.init(series.metric, .bold), .init(series.window)]
            if isWide { cells.append(.init(row?.start.map(MetricRendering.moment) ?? "")) }
            cells.append(.init(number(row?.value), .bold))
            if isWide {
                var interval = ""
                if let row, let low = row.ciLow, let high = row.ciHigh, row.unlabeledCount > 0 || low < high {
                    interval = "\(number(low)) to \(number(high))"
                }
                cells.append(.init(interval))
            }
            cells.append(.init(number(row?.labeledValue)))
            cells.append(.init(row.map { $0.unlabeledCount > 0 } ?? false ? number(row?.unlabeledValue) : ""))
            cells.append(.init(row.map(share) ?? ""))
            cells.append(.init(series.open.map { number($0.value) } ?? "", .yellow))
            cells.append(
                .init(Sparkline.text(series.rows.map(\.value), width: Self.windowCount(width: terminal.width)), .cyan))
            table.add(cells)
        }
        return table.rendered(for: terminal).split(separator: "\n").map(String.init)
    }

    private func number(_ value: Double?) -> String { value.map { Units.number($0) } ?? "–" }

    private func share(_ row: MetricRow) -> String {
        let total = row.labeledCount + row.unlabeledCount
        return total == 0 ? "" : Units.percent(Double(row.labeledCount) / Double(total), digits: 0)
    }

    // MARK: Alerts

    private func alertLines(_ view: TaskView) -> [String] {
        guard view.ruleCount > 0 || !view.openAlerts.isEmpty else { return ["nothing raises alerts"] }
        guard !view.openAlerts.isEmpty else { return [terminal.styled("no alert is on", .green)] }
        var table = TextTable([
            .text("on since", canShrink: false), .text("rule", canShrink: false), .text("kind", canShrink: false),
            .text("what"),
        ])
        for alert in view.openAlerts.reversed() {
            table.add([
                .init(MetricRendering.moment(alert.start), .red), .init(alert.rule), .init(alert.kind),
                .init(alert.message),
            ])
        }
        return table.rendered(for: terminal).split(separator: "\n").map(String.init)
    }
}
