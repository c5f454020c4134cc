public import ColumnFormat
public import ColumnStore
package import ColumnViews
internal import Synchronization

/// A model in service: what it predicts, what turns out to be true, and how good it is over windows of time.
///
///     let task = try store.task("taxi_tip", schema: schema)
///     try task.registerMetric(.accuracy, windows: [.tumbling(.hours(1)), .sliding(.days(7), every: .days(1))])
///     try task.logTrainingSet(reference, modelVersion: "2020-03")
///     try task.logPrediction(id: "ABC", at: .now, prediction: 0.83, features: ["trip_distance": 2.4])
///     try task.logFeedback(id: "ABC", at: .now, label: 1)
///     for row in try task.metrics() { print(row) }
///
/// A prediction belongs to its own time, and its label joins it there whenever it comes. Values do not depend on the order
/// of events; the cost of an event does not grow with their number.
///
/// Thread-safe. Each call is one atomic event: it is stored and counted as a whole, or not at all.
public final class MonitoredTask: Sendable {
    /// The store that holds the task.
    public let store: Store
    /// The task's name.
    public let name: String
    /// What the task logs.
    public let schema: TaskSchema
    let shared: TaskShared
    let encoder: EventEncoder

    init(store: Store, name: String, schema: TaskSchema, shared: TaskShared) {
        self.store = store
        self.name = name
        self.schema = schema
        self.shared = shared
        encoder = EventEncoder(schema: schema, tables: TaskTables(schema))
    }

    /// The task at a glance.
    public var status: TaskStatus {
        store.read { _ in
            let state = shared.state
            return TaskStatus(
                predictions: state.counters.predictions, labels: state.counters.labels,
                pendingLabels: state.pendingCount, duplicates: state.counters.duplicates,
                corrections: state.counters.corrections, withdrawals: state.counters.withdrawals,
                expiredLabels: state.counters.expired,
                droppedPredictions: state.events[.droppedPredictions],
                droppedFeedback: state.events[.droppedFeedback], latePredictions: state.events[.latePredictions],
                refusedPredictions: state.events[.refusedPredictions], refusedFeedback: state.events[.refusedFeedback],
                violatingPredictions: state.events[.violatingPredictions],
                violatingFeedback: state.events[.violatingFeedback],
                modelVersions: state.epochs.map(\.modelVersion),
                clock: state.view.clock.time.map { Timestamp(microseconds: $0) },
                paneWidth: state.view.paneWidth.span,
                viewByteCount: state.view.byteCount + state.segments.reduce(0) { $0 + $1.byteCount })
        }
    }

    /// The metrics that are registered, with their windows.
    public var registeredMetrics: [(name: String, windows: [Window])] {
        store.read { _ in shared.state.registrations.map { ($0.name, $0.windows) } }
    }

    /// What the windows' state was made of when the task was opened: `checkpoint`, `log` or `rows`.
    package var stateOrigin: String { store.read { _ in shared.state.origin.rawValue } }

    var arrival: ArrivalSource {
        ArrivalSource(clock: store.options.arrival, now: store.options.environment.clock.now.microseconds)
    }

    // MARK: Predictions

    /// Logs one prediction, with features by name; those left out are missing. This form is for reading; the hot path is
    /// ``logPrediction(id:at:score:class:features:)``.
    ///
    /// Throws `.invalidInput` or `.schemaMismatch` naming the field and the value, `.duplicateID` if another prediction has
    /// the id; nothing is stored then. An identical prediction changes nothing and is no error.
    public func logPrediction(
        id: String, at: Timestamp, prediction: PredictionValue, features: [String: Value],
        observed: [String: Value] = [:]
    ) throws(StoreError) {
        let arrival = arrival
        try shared.withScratch { scratch throws(StoreError) in
            try encode(
                id: id, at: at, prediction: prediction, features: features, observed: observed, arrival: arrival,
                into: scratch)
            try commit(scratch, arrival)
        }
    }

    /// Logs one prediction whose features are all numbers, in declared order: the hot path, which allocates nothing in
    /// steady state. NaN is stored as NaN and counted apart from a missing value; for missing values use ``PredictionRow``.
    ///
    /// - Parameters:
    ///   - id: 1 to 1,024 bytes of UTF-8, unique in the task.
    ///   - at: the time of the prediction.
    ///   - score: the score in [0, 1], or the value of a regression.
    ///   - predictedClass: the class, 0 or 1, where the model does not just compare with the threshold.
    ///   - features: one value for each declared feature.
    public func logPrediction(
        id: String, at: Timestamp, score: Double, class predictedClass: Int? = nil, features: Span<Double>
    ) throws(StoreError) {
        let arrival = arrival
        let context = shared.context
        try shared.withScratch { scratch throws(StoreError) in
            try encode(
                id: id, at: at, score: score, class: predictedClass, features: features, context: context,
                arrival: arrival, into: scratch)
            try commit(scratch, arrival)
        }
    }

