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

    /// Writes what is pending for the file that is open. True if more is pending for another one.
    func writePending(through sequence: UInt64) throws(StoreError) -> Bool {
        try output.withLock { output throws(StoreError) in
            guard writtenUpTo < sequence else { return false }
            try takePending(&output)
            while let chunk = output.chunks.first {
                guard chunk.target === output.target else { return true }
                try write(chunk, &output)
                output.chunks.removeFirst()
            }
            return false
        }
    }

    /// Takes the appenders' full memory.
    private func takePending(_ output: inout Output) throws(StoreError) {
        output.chunks += try appendState.withLock { state throws(StoreError) in
            if let poison = state.poison { throw poison }
            state.isFlushSubmitted = false
            if state.builder.pendingByteCount > 0 { takeChunk(&state) }
            let chunks = state.chunks
            state.chunks.removeAll(keepingCapacity: true)
            return chunks
        }
    }

    /// Buffers that are kept for the next frames.
    private static let spareCount = 4

    private func write(_ chunk: LogChunk, _ output: inout Output) throws(StoreError) {
        let byteCount = chunk.buffer.count
        guard byteCount > 0 else { return }
        let end = chunk.fileOffset + byteCount
        do {
            try reserve(end, &output)
            defer { withExtendedLifetime(chunk.buffer) {} }
            unsafe try output.file.pwrite(chunk.buffer.bytes, at: chunk.fileOffset)
        } catch {
            throw failed(error)
        }
        written.store(chunk.endSequence, ordering: .releasing)
        let isSpare = byteCount <= 4 * options.flushByteCount
        if isSpare { chunk.buffer.removeAll() }
        appendState.withLock { state in
            state.unwrittenByteCount -= byteCount
            state.fullDisk = nil
            if isSpare, state.spares.count < Self.spareCount { state.spares.append(chunk.buffer) }
        }
    }

    /// Takes disk space up to `end` and some more, so that a full disk shows early and writes do not change the file's length.
    /// Throws only if there is none up to `end`.
    private func reserve(_ end: Int, _ output: inout Output) throws(StoreError) {
        let chunk = options.chunkByteCount
        let reserved = reservedByteCount(of: output.target)
        guard end > reserved - 4 * options.marginByteCount else { return }
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
    func switchFile() throws(StoreError) {
        try output.withLock { output throws(StoreError) in
            guard let target = output.chunks.first?.target, target !== output.target else { return }
            try checkPoison()
            if writtenUpTo > durableUpTo {
                #if DRUMLIN_INJECTED_BUGS
                    if !InjectedBug.skipSyncOfRotatedLog.isOn { try syncOrPoison(output.file) }
                #else
                    try syncOrPoison(output.file)
                #endif
                try checkName(output.file)
                durable.store(writtenUpTo, ordering: .releasing)
            }
            do throws(StoreError) {
                var file = try takeSpare(for: target)
                if file == nil {
                    file = try LogFile.create(
                        target.path, bytes: target.header.encoded(), byteCount: options.chunkByteCount, fileSystem)
                }
                guard let file else { return }
                output.file.close()
                output.file = file
            } catch {
                throw failed(error)
            }
            output.target = target
        }
    }

    func syncOrPoison(_ file: any File) throws(StoreError) {
        do {
            #if DRUMLIN_INJECTED_BUGS
                if InjectedBug.retrySync.isOn, (try? file.sync()) != nil { return }
            #endif
            try file.sync()
        } catch {
            throw poisoned(by: error)
        }
    }

    /// What is in a file that nobody can open any more is not durable.
    func checkName(_ file: any File) throws(StoreError) {
        do throws(StoreError) {
            guard try file.linkCount() == 0 else { return }
            throw StoreError(
                .notFound, "the log was removed while the store was open", path: file.path,
                remedy: "leave the files of a store alone; restore it from a backup")
        } catch {
            throw poisoned(by: error)
        }
    }

    func checkPoison() throws(StoreError) {
        if let poison { throw poison }
    }

    /// What a failed write means: a full disk is remembered and may pass, everything else is final.
    private func failed(_ error: StoreError) -> StoreError {
        guard error.code == .noSpace else { return poisoned(by: error) }
        appendState.withLock { $0.fullDisk = error }
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

    /// Writes what waits and takes disk space for a frame of `expectedByteCount` bytes. Throws `.noSpace` where there is none.
    package func makeRoom(_ expectedByteCount: Int) throws(StoreError) {
        try flush()
        // The file of a rotation that nothing was appended to yet.
        if try writePending(through: .max) {
            try syncLock.withLock { _ throws(StoreError) in
                while try writePending(through: .max) { try switchFile() }
            }
        }
        try output.withLock { output throws(StoreError) in
            let (target, end) = appendState.withLock { ($0.target, $0.builder.endOffset) }
            guard target === output.target else { return }
            do throws(StoreError) {
                try reserve(end + options.marginByteCount + expectedByteCount, &output)
            } catch {
                throw failed(error)
            }
            appendState.withLock { $0.fullDisk = nil }
        }
    }

    /// As `makeRoom`, in the background: for callers that do not wait. Asking often costs little.
    package func makeRoomSoon(_ expectedByteCount: Int) {
        let isNew = appendState.withLock { state in
            guard !state.isRoomScheduled, !state.isEnded else { return false }
            state.isRoomScheduled = true
            return true
        }
        guard isNew else { return }
        executor?.schedule(afterMilliseconds: options.flushDelayMilliseconds) { [weak self] in
            self?.appendState.withLock { $0.isRoomScheduled = false }
            try? self?.makeRoom(expectedByteCount)
        }
    }

    // MARK: In the background

    func schedule(_ work: BackgroundWork) {
        switch work {
        case .none: break
        case .flushNow: executor?.submit { [weak self] in self?.flushInBackground() }
        case .flushLater: scheduleFlush()
        }
    }

    private func scheduleFlush() {
        executor?.schedule(afterMilliseconds: options.flushDelayMilliseconds) { [weak self] in self?.flushAndGoOn() }
    }

    /// As long as calls come this goes on by itself, since to wake a thread costs a caller more than its call.
    private func flushAndGoOn() {
        let before = writtenUpTo
        flushInBackground()
        let goesOn = appendState.withLock { state in
            let hasWork = state.unwrittenByteCount > 0 && state.fullDisk == nil
            state.isFlushScheduled = !state.isEnded && (hasWork || writtenUpTo > before)
            return state.isFlushScheduled
        }
        if goesOn { scheduleFlush() }
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
        syncExecutor?.schedule(afterMilliseconds: options.syncDelayMilliseconds) { [weak self] in
            self?.appendState.withLock { $0.isSyncScheduled = false }
            try? self?.sync()
        }
    }
}
