public import ColumnFormat
public import ColumnStore
internal import Synchronization

/// Logging that holds no thread while it waits: for the disk in a store with `.durable` or `.written`, and for room under
/// ``BackPressure/block``. What is promised on return, and what is thrown, is as in the forms that wait.
///
/// Many calls may be under way at once; they share their syncs. A call that was begun is not undone by cancelling its task.
extension MonitoredTask {
    /// Logs one prediction, with features by name; those left out are missing.
    public func logPrediction(
        id: String, at: Timestamp, prediction: PredictionValue, features: [String: Value],
        observed: [String: Value] = [:]
    ) async throws(StoreError) {
        let arrival = arrival
        let scratch = shared.takeScratch()
        defer { shared.giveBack(scratch) }
        try encode(
            id: id, at: at, prediction: prediction, features: features, observed: observed, arrival: arrival,
            into: scratch)
        try await commit(scratch, arrival)
    }

    /// Logs one prediction from a reusable row, which may be changed once the call has returned.
    public func logPrediction(_ row: PredictionRow) async throws(StoreError) {
        let arrival = arrival
        let context = shared.context
        let scratch = shared.takeScratch()
        defer { shared.giveBack(scratch) }
        try encode(row, context: context, arrival: arrival, into: scratch)
        try await commit(scratch, arrival)
    }

    /// Logs many predictions as one call: all of them or none. The batch must not be changed before the call has returned.
    public func logPredictions(_ batch: PredictionBatch) async throws(StoreError) {
        guard let arrival = try begin(batch) else { return }
        defer { end(batch) }
        try await commit(batch.scratch, arrival)
    }

    /// Logs what turned out to be true of one prediction: before or after it, long after it, or again.
    public func logFeedback(
        id: String, at: Timestamp, label: LabelValue, observed: [String: Value] = [:]
    ) async throws(StoreError) {
        let arrival = arrival
        let item = try feedback(id: id, at: at, label: label, observed: observed, arrival)
        try await change(1, dropping: .droppedFeedback) { state, core throws(StoreError) in
            try state.log(item, encoder: encoder, core: core, arrival: arrival)
        }
    }

    /// Logs feedback for many predictions as one call: all of it or none.
    public func logFeedback(_ batch: FeedbackBatch) async throws(StoreError) {
        let arrival = arrival
        let items = try feedback(batch, arrival)
        guard !items.isEmpty else { return }
        try await change(items.count, dropping: .droppedFeedback) { state, core throws(StoreError) in
            try state.log(items, encoder: encoder, core: core, arrival: arrival)
        }
    }

    private func commit(_ scratch: PredictionScratch, _ arrival: ArrivalSource) async throws(StoreError) {
        try await change(scratch.items.count, dropping: .droppedPredictions) { state, core throws(StoreError) in
            try state.log(scratch, core: core, arrival: arrival)
        }
    }

    private func change(
        _ eventCount: Int, dropping counter: EventCounters.Counter,
        _ body: (TaskState, StoreCore) throws(StoreError) -> Void
    ) async throws(StoreError) {
        var hasClosures = false
        let isStored = try await store.log(eventCount: eventCount) { core throws(StoreError) in
            let state = shared.state
            try body(state, core)
            hasClosures = state.hasDueClosures
        }
        if !isStored { store.counters[name].add(eventCount, to: counter) }
        if hasClosures { publishClosuresLater() }
    }
}
