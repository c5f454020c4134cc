internal import ColumnFormat
internal import ColumnViews

/// Makes the rows of metrics from the cells of windows: for the live state, and for what is computed beside it.
struct MetricRowMaker {
    let task: String
    let layout: CellLayout
    let epochs: [Epoch]
    let estimator: Estimator
    /// The task's clock in µs; nil before the first event.
    let clock: Int64?
    /// From when on windows are complete, where a retention took rows before they were made.
    let coveredFrom: Int64?

    /// The rows of some metrics over one window.
    func rows(
        _ metrics: [Metric], interval: WindowInterval, cells: [Int64], status: WindowStatus, revision: Int
    ) -> [MetricRow] {
        let evaluator = evaluator(of: cells)
        var template = emptyRow(interval, status: status, revision: revision)
        template.modelVersion = modelVersion(cells: evaluator.cells)
        return metrics.map { metric in
            var row = template
            row.metric = metric.name
            row.take(evaluator.evaluate(metric, estimator: estimator))
            if row.unlabeledCount > 0, epochs.contains(where: { $0.role == .training }), row.method != "labels" {
                row.method = (row.method ?? "") + ":training"
            }
            return row
        }
    }

    /// Reads metrics from a window's cells, which may be from before the layout grew.
    func evaluator(of cells: [Int64]) -> MetricEvaluator {
        var full = cells
        if full.count < layout.cellCount {
            full.append(contentsOf: repeatElement(0, count: layout.cellCount - full.count))
        }
        return MetricEvaluator(cells: full, layout: layout, epochs: epochs.map(\.statistics))
    }

    /// The row of a closure but for its values: counts, delays, and what the estimate rests on.
    func closureRow(
        _ metric: String, interval: WindowInterval, status: WindowStatus, revision: Int, _ evaluator: MetricEvaluator
    ) -> MetricRow {
        var row = emptyRow(interval, status: status, revision: revision)
        row.metric = metric
        row.modelVersion = modelVersion(cells: evaluator.cells)
        row.labeledCount = Int(evaluator.labeledCount)
        row.unlabeledCount = Int(evaluator.unlabeledCount)
        row.labelDelayP50 = evaluator.labelDelayP50
        row.labelDelayP95 = evaluator.labelDelayP95
        row.effectiveSampleSize = evaluator.effectiveSampleSize
        row.unsupportedMass = evaluator.unsupportedMass
        return row
    }

    private func emptyRow(_ interval: WindowInterval, status: WindowStatus, revision: Int) -> MetricRow {
        var row = MetricRow(
            task: task, metric: "", window: interval.window.description,
            start: interval.start.map { Timestamp(microseconds: $0) },
            end: interval.end.map { Timestamp(microseconds: $0) },
            size: interval.window.size.map { $0.microseconds / 1_000_000 }, status: status.rawValue,
            revision: revision, computedAt: clock.map { Timestamp(microseconds: $0) }, labeledCount: 0,
            unlabeledCount: 0)
        row.coverageFrom = Self.coverage(of: interval, from: coveredFrom)
        return row
    }

    /// From when on a window is complete whose rows, or panes, begin at `edge`; nil where all of it is.
    static func coverage(of interval: WindowInterval, from edge: Int64?) -> Timestamp? {
        guard let edge, edge > .min, interval.start ?? .min < edge else { return nil }
        return Timestamp(microseconds: edge)
    }

    /// The version of the model, where there was only one so far, or only one has predictions that wait for a label.
    private func modelVersion(cells: [Int64]) -> String? {
        if epochs.count <= 1 { return epochs.first?.modelVersion }
        let waiting = layout.groups.filter { group in
            group.content == .unlabeledCounts && group.cells.contains { cells[$0] != 0 }
        }
        guard waiting.count == 1, waiting[0].epoch >= 0 else { return nil }
        return epochs[waiting[0].epoch].modelVersion
    }
}

extension MetricRow {
    mutating func take(_ closure: TaskShared.ClosureValue) {
        value = closure.value
        labeledValue = closure.labeledValue
        unlabeledValue = closure.unlabeledValue
        method = closure.method
        error = closure.error
        if let value, let halfWidth = closure.halfWidth { (ciLow, ciHigh) = (value - halfWidth, value + halfWidth) }
        // All labels are in: nothing is left to be uncertain about.
        if unlabeledCount == 0 { (ciLow, ciHigh, boundLow, boundHigh) = (value, value, value, value) }
    }

    mutating func take(_ estimate: MetricEstimate) {
        value = estimate.value
        labeledValue = estimate.labeledValue
        unlabeledValue = estimate.unlabeledValue
        ciLow = estimate.ciLow
        ciHigh = estimate.ciHigh
        method = estimate.method
        labeledCount = Int(estimate.labeledCount)
        unlabeledCount = Int(estimate.unlabeledCount)
        labelDelayP50 = estimate.labelDelayP50
        labelDelayP95 = estimate.labelDelayP95
        effectiveSampleSize = estimate.effectiveSampleSize
        unsupportedMass = estimate.unsupportedMass
        boundLow = estimate.boundLow
        boundHigh = estimate.boundHigh
    }
}
