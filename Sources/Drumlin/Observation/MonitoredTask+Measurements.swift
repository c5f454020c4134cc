internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

extension MonitoredTask {
    private typealias Label = MeasurementFamily.Label

    /// How many of the alerts that are on are told one by one.
    private static let alertLimit = 256

    func collect(_ collector: inout MeasurementCollector) throws(StoreError) {
        collectEvents(&collector)
        try collectMetrics(&collector)
        try collectAlerts(&collector)
    }

    private func collectEvents(_ collector: inout MeasurementCollector) {
        let status = status
        let (predictions, feedback, total, freezeFailure) = store.read { _ in
            let state = shared.state
            return (
                state.predictions.endRow, state.labels.endRow, state.view.total, state.view.lastFreezeFailure
            )
        }
        let task = [Label("task", name)]
        collector.add(predictions, to: .predictions, task)
        collector.add(feedback, to: .feedback, task)
        collector.add(status.duplicates, to: .duplicates, task)
        collector.add(status.corrections, to: .corrections, task)
        collector.add(status.withdrawals, to: .withdrawals, task)
        collector.add(status.expiredLabels, to: .expiredLabels, task)
        collector.add(status.latePredictions, to: .latePredictions, task)
        for (kind, refused, dropped) in [
            ("prediction", status.refusedPredictions + status.violatingPredictions, status.droppedPredictions),
            ("feedback", status.refusedFeedback + status.violatingFeedback, status.droppedFeedback),
        ] {
            collector.add(refused, to: .refusedEvents, task + [Label("kind", kind)])
            collector.add(dropped, to: .droppedEvents, task + [Label("kind", kind)])
        }
        collector.add(status.pendingLabels, to: .pendingFeedback, task)
        collector.add(total.unlabeled, to: .unlabeledPredictions, task)
        if total.predictions > 0 {
            collector.add(1 - Double(total.unlabeled) / Double(total.predictions), to: .labelCoverage, task)
        }
        collector.add(status.clock?.inSeconds, to: .clock, task)
        collector.add(status.viewByteCount, to: .viewBytes, task)
        if let version = status.modelVersions.last { collector.add(1, to: .model, task + [Label("version", version)]) }
        for (part, isFailing) in [("alerts", alertFailure != nil), ("windows", freezeFailure != nil)] {
            collector.add(isFailing ? 1 : 0, to: .taskFailing, task + [Label("part", part)])
        }
    }

    private func collectMetrics(_ collector: inout MeasurementCollector) throws(StoreError) {
        let rows = try latestMetrics(1, includingOpen: false)
        for row in rows {
            let labels = labels(row, [Label("metric", row.metric)])
            collector.add(row.value, to: .metricValue, labels)
            collector.add(row.labeledValue, to: .metricLabeledValue, labels)
            collector.add(row.unlabeledValue, to: .metricUnlabeledValue, labels)
            collector.add(row.ciLow, to: .metricLow, labels)
            collector.add(row.ciHigh, to: .metricHigh, labels)
            collector.add(row.unsupportedMass, to: .unsupported, labels)
            collector.add(row.error == nil ? 0 : 1, to: .metricFailing, labels)
        }
        // What all metrics of a window share is told once; closures', as of their last publication, where there is nothing else.
        var told: Set<[Label]> = []
        for row in rows.filter({ $0.method != "published" }) + rows.filter({ $0.method == "published" }) {
            let labels = labels(row, [])
            guard told.insert(labels).inserted else { continue }
            let count = row.labeledCount + row.unlabeledCount
            collector.add(count, to: .windowPredictions, labels)
            collector.add(row.labeledCount, to: .windowLabeled, labels)
            if count > 0 { collector.add(Double(row.labeledCount) / Double(count), to: .windowCoverage, labels) }
            collector.add(row.end?.inSeconds, to: .windowEnd, labels)
            collector.add(row.labelDelayP50, to: .windowDelay, labels + [Label("share", "0.5")])
            collector.add(row.labelDelayP95, to: .windowDelay, labels + [Label("share", "0.95")])
        }
    }

    private func labels(_ row: MetricRow, _ own: [Label]) -> [Label] {
        var labels = [Label("task", name)] + own + [Label("window", row.window)]
        if let segment = row.segment { labels.append(Label("segment", segment)) }
        return labels
    }

    private func collectAlerts(_ collector: inout MeasurementCollector) throws(StoreError) {
        let followed = try followed()
        let open = followed.openAlerts.values.sorted { ($0.start, $0.alert) < ($1.start, $1.alert) }
        var rules = alertRules.map(\.name)
        // A rule that was ended may have left an alert that is on.
        for alert in open where !rules.contains(alert.rule) { rules.append(alert.rule) }
        for rule in rules {
            let labels = [Label("task", name), Label("rule", rule)]
            collector.add(open.reduce(0) { $0 + ($1.rule == rule ? 1 : 0) }, to: .alertsActive, labels)
            collector.add(followed.enteredCounts[rule] ?? 0, to: .alertsEntered, labels)
        }
        var told: Set<[Label]> = []
        for alert in open.suffix(Self.alertLimit) {
            var labels = [
                Label("task", name), Label("rule", alert.rule), Label("kind", alert.kind),
                Label("window", alert.window),
            ]
            if let subject = alert.subject { labels.append(Label("subject", subject)) }
            guard told.insert(labels).inserted else { continue }
            collector.add(alert.start.inSeconds, to: .alertSince, labels)
            collector.add(alert.value, to: .alertValue, labels)
        }
    }
}

extension Timestamp {
    /// Seconds since 1970.
    fileprivate var inSeconds: Double { Double(microseconds) / 1e6 }
}
