internal import ColumnFormat
internal import ColumnStore

/// The value of a metric on the reference rows of the newest model version.
struct ReferenceMetric {
    let task: MonitoredTask

    /// Nil for a closure, without a reference, and where it is undefined. O(reference rows).
    func value(_ name: String) throws(StoreError) -> Double? {
        let (epoch, snapshot, state) = task.store.read { core in
            (
                task.shared.state.epochs.last, core.table(named: "\(task.name)/reference")?.snapshot(),
                task.shared.state.schema
            )
        }
        guard let metric = Metric(name), let epoch, let snapshot else { return nil }
        var layout = CellLayout(kind: state.kind)
        do {
            try layout.require(metric)
            _ = try layout.openEpoch(
                epoch.buckets.shape, bins: epoch.statistics.calibration?.bins ?? ScoreBins(edges: []))
        } catch {
            throw StoreError(.invalidInput, "\(error)")
        }
        var cells = DenseCells(count: layout.cellCount)
        let scan = try snapshot.scan(from: epoch.rows.lowerBound)
        while let batch = try scan.next() {
            for (place, row) in batch.rowNumbers.enumerated() where row < epoch.rows.upperBound {
                let label = batch[place, "_label"].number
                guard !label.isNaN else { continue }
                var facts = PredictionFacts(score: .nan)
                var chance = Double.nan
                switch state.kind {
                case .binary:
                    facts.score = batch[place, "_score"].number
                    facts.predictedClass = Int32(batch[place, "_class"].number)
                case .multiclass(_, let hasProbabilities):
                    facts.predictedClass = Int32(batch[place, "_class"].number)
                    if hasProbabilities, case .vector(let values) = batch[place, "_probabilities"] {
                        let predicted = Int(facts.predictedClass)
                        if values.indices.contains(predicted) { facts.score = Double(values[predicted]) }
                        if values.indices.contains(Int(label)) { chance = Double(values[Int(label)]) }
                    }
                case .regression: facts.score = batch[place, "_value"].number
                }
                facts.epoch = 0
                facts.bucket = 0
                layout.addLabeled(
                    facts, label: label, labelProbability: chance, delayMicroseconds: 0, sign: 1, to: &cells)
            }
        }
        let evaluator = MetricEvaluator(cells: cells.cells, layout: layout, epochs: [epoch.statistics])
        return evaluator.evaluate(metric, estimator: state.resolvedEstimator).labeledValue
    }
}
