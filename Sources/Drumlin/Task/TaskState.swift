internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

/// All of a task that changes with its events. Guarded by the store's lock: touched only within `Store.write` and `read`.
///
///     event → rows in the log and the memtables → changes of cells in the pane of the prediction → windows → metrics
final class TaskState {
    let name: String
    let schema: TaskSchema
    let tables: TaskTables
    var predictions: TableState
    var labels: TableState
    var metricsTable: TableState
    var registrations: [MetricRegistration]
    var epochs: [Epoch]
    var layout: CellLayout {
        get { layoutBox.layout }
        set { layoutBox = LayoutBox(newValue) }
    }
    /// The layout for the hot path, which would otherwise copy it – many references – at each event.
    private(set) var layoutBox: LayoutBox
    var view: WindowedView
    /// The slices, by each segmentation; part of what `view` has, in panes of the same width.
    var segments: [SegmentState] = []
    var counters = TaskCounters()
    /// What became of events that were not just stored.
    var events = EventCounters()
    var limits = StoreLimits()
    /// Ids with feedback that wait for their prediction.
    var pendingCount = 0
    /// Whether any feedback ever came before its prediction: only then do labels have to be looked up by id.
    var hasIDLabels = false

    var changes = CellChanges()
    private var chances = ClassChances()
    var buffer: [Int64] = []
    /// Rows of labels on their way into a call.
    var labelRows = RowWriter()
    /// Rows of metrics that are to be published.
    var publishing = RowWriter()
    /// Which predictions have feedback, as far as this process knows.
    let labeledRows = LabeledRows()
    let recentFacts = RecentFacts()
    /// In a replay: the row behind the labels counted so far.
    var replayedLabelRow: UInt64 = 0
    /// Closures' values that are due, taken by the background.
    var dueClosures: [DueClosure] = []
    var hasDueClosures: Bool { !dueClosures.isEmpty }
    /// The greatest time of any event that was read in a rebuild.
    var latestEvent = Int64.min
    /// Counts what made earlier epochs void: see `TaskShared.EpochContext`.
    var generation = 0
    /// The number of the next row that each constraint has to be checked on.
    var checkProgress: [CheckKey: UInt64] = [:]
    /// The constraints that refuse events; nil where none does.
    var refusals: RefusalRules?
    /// What the windows' state was made of when the task was opened.
    var origin = Origin.log

    /// What ``TaskKeys/edge`` says.
    var storedEdge = Int64.min
    /// Where the windows were made of the rows that a retention had left: the edge then.
    var coveredFrom: Int64?

    /// Predictions with earlier times may have been dropped, and come no more. The least value where none were.
    var edge: Int64 { predictions.firstRow > 0 ? storedEdge : .min }

    /// Whether metrics were registered after the checkpoint that the state was made of.
    var hasNewMetrics = false

    /// Where the state of a task came from.
    enum Origin: String { case checkpoint, log, rows }

    /// The task was dropped: its tables are gone.
    var isDropped = false

    init(
        name: String, schema: TaskSchema, tables: TaskTables, predictions: TableState, labels: TableState,
        metricsTable: TableState, registrations: [MetricRegistration], epochs: [Epoch], layout: CellLayout,
        view: WindowedView
    ) {
        self.name = name
        self.schema = schema
        self.tables = tables
        self.predictions = predictions
        self.labels = labels
        self.metricsTable = metricsTable
        self.registrations = registrations
        self.epochs = epochs
        layoutBox = LayoutBox(layout)
        self.view = view
    }

    /// The task's clock in µs; the least value before the first event.
    var clock: Int64 { view.clock.time ?? .min }

    /// Throws `.notFound` where the task was dropped while somebody held on to it.
    func checkExists() throws(StoreError) {
        if isDropped {
            throw StoreError(.notFound, "task '\(name)' was dropped", remedy: "get the task from the store again")
        }
    }

    /// What a prediction that comes now belongs to.
    var context: TaskShared.EpochContext {
        TaskShared.EpochContext(
            index: epochs.count - 1, buckets: epochs.last?.buckets, generation: generation, refusals: refusals)
    }

    // MARK: Cells

    /// Passes the collected changes on to the pane of a prediction's time, of all rows and of the slices that it is in.
    func applyChanges(of row: UInt64, at time: Int64) throws(StoreError) {
        do {
            try view.apply(changes, at: time)
        } catch {
            throw StoreError(.io, "task '\(name)': \(error)")
        }
        if !segments.isEmpty { try applyChangesToSlices(of: row, at: time) }
        changes.removeAll()
    }

    /// What the cells need to know of a stored prediction, and its time.
    func facts(ofRow row: UInt64) throws(StoreError) -> (facts: PredictionFacts, at: Int64) {
        if let recent = recentFacts.find(row: row) { return recent }
        return try facts(ofRow: row, at: try predictions.place(of: row))
    }

