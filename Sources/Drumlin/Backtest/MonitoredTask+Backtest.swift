internal import ColumnFormat
public import ColumnStore
internal import ColumnViews

extension MonitoredTask {
    /// Computes metrics over all that was logged, as if the task had been set up with other metrics, windows, buckets or another
    /// estimator from the beginning; nothing of the task changes. As of one moment, and without holding up anybody.
    ///
    /// With other buckets, these and their statistics are fitted on the stored reference rows of each epoch, and each
    /// prediction is assigned anew from its stored features, which have the precision of their columns. Rows that a retention
    /// has dropped are not there.
    ///
    /// Throws `.invalidInput` for a metric, a window or an estimator that the kind of task does not have. Complexity:
    /// O(predictions + labels); 17 bytes a prediction, of at most 4 million at a time and thread, and 64 MB for panes a
    /// thread.
    ///
    /// - Parameters:
    ///   - plan: what to compute; the task as it is until something is set.
    ///   - progress: called now and then on the calling thread with how many of how many predictions were read.
    public func backtest(
        _ plan: Backtest = Backtest(), progress: ((_ count: Int, _ total: Int) -> Void)? = nil
    ) throws(StoreError) -> BacktestResult {
        guard plan.parallelism >= 1 else {
            throw StoreError(
                .invalidInput, "a parallelism of \(plan.parallelism)", remedy: "give at least 1 thread")
        }
        let run = try prepare(plan)
        let parts = try run.count(progress)
        let weighted = run.schema.resolvedEstimator.readsRows ? try weightedWindows(run, wanted(plan)) : nil
        var rows: [MetricRow] = []
        var summaries: [BacktestSummary] = []
        for entry in wanted(plan) {
            for window in entry.windows {
                var whole = try run.rows(entry.metric, window, of: parts)
                if let weighted {
                    for place in whole.indices { whole[place] = try weighted.row(whole[place], entry.metric) }
                }
                for found in [whole] + (try run.sliceRows(entry.metric, window, of: parts)) {
                    rows += found
                    guard plan.labels == .withheld else { continue }
                    summaries.append(
                        BacktestSummary(
                            metric: entry.metric.name, window: window.description, segment: found.first?.segment,
                            method: run.schema.resolvedEstimator.rawValue, rows: found))
                }
            }
        }
        return BacktestResult(
            rows: rows, summaries: summaries, predictionCount: parts.reduce(0) { $0 + $1.predictionCount })
    }

    /// What weights the reference rows of each epoch window by window.
    private func weightedWindows(
        _ run: BacktestRun, _ metrics: [Backtest.MetricWindows]
    ) throws(StoreError) -> WeightedWindows {
        let reference = store.read { core in core.table(named: "\(name)/reference")?.snapshot() }
        var columns: [ReferenceColumns] = []
        if let reference {
            for epoch in run.epochs { columns.append(try referenceRows(of: epoch, in: reference, run.schema)) }
        }
        return WeightedWindows(run, references: columns, metrics: metrics.map(\.metric))
    }

    private func referenceRows(
        of epoch: Epoch, in reference: TableSnapshot, _ schema: TaskSchema
    ) throws(StoreError) -> ReferenceColumns {
        let columns = try ReferenceColumns(stored: epoch, in: reference, schema: schema)
        guard columns.rowCount > 0 else {
            throw StoreError(
                .notFound, "the reference rows of model version '\(epoch.modelVersion)' are not in the store any more",
                remedy: "back-test with the task's own buckets")
        }
        return columns
    }

    private func wanted(_ plan: Backtest) -> [Backtest.MetricWindows] {
        if let metrics = plan.metrics { return metrics }
        return store.read { _ in shared.state.registrations }.compactMap { registration in
            registration.metric.map { Backtest.MetricWindows($0, windows: registration.timeWindows) }
        }.filter { !$0.windows.isEmpty }
    }

