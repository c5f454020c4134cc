internal import ColumnFormat
internal import Synchronization

extension Store {
    /// Runs `body` with the state, under the lock; afterwards makes what it logged as durable as the store promises.
    ///
    /// `body` must be short and call no user code. It may run again where there was no room for what it logged, so it changes
    /// nothing before that. Where memory is full of rows that are not sealed, it waits for them first, and throws why they
    /// cannot be. Throws what `body` throws, `.closed`, or the log's errors.
    package func write<R>(_ body: (StoreCore) throws(StoreError) -> R) throws(StoreError) -> R {
        var result: R?
        _ = try call(.block, eventCount: 0) { core throws(StoreError) in result = try body(core) }
        guard let result else { preconditionFailure("a call that returned has run its body") }
        return result
    }

    /// A call that logs `eventCount` events, as ``write(_:)``, but where memory is full the store's ``BackPressure`` decides.
    /// False where the call was dropped, and counted. Without a result, and so without the cost of a generic call across
    /// modules: for hot paths.
    package func log(
        eventCount: Int, _ body: (StoreCore) throws(StoreError) -> Void
    ) throws(StoreError) -> Bool {
        try call(options.backPressure, eventCount: eventCount, body)
    }

    private func call(
        _ policy: BackPressure, eventCount: Int, _ body: (StoreCore) throws(StoreError) -> Void
    ) throws(StoreError) -> Bool {
        var waited = Waiting()
        while true {
            let step = try attempt(policy, body)
            if step.isDone {
                try makeLasting(step)
                waited.end(counters, options.environment.clock)
                return true
            }
            guard mayWait(step, policy) else { return try refuse(step, policy, eventCount: eventCount) }
            waited.begin(step, options.environment.clock)
            try wait(for: step)
        }
    }

    /// ``log(eventCount:_:)`` that holds no thread while it waits, for room or for the disk.
    package func log(
        eventCount: Int, _ body: (StoreCore) throws(StoreError) -> Void
    ) async throws(StoreError) -> Bool {
        var waited = Waiting()
        while true {
            let step = try attempt(options.backPressure, body)
            if step.isDone {
                try await makeLasting(step)
                waited.end(counters, options.environment.clock)
                return true
            }
            guard mayWait(step, options.backPressure) else {
                return try refuse(step, options.backPressure, eventCount: eventCount)
            }
            waited.begin(step, options.environment.clock)
            try await waitWithoutThread(for: step)
        }
    }

    // MARK: One attempt

    /// What one attempt of a call came to.
    private struct Step: Sendable {
        /// Nil where the call is made.
        var obstacle: Obstacle?
        var log: LogWriter?
        /// Behind the numbers that the call took in ``log``.
        var end: UInt64?
        var isSealing = false

        var isDone: Bool { obstacle == nil }
    }

    /// What has to be waited for before a call.
    private enum Obstacle: Sendable {
        /// A full set of memtables would be filled further while another waits to be sealed.
        case unsealedRows
        /// A log that has to be made first.
        case unmadeLog(UInt64)
        /// There is no room for so many bytes in the log's memory, or on the disk.
        case noRoom(Int)
    }

    private func attempt(
        _ policy: BackPressure, _ body: (StoreCore) throws(StoreError) -> Void
    ) throws(StoreError) -> Step {
        let sealer = try writingSealer()
        var step = Step()
        do throws(StoreError) {
            try lock.withLock { () throws(StoreError) in try attemptLocked(body, &step) }
        } catch {
            if step.isSealing { sealer.seal(in: self) }
            throw error
        }
        if step.isSealing {
            // Who waits has the seal tried again at once, to hear of its error; others leave a failing disk some time.
            if step.isDone || policy == .block { sealer.seal(in: self) } else { sealer.sealAgain(in: self) }
        }
        return step
    }

