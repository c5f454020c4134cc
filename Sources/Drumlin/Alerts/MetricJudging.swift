internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

/// Judges the rules on metrics and constraints.
struct MetricJudging {
    let task: MonitoredTask
    let grid: WindowGrid

    /// Verdicts on one window. Metrics of a task without a reference are judged when the labels are in, all others when the
    /// window closes.
    func verdicts(
        _ monitor: WindowMonitor, _ ordinal: Int64, isLate: Bool, hasEstimates: Bool
    ) throws(StoreError) -> [WindowMonitor.Verdict] {
        var result: [WindowMonitor.Verdict] = []
        for rule in monitor.rules {
            if case .violations(let constraint, let share) = rule.condition {
                if !isLate, let verdict = try violations(rule, constraint, share, ordinal) { result.append(verdict) }
                continue
            }
            guard let metric = rule.metric, isLate != hasEstimates else { continue }
            let key = IncidentKey(rule: rule.name, kind: "metric", subject: metric)
            guard let value = try value(metric, monitor.window, ordinal) else { continue }
            guard let judgement = try judge(rule, metric, key, value, monitor, ordinal) else { continue }
            var mayBeAccepted = false
            if case .historyChange = rule.condition { mayBeAccepted = true }
            result.append(
                WindowMonitor.Verdict(
                    key: key, judgement: judgement, coolDown: rule.coolDown, mayBeAccepted: mayBeAccepted,
                    comparedWith: Self.basis(rule)))
        }
        return result
    }

    private static func basis(_ rule: AlertRule) -> String {
        switch rule.condition {
        case .referenceChange: "the reference"
        case .historyChange: "windows before"
        case .threshold, .violations, .drift, .anomalies, .stream: "its limit"
        }
    }

    private struct MetricValue {
        let value: Double
        let count: Int64
    }

    private func judge(
        _ rule: AlertRule, _ metric: String, _ key: IncidentKey, _ value: MetricValue, _ monitor: WindowMonitor,
        _ ordinal: Int64
    ) throws(StoreError) -> Judgement? {
        switch rule.condition {
        case .threshold(_, let low, let high):
            let isLow = low.map { value.value < $0 } ?? false
            let isHigh = high.map { value.value > $0 } ?? false
            let limit = (isHigh ? high : low) ?? high ?? .nan
            return Judgement(
                value: value.value, expected: limit, limit: limit, isBad: isLow || isHigh, isSevere: isLow || isHigh,
                isClear: !isLow && !isHigh, rowCount: value.count)
        case .referenceChange(_, let difference):
            guard let expected = try ReferenceMetric(task: task).value(metric) else { return nil }
            let distance = (value.value - expected).magnitude
            return Judgement(
                value: value.value, expected: expected,
                limit: value.value < expected ? expected - difference : expected + difference,
                isBad: distance > difference, isSevere: distance > difference, isClear: distance <= 0.8 * difference,
                rowCount: value.count)
        case .historyChange(_, let difference):
            let before = try history(metric, monitor, key, ordinal)
            var judgement = AnomalyJudge(method: .standardDeviation, testCount: 1).deviation(
                value.value, before, least: difference, error: 0)
            judgement?.rowCount = value.count
            return judgement
        case .violations, .drift, .anomalies, .stream: return nil
        }
    }

    private func value(_ metric: String, _ window: Window, _ ordinal: Int64) throws(StoreError) -> MetricValue? {
        let start = Timestamp(microseconds: grid.start(ordinal))
        guard task.registeredMetrics.contains(where: { $0.name == metric && $0.windows.contains(window) }) else {
            return nil
        }
        let rows = try task.metrics(
            named: metric, window: window, from: start, to: Timestamp(microseconds: start.microseconds + 1))
        guard let row = rows.first, let value = row.value, value.isFinite else { return nil }
        return MetricValue(value: value, count: Int64(row.labeledCount + row.unlabeledCount))
    }

    private func history(
        _ metric: String, _ monitor: WindowMonitor, _ key: IncidentKey, _ ordinal: Int64
    ) throws(StoreError) -> [Double] {
        let rows = try task.metrics(
            named: metric, window: monitor.window,
            from: Timestamp(microseconds: grid.start(ordinal - Int64(WindowHistory.limit))),
            to: Timestamp(microseconds: grid.start(ordinal)))
        return rows.compactMap { row in
            guard let start = row.start, let value = row.value else { return nil }
            return monitor.isUsual(grid.lastOrdinal(containing: start.microseconds), key) ? value : nil
        }
    }

    private func violations(
        _ rule: AlertRule, _ constraint: String, _ share: Double, _ ordinal: Int64
    ) throws(StoreError) -> WindowMonitor.Verdict? {
        let times = Timestamp(microseconds: grid.start(ordinal))..<Timestamp(microseconds: grid.end(ordinal))
        let rows = try task.checks(during: times).filter { $0.constraint == constraint && $0.checkedCount > 0 }
        guard !rows.isEmpty else { return nil }
        let checked = rows.reduce(0) { $0 + $1.checkedCount }
        let found = Double(rows.reduce(0) { $0 + $1.violationCount }) / Double(checked)
        let judgement = Judgement(
            value: found, expected: 0, limit: share, isBad: found > share, isSevere: found > share,
            isClear: found <= 0.8 * share, rowCount: Int64(checked))
        return WindowMonitor.Verdict(
            key: IncidentKey(rule: rule.name, kind: "violations", subject: constraint), judgement: judgement,
            coolDown: rule.coolDown, mayBeAccepted: false, comparedWith: Self.basis(rule))
    }
}
