internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

/// Makes rows of alerts, with what people want to know.
struct AlertDescription {
    let task: MonitoredTask
    let rows: TaskRows
    let window: Window
    let grid: WindowGrid
    let late: Set<String>

    func row(_ event: WindowMonitor.Event) throws(StoreError) -> AlertRow {
        let key = event.key
        let judgement = event.judgement
        return AlertRow(
            task: task.name,
            alert: "\(key.rule)/\(key.kind)\(key.subject.isEmpty ? "" : "/\(key.subject)")#\(event.number)",
            rule: key.rule, kind: key.kind, subject: key.subject.isEmpty ? nil : key.subject,
            state: event.change == .entered ? "entered" : "left", window: window.description,
            start: Timestamp(microseconds: grid.start(event.ordinal)),
            end: Timestamp(microseconds: grid.end(event.ordinal)), computedAt: nil, value: judgement.value,
            expected: judgement.expected, limit: judgement.limit, rowCount: Int(judgement.rowCount),
            message: try message(event))
    }

    private func message(_ event: WindowMonitor.Event) throws(StoreError) -> String {
        let key = event.key
        let judgement = event.judgement
        switch event.change {
        case .accepted:
            return "\(subject(key)): \(Incident.acceptanceCount) windows have been so, which is usual from now on"
        case .left where LossTest(rawValue: key.kind) != nil:
            return "\(subject(key)): no further change, a mean of \(text(judgement.value, key))"
        case .left: return "\(subject(key)): as before again, \(text(judgement.value, key))"
        case .entered: break
        }
        let found = text(judgement.value, key)
        let expected = text(judgement.expected, key)
        switch AnomalyKind(rawValue: key.kind) {
        case .value:
            var what = "one value"
            if let hash = judgement.hash, let column = rows.columns.first(where: { $0.name == key.subject }),
                let most = try rows.mostFrequent(
                    column, hash: hash, from: grid.start(event.ordinal), to: grid.end(event.ordinal), late: late)
            {
                // A long text is no value that people would recognize.
                let shown = String(String.UnicodeScalarView(most.value.description.unicodeScalars.prefix(100)))
                what = "the value \(shown)"
            }
            return "\(key.subject): \(what) is \(found) of \(judgement.rowCount), \(expected) in \(event.comparedWith)"
        case .volume: return "\(found) predictions, \(expected) in \(event.comparedWith)"
        case .nulls:
            return "\(key.subject): \(found) of \(judgement.rowCount) are missing, \(expected) in \(event.comparedWith)"
        case .nans:
            return "\(key.subject): \(found) of \(judgement.rowCount) are NaN, \(expected) in \(event.comparedWith)"
        case .level: return "\(key.subject): a level of \(found), \(expected) in \(event.comparedWith)"
        case nil: break
        }
        if key.kind == "metric" {
            return "\(key.subject): \(found), against \(event.comparedWith) of \(text(judgement.limit, key))"
        }
        if LossTest(rawValue: key.kind) != nil {
            return "\(subject(key)): a change, to a mean of \(found) from \(expected) in the windows before"
        }
        if key.kind == "violations" { return "\(key.subject): \(found) of \(judgement.rowCount) violate it" }
        return "\(key.subject): \(key.kind) \(found) from \(event.comparedWith), beyond \(text(judgement.limit, key))"
    }

    private func subject(_ key: IncidentKey) -> String {
        if key.subject == StreamJudging.losses { return "losses (\(key.kind))" }
        return key.subject.isEmpty ? "number of predictions" : "\(key.subject) (\(key.kind))"
    }

    private func text(_ value: Double, _ key: IncidentKey) -> String {
        switch AnomalyKind(rawValue: key.kind) {
        case .value, .nulls, .nans: return "\(Self.rounded(value * 100, digits: 3)) %"
        case .volume: return Self.rounded(value.rounded(), digits: 17)
        case .level, nil: break
        }
        return key.kind == "violations" ? "\(Self.rounded(value * 100, digits: 3)) %" : Self.rounded(value, digits: 4)
    }

    /// A number to some digits that count, without zeros behind.
    static func rounded(_ value: Double, digits: Int) -> String {
        guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
        var scale = 1.0
        var magnitude = value.magnitude
        var place = digits
        while magnitude >= 1, place > 0 {
            magnitude /= 10
            place -= 1
        }
        while magnitude < 0.1, place < 300 {
            magnitude *= 10
            place += 1
        }
        for _ in 0..<max(0, place) { scale *= 10 }
        let result = (value * scale).rounded() / scale
        return result == result.rounded() && result.magnitude < 1e15 ? "\(Int64(result))" : "\(result)"
    }
}
