public import ColumnStore
internal import Synchronization

/// A handler of yours that is called with the rows that a table gets: see ``ColumnStore/Store/onAppend(_:from:handler:)``.
///
/// The rows themselves are the queue: the trigger remembers only the number of the next row, so a slow handler takes no
/// memory and delays no one who logs.
public final class AppendTrigger: Sendable {
    private struct Progress {
        var nextRow: UInt64
        var isScheduled = false
        var isCancelled = false
        var failure: StoreError?
    }

    private let tableName: String
    private let handler: @Sendable (Batch) -> Void
    private let progress: Mutex<Progress>

    init(tableName: String, firstRow: UInt64, handler: @escaping @Sendable (Batch) -> Void) {
        self.tableName = tableName
        self.handler = handler
        progress = Mutex(Progress(nextRow: firstRow))
    }

    /// The number of the next row to be delivered: all before it were. Keep it to go on after a restart.
    public var nextRow: UInt64 { progress.withLock { $0.nextRow } }

    /// Why rows could not be read, if they could not; delivery goes on with the next append.
    public var failure: StoreError? { progress.withLock { $0.failure } }

    /// Ends the deliveries; one that has begun goes on.
    public func cancel() { progress.withLock { $0.isCancelled = true } }

    /// Says that there are new rows. Called under the store's lock: only makes a note, and a job where there is none yet.
    func notify(_ store: Store) {
        let needsJob = progress.withLock { progress in
            guard !progress.isScheduled, !progress.isCancelled else { return false }
            progress.isScheduled = true
            return true
        }
        guard needsJob else { return }
        store.eventExecutor?.submit { [weak store] in
            if let store { self.deliver(from: store) }
        }
    }

    /// Delivers all rows that are there, in order. Runs on the store's thread for events, outside of every lock.
    private func deliver(from store: Store) {
        let first = progress.withLock { progress in
            progress.isScheduled = false
            return progress.nextRow
        }
        do throws(StoreError) {
            let scan = try store.snapshot(of: tableName).scan(from: first)
            while let batch = try scan.next() {
                if progress.withLock({ $0.isCancelled }) { return }
                handler(batch)
                progress.withLock { $0.nextRow = (batch.rowNumbers.last ?? $0.nextRow) + 1 }
            }
        } catch {
            progress.withLock { $0.failure = error }
        }
    }
}

extension Store {
    /// Calls `handler` with the rows appended to a table, in order, soon after each append, on a thread of the store's own
    /// and outside of every lock. It may read from the store and write to it.
    ///
    /// Each row is delivered at least once, and its number is its stable identity. Rows that a crash kept from being
    /// delivered, or acted upon, come again if `firstRow` says so: keep ``AppendTrigger/nextRow`` where your results are.
    ///
    /// - Parameters:
    ///   - table: the table's name, as `table(_:)` takes it.
    ///   - firstRow: the number of the first row to deliver; nil for those appended from now on.
    ///   - handler: called for each batch of rows, in order.
    /// - Throws: `.notFound` if there is no such table, `.readOnly` if the store was opened for reading.
    @discardableResult
    public func onAppend(
        _ table: String, from firstRow: UInt64? = nil, handler: @escaping @Sendable (Batch) -> Void
    ) throws(StoreError) -> AppendTrigger {
        guard !isReadOnly else { throw StoreError.openedForReading }
        let name = try self.table(table).name
        let trigger = try read { core throws(StoreError) in
            guard let state = core.table(named: name) else {
                throw StoreError(.notFound, "table '\(name)' was dropped", path: path)
            }
            let trigger = AppendTrigger(tableName: name, firstRow: firstRow ?? state.endRow, handler: handler)
            state.onAppend { [weak self] in
                if let self { trigger.notify(self) }
            }
            return trigger
        }
        trigger.notify(self)
        return trigger
    }

    /// Returns when the handlers have seen all rows that were appended before the call. Not from within a handler.
    public func drainTriggers() { eventExecutor?.drain() }
}