    /// Logs one prediction from a reusable row.
    public func logPrediction(_ row: PredictionRow) throws(StoreError) {
        let arrival = arrival
        let context = shared.context
        try shared.withScratch { scratch throws(StoreError) in
            try encode(row, context: context, arrival: arrival, into: scratch)
            try commit(scratch, arrival)
        }
    }

    /// Logs many predictions as one call: all of them or none.
    public func logPredictions(_ batch: PredictionBatch) throws(StoreError) {
        guard let arrival = try begin(batch) else { return }
        defer { end(batch) }
        try commit(batch.scratch, arrival)
    }

    /// Checks a batch against the clock; nil where it is empty.
    func begin(_ batch: PredictionBatch) throws(StoreError) -> ArrivalSource? {
        guard !batch.scratch.items.isEmpty else { return nil }
        let arrival = arrival
        for item in batch.scratch.items { try checkTime(item.at, arrival) }
        return arrival
    }

    func end(_ batch: PredictionBatch) {
        for place in batch.scratch.items.indices { batch.scratch.items[place].isKnown = false }
    }

    func encode(
        id: String, at: Timestamp, prediction: PredictionValue, features: [String: Value], observed: [String: Value],
        arrival: ArrivalSource, into scratch: PredictionScratch
    ) throws(StoreError) {
        let context = shared.context
        let output = try schema.kind.output(of: prediction)
        let bucket = context.bucket(
            of: output, features: NamedFeatures(features: schema.features, values: features),
            count: schema.features.count)
        try scratch.append { writer throws(StoreError) in
            let item = try begin(id, at, output, bucket: bucket, context, arrival, &writer)
            try encoder.writeFeatures(features, into: &writer)
            try encoder.writeObserved(observed, into: &writer)
            if let refusals = context.refusals {
                try counted(.violatingPredictions) { () throws(StoreError) in
                    try refusals.check(id: id, output, features: features, observed: observed, kind: schema.kind)
                }
            }
            return item
        }
    }

    func encode(
        id: String, at: Timestamp, score: Double, class predictedClass: Int?, features: Span<Double>,
        context: TaskShared.EpochContext, arrival: ArrivalSource, into scratch: PredictionScratch
    ) throws(StoreError) {
        guard features.count == schema.features.count else {
            throw StoreError(
                .schemaMismatch, "\(features.count) features of \(schema.features.count)",
                remedy: "give one value for each declared feature, in declared order")
        }
        let prediction: PredictionValue = predictedClass.map { .score(score, class: $0) } ?? .number(score)
        let output = try schema.kind.output(of: prediction)
        let bucket = context.bucket(of: output, numbers: features)
        try scratch.append { writer throws(StoreError) in
            let item = try begin(id, at, output, bucket: bucket, context, arrival, &writer)
            try encoder.writeNumbers(features, into: &writer)
            try encoder.writeObserved([:], into: &writer)
            if let refusals = context.refusals {
                do throws(StoreError) {
                    try refusals.check(id: id, output, numbers: features, kind: schema.kind)
                } catch {
                    store.counters[name].add(1, to: .violatingPredictions)
                    throw error
                }
            }
            return item
        }
    }

    func encode(
        _ row: PredictionRow, context: TaskShared.EpochContext, arrival: ArrivalSource, into scratch: PredictionScratch
    ) throws(StoreError) {
        let output = try schema.kind.output(of: row.prediction)
        let bucket = context.bucket(of: output, features: row, count: row.features.count)
        try scratch.append { writer throws(StoreError) in
            let item = try begin(row.id, row.at, output, bucket: bucket, context, arrival, &writer)
            try row.write(with: encoder, into: &writer)
            try encoder.writeObserved(row.observed, into: &writer)
            if let refusals = context.refusals {
                try counted(.violatingPredictions) { () throws(StoreError) in
                    try refusals.check(id: row.id, output, row: row, kind: schema.kind)
                }
            }
            return item
        }
    }

    /// Counts an event that a constraint refuses.
    private func counted(
        _ counter: EventCounters.Counter, _ check: () throws(StoreError) -> Void
    ) throws(StoreError) {
        do throws(StoreError) {
            try check()
        } catch {
            store.counters[name].add(1, to: counter)
            throw error
        }
    }

    /// Checks id and time and begins the row.
    private func begin(
        _ id: String, _ at: Timestamp, _ output: ModelOutput, bucket: Int, _ context: TaskShared.EpochContext,
        _ arrival: ArrivalSource, _ writer: inout RowWriter
    ) throws(StoreError) -> PredictionScratch.Item {
        try checkTime(at.microseconds, arrival)
        var id = id
        return unsafe try id.withUTF8Throwing { (bytes) throws(StoreError) in
            try encoder.checkID(byteCount: bytes.count)
            return unsafe encoder.beginPrediction(
                idBytes: bytes, at: at.microseconds, output: output, bucket: bucket, context: context, into: &writer)
        }
    }

    private func checkTime(_ at: Int64, _ arrival: ArrivalSource) throws(StoreError) {
        if encoder.isPlausible(at, clock: arrival.now) { return }
        // The task's clock does not run back where that of the machine does.
        try encoder.checkTime(at, clock: max(arrival.now, store.read { _ in shared.state.clock }))
    }

