internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews
internal import Synchronization

/// The cells of the last so many predictions, and what they were made of.
struct CountedRows: Sendable {
    /// While all of it stays, nothing has changed.
    struct Moment: Sendable, Equatable {
        let endRow: UInt64
        let labelEndRow: UInt64
        let fingerprint: Int64
        let cellCount: Int
        let generation: Int
    }

    let count: Int
    let moment: Moment
    let cells: [Int64]
}

extension MonitoredTask {
    /// The row of a metric over the last `count` predictions in the order in which they came; nil where there are none.
    func countRow(_ registration: MetricRegistration, _ count: Int) throws(StoreError) -> MetricRow? {
        let interval = WindowInterval(window: .count(count), start: nil, end: nil)
        guard let metric = registration.metric else { return try closureCountRow(registration.name, interval, count) }
        let cells = try countedCells(count)
        let maker = store.read { _ in shared.state.rowMaker }
        guard maker.layout.labeledCount(cells) + maker.layout.unlabeledCount(cells) > 0 else { return nil }
        return maker.rows([metric], interval: interval, cells: cells, status: .open, revision: 0)[0]
    }

    private func closureCountRow(
        _ metric: String, _ interval: WindowInterval, _ count: Int
    ) throws(StoreError) -> MetricRow? {
        // In a process without the closure there is nothing to say: such windows are not published.
        guard let closure = shared.closures.withLock({ $0[metric] }) else { return nil }
        let cells = try countedCells(count)
        let fingerprint = cells.indices.reduce(Int64(0)) {
            $0 &+ cells[$1] &* PaneSummary.weight(of: UInt32(truncatingIfNeeded: $1))
        }
        let state = WindowState(interval: interval, status: .open, revision: 0, fingerprint: fingerprint, cells: cells)
        guard cells[ReservedCell.predictions] > 0 else { return nil }
        return try closureRow(metric, closure, state) { () throws(StoreError) in
            var labels: [Double] = []
            var predictions: [Double] = []
            try forEachOfLast(count) { batch, place in
                guard let label = batch.label(at: place) else { return }
                let facts = batch.facts.facts(at: place)
                labels.append(label.value)
                predictions.append(schema.kind.isMulticlass ? Double(facts.predictedClass) : facts.score)
            }
            return (labels, predictions)
        }
    }

    private func countedCells(_ count: Int) throws(StoreError) -> [Int64] {
        let (moment, layout, epochs) = try store.read { _ throws(StoreError) in
            let state = shared.state
            try state.checkExists()
            return (
                CountedRows.Moment(
                    endRow: state.predictions.endRow, labelEndRow: state.labels.endRow,
                    fingerprint: state.view.total.fingerprint, cellCount: state.layout.cellCount,
                    generation: state.generation), state.layout, state.epochs
            )
        }
        if let known = shared.countedRows.withLock({ $0 }), known.count == count, known.moment == moment {
            return known.cells
        }
        var cells = DenseCells(count: layout.cellCount)
        var classes = ClassCounting(epochs)
        try forEachOfLast(count) { batch, place in
            let facts = batch.facts.facts(at: place)
            if let label = batch.label(at: place) {
                layout.addLabeled(
                    batch, place, facts, predictedAt: batch.facts.time(at: place), label: label, to: &cells)
            } else {
                layout.addUnlabeled(facts, sign: 1, to: &cells)
                classes?.add(batch, place, facts, layout, to: &cells)
            }
        }
        // What came meanwhile makes the moment an old one, so that the next call counts again.
        let counted = CountedRows(count: count, moment: moment, cells: cells.cells)
        shared.countedRows.withLock { $0 = counted }
        return counted.cells
    }

    /// Calls `body` with the last `count` predictions that are there, each with its label.
    private func forEachOfLast(
        _ count: Int, _ body: (JoinedBatch, Int) -> Void
    ) throws(StoreError) {
        let (predictions, labels) = store.read { _ in
            (shared.state.predictions.snapshot(), shared.state.labels.snapshot())
        }
        let rows = JoinedRows(
            kind: schema.kind, predictions: predictions, labels: labels, early: try earlyLabels(labels).joined)
        var first = predictions.endRow
        var found: UInt64 = 0
        // Rows may be missing between the others, where they were erased.
        while found < UInt64(count), first > predictions.firstRow {
            let step = min(first - predictions.firstRow, max(UInt64(count) - found, 1_024))
            let part = (first - step)..<first
            let scan = try predictions.scan(columns: ["_at"], from: part.lowerBound)
            while let batch = try scan.next() {
                let numbers = batch.rowNumbers
                found += UInt64(numbers.firstIndex { $0 >= part.upperBound } ?? numbers.count)
                if let last = numbers.last, last >= part.upperBound { break }
            }
            first = part.lowerBound
        }
        var surplus = found - min(found, UInt64(count))
        try rows.forEachBatch(of: first..<predictions.endRow) { batch throws(StoreError) in
            for place in 0..<batch.count {
                if surplus > 0 {
                    surplus -= 1
                    continue
                }
                body(batch, place)
            }
            return true
        }
    }
}
