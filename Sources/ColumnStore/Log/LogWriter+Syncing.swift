import ColumnFormat
import Synchronization

extension LogWriter {
    /// Returns when all frames with numbers below `sequence` survive a loss of power. Callers who come while another one
    /// syncs wait, and share the next sync. Throws `.noSpace`, after which everything is still in memory, or `.poisoned`.
    package func sync(through sequence: UInt64) throws(StoreError) {
        guard group.enter(until: { durableUpTo >= sequence }) else { return }
        group.begin()
        defer { group.end(durableUpTo) }
        try syncAlone(through: sequence)
    }

    /// Returns when all frames that were appended survive a loss of power, and the file of the last rotation exists. Throws
    /// `.noSpace`, after which everything is still in memory, or `.poisoned`.
    package func sync() throws(StoreError) {
        defer { group.noteDurable(durableUpTo) }
        try syncAlone(through: nil)
    }

    private func syncAlone(through sequence: UInt64?) throws(StoreError) {
        try syncLock.withLock { _ throws(StoreError) in
            // Somebody may have done it while this caller waited.
            if let sequence, durableUpTo >= sequence { return }
            while try writePending(through: .max) {
                do throws(StoreError) {
                    try switchFile()
                } catch {
                    // A file is complete and durable before the next is made: a full disk may refuse that one only.
                    if let sequence, durableUpTo >= sequence { return }
                    throw error
                }
            }
            try checkPoison()
            let (file, end) = output.withLock { ($0.file, writtenUpTo) }
            guard end > durableUpTo else { return }
            try syncOrPoison(file)
            try checkName(file)
            durable.store(end, ordering: .releasing)
        }
    }

    // MARK: Without holding a thread

    /// As `sync(through:)`; the caller's thread is free meanwhile. The background syncs once for all who wait.
    package func durable(through sequence: UInt64) async throws(StoreError) {
        if durableUpTo >= sequence { return }
        let result = await withCheckedContinuation { continuation in
            guard group.add(sequence, continuation) else { return }
            // After the end of the executor, or without one, the calling thread does it.
            if syncExecutor?.submit({ self.syncForWaiting() }) != true { syncForWaiting() }
        }
        try result.get()
    }

    /// As `flush(through:)`; the caller's thread is free meanwhile.
    package func written(through sequence: UInt64) async throws(StoreError) {
        if writtenUpTo >= sequence { return }
        let result = await withCheckedContinuation { continuation in
            let work: @Sendable () -> Void = {
                continuation.resume(
                    returning: Result { () throws(StoreError) in try self.flush(through: sequence) })
            }
            if executor?.submit(work) != true { work() }
        }
        try result.get()
    }

    private func syncForWaiting() {
        while let sequence = group.lastWaiting() {
            do throws(StoreError) {
                try sync(through: sequence)
                group.resumeCovered(durableUpTo)
            } catch {
                group.fail(error)
            }
        }
    }
}