    /// What the cells need to know of the prediction in row `row`, which lies at `place`, and its time.
    func facts(ofRow row: UInt64, at place: RowPlace) throws(StoreError) -> (facts: PredictionFacts, at: Int64) {
        let at = try place.int64(column: tables.atColumn) ?? 0
        var facts = PredictionFacts(score: .nan)
        switch schema.kind {
        case .binary:
            facts.score = try place.double(column: tables.outputColumn) ?? .nan
            facts.predictedClass = Int32(truncatingIfNeeded: try place.int64(column: tables.outputColumn + 1) ?? 0)
        case .multiclass:
            let predicted = Int(try place.int64(column: tables.outputColumn) ?? 0)
            facts.predictedClass = Int32(truncatingIfNeeded: predicted)
            facts.score = try probability(ofClass: predicted, row: row)
        case .regression:
            facts.score = try place.double(column: tables.outputColumn) ?? .nan
        }
        if let epoch = try place.int64(column: tables.epochColumn),
            let bucket = try place.int64(column: tables.bucketColumn)
        {
            facts.epoch = Int32(truncatingIfNeeded: epoch)
            facts.bucket = Int32(truncatingIfNeeded: bucket)
        }
        return (facts, at)
    }

    /// The probability that a stored multiclass prediction gave a class; NaN where it gave none.
    func probability(ofClass index: Int, row: UInt64) throws(StoreError) -> Double {
        guard schema.kind.isMulticlass, let column = tables.secondColumn,
            case .vector(let values) = try predictions.value(row: row, column: column), values.indices.contains(index)
        else { return .nan }
        return Double(values[index])
    }

    // MARK: Predictions

    /// Counts a stored prediction that has just come, and joins the feedback that waited for it.
    func countPrediction(
        row: UInt64, at: Int64, facts: PredictionFacts, id: UnsafeRawBufferPointer, labelsBelow labelRow: UInt64
    ) throws(StoreError) {
        recentFacts.insert(row: row, at: at, facts: facts)
        try addUnlabeled(row, facts, sign: 1)
        counters.predictions += 1
        if pendingCount > 0, let label = unsafe try effectiveLabel(row: row, id: id, below: labelRow) {
            pendingCount -= 1
            if label.value != nil { try moveLabel(of: row, facts: facts, predictedAt: at, from: nil, to: label) }
        }
        try applyChanges(of: row, at: at)
    }

    // MARK: Labels

    /// A stored label, as it counts for its prediction.
    struct Label: Equatable {
        var row: UInt64
        var at: Int64
        /// The class index or the value; nil where the row withdraws the label.
        var value: Double?
    }

    func label(atRow row: UInt64) throws(StoreError) -> Label {
        let place = try labels.place(of: row)
        let at = try place.int64(column: tables.labelAtColumn) ?? 0
        let value: Double? =
            schema.kind.isRegression
            ? try place.double(column: tables.labelColumn)
            : try place.int64(column: tables.labelColumn).map { Double($0) }
        return Label(row: row, at: at, value: value)
    }

    /// The label that counts among those in rows below `limit`: the one with the greatest time, of equal ones the latest.
    func effectiveLabel(
        row: UInt64?, id: UnsafeRawBufferPointer, below limit: UInt64
    ) throws(StoreError) -> Label? {
        var best: Label?
        unsafe try forEachLabel(row: row, id: id) { (label: Label) throws(StoreError) in
            guard label.row < limit else { return }
            if let known = best, (known.at, known.row) > (label.at, label.row) { return }
            best = label
        }
        return best
    }

    /// Calls `body` with every stored label of a prediction, in no order.
    func forEachLabel(
        row: UInt64?, id: UnsafeRawBufferPointer, _ body: (Label) throws(StoreError) -> Void
    ) throws(StoreError) {
        if let row, labeledRows.mayContain(row) {
            var key = row
            try unsafe withUnsafeBytesThrowing(of: &key) { (bytes) throws(StoreError) in
                _ = unsafe try labels.find(column: tables.labelRowColumn, key: bytes) {
                    (found: UInt64) throws(StoreError) in
                    try body(try label(atRow: found))
                    return false
                }
            }
        }
        guard hasIDLabels || row == nil else { return }
        _ = unsafe try labels.find(column: tables.labelIDColumn, key: id) { (found: UInt64) throws(StoreError) in
            try body(try label(atRow: found))
            return false
        }
    }

    /// Counts a stored label, whose row is the newest of those to be considered.
    func countLabel(row labelRow: UInt64, predictionRow: UInt64?, id: UnsafeRawBufferPointer) throws(StoreError) {
        let before = unsafe try effectiveLabel(row: predictionRow, id: id, below: labelRow)
        try countLabel(try label(atRow: labelRow), after: before, predictionRow: predictionRow)
    }

