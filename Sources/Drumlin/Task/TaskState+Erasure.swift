internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

extension TaskState {
    /// What a prediction that goes adds to its pane: itself, and the label that counts for it.
    private struct Contribution {
        let row: UInt64
        let at: Int64
        let facts: PredictionFacts
        let label: Label?
    }

    /// Removes the predictions with these ids and all feedback for them, as one call, and takes them back out of the
    /// windows.
    func erase(_ ids: [String], core: StoreCore) throws(StoreError) -> ErasureSummary {
        try checkExists()
        var summary = ErasureSummary()
        var (rows, feedback): ([UInt64], [UInt64]) = ([], [])
        var contributions: [Contribution] = []
        var waitingCount = 0
        for var id in Set(ids) {
            try unsafe id.withUTF8Throwing { (bytes) throws(StoreError) in
                let row = unsafe try predictions.find(column: tables.idColumn, key: bytes)
                var label: Label?
                let known = feedback.count
                unsafe try forEachLabel(row: row, id: bytes) { (found: Label) throws(StoreError) in
                    feedback.append(found.row)
                    if let other = label, (other.at, other.row) > (found.at, found.row) { return }
                    label = found
                }
                if let row {
                    rows.append(row)
                    let (facts, at) = try facts(ofRow: row)
                    contributions.append(Contribution(row: row, at: at, facts: facts, label: label))
                } else if feedback.count > known {
                    waitingCount += 1
                } else {
                    summary.unknownIDs += 1
                }
            }
        }
        (summary.predictions, summary.labels) = (rows.count, feedback.count)
        guard !rows.isEmpty || !feedback.isEmpty else { return summary }
        core.add(RowRemoval(erased: RowSet(rows)), to: predictions)
        core.add(RowRemoval(erased: RowSet(feedback)), to: labels)
        if let gone = try summaries(holding: contributions.map(\.at), core) {
            core.add(RowRemoval(erased: gone.rows), to: gone.table)
        }
        try core.commit(arrival: Timestamp(microseconds: clock))
        pendingCount -= waitingCount
        try retract(contributions, labelRowCount: feedback.count)
        return summary
    }

    private func retract(_ contributions: [Contribution], labelRowCount: Int) throws(StoreError) {
        counters.predictions -= contributions.count
        counters.labels -= labelRowCount
        for entry in contributions {
            if let label = entry.label, label.value != nil {
                try addLabel(label, of: entry.row, entry.facts, entry.at, sign: -1)
            } else {
                try addUnlabeled(entry.row, entry.facts, sign: -1)
            }
            try applyChanges(of: entry.row, at: entry.at)
        }
    }

    /// Takes out of a state that was restored from a checkpoint what the logs erased of the rows that it covers. Rows that
    /// the logs themselves hold are never counted when they are replayed.
    func retractRemoved(_ removals: [UInt32: RowRemoval]) throws(StoreError) {
        let gone = removals[predictions.id]?.erased.intersection(0..<predictions.sealedEndRow) ?? RowSet()
        let goneLabels = removals[labels.id]?.erased.intersection(0..<labels.sealedEndRow) ?? RowSet()
        var contributions: [Contribution] = []
        for row in gone.runs.lazy.flatMap({ $0 }) {
            guard case .string(var id) = try predictions.value(row: row, column: tables.idColumn) else { continue }
            let (facts, at) = try facts(ofRow: row)
            var label: Label?
            let take = { (found: UInt64) throws(StoreError) in
                guard goneLabels.contains(found) else { return false }
                let next = try self.label(atRow: found)
                if label.map({ ($0.at, $0.row) < (next.at, next.row) }) ?? true { label = next }
                return false
            }
            var key = row
            try unsafe withUnsafeBytesThrowing(of: &key) { (bytes) throws(StoreError) in
                _ = unsafe try labels.find(
                    column: tables.labelRowColumn, key: bytes, includesRemoved: true, accept: take)
            }
            try unsafe id.withUTF8Throwing { (bytes) throws(StoreError) in
                _ = unsafe try labels.find(
                    column: tables.labelIDColumn, key: bytes, includesRemoved: true, accept: take)
            }
            contributions.append(Contribution(row: row, at: at, facts: facts, label: label))
        }
        try retract(contributions, labelRowCount: goneLabels.count)
    }

    /// Counts anew the ids with feedback that wait for their prediction, where rows were removed.
    func recountPending() throws(StoreError) { pendingCount = try pendingLabels().waiting.count }
}
