package import ColumnFormat
import Synchronization

/// Writes the frames of a store's log: built in memory, written in the background or by whoever needs them on disk.
///
/// **Appending** takes no system call. It is short, and excludes only other appends and the moment in which full memory is
/// exchanged for empty. **`flush(through:)`** gives frames to the operating system, from where they survive the process;
/// **`sync(through:)`** makes them survive a loss of power. Whoever gets there first does the work for all who wait, and those
/// return as soon as their frames are covered.
///
/// A disk that stalls holds up who waits for it, and no append: no lock that an append takes is held during a write or a
/// sync. Memory fills meanwhile, up to a bound; what then becomes of an append is its caller's to say (`mayWait`).
///
/// Files are written in order: a file is complete and durable before the next one is made, so that what is recovered is a
/// prefix of what was appended. `rotate()` itself only says that the next frame goes to the next file.
///
/// **Errors.** On a full disk everything accepted stays in memory, calls throw `.noSpace`, and the next call tries again. After
/// any other failed write, and after a failed sync, the log is *poisoned*: it throws `.poisoned` from then on. A sync is never
/// repeated, because a second one may succeed although the data is gone.
///
/// Locks are taken in the order `syncLock`, `output`, `appendState`; the first two are held during I/O, the last never.
package final class LogWriter: Sendable {
    let fileSystem: any FileSystem
    let directory: String
    let options: LogWriterOptions
    /// Writes.
    let executor: (any BackgroundExecutor)?
    /// Syncs, so that a sync that stalls does not keep frames from being written.
    let syncExecutor: (any BackgroundExecutor)?
    private let hasExecutor: Bool
    let group = CommitGroup()
    let spare = Mutex<SpareLog?>(nil)
    let appendState: Guarded<AppendState>
    let output: Mutex<Output>
    /// Held during a sync and a change of files, so that no sync misses the error of another.
    let syncLock = Mutex<Void>(())
    let written: Atomic<UInt64>
    let durable: Atomic<UInt64>

    /// What appending needs.
    struct AppendState: ~Copyable {
        var builder: LogFrameBuilder
        var target: LogTarget
        var nextSequence: UInt64
        /// The first number in the builder's buffer.
        var bufferSequence: UInt64
        /// Full buffers, and what rotations left behind, oldest first.
        var chunks: [LogChunk] = []
        /// Empty buffers for those that are taken.
        var spares: [LogBuffer] = []
        /// Bytes that are in no file yet.
        var unwrittenByteCount = 0
        /// How far the file's disk space was taken.
        var reservedByteCount: Int
        /// A write found the disk full: an append makes sure that there is room before it accepts more.
        var isFull: Bool { fullDisk != nil }
        var fullDisk: StoreError?
        var poison: StoreError? {
            didSet { isEnded = true }
        }
        var isClosed = false {
            didSet { isEnded = true }
        }
        /// One of the two above: one flag to test in an append.
        var isEnded = false
        var isFlushScheduled = false
        var isFlushSubmitted = false
        var isSyncScheduled = false
        var isRoomScheduled = false
    }

    /// What writing needs.
    struct Output {
        var file: any File
        var target: LogTarget
        /// Taken from the appenders and not wholly written, oldest first.
        var chunks: [LogChunk] = []
    }

    /// Makes log `number`, whose first frame will have the number `firstSequence`; its header is durable on return.
    /// All that was logged before must be durable. Throws `.noSpace` or `.io`.
    ///
    /// Without an executor nothing is written until somebody asks.
    package init(
        fileSystem: any FileSystem, directory: String, number: UInt64, firstSequence: UInt64,
        options: LogWriterOptions = LogWriterOptions(), executor: (any BackgroundExecutor)?,
        syncExecutor: (any BackgroundExecutor)? = nil
    ) throws(StoreError) {
        self.fileSystem = fileSystem
        self.directory = directory
        self.options = options
        self.executor = executor
        self.syncExecutor = syncExecutor ?? executor
        hasExecutor = executor != nil
        let target = LogTarget(number: number, firstSequence: firstSequence, directory, fileSystem)
        let file = try LogFile.create(
            target.path, bytes: target.header.encoded(), byteCount: options.chunkByteCount, fileSystem)
        output = Mutex(Output(file: file, target: target))
        let builder = LogFrameBuilder(
            buffer: LogBuffer(byteCapacity: options.flushByteCount), fileSeed: target.seed,
            fileOffset: LogFileHeader.byteCount)
        appendState = Guarded(
            AppendState(
                builder: builder, target: target, nextSequence: firstSequence, bufferSequence: firstSequence,
                reservedByteCount: options.initialReservation))
        written = Atomic(firstSequence)
        durable = Atomic(firstSequence)
    }

    /// The number that the next frame will begin with.
    package var nextSequence: UInt64 { appendState.withLock { $0.nextSequence } }
    /// All numbers below survive the process.
    package var writtenUpTo: UInt64 { written.load(ordering: .acquiring) }
    /// All numbers below survive a loss of power.
    package var durableUpTo: UInt64 { durable.load(ordering: .acquiring) }
    /// The number of the file that the next frame goes to.
    package var number: UInt64 { appendState.withLock { $0.target.number } }
    /// Bytes accepted that are in no file yet.
    package var unwrittenByteCount: Int { appendState.withLock { $0.unwrittenByteCount } }
    /// Where the next frame will begin in its file: how large the log has grown since the last rotation.
    package var endOffset: Int { appendState.withLock { $0.builder.endOffset } }
    /// What the last attempt to write found, where the disk was full.
    package var fullDisk: StoreError? { appendState.withLock { $0.fullDisk } }
    /// Why the log can no longer be written, if so.
    package var poison: StoreError? { appendState.withLock { $0.poison } }

    /// Appends one frame, which `body` fills with sections; if it throws, nothing was appended.
    ///
    /// Disk space for it is taken before it is accepted: a full disk refuses a call, it does not lose one. For that a frame of
    /// more than a megabyte has to say how large it will be, with `expectedByteCount`.
    ///
    /// Where there is no room, in memory or on the disk, the caller makes it, which may take as long as the disk does; or, if
    /// it may not wait, nothing is appended and nil returned: see ``makeRoom(_:)`` and ``makeRoomSoon(_:)``.
    ///
    /// What is *derived* from a frame that was just appended is appended in any case, so that none of it gets lost.
    ///
    /// In `body`, `baseSequence` of the builder is the number that the frame will get. Returns the numbers that it took: one
    /// for each row, at least one. The frame is in memory only. `body` must not call the log.
    /// Throws `.noSpace` if the disk is full, `.poisoned`, `.closed`.
    package func append(
        arrival: Timestamp, expectedByteCount: Int = 0, mayWait: Bool, isDerived: Bool = false,
        _ body: (inout LogFrameBuilder) throws(StoreError) -> Void
    ) throws(StoreError) -> Range<UInt64>? {
        while true {
            let outcome = try appendState.withLock { state throws(StoreError) in
                try appendLocked(&state, arrival, expectedByteCount, isDerived, body)
            }
            switch outcome {
            case .appended(let sequences, let work):
                if work != .none { schedule(work) }
                return sequences
            case .needsRoom:
                guard mayWait else { return nil }
                try makeRoom(expectedByteCount)
            }
        }
    }

    /// As above, and waits for room.
    @discardableResult
    package func append(
        arrival: Timestamp, expectedByteCount: Int = 0, _ body: (inout LogFrameBuilder) throws(StoreError) -> Void
    ) throws(StoreError) -> Range<UInt64> {
        guard
            let sequences = try append(
                arrival: arrival, expectedByteCount: expectedByteCount, mayWait: true, body)
        else { preconditionFailure("an append that waits for room is made or throws") }
        return sequences
    }

    enum AppendOutcome {
        case appended(Range<UInt64>, BackgroundWork)
        case needsRoom
    }

    enum BackgroundWork {
        case none, flushLater, flushNow
    }

    @inline(__always)
    private func appendLocked(
        _ state: inout AppendState, _ arrival: Timestamp, _ expectedByteCount: Int, _ isDerived: Bool,
        _ body: (inout LogFrameBuilder) throws(StoreError) -> Void
    ) throws(StoreError) -> AppendOutcome {
        if state.isEnded { throw ending(state) }
        let wanted = state.builder.endOffset + options.marginByteCount + expectedByteCount
        let unwritten = state.unwrittenByteCount + expectedByteCount
        if wanted > state.reservedByteCount || state.isFull || unwritten > options.pendingByteLimit {
            guard isDerived || hasRoom(state, expectedByteCount) else { return .needsRoom }
        }
        let base = state.nextSequence
        let start = state.builder.pendingByteCount
        state.builder.baseSequence = base
        state.builder.beginFrame()
        do {
            try body(&state.builder)
        } catch {
            state.builder.abortFrame()
            throw error
        }
        let count = state.builder.endFrame(
            baseSequence: base, arrivalMicroseconds: arrival.microseconds,
            durableUpTo: durable.load(ordering: .relaxed))
        let end = base + UInt64(count)
        state.nextSequence = end
        let pending = state.builder.pendingByteCount
        state.unwrittenByteCount += pending - start
        if pending >= options.flushByteCount {
            // Set aside, so that a buffer never grows, and is never copied, while the disk is slow.
            takeChunk(&state)
            if hasExecutor, !state.isFlushSubmitted {
                state.isFlushSubmitted = true
                return .appended(base..<end, .flushNow)
            }
        } else if hasExecutor, !state.isFlushScheduled {
            state.isFlushScheduled = true
            return .appended(base..<end, .flushLater)
        }
        return .appended(base..<end, .none)
    }

    /// Looks closer where one of the limits is passed. A call that is larger than the memory there is goes alone.
    private func hasRoom(_ state: borrowing AppendState, _ expectedByteCount: Int) -> Bool {
        if state.isFull { return false }
        let isInMemory =
            state.unwrittenByteCount == 0 || state.unwrittenByteCount + expectedByteCount <= options.pendingByteLimit
        let isReserved =
            state.builder.endOffset + options.marginByteCount + expectedByteCount <= state.reservedByteCount
        return isInMemory && (isReserved || expectedByteCount <= options.unreservedByteLimit ?? -1)
    }

    /// Goes on in the next file, without any access to the disk. Returns the new file's number and its first sequence number;
    /// `sync()` afterwards makes the old file complete and the new one exist.
    @discardableResult
    package func rotate() throws(StoreError) -> (number: UInt64, firstSequence: UInt64) {
        try appendState.withLock { state throws(StoreError) in
            if state.isEnded { throw ending(state) }
            takeChunk(&state)
            let target = LogTarget(
                number: state.target.number + 1, firstSequence: state.nextSequence, directory, fileSystem)
            state.target = target
            state.reservedByteCount = options.initialReservation
            state.builder.moveTo(fileSeed: target.seed, fileOffset: LogFileHeader.byteCount)
            // An empty chunk, so that the file is made even if nothing is ever appended to it.
            state.chunks.append(
                LogChunk(
                    target: target, fileOffset: LogFileHeader.byteCount, buffer: LogBuffer(byteCapacity: 0),
                    endSequence: state.nextSequence))
            return (target.number, target.firstSequence)
        }
    }

    private func ending(_ state: borrowing AppendState) -> StoreError {
        state.poison ?? StoreError(.closed, "the log was closed", path: state.target.path)
    }

    /// Moves what the builder holds to the chunks.
    func takeChunk(_ state: inout AppendState) {
        let replacement = state.spares.popLast() ?? LogBuffer(byteCapacity: options.flushByteCount)
        let offset = state.builder.fileOffset
        let buffer = state.builder.takeBuffer(replacement: replacement)
        state.chunks.append(
            LogChunk(target: state.target, fileOffset: offset, buffer: buffer, endSequence: state.nextSequence))
        state.bufferSequence = state.nextSequence
    }

    /// Makes everything durable and ends the log; later appends throw `.closed`. After an error it is closed all the same.
    /// Room that was taken and is not needed is given back, so that the next opening does not look through it.
    package func close() throws(StoreError) {
        let wasClosed = appendState.withLock { state in
            let wasClosed = state.isClosed
            state.isClosed = true
            return wasClosed
        }
        guard !wasClosed else { return }
        defer { output.withLock { $0.file.close() } }
        removeSpare()
        try sync()
        let end = endOffset
        output.withLock { try? $0.file.truncate(end) }
    }
}
