internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

/// The estimator `pape`: of each window the reference is weighted until it looks like the window's unlabeled rows
/// (``DensityRatio``), and the scores are calibrated on that. Reads the rows of each window; for use by one thread.
final class WeightedWindows {
    private let run: BacktestRun
    /// The reference rows of each epoch.
    private let references: [ReferenceColumns]
    private let metrics: [Metric]
    private var known: [ClosedRange<Int64>: [MetricEstimate]] = [:]

    init(_ run: BacktestRun, references: [ReferenceColumns], metrics: [Metric]) {
        self.run = run
        self.references = references
        self.metrics = metrics
    }

    /// A row by the task's cells, with the estimate put in the place of the one it has.
    func row(_ base: MetricRow, _ metric: Metric) throws(StoreError) -> MetricRow {
        let times = (base.start?.microseconds ?? .min)...(base.end.map { $0.microseconds - 1 } ?? .max)
        if known[times] == nil { known[times] = try estimates(times) }
        guard let place = metrics.firstIndex(of: metric), let estimate = known[times]?[place] else { return base }
        var row = base
        row.take(estimate)
        let notes = [":training", ":withheld"].filter { base.method?.contains($0) ?? false }
        row.method = estimate.method + notes.joined()
        if run.plan.labels == .withheld {
            row.labeledValue = base.labeledValue
            (row.labelDelayP50, row.labelDelayP95) = (base.labelDelayP50, base.labelDelayP95)
            (row.labeledCount, row.unlabeledCount) = (base.labeledCount, base.unlabeledCount)
        }
        return row
    }

    /// The rows of a window, as the estimate wants them.
    private struct Rows {
        var facts: [PredictionFacts] = []
        var labels: [Double] = []
        var delays: [Int64] = []
        var features: StoredFeatures
        /// Where each row is in `features`.
        var places: [Int] = []
        var featureCount = 0
    }

    private func rows(_ times: ClosedRange<Int64>) throws(StoreError) -> Rows {
        let schema = run.schema
        let history = JoinedRows(
            kind: schema.kind, predictions: run.predictions, labels: run.labels, early: run.early,
            features: schema.features.map(\.name))
        let first = max(times.lowerBound, run.plan.times?.lowerBound.microseconds ?? .min)
        let isIn = Predicate.and([
            .greaterOrEqual("_at", .timestamp(Timestamp(microseconds: first))),
            .lessOrEqual("_at", .timestamp(Timestamp(microseconds: times.upperBound))),
        ])
        var rows = Rows(features: StoredFeatures(schema))
        let all = run.predictions.firstRow..<max(run.predictions.firstRow, run.predictions.endRow)
        try history.forEachBatch(of: all, where: isIn) { batch throws(StoreError) in
            rows.features.append(batch.batch, schema)
            for place in 0..<batch.count {
                let label = batch.label(at: place)
                if label == nil, run.plan.labels == .withheld { continue }
                let known = run.plan.labels == .withheld ? nil : label
                rows.facts.append(batch.facts.facts(at: place))
                rows.labels.append(known?.value ?? .nan)
                let (delay, overflow) = (known?.at ?? 0).subtractingReportingOverflow(batch.facts.time(at: place))
                rows.delays.append(overflow ? .max : delay)
                rows.places.append(rows.featureCount + place)
            }
            rows.featureCount += batch.batch.rowCount
            return true
        }
        return rows
    }

    private func estimates(_ times: ClosedRange<Int64>) throws(StoreError) -> [MetricEstimate] {
        let rows = try rows(times)
        var epochs: [(buckets: FittedBuckets, statistics: ReferenceStatistics)] = []
        for (number, epoch) in run.epochs.enumerated() {
            let own = rows.facts.indices.filter { Int(rows.facts[$0].epoch) == number && rows.labels[$0].isNaN }
            epochs.append(try weighted(epoch, references[number], own.isEmpty ? nil : columns(rows, own)))
        }
        var layout = CellLayout(kind: run.schema.kind)
        do {
            for epoch in epochs {
                _ = try layout.openEpoch(
                    epoch.buckets.shape, bins: epoch.statistics.calibration?.bins ?? ScoreBins(edges: []))
            }
            for metric in metrics { try layout.require(metric) }
        } catch {
            throw StoreError(.invalidInput, "\(error)")
        }
        var cells = DenseCells(count: layout.cellCount)
        for row in rows.facts.indices {
            var facts = rows.facts[row]
            if epochs.indices.contains(Int(facts.epoch)) {
                facts.bucket = Int32(
                    epochs[Int(facts.epoch)].buckets.assign(
                        score: facts.score, predictedClass: Int(facts.predictedClass)))
            }
            if rows.labels[row].isNaN {
                layout.addUnlabeled(facts, sign: 1, to: &cells)
            } else {
                layout.addLabeled(
                    facts, label: rows.labels[row], delayMicroseconds: rows.delays[row], sign: 1, to: &cells)
            }
        }
        let evaluator = MetricEvaluator(cells: cells.cells, layout: layout, epochs: epochs.map(\.statistics))
        return metrics.map { evaluator.evaluate($0, estimator: .pape) }
    }

    private func columns(_ rows: Rows, _ own: [Int]) -> ReferenceColumns {
        let all = ReferenceColumns(
            kind: run.schema.kind, scores: [], classes: [], labels: [],
            features: zip(run.schema.features, rows.features.columns).map { .init(name: $0.name, values: $1) })
        var result = ReferenceColumns(
            kind: run.schema.kind, scores: own.map { rows.facts[$0].score },
            classes: own.map { Int(rows.facts[$0].predictedClass) }, labels: own.map { _ in -1 })
        result.features = all.features.map { feature in
            switch feature.values {
            case .numbers(let values):
                .init(name: feature.name, values: .numbers(own.map { values[rows.places[$0]] }))
            case .texts(let values):
                .init(name: feature.name, values: .texts(own.map { values[rows.places[$0]] }))
            }
        }
        return result
    }

    /// What is fitted on the weighted reference. How much wider intervals have to be is known from the whole of it.
    private func weighted(
        _ epoch: Epoch, _ reference: ReferenceColumns, _ window: ReferenceColumns?
    ) throws(StoreError) -> (FittedBuckets, ReferenceStatistics) {
        guard let window else { return (epoch.buckets, epoch.statistics) }
        let drawn = DensityRatio(of: window, to: reference).drawnRows(of: reference)
        let columns = reference.taking(drawn)
        do {
            let buckets = try FittedBuckets(fitting: .chances(trees: 0), to: columns)
            let (bins, groups) = ScoreCalibration.bins(of: columns)
            let fit = ReferenceStatistics.Fit(
                reference: columns, assigned: buckets.assign(columns), buckets: buckets, bins: bins, groups: groups)
            var statistics = fit.statistics(of: Array(0..<columns.rowCount))
            statistics.overdispersion = epoch.statistics.overdispersion
            return (buckets, statistics)
        } catch {
            throw StoreError(.invalidInput, "\(error)")
        }
    }
}