    /// Runs `body`, unless there is an obstacle. That is found out before a call is accepted, so that one that throws has
    /// changed nothing.
    private func attemptLocked(
        _ body: (StoreCore) throws(StoreError) -> Void, _ step: inout Step
    ) throws(StoreError) {
        try checkOpen(core)
        step.log = core.log
        if core.isFull {
            step.isSealing = true
            guard core.generations.isEmpty else {
                step.obstacle = .unsealedRows
                return
            }
            _ = try core.freeze()
        }
        if options.durability != .buffered, let number = core.unmadeLog {
            step.obstacle = .unmadeLog(number)
            return
        }
        let before = core.nextSequence
        core.begin()
        do throws(StoreError) {
            try body(core)
        } catch {
            guard let byteCount = core.lackingByteCount, core.nextSequence == before else { throw error }
            step.obstacle = .noRoom(byteCount)
            return
        }
        // Also of a call that changed nothing, since what it found known may be on its way to the disk.
        step.end = core.nextSequence
        if core.isFull, core.generations.isEmpty {
            // The call is accepted; what keeps the log from going on is thrown at the next one.
            step.isSealing = (try? core.freeze()) != nil || step.isSealing
        }
    }

    // MARK: Waiting, or not

    /// A call that promises more than memory has to wait for the disk in any case; only memory is the policy's concern.
    private func mayWait(_ step: Step, _ policy: BackPressure) -> Bool {
        switch step.obstacle {
        case .unsealedRows: policy == .block
        case .noRoom: policy == .block || options.durability != .buffered
        case .unmadeLog, nil: true
        }
    }

    private func refuse(_ step: Step, _ policy: BackPressure, eventCount: Int) throws(StoreError) -> Bool {
        var cause = sealer?.lastFailure
        if case .noRoom(let byteCount) = step.obstacle {
            cause = step.log?.fullDisk ?? cause
            step.log?.makeRoomSoon(byteCount)
        }
        if policy == .dropAndCount {
            counters[""].add(1, to: .droppedCalls)
            counters[""].add(eventCount, to: .droppedEvents)
            return false
        }
        counters[""].add(1, to: .refusedCalls)
        if let cause, cause.code == .noSpace { throw cause }
        throw StoreError(
            .overloaded, "memory is full of events that the disk has not taken yet; nothing of this call was stored",
            path: path, remedy: "log it again later, give the store more memory, or let its backPressure be 'block'",
            cause: cause)
    }

    private func wait(for step: Step) throws(StoreError) {
        switch step.obstacle {
        case .unsealedRows: try sealer?.wait()
        case .unmadeLog(let number):
            try step.log?.sync()
            read { $0.noteLogIsMade(number) }
        case .noRoom(let byteCount): try step.log?.makeRoom(byteCount)
        case nil: break
        }
    }

    private func waitWithoutThread(for step: Step) async throws(StoreError) {
        if case .unsealedRows = step.obstacle {
            try await sealer?.waitWithoutThread()
            return
        }
        let result: Result<Void, StoreError> = await withCheckedContinuation { continuation in
            let work: @Sendable () -> Void = {
                continuation.resume(returning: Result { () throws(StoreError) in try self.wait(for: step) })
            }
            if step.log?.executor?.submit(work) != true { work() }
        }
        try result.get()
    }

    private func makeLasting(_ step: Step) throws(StoreError) {
        guard let log = step.log, let end = step.end else { return }
        #if DRUMLIN_INJECTED_BUGS
            if InjectedBug.acknowledgeEarly.isOn { return }
        #endif
        switch options.durability {
        case .buffered: break
        case .written: try log.flush(through: end)
        case .durable: try log.sync(through: end)
        }
    }

    private func makeLasting(_ step: Step) async throws(StoreError) {
        guard let log = step.log, let end = step.end else { return }
        switch options.durability {
        case .buffered: break
        case .written: try await log.written(through: end)
        case .durable: try await log.durable(through: end)
        }
    }

    /// How long one call has waited for memory.
    private struct Waiting {
        private var start: UInt64?

        mutating func begin(_ step: Step, _ clock: any StoreClock) {
            if case .unmadeLog = step.obstacle { return }
            if start == nil { start = clock.monotonicNanoseconds }
        }

        func end(_ counters: EventCounterSet, _ clock: any StoreClock) {
            guard let start else { return }
            counters[""].add(1, to: .waitedCalls)
            counters[""].add(Int((clock.monotonicNanoseconds &- start) / 1_000), to: .waitedMicroseconds)
        }
    }
}
