internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

/// Counts stored predictions with their labels into the slices that they are in, row by row.
struct SliceCounting: ~Copyable {
    private let layout: CellLayout
    private let labels: HistoryCounting.Labels
    private let segments: [SegmentState]
    private var classes: ClassCounting?
    private var changes = CellChanges()

    init(layout: CellLayout, epochs: [Epoch], segments: [SegmentState], labels: HistoryCounting.Labels = .known) {
        self.layout = layout
        self.labels = labels
        self.segments = segments
        classes = ClassCounting(epochs)
    }

    /// - Parameters:
    ///   - batch: with the columns of the segments.
    ///   - buckets: the buckets of the rows, where they are not the stored ones.
    mutating func count(_ batch: JoinedBatch, buckets: [Int32]? = nil) throws(StoreError) {
        guard !segments.isEmpty else { return }
        for place in 0..<batch.count {
            var facts = batch.facts.facts(at: place)
            if let buckets { facts.bucket = buckets[place] }
            let at = batch.facts.time(at: place)
            let label = batch.label(at: place)
            if label == nil, labels != .known { continue }
            if let label, labels != .withheld {
                layout.addLabeled(batch, place, facts, predictedAt: at, label: label, to: &changes)
            } else {
                layout.addUnlabeled(facts, sign: 1, to: &changes)
                classes?.add(batch, place, facts, layout, to: &changes)
            }
            do {
                for state in segments { try state.panes(batch.batch, place).apply(changes, at: at) }
            } catch {
                throw StoreError(.io, "counting stored rows: \(error)")
            }
            changes.removeAll()
        }
    }
}
