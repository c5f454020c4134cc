package import ColumnFormat

/// The state of an open store that its lock guards: its tables, and the call that is being put together.
///
/// A call is `append` where it touches one table, else `begin()`, `add` for each table, `commit`. Its rows are in the log's
/// memory and in the memtables when that returns, and nowhere if anything threw before.
///
/// What changes with each call is private: the compiler then sees every use, and proves once that no two overlap, where it
/// would otherwise check that at run time, for more than the call itself costs.
package final class StoreCore {
    package var tables: [UInt32: TableState] { tablesByID }
    private var tablesByID: [UInt32: TableState] = [:]
    private var idsByName: [String: UInt32] = [:]
    /// Nil in a store that was opened for reading.
    package var log: LogWriter? { writer }
    private var writer: LogWriter?
    /// What was frozen and is not sealed yet, oldest first.
    package var generations: [FrozenGeneration] { frozenGenerations }
    private var frozenGenerations: [FrozenGeneration] = []
    /// The number behind the last row in the log.
    package var nextSequence: UInt64 { sequenceEnd }
    private var sequenceEnd: UInt64
    /// The greatest arrival time of any call, as far as the logs that are kept tell.
    package var lastArrival: Timestamp { greatestArrival }
    private var greatestArrival = Timestamp(microseconds: .min)
    package var isClosed: Bool { hasClosed }
    private var hasClosed = false
    /// The log that was begun in memory and may have no file yet, so that nobody knows whether the disk has room for it.
    package private(set) var unmadeLog: UInt64?
    /// What the views want to have written when memtables are frozen, by name. Called under the lock.
    package var checkpointProviders: [String: () -> [UInt8]] = [:]
    /// Who drops rows of a table with all that hangs on them, by the table's name.
    package var rowDroppers: [String: any RowDropping] = [:]

    /// Which rows the replayed logs added, call by call, until they are frozen: for views that are functions of the order.
    package var journal: ReplayJournal { replayed }
    private var replayed = ReplayJournal()

    /// Rows that calls removed since memtables were frozen last, by table; at first those of the replayed logs.
    package private(set) var removals: [UInt32: RowRemoval] = [:]

    private let options: StoreOptions
    /// What the log had no room for in this call: nothing of it was logged then.
    package var lackingByteCount: Int? { lacking }
    private var lacking: Int?
    private var pendingRemovals: [(table: TableState, removal: RowRemoval)] = []
    private var pending: [PendingRows] = []
    private var pendingByteCount = 0
    private var activeByteCount = 0
    private var activeLogByteCount = 0
    private var hasManyLogs = false
    /// A process that restarts often would otherwise read ever more logs.
    private static let manyLogs = 8
    /// The number of the first row that is in no generation yet.
    private var generationStart: UInt64

    @safe
    private struct PendingRows {
        let table: TableState
        let schemaVersion: UInt32
        let rowCount: Int
        let bytes: UnsafeRawBufferPointer
    }

    package init(options: StoreOptions, tables: [TableState], firstSequence: UInt64) {
        sequenceEnd = firstSequence
        generationStart = firstSequence
        self.options = options
        for table in tables { insert(table) }
    }

    /// Takes the log that calls are written to from now on.
    package func begin(_ log: LogWriter) { writer = log }

    /// Refuses all further calls. False where that was so already.
    package func close() -> Bool {
        defer { hasClosed = true }
        return !hasClosed
    }

    package func table(named name: String) -> TableState? { idsByName[name].flatMap { tables[$0] } }

    package func insert(_ table: TableState) {
        tablesByID[table.id] = table
        idsByName[table.name] = table.id
    }

    package func remove(_ table: TableState) {
        tablesByID[table.id] = nil
        idsByName[table.name] = nil
    }

    // MARK: Calls

    /// Begins a call, forgetting one that was given up.
    package func begin() {
        if !pending.isEmpty { pending.removeAll(keepingCapacity: true) }
        pendingByteCount = 0
        lacking = nil
        if !pendingRemovals.isEmpty { pendingRemovals = [] }
    }

    /// Adds the removal of rows that exist to the call.
    package func add(_ removal: RowRemoval, to table: TableState) {
        if !removal.isEmpty { pendingRemovals.append((table, removal)) }
    }

    /// Adds rows, in the form of ``RowLayout``, to the call. The bytes must stay valid until `commit`. Rows that were put
    /// together before the table's schema changed come with the number of theirs.
    package func add(
        _ rowCount: Int, rows bytes: UnsafeRawBufferPointer, to table: TableState, schemaVersion: UInt32? = nil
    ) throws(StoreError) {
        pendingByteCount += bytes.count + LogSection.headerByteCount
        try Self.check(byteCount: pendingByteCount)
        unsafe pending.append(
            PendingRows(
                table: table, schemaVersion: schemaVersion ?? table.schemaVersion, rowCount: rowCount, bytes: bytes))
    }

    /// Logs the call as one frame and puts its rows into the memtables. Returns the sequence number of its first row.
    @discardableResult
    package func commit(arrival: Timestamp) throws(StoreError) -> UInt64 {
        guard let writer else { throw StoreError.openedForReading }
        let sequences = try writer.append(arrival: arrival, expectedByteCount: pendingByteCount, mayWait: false) {
            builder throws(StoreError) in
            for i in pending.indices {
                let rows = pending[i]
                try Self.write(rows, to: &builder)
            }
            do throws(FormatError) {
                for (table, removal) in pendingRemovals {
                    try builder.beginSection(.removal, tableID: table.id, schemaVersion: 0)
                    try builder.append(removal.bytes)
                    builder.endSection(rowCount: 0)
                }
            } catch {
                throw StoreError(.invalidInput, error.message, remedy: "split the call into several")
            }
        }
        guard let sequences else { throw lack(pendingByteCount) }
        sequenceEnd = sequences.upperBound
        activeLogByteCount &+= pendingByteCount + LogFrameHeader.overheadByteCount
        greatestArrival = max(greatestArrival, arrival)
        for i in pending.indices {
            let rows = pending[i]
            try apply(rows)
        }
        for (table, removal) in pendingRemovals { apply(removal, to: table, isReplay: false) }
        return sequences.lowerBound
    }

    /// A whole call of rows of one table, as `begin`, `add` and `commit`: what nearly every call is. Rows that follow from an
    /// event that was just accepted are *derived*: there is always room for them.
    @discardableResult
    package func append(
        _ rowCount: Int, rows bytes: UnsafeRawBufferPointer, to table: TableState, schemaVersion: UInt32? = nil,
        arrival: Timestamp, isDerived: Bool = false
    ) throws(StoreError) -> UInt64 {
        guard let writer else { throw StoreError.openedForReading }
        let byteCount = bytes.count + LogSection.headerByteCount
        try Self.check(byteCount: byteCount)
        let rows = unsafe PendingRows(
            table: table, schemaVersion: schemaVersion ?? table.schemaVersion, rowCount: rowCount, bytes: bytes)
        let sequences = try writer.append(
            arrival: arrival, expectedByteCount: byteCount, mayWait: false, isDerived: isDerived
        ) {
            builder throws(StoreError) in
            try Self.write(rows, to: &builder)
        }
        guard let sequences else { throw lack(byteCount) }
        sequenceEnd = sequences.upperBound
        activeLogByteCount &+= byteCount + LogFrameHeader.overheadByteCount
        greatestArrival = max(greatestArrival, arrival)
        try apply(rows)
        return sequences.lowerBound
    }

    /// Leaves word for whoever holds the lock, who waits without it.
    private func lack(_ byteCount: Int) -> StoreError {
        lacking = byteCount
        return StoreError(.overloaded, "the log has no room for a call of \(byteCount) bytes now")
    }

    @inline(__always)
    private static func write(_ rows: PendingRows, to builder: inout LogFrameBuilder) throws(StoreError) {
        do throws(FormatError) {
            try builder.beginSection(.rows, tableID: rows.table.id, schemaVersion: rows.schemaVersion)
            try unsafe builder.append(rows.bytes)
            builder.endSection(rowCount: rows.rowCount)
        } catch {
            throw StoreError(.invalidInput, error.message, remedy: "split the call into several")
        }
    }

    private static func check(byteCount: Int) throws(StoreError) {
        guard byteCount < LogFrameHeader.maximumPayloadByteCount else {
            throw StoreError(
                .invalidInput, "a call of \(byteCount) bytes is larger than the 1 GiB that one call can hold",
                remedy: "split it into several calls")
        }
    }

    /// Puts logged rows into their memtable: live, and when a log is replayed.
    private func apply(_ rows: PendingRows) throws(StoreError) {
        let table = rows.table
        do {
            unsafe try table.append(rows: rows.rowCount, from: rows.bytes, schemaVersion: rows.schemaVersion)
        } catch {
            throw StoreError(error, path: table.name)
        }
        unsafe noteActive(rows.rowCount, rowByteCount: rows.bytes.count, table)
        table.tellListeners()
    }

    private func apply(_ removal: RowRemoval, to table: TableState, isReplay: Bool) {
        table.remove(removal, isReplay: isReplay)
        removals[table.id, default: RowRemoval()].formUnion(removal)
    }

    /// Takes frames of a log that is replayed. Rows of tables that were dropped later are passed over. An error has no
    /// path: that is known to whoever reads the log.
    package func replay(_ frames: [LogFrame]) throws(StoreError) {
        var tables = ReplayedTables()
        // Not in the object while it grows, where each use would be checked for others.
        var journal = ReplayJournal()
        swap(&journal, &replayed)
        defer { swap(&journal, &replayed) }
        for place in frames.indices {
            let frame = frames[place]
            do throws(DamagedRow) {
                try replay(frame, &tables, &journal)
            } catch {
                throw Self.unfit(error, frames)
            }
            if sequenceEnd == generationStart { generationStart = frame.header.baseSequence }
            sequenceEnd = frame.header.endSequence
            activeLogByteCount &+= frame.header.frameByteCount
            greatestArrival = max(greatestArrival, Timestamp(microseconds: frame.header.arrivalMicroseconds))
        }
        // Behind here their bytes are gone. Of several that do not fit, the first is told.
        var unfit: DamagedRow?
        for table in tablesByID.values {
            do throws(DamagedRow) {
                try table.appendQueued()
            } catch {
                if error.address < unfit?.address ?? .max { unfit = error }
            }
        }
        if let unfit { throw Self.unfit(unfit, frames) }
    }

    private func replay(
        _ frame: LogFrame, _ tables: inout ReplayedTables, _ journal: inout ReplayJournal
    ) throws(DamagedRow) {
        var sections = frame.sections
        while let section = try Self.next(&sections, of: frame) {
            guard let target = tables.target(section.tableID, in: tablesByID) else { continue }
            let table = target.table
            #if DRUMLIN_INJECTED_BUGS
                if section.kind == .removal, InjectedBug.forgetErasures.isOn { continue }
            #endif
            if section.kind == .removal {
                try table.appendQueued()
                apply(try Self.removal(section), to: table, isReplay: true)
            }
            guard section.kind == .rows else { continue }
            let firstRow = target.memtable.queuedEndRow
            if section.schemaVersion == target.schemaVersion {
                unsafe try target.memtable.enqueue(rows: section.rowCount, from: section.bytes)
            } else {
                unsafe try table.appendAtOnce(
                    rows: section.rowCount, from: section.bytes, schemaVersion: section.schemaVersion)
            }
            journal.append(
                JournalEntry(
                    arrival: frame.header.arrivalMicroseconds, sequence: frame.header.baseSequence,
                    firstRow: firstRow, tableID: table.id, rowCount: UInt32(section.rowCount)))
            unsafe noteActive(section.rowCount, rowByteCount: section.bytes.count, table)
        }
    }

    @inline(__always)
    private static func next(
        _ sections: inout LogSectionCursor, of frame: LogFrame
    ) throws(DamagedRow) -> LogSection? {
        do throws(FormatError) {
            return try sections.next()
        } catch {
            throw unsafe DamagedRow(error: error, at: frame.payload.baseAddress)
        }
    }

    private static func removal(_ section: LogSection) throws(DamagedRow) -> RowRemoval {
        do throws(FormatError) {
            return unsafe try RowRemoval(reading: section.bytes)
        } catch {
            throw unsafe DamagedRow(error: error, at: section.bytes.baseAddress)
        }
    }

    /// What to say of a row that does not fit its table, with the frame that it is in.
    private static func unfit(_ row: DamagedRow, _ frames: [LogFrame]) -> StoreError {
        var offset: Int?
        for place in frames.indices {
            let payload = unsafe frames[place].payload
            let start = UInt(bitPattern: payload.baseAddress)
            if row.address >= start, row.address <= start &+ UInt(payload.count) { offset = frames[place].offset }
        }
        return StoreError(
            .corrupt, "a call whose bytes are as they were logged does not fit its tables: \(row.error.message)",
            offset: offset, cause: row.error)
    }

    /// Ends a replay: every row is in its index.
    package func completeIndexes() {
        for table in tablesByID.values { table.endReplay() }
    }

    /// Whether the logs hold anything that is not sealed.
    package var hasRowsInMemory: Bool {
        !removals.isEmpty || tables.values.contains { $0.active.rowCount > 0 || !$0.frozen.isEmpty }
    }

    /// Says with which number the log goes on, after all of it was replayed.
    /// Rows of many logs count as a full memtable: the first call seals them, when there are views to take checkpoints of.
    package func endReplay(nextSequence sequence: UInt64, logCount: Int) {
        hasManyLogs = logCount >= Self.manyLogs && hasRowsInMemory
        if !hasRowsInMemory { generationStart = sequence }
        sequenceEnd = sequence
    }

    /// What rows take in memory: as much as in the log and a little for the index, or, where most values are null, the
    /// width of the columns.
    private func noteActive(_ rowCount: Int, rowByteCount: Int, _ table: TableState) {
        activeByteCount += max(rowByteCount + rowCount * 24, rowCount * table.rowMemoryByteCount)
    }

    /// Takes an arrival that is known from elsewhere: a checkpoint, or an advance of the clock.
    package func noteArrival(_ arrival: Timestamp) { greatestArrival = max(greatestArrival, arrival) }

    // MARK: Freezing

    /// A text column holds 4 GiB in memory; with one more call of 1 GiB it stays far below that.
    private static let maximumMemtableByteCount = 1 << 30

    /// About how many bytes of memory rows take that are not sealed.
    package var memoryByteCount: Int { activeByteCount + frozenGenerations.reduce(0) { $0 + $1.byteCount } }

    /// About how many bytes of the logs hold what is not sealed.
    package var logByteCount: Int { activeLogByteCount + frozenGenerations.reduce(0) { $0 + $1.logByteCount } }

    package var isFull: Bool {
        hasManyLogs || activeByteCount >= min(options.memtableByteCount, Self.maximumMemtableByteCount)
            || hasLargeLog
    }

    private var hasLargeLog: Bool { activeLogByteCount >= options.limits.logByteCount }

    /// Sets every memtable with rows aside, takes the views' checkpoints, and goes on in a new log. Nil where there is
    /// nothing to seal.
    package func freeze() throws(StoreError) -> FrozenGeneration? {
        guard let writer,
            !removals.isEmpty || hasLargeLog || tables.values.contains(where: { $0.active.rowCount > 0 })
        else { return nil }
        let next = try writer.rotate()
        var memtables: [(table: TableState, memtable: Memtable)] = []
        for table in tables.values.sorted(by: { $0.id < $1.id }) {
            if let memtable = table.freeze() { memtables.append((table, memtable)) }
        }
        let (byteCount, logByteCount) = (activeByteCount, activeLogByteCount)
        activeByteCount = 0
        activeLogByteCount = 0
        unmadeLog = next.number
        hasManyLogs = false
        replayed = ReplayJournal()
        let generation = FrozenGeneration(
            memtables: memtables, checkpoints: checkpointProviders.mapValues { $0() }, nextLogNumber: next.number,
            sequences: generationStart..<next.firstSequence, lastArrival: lastArrival, removals: removals,
            byteCount: byteCount, logByteCount: logByteCount)
        removals = [:]
        generationStart = next.firstSequence
        frozenGenerations.append(generation)
        return generation
    }

    package func noteLogIsMade(_ number: UInt64) {
        if unmadeLog == number { unmadeLog = nil }
    }

    package func removeOldestGeneration() { frozenGenerations.removeFirst() }
}

extension StoreError {
    package static let openedForReading = StoreError(
        .readOnly, "the store was opened for reading", remedy: "open it with Store.open to write to it")
}
