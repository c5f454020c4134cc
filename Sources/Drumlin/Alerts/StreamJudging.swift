internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

/// Judges the rules that run a test over the stream of losses, or of a feature's values: one event after the other, in the order of
/// the predictions' times.
///
/// The test begins anew, ``WindowHistory/limit`` windows before the one that is judged, from the rows that are there: so that
/// nothing of a row is kept beside it, and a change is a function of those windows. Only one that is found within the judged
/// window counts.
struct StreamJudging {
    let task: MonitoredTask
    let grid: WindowGrid

    /// Verdicts on one window: on features when it closes, on losses when nine tenths of its labels are in.
    func verdicts(
        _ monitor: WindowMonitor, _ ordinal: Int64, isLate: Bool
    ) throws(StoreError) -> [WindowMonitor.Verdict] {
        var result: [WindowMonitor.Verdict] = []
        for rule in monitor.rules {
            guard case .stream(let test, let columns) = rule.condition, isLate == (columns == nil) else { continue }
            for subject in columns ?? [Self.losses] {
                let stream = columns == nil ? try losses(through: ordinal) : try values(of: subject, through: ordinal)
                guard let judgement = stream.judgement(test, from: grid.start(ordinal)) else { continue }
                result.append(
                    WindowMonitor.Verdict(
                        key: IncidentKey(rule: rule.name, kind: test.rawValue, subject: subject), judgement: judgement,
                        coolDown: rule.coolDown, mayBeAccepted: false, comparedWith: "before"))
            }
        }
        return result
    }

    /// The subject of rules on losses; no feature can be called so.
    static let losses = "_loss"

    /// Where the stream of a window begins.
    private func start(through ordinal: Int64) -> Int64 { grid.start(ordinal - Int64(WindowHistory.limit) + 1) }

    private func values(of feature: String, through ordinal: Int64) throws(StoreError) -> EventStream {
        let snapshot = task.store.read { _ in task.shared.state.predictions.snapshot() }
        let scan = try snapshot.scan(
            columns: ["_at", feature], where: TaskRows.isIn(start(through: ordinal), grid.end(ordinal)))
        var stream = EventStream(isOfLosses: false)
        while let batch = try scan.next() {
            let (times, values) = (batch.slice("_at"), batch.slice(feature))
            for row in 0..<batch.rowCount where !values.isNull(row) {
                stream.append(values.double(at: row), at: times.int64(at: row))
            }
        }
        return stream
    }

    /// The losses of the labels that had come when nine tenths of each window's had, so that it makes no difference how soon
    /// afterwards the window is judged.
    private func losses(through ordinal: Int64) throws(StoreError) -> EventStream {
        let (first, end) = (start(through: ordinal), grid.end(ordinal))
        let horizon = task.schema.labelHorizon.microseconds
        let output = task.encoder.tables.predictions.columns[task.encoder.tables.outputColumn].name
        let scan = try task.predictionsWithLabels.scan(
            columns: ["_at", output, "_label", "_label_at"], where: TaskRows.isIn(first, end))
        var windows: [Int64: LabeledWindow] = [:]
        while let batch = try scan.next() {
            let (times, outputs) = (batch.slice("_at"), batch.slice(output))
            let (labels, labelTimes) = (batch.slice("_label"), batch.slice("_label_at"))
            for row in 0..<batch.rowCount {
                let at = times.int64(at: row)
                let window = grid.lastOrdinal(containing: at)
                windows[window, default: LabeledWindow()].count += 1
                guard !labels.isNull(row) else { continue }
                let loss = task.loss(of: outputs.double(at: row), label: labels.double(at: row))
                windows[window]?.losses.append((at, loss, labelTimes.int64(at: row)))
            }
        }
        var stream = EventStream(isOfLosses: true)
        for (window, found) in windows.sorted(by: { $0.key < $1.key }) {
            let latest = found.maturity ?? grid.end(window).saturatingAdd(horizon)
            for entry in found.losses where entry.labelAt <= latest { stream.append(entry.loss, at: entry.at) }
        }
        return stream
    }

    /// The labeled predictions of one window.
    private struct LabeledWindow {
        var count = 0
        var losses: [(at: Int64, loss: Double, labelAt: Int64)] = []

        /// The time by which nine tenths of the predictions had their labels; nil where they do not.
        var maturity: Int64? {
            let needed = Int((WindowJudging.matureShare * Double(count)).rounded(.up))
            guard needed > 0, losses.count >= needed else { return nil }
            return losses.map(\.labelAt).sorted()[needed - 1]
        }
    }
}
