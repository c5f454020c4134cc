import ColumnFormat
import Synchronization

extension LogWriter {
    /// Returns when all frames with numbers below `sequence`, by default all that were appended, are with the operating system.
    /// Throws `.noSpace`, after which everything is still in memory, or `.poisoned`.
    package func flush(through sequence: UInt64? = nil) throws(StoreError) {
        let target = sequence ?? nextSequence
        while writtenUpTo < target {
            // What was asked for may be written where the file behind it cannot be made.
            guard try writePending(through: target), writtenUpTo < target else { return }
            try syncLock.withLock { _ throws(StoreError) in try switchFile() }
        }
    }

    /// Returns when all frames with numbers below `sequence`, by default all that were appended, survive a loss of power. With
    /// no sequence it also makes the file of the last rotation. Throws `.noSpace`, after which everything is still in memory,
    /// or `.poisoned`.
    package func sync(through sequence: UInt64? = nil) throws(StoreError) {
        if let sequence, durableUpTo >= sequence { return }
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
            durable.store(end, ordering: .releasing)
        }
    }

    /// As `sync(through:)`, for callers that must not hold a thread while they wait: the executor's thread syncs, once for all
    /// that wait. Without an executor, or after its end, the calling thread does.
    package func durable(through sequence: UInt64) async throws(StoreError) {
        if durableUpTo >= sequence { return }
        let result: Result<Void, StoreError>? = await withCheckedContinuation { continuation in
            let isSubmitted = executor?.submit {
                continuation.resume(
                    returning: Result { () throws(StoreError) in try self.sync(through: sequence) })
            }
            if isSubmitted != true { continuation.resume(returning: nil) }
        }
        guard let result else { return try sync(through: sequence) }
        try result.get()
    }

    /// Writes what is pending for the file that is open. True if more is pending for another one.
    func writePending(through sequence: UInt64) throws(StoreError) -> Bool {
        try output.withLock { output throws(StoreError) in
            guard writtenUpTo < sequence else { return false }
            try takePending(&output)
            while let chunk = output.chunks.first {
                guard chunk.target === output.target else { return true }
                try write(chunk, &output)
                output.chunks.removeFirst()
                if output.spare == nil, chunk.buffer.count <= 4 * options.flushByteCount {
                    chunk.buffer.removeAll()
                    output.spare = chunk.buffer
                }
            }
            return false
        }
    }

    /// Exchanges the appenders' full memory for empty.
    private func takePending(_ output: inout Output) throws(StoreError) {
        let spare = output.spare
        let taken = try appendState.withLock { state throws(StoreError) in
            if let poison = state.poison { throw poison }
            state.isFlushSubmitted = false
            if state.builder.pendingByteCount > 0 {
                takeChunk(&state, replacement: spare ?? LogBuffer(byteCapacity: options.flushByteCount))
            }
            let chunks = state.chunks
            state.chunks.removeAll(keepingCapacity: true)
            return chunks
        }
        if taken.contains(where: { $0.buffer.count > 0 }) { output.spare = nil }
        output.chunks += taken
    }

    private func write(_ chunk: LogChunk, _ output: inout Output) throws(StoreError) {
        guard chunk.buffer.count > 0 else { return }
        let end = chunk.fileOffset + chunk.buffer.count
        do {
            try reserve(end, &output)
            defer { withExtendedLifetime(chunk.buffer) {} }
            unsafe try output.file.pwrite(chunk.buffer.bytes, at: chunk.fileOffset)
        } catch {
            throw failed(error)
        }
        written.store(chunk.endSequence, ordering: .releasing)
        appendState.withLock { state in
            state.unwrittenByteCount -= chunk.buffer.count
            state.isFull = false
        }
    }

    /// Takes disk space up to `end` and some more, so that a full disk shows early and writes do not change the file's length.
    /// Throws only if there is none up to `end`.
    private func reserve(_ end: Int, _ output: inout Output) throws(StoreError) {
        let chunk = options.chunkByteCount
        let reserved = reservedByteCount(of: output.target)
        guard end > reserved - 2 * options.marginByteCount else { return }
        let wanted = max(reserved, (end / chunk + 1) * chunk + (end % chunk > chunk / 2 ? chunk : 0))
        do throws(StoreError) {
            try output.file.preallocate(wanted)
        } catch {
            guard end <= reserved, error.code == .noSpace else { throw error }
            return
        }
        appendState.withLock { state in
            if state.target === output.target { state.reservedByteCount = wanted }
        }
    }

    /// Of a file that is not the last any more, what lies behind its frames needs no space.
    private func reservedByteCount(of target: LogTarget) -> Int {
        appendState.withLock { $0.target === target ? $0.reservedByteCount : .max }
    }

    /// Ends the open file and makes the next. The caller holds `syncLock`.
    private func switchFile() throws(StoreError) {
        try output.withLock { output throws(StoreError) in
            guard let target = output.chunks.first?.target, target !== output.target else { return }
            try checkPoison()
            if writtenUpTo > durableUpTo {
                try syncOrPoison(output.file)
                durable.store(writtenUpTo, ordering: .releasing)
            }
            do throws(StoreError) {
                let file = try LogFile.create(
                    target.path, bytes: target.header.encoded(), byteCount: options.chunkByteCount, fileSystem)
                output.file.close()
                output.file = file
            } catch {
                throw failed(error)
            }
            output.target = target
        }
    }

    private func syncOrPoison(_ file: any File) throws(StoreError) {
        do {
            try file.sync()
        } catch {
            throw poisoned(by: error)
        }
    }

    private func checkPoison() throws(StoreError) {
        if let poison { throw poison }
    }

    /// What a failed write means: a full disk is remembered and may pass, everything else is final.
    private func failed(_ error: StoreError) -> StoreError {
        guard error.code == .noSpace else { return poisoned(by: error) }
        appendState.withLock { $0.isFull = true }
        return error
    }

    private func poisoned(by error: StoreError) -> StoreError {
        appendState.withLock { state in
            if let poison = state.poison { return poison }
            let poison = StoreError(
                .poisoned, "a write or sync of the log failed, so nothing can be written any more", path: error.path,
                offset: error.offset,
                remedy: "check the disk, then open the store again: what was acknowledged as durable is there",
                cause: error)
            state.poison = poison
            return poison
        }
    }

    /// Writes what waits and takes disk space for a frame of `expectedByteCount` bytes.
    func makeRoom(_ expectedByteCount: Int) throws(StoreError) {
        try flush()
        // The file of a rotation that nothing was appended to yet.
        try syncLock.withLock { _ throws(StoreError) in
            while try writePending(through: .max) { try switchFile() }
        }
        try output.withLock { output throws(StoreError) in
            let (target, end) = appendState.withLock { ($0.target, $0.builder.endOffset) }
            guard target === output.target else { return }
            do throws(StoreError) {
                try reserve(end + options.marginByteCount + expectedByteCount, &output)
            } catch {
                throw failed(error)
            }
            appendState.withLock { $0.isFull = false }
        }
    }

    // MARK: In the background

    func schedule(_ work: BackgroundWork) {
        switch work {
        case .none: break
        case .flushNow: executor?.submit { [weak self] in self?.flushInBackground() }
        case .flushLater:
            executor?.schedule(afterMilliseconds: options.flushDelayMilliseconds) { [weak self] in
                self?.appendState.withLock { $0.isFlushScheduled = false }
                self?.flushInBackground()
            }
        }
    }

    /// Errors are kept in the state: the next append, flush or sync throws them.
    private func flushInBackground() {
        try? flush()
        let needsSync = appendState.withLock { state in
            guard !state.isSyncScheduled, !state.isClosed, state.poison == nil, writtenUpTo > durableUpTo else {
                return false
            }
            state.isSyncScheduled = true
            return true
        }
        guard needsSync else { return }
        executor?.schedule(afterMilliseconds: options.syncDelayMilliseconds) { [weak self] in
            self?.appendState.withLock { $0.isSyncScheduled = false }
            try? self?.sync()
        }
    }
}