    private func prepare(_ plan: Backtest) throws(StoreError) -> BacktestRun {
        let metrics = wanted(plan)
        try check(metrics)
        let schema = try schema(for: plan)
        if schema.resolvedEstimator.readsRows, !plan.segments.isEmpty {
            throw StoreError(
                .invalidInput, "\(schema.resolvedEstimator.rawValue) does not know slices",
                remedy: "back-test them with another estimator, such as cbpe")
        }
        let (predictions, labels, reference, storedEpochs, clock) = try store.read { core throws(StoreError) in
            let state = shared.state
            try state.checkExists()
            return (
                state.predictions.snapshot(), state.labels.snapshot(),
                core.table(named: "\(name)/reference")?.snapshot(), state.epochs, state.view.clock
            )
        }
        let isReassigned =
            schema.fittedBucketing != self.schema.fittedBucketing
            || schema.resolvedEstimator.takesBucketing != self.schema.resolvedEstimator.takesBucketing
        var epochs = storedEpochs
        if isReassigned, let reference {
            for index in epochs.indices { epochs[index] = try refitted(epochs[index], reference, schema) }
        }
        var layout = CellLayout(kind: schema.kind, keepsSlotLabels: schema.shrinksTowardLabels)
        do {
            for epoch in epochs {
                _ = try layout.openEpoch(
                    epoch.buckets.shape, bins: epoch.statistics.calibration?.bins ?? ScoreBins(edges: []))
            }
            for metric in metrics { try layout.require(metric.metric) }
        } catch {
            throw StoreError(.invalidInput, "\(error)")
        }
        var windows: [Window] = []
        for window in metrics.flatMap(\.windows) where !windows.contains(window) { windows.append(window) }
        var segments: [SegmentRegistration] = []
        for segmentation in plan.segments {
            try check(segmentation)
            segments.append(
                SegmentRegistration(
                    segmentation: segmentation, names: try segmentation.frequentNames(in: predictions)))
        }
        let early = try earlyLabels(labels)
        return BacktestRun(
            task: name, predictions: predictions, labels: labels, early: early.joined, schema: schema, layout: layout,
            epochs: epochs, isReassigned: isReassigned, windows: windows, clock: clock, plan: plan,
            segments: segments)
    }

    private func check(_ metrics: [Backtest.MetricWindows]) throws(StoreError) {
        guard !metrics.isEmpty else {
            throw StoreError(
                .invalidInput, "a back-test without metrics",
                remedy: "register some that are built in, or name some in the plan")
        }
        for entry in metrics {
            guard entry.metric.isDefined(for: schema.kind) else {
                throw StoreError(
                    .invalidInput, "\"\(entry.metric.name)\" is no metric of a \(schema.kind.name) task",
                    remedy: "the metrics are \(Metric.names(for: schema.kind).joined(separator: ", "))")
            }
            for case .count(let count) in entry.windows {
                throw StoreError(
                    .invalidInput, "a back-test over the last \(count) predictions",
                    remedy: "give windows of time, or ask metrics(), which computes it from the rows as well")
            }
            guard !entry.windows.isEmpty else {
                throw StoreError(
                    .invalidInput, "the metric '\(entry.metric.name)' has no windows", remedy: "give at least one")
            }
        }
    }

    /// The task's schema with the estimator and the buckets of a plan.
    private func schema(for plan: Backtest) throws(StoreError) -> TaskSchema {
        let isSame = plan.bucketing == nil && plan.estimator == nil
        let estimator = plan.estimator ?? (isSame ? schema.resolvedEstimator : .bucketStatistics)
        let shrinks =
            plan.shrinksTowardLabels ?? (schema.shrinksTowardLabels && estimator.canShrink(for: schema.kind))
        guard !isSame || shrinks != schema.shrinksTowardLabels else { return schema }
        let keepsBuckets = plan.bucketing == nil && estimator.takesBucketing && schema.resolvedEstimator.takesBucketing
        let planned = TaskSchema(
            kind: schema.kind, features: schema.features, observed: schema.observed,
            bucketing: keepsBuckets ? schema.fittedBucketing : plan.bucketing, estimator: estimator,
            shrinksTowardLabels: shrinks, allowedLateness: schema.allowedLateness, labelHorizon: schema.labelHorizon,
            allowedLead: schema.allowedLead)
        try planned.check(isOfBacktest: true)
        return planned
    }

    /// An epoch with the buckets of another schema.
    private func refitted(
        _ epoch: Epoch, _ reference: TableSnapshot, _ schema: TaskSchema
    ) throws(StoreError) -> Epoch {
        let columns = try referenceRows(of: epoch, in: reference, schema)
        do {
            let buckets = try FittedBuckets(fitting: schema.fittedBucketing, to: columns)
            return Epoch(
                modelVersion: epoch.modelVersion, role: epoch.role, fingerprint: epoch.fingerprint, rows: epoch.rows,
                buckets: buckets, statistics: ReferenceStatistics(fitting: columns, buckets: buckets))
        } catch {
            throw StoreError(.invalidInput, "\(error)", remedy: "choose another bucketing")
        }
    }
}
