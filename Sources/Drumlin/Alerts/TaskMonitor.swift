internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews
internal import Synchronization

/// Judges the windows of one task when they close, in the background, behind the rows that are logged.
///
/// The caller's thread compares the clock with the end of the next window, and leaves a job when it has passed. What a window
/// came to – summaries, alerts, and the alerts' state after it – is one call of the log, so that after a crash the next window
/// to be judged is the one after the last that was: no alert is lost, none comes twice.
final class TaskMonitor: Sendable {
    /// µs: when the next window closes; the greatest value where nothing is watched.
    private let nextDue = Atomic<Int64>(.max)
    private let isScheduled = Atomic<Bool>(false)
    private let registered = Mutex<[AlertRule]>([])
    /// Held while windows are judged. Never taken under the store's lock.
    private let work = Mutex<Work?>(nil)
    private let failure = Mutex<StoreError?>(nil)

    /// What is known between judgements.
    struct Work: Sendable {
        var monitors: [WindowMonitor]
        /// Changes when the task is cleared.
        var generation: Int
        var reference: ReferenceSummary?
        /// How many epochs there were when the reference was summarized.
        var epochCount = -1
    }

    /// Why judging stopped, if it did; it is tried again when the next window closes, or somebody asks.
    var lastFailure: StoreError? { failure.withLock { $0 } }

    var rules: [AlertRule] { registered.withLock { $0 } }

    /// Goes on with these rules.
    func replace(_ rules: [AlertRule]) {
        registered.withLock { $0 = rules }
        work.withLock { $0 = nil }
        // The first look says when the next one is.
        nextDue.store(rules.isEmpty ? .max : .min, ordering: .releasing)
    }

    /// Forgets what is known in memory, because rows are gone.
    func forget() { work.withLock { $0 = nil } }

    /// Leaves a job that finds out what is due.
    func begin(_ task: MonitoredTask) {
        if !rules.isEmpty { schedule(task) }
    }

    /// Leaves a job where a window has closed.
    @inline(__always)
    func notify(_ task: MonitoredTask, clock: Int64) {
        if clock >= nextDue.load(ordering: .relaxed) { schedule(task) }
    }

    private func schedule(_ task: MonitoredTask) {
        guard let executor = task.store.eventExecutor,
            !isScheduled.exchange(true, ordering: .acquiringAndReleasing)
        else { return }
        executor.submit { [weak store = task.store, name = task.name, schema = task.schema, shared = task.shared] in
            guard let store else { return }
            self.isScheduled.store(false, ordering: .releasing)
            let task = MonitoredTask(store: store, name: name, schema: schema, shared: shared)
            do throws(StoreError) {
                try self.judge(task)
            } catch {
                // Not again at each event: when the next window would close.
                self.nextDue.store(
                    task.store.read { _ in shared.state.clock }.saturatingAdd(60_000_000), ordering: .releasing)
                self.failure.withLock { $0 = error }
            }
        }
    }

    /// Judges all windows that have closed. One thread at a time; others wait.
    func judge(_ task: MonitoredTask) throws(StoreError) {
        let rules = rules
        guard !rules.isEmpty, !task.store.isReadOnly else { return }
        let next = try work.withLock { work throws(StoreError) in
            let generation = task.store.read { _ in task.shared.state.generation }
            let before = work
            work = nil
            var known: Work
            if let before, before.generation == generation {
                known = before
            } else {
                known = try MonitorLoading(task: task, rules: rules).load()
            }
            let next = try WindowJudging(task: task).judge(&known)
            work = known
            return next
        }
        failure.withLock { $0 = nil }
        nextDue.store(next, ordering: .releasing)
    }
}
