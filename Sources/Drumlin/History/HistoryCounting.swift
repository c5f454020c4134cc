internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

/// Counts predictions with their labels into the panes of a view, many of a pane at a time.
struct HistoryCounting: ~Copyable {
    /// What becomes of labels.
    enum Labels {
        /// They count as they do in the task.
        case known
        /// Predictions that have one are counted as if they had none; the others are left out.
        case withheld
        /// Predictions that have none are left out.
        case only
    }

    let layout: CellLayout
    let labels: Labels
    private var classes: ClassCounting?
    private var accumulator: PaneAccumulator
    private var changes = CellChanges()
    private var pane = Int64.min
    private var paneTime: Int64 = 0
    private(set) var predictionCount = 0
    /// The greatest time of a prediction.
    private(set) var latest = Int64.min

    init(layout: CellLayout, epochs: [Epoch], labels: Labels = .known) {
        self.layout = layout
        classes = ClassCounting(epochs)
        self.labels = labels
        accumulator = PaneAccumulator(cellCount: layout.cellCount)
    }

    /// - Parameter buckets: the buckets of the rows, where they are not the stored ones.
    mutating func count(
        _ batch: JoinedBatch, buckets: [Int32]? = nil, into view: WindowedView
    ) throws(StoreError) {
        let width = view.paneWidth
        for place in 0..<batch.count {
            var facts = batch.facts.facts(at: place)
            if let buckets { facts.bucket = buckets[place] }
            let at = batch.facts.time(at: place)
            let label = batch.label(at: place)
            if label == nil, labels != .known { continue }
            let index = width.index(of: at)
            if index != pane || predictionCount == 0 {
                try finish(into: view)
                (pane, paneTime) = (index, at)
            }
            latest = max(latest, at)
            predictionCount += 1
            if let label, labels != .withheld {
                layout.addLabeled(batch, place, facts, predictedAt: at, label: label, to: &accumulator)
            } else {
                layout.addUnlabeled(facts, sign: 1, to: &accumulator)
                classes?.add(batch, place, facts, layout, to: &accumulator)
            }
        }
    }

    /// Passes on what was collected. To be called at the end.
    mutating func finish(into view: WindowedView) throws(StoreError) {
        guard !accumulator.isEmpty else { return }
        accumulator.move(to: &changes)
        do {
            try view.apply(changes, at: paneTime)
        } catch {
            throw StoreError(.io, "counting stored rows: \(error)")
        }
        changes.removeAll()
    }
}
