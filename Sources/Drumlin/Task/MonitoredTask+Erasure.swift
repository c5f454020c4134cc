internal import ColumnFormat
public import ColumnStore

/// What the erasure of some ids came to.
public struct ErasureSummary: Sendable, Hashable {
    /// Predictions that went.
    public var predictions = 0
    /// Rows of feedback that went.
    public var labels = 0
    /// Ids of which there was nothing.
    public var unknownIDs = 0

    package init() {}
}

extension MonitoredTask {
    /// Removes the predictions with these ids, and all feedback for them, also feedback that waits for its prediction.
    ///
    /// When the call returns they are in no scan, found by no look-up, and counted in no window, whatever happens to the
    /// machine; what the rows said leaves the disk with the next `store.compact()`. Values of metrics that were published
    /// stay as they are; the next publication has the windows without them. An id may be logged again, as a new prediction.
    /// An id that is not known is no error; erasing one twice changes nothing.
    ///
    /// What it does not reach: rows of the reference, which have no id (``eraseReferenceRows(where:)``), buckets and
    /// statistics that were fitted on them, and copies of the store. O(ids), and a sync of the log.
    @discardableResult
    public func erase(ids: [String]) throws(StoreError) -> ErasureSummary {
        let summary = try store.write { core throws(StoreError) in try shared.state.erase(ids, core: core) }
        if summary.predictions > 0 || summary.labels > 0 {
            try shared.eraseOrphanedViolations(in: store)
            shared.monitor.forget()
            try store.sync()
        }
        return summary
    }

    /// Removes reference rows that meet a condition, as ``erase(ids:)`` does; returns how many. What was fitted on them
    /// stays.
    @discardableResult
    public func eraseReferenceRows(where predicate: Predicate) throws(StoreError) -> Int {
        try store.table("\(name)/reference").eraseUnchecked(where: predicate)
    }
}
