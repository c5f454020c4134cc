public import ColumnFormat
public import ColumnStore

extension MonitoredTask {
    /// Where the losses of the labeled predictions have changed, by a test on all of them in the order of the predictions' times.
    ///
    /// A loss is (score − label)² of a binary task, 0 or 1 of a multiclass one, and the absolute error of a regression; errors
    /// are divided by their 99 % quantile, and what is above it counts as 1. Needs nothing to be registered; also in a process that
    /// only reads. O(n log n) of n labeled predictions, 16 bytes each.
    ///
    /// - Parameters:
    ///   - test: how a change is told from noise.
    ///   - from: only predictions of this time or later.
    ///   - to: only predictions before this time.
    public func lossChanges(
        _ test: LossTest, from: Timestamp? = nil, to: Timestamp? = nil
    ) throws(StoreError) -> [LossChange] {
        var losses = try labeledLosses(from, to)
        losses.sort { $0.at < $1.at }
        var scale = 1.0
        if case .regression = schema.kind, !losses.isEmpty {
            let sorted = losses.map(\.loss).sorted()
            let quantile = sorted[(sorted.count - 1) * 99 / 100]
            if quantile > 0 { scale = quantile }
        }
        var changes: [LossChange] = []
        var (window, sums) = (AdaptiveWindow(), PageHinkley())
        var (count, sum) = (0, 0.0)
        for (at, loss) in losses {
            let value = min(1, loss / scale)
            count += 1
            sum += value
            let isChange = test == .adaptiveWindow ? window.add(value) : sums.add(value)
            guard isChange else { continue }
            // An adaptive window still has what is behind the change.
            let kept = test == .adaptiveWindow ? window.count : 0
            let after = kept > 0 ? window.mean : nil
            let before = (sum - (after ?? 0) * Double(kept)) / Double(max(1, count - kept))
            changes.append(
                LossChange(
                    task: name, test: test, at: Timestamp(microseconds: at), meanBefore: before * scale,
                    meanAfter: after.map { $0 * scale }, rowCount: count))
            (count, sum) = (kept, (after ?? 0) * Double(kept))
        }
        return changes
    }

    /// The loss of a score, a class or a value, unscaled.
    func loss(of output: Double, label: Double) -> Double {
        let error = output - label
        return switch schema.kind {
        case .binary: error * error
        case .multiclass: error == 0 ? 0 : 1
        case .regression: error.magnitude
        }
    }

    private func labeledLosses(_ from: Timestamp?, _ to: Timestamp?) throws(StoreError) -> [(at: Int64, loss: Double)] {
        var conditions: [Predicate] = [.isNotNull("_label")]
        if let from { conditions.append(.greaterOrEqual("_at", .timestamp(from))) }
        if let to { conditions.append(.less("_at", .timestamp(to))) }
        let output = encoder.tables.predictions.columns[encoder.tables.outputColumn].name
        let scan = try predictionsWithLabels.scan(columns: ["_at", output, "_label"], where: .and(conditions))
        var result: [(at: Int64, loss: Double)] = []
        while let batch = try scan.next() {
            let (times, outputs, labels) = (batch.slice("_at"), batch.slice(output), batch.slice("_label"))
            for row in 0..<batch.rowCount {
                let loss = loss(of: outputs.double(at: row), label: labels.double(at: row))
                if loss.isFinite { result.append((times.int64(at: row), loss)) }
            }
        }
        return result
    }
}