    /// Counts a label that was just stored; `before` is the one that counted until now.
    func countLabel(_ label: Label, after before: Label?, predictionRow: UInt64?) throws(StoreError) {
        counters.labels += 1
        guard let predictionRow else {
            hasIDLabels = true
            if before == nil { pendingCount += 1 }
            return
        }
        labeledRows.insert(predictionRow)
        if before != nil { counters.corrections += 1 }
        if label.value == nil { counters.withdrawals += 1 }
        if let before, (before.at, before.row) > (label.at, label.row) { return }
        let (facts, at) = try facts(ofRow: predictionRow)
        try moveLabel(of: predictionRow, facts: facts, predictedAt: at, from: before, to: label)
        try applyChanges(of: predictionRow, at: at)
    }

    /// Collects the changes from one label of a prediction to another; a label without a value is none.
    private func moveLabel(
        of row: UInt64, facts: PredictionFacts, predictedAt: Int64, from old: Label?, to new: Label
    ) throws(StoreError) {
        switch (old?.value, new.value) {
        case (nil, nil): return
        case (nil, _): try addUnlabeled(row, facts, sign: -1)
        case (_, nil): try addUnlabeled(row, facts, sign: 1)
        default: break
        }
        if let old { try addLabel(old, of: row, facts, predictedAt, sign: -1) }
        try addLabel(new, of: row, facts, predictedAt, sign: 1)
    }

    /// Collects what a prediction without a label adds.
    @inline(__always)
    func addUnlabeled(_ row: UInt64, _ facts: PredictionFacts, sign: Int64) throws(StoreError) {
        layoutBox.addUnlabeled(facts, sign: sign, to: &changes)
        if layoutBox.hasClassChances { try addClassChances(row, facts, sign: sign) }
    }

    /// What the chances of a stored row are follows from its probabilities and the models of its epoch.
    @inline(never)
    private func addClassChances(_ row: UInt64, _ facts: PredictionFacts, sign: Int64) throws(StoreError) {
        guard epochs.indices.contains(Int(facts.epoch)), let model = epochs[Int(facts.epoch)].buckets.classModel,
            let column = tables.secondColumn,
            case .vector(let values) = try predictions.value(row: row, column: column),
            values.count == model.maps.count,
            chances.set(model, probability: { Double(values[$0]) })
        else { return }
        layoutBox.addClassChances(facts, chances, sign: sign, to: &changes)
    }

    func addLabel(
        _ label: Label, of row: UInt64, _ facts: PredictionFacts, _ predictedAt: Int64, sign: Int64
    ) throws(StoreError) {
        guard let value = label.value else { return }
        let probability = schema.kind.isMulticlass ? try probability(ofClass: Int(value), row: row) : .nan
        let (delay, overflow) = label.at.subtractingReportingOverflow(predictedAt)
        layoutBox.addLabeled(
            facts, label: value, labelProbability: probability,
            delayMicroseconds: overflow ? (label.at < predictedAt ? .min : .max) : delay, sign: sign, to: &changes)
    }
}

/// Holds a layout behind one reference, for an event that would else copy it and its many references.
final class LayoutBox: Sendable {
    let layout: CellLayout
    let hasClassChances: Bool

    init(_ layout: CellLayout) {
        self.layout = layout
        hasClassChances = layout.hasClassChances
    }

    func addClassChances(
        _ facts: PredictionFacts, _ chances: borrowing ClassChances, sign: Int64, to changes: inout CellChanges
    ) {
        layout.addClassChances(facts, chances, sign: sign, to: &changes)
    }

    func addUnlabeled(_ facts: PredictionFacts, sign: Int64, to changes: inout CellChanges) {
        layout.addUnlabeled(facts, sign: sign, to: &changes)
    }

    func addLabeled(
        _ facts: PredictionFacts, label: Double, labelProbability: Double, delayMicroseconds: Int64, sign: Int64,
        to changes: inout CellChanges
    ) {
        layout.addLabeled(
            facts, label: label, labelProbability: labelProbability, delayMicroseconds: delayMicroseconds, sign: sign,
            to: &changes)
    }
}

extension TaskKind {
    var isMulticlass: Bool { if case .multiclass = self { true } else { false } }
}

/// `withUnsafeBytes(of:)` for a body with a typed throw.
func withUnsafeBytesThrowing<T: BitwiseCopyable, R, E: Error>(
    of value: inout T, _ body: (UnsafeRawBufferPointer) throws(E) -> R
) throws(E) -> R {
    let result = unsafe withUnsafeBytes(of: &value) { raw in
        Result { () throws(E) -> R in unsafe try body(raw) }
    }
    return try result.get()
}
