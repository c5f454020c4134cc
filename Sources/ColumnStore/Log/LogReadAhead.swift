/// Reads and checks frames on another thread while the caller works on those before.
///
/// A few batches go round between the two; neither touches one that the other has. What the caller sees, errors included, is what it
/// would see without it.
@safe
final class LogReadAhead: @unchecked Sendable {
    private let source: LogSource
    private let lock = SignalLock()
    // All below is guarded by `lock`; the source is the background's.
    private var free = (0..<4).map { _ in LogBatch() }
    private var full: [LogBatch] = []
    /// Nothing more comes, because of this error or because nothing is left.
    private var end: Result<Void, StoreError>?
    private var isAbandoned = false

    init(_ source: LogSource) { self.source = source }

    /// Calls `body` with one batch after the other, until there is none or an error ends it. The background's work is over then.
    func forEachBatch(_ body: (LogBatch) throws(StoreError) -> Void) throws(StoreError) {
        let executor = ThreadExecutor(name: "drumlin-replay")
        executor.submit { self.read() }
        defer {
            lock.withLock {
                isAbandoned = true
                lock.broadcast()
            }
            executor.stop()
        }
        while let batch = try take() {
            try body(batch)
            lock.withLock {
                free.append(batch)
                lock.broadcast()
            }
        }
    }

    private func take() throws(StoreError) -> LogBatch? {
        lock.lock()
        defer { lock.unlock() }
        while true {
            if !full.isEmpty { return full.removeFirst() }
            if let end {
                try end.get()
                return nil
            }
            lock.wait()
        }
    }

    /// In the background.
    private func read() {
        while let batch = takeFree() {
            let result = Result { () throws(StoreError) in try source.next(batch) }
            lock.lock()
            switch result {
            case .success(true): full.append(batch)
            case .success(false): end = .success(())
            case .failure(let error): end = .failure(error)
            }
            lock.broadcast()
            lock.unlock()
        }
    }

    private func takeFree() -> LogBatch? {
        lock.lock()
        defer { lock.unlock() }
        while !isAbandoned, end == nil {
            if let batch = free.popLast() { return batch }
            lock.wait()
        }
        return nil
    }
}
