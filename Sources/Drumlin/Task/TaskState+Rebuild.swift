internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

extension TaskState {
    /// Computes the windows' state anew from the stored rows: for a metric or window that is registered late, and where no
    /// checkpoint can be used. The result does not depend on how the rows came.
    func rebuild(into view: WindowedView) throws(StoreError) {
        self.view = view
        for state in segments { state.reset(width: view.paneWidth) }
        coveredFrom = predictions.firstRow > 0 ? edge : nil
        counters.predictions = 0
        counters.labels = labels.rowCount
        changes.removeAll()
        let early = try pendingLabels()
        pendingCount = early.waiting.count
        hasIDLabels = !early.joined.isEmpty || !early.waiting.isEmpty
        let rows = JoinedRows(
            kind: schema.kind, predictions: predictions.snapshot(), labels: labels.snapshot(), early: early.joined,
            features: Array(Set(segments.flatMap(\.segmentation.columns))))
        let endRow = predictions.endRow
        var counting = HistoryCounting(layout: layout, epochs: epochs)
        var slices = SliceCounting(layout: layout, epochs: epochs, segments: segments)
        try rows.forEachBatch(of: predictions.firstRow..<endRow) { batch throws(StoreError) in
            try counting.count(batch, into: view)
            try slices.count(batch)
            return true
        }
        try counting.finish(into: view)
        counters.predictions = counting.predictionCount
        latestEvent = max(latestEvent, early.latest, rows.latestLabel, counting.latest)
        replayedLabelRow = labels.endRow
    }

    /// Feedback that came before its prediction: what has joined since, and the ids of what still waits.
    func pendingLabels() throws(StoreError) -> (joined: [EarlyLabel], waiting: Set<[UInt8]>, latest: Int64) {
        unsafe try EarlyLabel.all(in: labels.snapshot()) { (id) throws(StoreError) in
            unsafe try predictions.find(column: tables.idColumn, key: id)
        }
    }
}
