#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension ThreadExecutor {
    /// The queues, which the thread keeps alive until it ends.
    @safe
    final class Shared: @unchecked Sendable {
        typealias Job = @Sendable () -> Void

        let name: String
        private let lock = SignalLock()
        private let clock = SystemClock()
        // All below is guarded by `lock`.
        /// Taken jobs leave nil: a job is given up outside the lock only, since what it holds may end this executor.
        private var ready: [Job?] = []
        private var readyStart = 0
        private var scheduled: [(dueNanoseconds: UInt64, job: Job)] = []
        private var isRunning = false
        private var isStopping = false
        private var submittedCount: UInt64 = 0
        private var finishedCount: UInt64 = 0
        private var runningIsSubmitted = false

        init(name: String) { self.name = name }

        /// False if the thread has ended, or is about to.
        @discardableResult
        func enqueue(_ job: @escaping Job, delayMilliseconds: Int?) -> Bool {
            lock.lock()
            defer { lock.unlock() }
            guard !isStopping else { return false }
            if let delayMilliseconds {
                let due = clock.monotonicNanoseconds + UInt64(max(0, delayMilliseconds)) * 1_000_000
                let place = scheduled.firstIndex { $0.dueNanoseconds > due } ?? scheduled.endIndex
                scheduled.insert((due, job), at: place)
            } else {
                ready.append(job)
                submittedCount += 1
            }
            lock.broadcast()
            return true
        }

        /// The next job, as soon as there is one; nil when the thread is to end.
        func next() -> Job? {
            var forgotten: [(dueNanoseconds: UInt64, job: Job)] = []
            defer { forgotten.removeAll() }
            lock.lock()
            defer { lock.unlock() }
            if isRunning {
                isRunning = false
                if runningIsSubmitted { finishedCount += 1 }
                lock.broadcast()
            }
            while true {
                // Submitted jobs and due ones take turns by age only roughly: a due job goes first, since it waited longer.
                if !isStopping, let first = scheduled.first, first.dueNanoseconds <= clock.monotonicNanoseconds {
                    scheduled.removeFirst()
                    return run(first.job, isSubmitted: false)
                }
                if readyStart < ready.count, let job = ready[readyStart] {
                    ready[readyStart] = nil
                    readyStart += 1
                    if readyStart == ready.count {
                        ready.removeAll(keepingCapacity: true)
                        readyStart = 0
                    }
                    return run(job, isSubmitted: true)
                }
                if isStopping {
                    swap(&forgotten, &scheduled)
                    return nil
                }
                if let first = scheduled.first {
                    lock.wait(untilNanoseconds: first.dueNanoseconds)
                } else {
                    lock.wait()
                }
            }
        }

        private func run(_ job: @escaping Job, isSubmitted: Bool) -> Job {
            isRunning = true
            runningIsSubmitted = isSubmitted
            return job
        }

        /// Waits for what was submitted so far, and for what runs now.
        func waitUntilIdle() {
            lock.lock()
            defer { lock.unlock() }
            let target = submittedCount
            while finishedCount < target { lock.wait() }
        }

        /// True for the caller who is to join the thread.
        func requestStop() -> Bool {
            lock.lock()
            defer { lock.unlock() }
            guard !isStopping else { return false }
            isStopping = true
            lock.broadcast()
            return true
        }
    }
}