    private func commit(_ scratch: PredictionScratch, _ arrival: ArrivalSource) throws(StoreError) {
        let count = scratch.items.count
        let isStored = try change(count) { state, core throws(StoreError) in
            try state.log(scratch, core: core, arrival: arrival)
        }
        if !isStored { store.counters[name].add(count, to: .droppedPredictions) }
    }

    /// Makes one call of events, and leaves the closures that it makes due to the background. False where back-pressure
    /// dropped it.
    @inline(__always)
    private func change(
        _ eventCount: Int, _ body: (TaskState, StoreCore) throws(StoreError) -> Void
    ) throws(StoreError) -> Bool {
        var hasClosures = false
        var clock = Int64.min
        let isStored = try store.log(eventCount: eventCount) { core throws(StoreError) in
            let state = shared.state
            try body(state, core)
            hasClosures = state.hasDueClosures
            clock = state.clock
        }
        if hasClosures { publishClosuresLater() }
        shared.checks.notify(store, shared)
        shared.monitor.notify(self, clock: clock)
        return isStored
    }

    // MARK: Feedback

    /// Logs what turned out to be true of one prediction: before or after it, long after it, or again. A label of nil
    /// withdraws the label. Of several the one with the greatest time counts. `observed` values are stored with it.
    ///
    /// Throws `.invalidInput` or `.schemaMismatch` naming the field and the value; nothing is stored then.
    public func logFeedback(
        id: String, at: Timestamp, label: LabelValue, observed: [String: Value] = [:]
    ) throws(StoreError) {
        let arrival = arrival
        let item = try feedback(id: id, at: at, label: label, observed: observed, arrival)
        let isStored = try change(1) { state, core throws(StoreError) in
            try state.log(item, encoder: encoder, core: core, arrival: arrival)
        }
        if !isStored { store.counters[name].add(1, to: .droppedFeedback) }
    }

    /// Logs feedback for many predictions as one call: all of it or none.
    public func logFeedback(_ batch: FeedbackBatch) throws(StoreError) {
        let arrival = arrival
        let items = try feedback(batch, arrival)
        guard !items.isEmpty else { return }
        let isStored = try change(items.count) { state, core throws(StoreError) in
            try state.log(items, encoder: encoder, core: core, arrival: arrival)
        }
        if !isStored { store.counters[name].add(items.count, to: .droppedFeedback) }
    }

    func feedback(_ batch: FeedbackBatch, _ arrival: ArrivalSource) throws(StoreError) -> [FeedbackItem] {
        var items: [FeedbackItem] = []
        items.reserveCapacity(batch.entries.count)
        for entry in batch.entries {
            items.append(
                try feedback(id: entry.id, at: entry.at, label: entry.label, observed: entry.observed, arrival))
        }
        return items
    }

    func feedback(
        id: String, at: Timestamp, label: LabelValue, observed: [String: Value], _ arrival: ArrivalSource
    ) throws(StoreError) -> FeedbackItem {
        try encoder.checkID(byteCount: id.utf8.count)
        try checkTime(at.microseconds, arrival)
        if !observed.isEmpty {
            var trial = RowWriter()
            trial.beginRow(RowLayout(encoder.tables.labels))
            try encoder.writeObserved(observed, firstColumn: encoder.tables.firstLabelObservedColumn, into: &trial)
        }
        let item = FeedbackItem(
            id: id, at: at.microseconds, label: try schema.kind.label(of: label), observed: observed)
        if shared.refusesFeedback.load(ordering: .relaxed), let refusals = shared.context.refusals {
            try counted(.violatingFeedback) { () throws(StoreError) in try refusals.check(item) }
        }
        return item
    }

    // MARK: Time

    /// Moves the task's clock, as an event that arrives at `time` would, so that windows close without one. It never runs
    /// back. Where memory is full the store's `BackPressure` decides, as for an event; a call that is dropped leaves the
    /// clock to the next.
    public func advance(to time: Timestamp) throws(StoreError) {
        _ = try change(0) { state, core throws(StoreError) in try state.moveClock(to: time, core: core) }
    }
}

extension TaskShared.EpochContext {
    func bucket(of output: ModelOutput, features: some FeatureSource, count: Int) -> Int {
        guard let buckets else { return 0 }
        return buckets.assign(
            score: output.score, predictedClass: Int(output.predictedClass), features: features, featureCount: count)
    }

    func bucket(of output: ModelOutput, numbers: Span<Double>) -> Int {
        guard let buckets else { return 0 }
        guard buckets.needsFeatures else {
            return buckets.assign(score: output.score, predictedClass: Int(output.predictedClass))
        }
        return unsafe numbers.withUnsafeBufferPointer { values in
            buckets.assign(
                score: output.score, predictedClass: Int(output.predictedClass),
                features: unsafe BorrowedNumbers(values: values), featureCount: values.count)
        }
    }
}
