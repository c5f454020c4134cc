package import ColumnStore
import Synchronization

/// An executor without a thread: jobs run when, and where, the test says.
package final class InlineExecutor: BackgroundExecutor {
    private struct Scheduled {
        var due: Int
        var order: Int
        var period: Int?
        var cancellation: BackgroundCancellation
        var job: @Sendable () -> Void
    }

    private struct State {
        var ready: [@Sendable () -> Void] = []
        var scheduled: [Scheduled] = []
        var now = 0
        var order = 0
        var isStopped = false
    }

    private let state = Mutex(State())
    /// Called before each job that somebody waits for: others may run in between.
    private let interlude: @Sendable (InlineExecutor) -> Void
    /// Called with each job, to run it.
    private let run: @Sendable (() -> Void) -> Void

    package init(
        interlude: @escaping @Sendable (InlineExecutor) -> Void = { _ in },
        run: @escaping @Sendable (() -> Void) -> Void = { $0() }
    ) {
        self.interlude = interlude
        self.run = run
    }

    /// How many submitted jobs wait.
    package var pendingCount: Int { state.withLock { $0.ready.count } }

    @discardableResult
    package func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            if !state.isStopped { state.ready.append(job) }
            return !state.isStopped
        }
    }

    package func schedule(afterMilliseconds delayMilliseconds: Int, _ job: @escaping @Sendable () -> Void) {
        enqueue(delayMilliseconds, period: nil, BackgroundCancellation(), job)
    }

    package func runPeriodically(
        everyMilliseconds periodMilliseconds: Int, _ job: @escaping @Sendable () -> Void
    ) -> BackgroundCancellation {
        let cancellation = BackgroundCancellation()
        enqueue(periodMilliseconds, period: periodMilliseconds, cancellation, job)
        return cancellation
    }

    private func enqueue(
        _ delay: Int, period: Int?, _ cancellation: BackgroundCancellation, _ job: @escaping @Sendable () -> Void
    ) {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.order += 1
            state.scheduled.append(
                Scheduled(
                    due: state.now + delay, order: state.order, period: period, cancellation: cancellation, job: job))
        }
    }

    /// Runs the oldest submitted job; false if there is none.
    @discardableResult
    package func step() -> Bool {
        let job = state.withLock { $0.ready.isEmpty ? nil : $0.ready.removeFirst() }
        if let job { run(job) }
        return job != nil
    }

    /// Runs submitted jobs until there is none, those that they submit included.
    package func drain() {
        while true {
            interlude(self)
            guard step() else { return }
        }
    }

    /// Lets time pass: scheduled jobs run in the order of their times.
    package func advance(milliseconds: Int) {
        let end = state.withLock { $0.now + milliseconds }
        while true {
            let next = state.withLock { state -> Scheduled? in
                let due = state.scheduled.indices.filter { state.scheduled[$0].due <= end }
                let first = due.min { left, right in
                    let (a, b) = (state.scheduled[left], state.scheduled[right])
                    return (a.due, a.order) < (b.due, b.order)
                }
                guard let first else { return nil }
                let found = state.scheduled.remove(at: first)
                state.now = found.due
                return found
            }
            guard let next else { break }
            guard !next.cancellation.isCancelled else { continue }
            run(next.job)
            if let period = next.period { enqueue(period, period: period, next.cancellation, next.job) }
        }
        state.withLock { $0.now = end }
    }

    package func stop() {
        drain()
        state.withLock { state in
            state.isStopped = true
            state.scheduled = []
        }
    }
}
