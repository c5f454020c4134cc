package import ColumnFormat
internal import Synchronization

/// Seals frozen memtables in the background and keeps the manifest: the one place that says what is live.
///
/// Order of a seal, each step durable before the next: the log that holds the rows, the segments and index runs, the
/// views' checkpoints, one frame of the manifest that makes all of them live and retires the old logs; then the old logs
/// are removed. A crash between two steps leaves files that nobody names, which the next opening removes.
package final class Sealer: Sendable {
    let directory: String
    let fileSystem: any FileSystem
    let fileAccess: FileAccess
    private let manifest: Manifest
    private let access: ManifestAccess
    private let executor: any BackgroundExecutor
    /// Held from the look at what is live to the commit that replaces it.
    private let commits = Mutex<Void>(())
    /// Held by whoever changes index runs, from the look at them to the commit that replaces them.
    let indexWork = Mutex<Void>(())
    /// Why sealing stopped. Rows stay in memory and in the log; waiting throws it until another attempt went well.
    private let failure = Mutex<StoreError?>(nil)
    /// Tables whose folders' names this process has made durable.
    private let durableFolders = Mutex<Set<String>>([])
    private let clock: any StoreClock
    /// Whether a seal is queued that has not begun.
    private let isQueued = Atomic<Bool>(false)
    private let failureTime = Atomic<UInt64>(0)

    init(directory: String, manifest: Manifest, access: ManifestAccess, options: StoreOptions) {
        self.directory = directory
        self.access = access
        fileSystem = options.environment.fileSystem
        fileAccess = options.fileAccess
        self.manifest = manifest
        executor = options.environment.makeExecutor("drumlin-seal")
        clock = options.environment.clock
    }

    func stop() { executor.stop() }

    /// Returns when everything that was frozen when ``seal(in:)`` was called last is sealed. Throws why it could not be.
    func wait() throws(StoreError) {
        executor.drain()
        if let error = lastFailure { throw error }
    }

    /// ``wait()`` that holds no thread.
    func waitWithoutThread() async throws(StoreError) {
        let isSubmitted = await withCheckedContinuation { continuation in
            // Jobs follow each other, so this one comes when what was to be sealed is sealed.
            if !executor.submit({ continuation.resume(returning: true) }) { continuation.resume(returning: false) }
        }
        guard isSubmitted else { throw StoreError(.closed, "the store was closed", path: directory) }
        if let error = lastFailure { throw error }
    }

    /// Why sealing failed the last time.
    var lastFailure: StoreError? { failure.withLock { $0 } }

    /// Seals, in the background, what is frozen: also what an earlier attempt failed to seal.
    func seal(in store: Store) {
        guard !isQueued.exchange(true, ordering: .acquiringAndReleasing) else { return }
        executor.submit { [weak store] in
            self.isQueued.store(false, ordering: .releasing)
            guard let store else { return }
            self.sealFrozen(in: store)
        }
    }

    /// How long a disk that failed is left alone, where nobody waits.
    private static let retryNanoseconds: UInt64 = 1_000_000_000

    /// ``seal(in:)`` for callers who do not wait, of whom many may come while the disk is full.
    func sealAgain(in store: Store) {
        let failed = failureTime.load(ordering: .relaxed)
        guard failed == 0 || clock.monotonicNanoseconds &- failed >= Self.retryNanoseconds else { return }
        seal(in: store)
    }

    // MARK: Sealing

    private func sealFrozen(in store: Store) {
        do throws(StoreError) {
            while let generation = store.read({ $0.generations.first }) {
                try indexWork.withLock { _ throws(StoreError) in try seal(generation, store) }
            }
            failure.withLock { $0 = nil }
            failureTime.store(0, ordering: .relaxed)
            store.maintenance?.begin(in: store)
        } catch {
            failure.withLock { $0 = error }
            failureTime.store(max(1, clock.monotonicNanoseconds), ordering: .relaxed)
        }
    }

    private func seal(_ generation: FrozenGeneration, _ store: Store) throws(StoreError) {
        guard let log = store.read({ $0.log }) else { return }
        try log.sync(through: generation.sequences.upperBound)
        try checkFileCount(adding: generation.memtables.count, limit: store.options.limits.files)
        var edits: [ManifestEdit] = []
        var sealed: [(table: TableState, segments: [SegmentReader], run: MergedRun?)] = []
        for (table, memtable) in generation.memtables where isLive(table) {
            let segments = try writeSegments(
                of: memtable, table: table, sequences: generation.sequences,
                erased: generation.removals[table.id]?.erased ?? RowSet(), &edits)
            let run = try writeRun(of: memtable, table: table, store: store, &edits)
            sealed.append((table, segments, run))
        }
        for (name, bytes) in generation.checkpoints.sorted(by: { $0.key < $1.key }) {
            edits.append(try writeCheckpoint(name, bytes, sequence: generation.sequences.upperBound))
        }
        edits += removalEdits(generation, besides: edits)
        edits.append(.metadataSet(key: Self.arrivalKey, bytes: Self.bytes(of: generation.lastArrival)))
        edits.append(.logStart(number: generation.nextLogNumber))
        if let edit = store.counters.edit(after: liveState.metadata) { edits.append(edit) }
        // The log that comes after must exist before the manifest says that it is the first.
        try log.sync()
        #if DRUMLIN_INJECTED_BUGS
            if InjectedBug.retireLogEarly.isOn { removeFiles([], logsBelow: generation.nextLogNumber) }
        #endif
        let obsolete = try commit(edits)
        store.read { core in
            for (table, segments, run) in sealed {
                table.replaceOldestFrozen(with: segments)
                if let run { table.replaceRuns(run.replaced, with: run.run) }
            }
            for id in generation.removals.keys { core.tables[id]?.forgetRemoved() }
            core.removeOldestGeneration()
        }
        removeFiles(obsolete, logsBelow: generation.nextLogNumber, keepingOneFor: log)
    }

    /// A memtable becomes a segment and an index run, at least.
    private func checkFileCount(adding memtableCount: Int, limit: Int) throws(StoreError) {
        let count = liveState.tables.values.reduce(0) { $0 + $1.segments.count + $1.indexRuns.count }
        guard memtableCount > 0, count + 2 * memtableCount > limit else { return }
        throw StoreError(
            .limitReached, "the store has \(count) segments and index runs, of \(limit) that it may have",
            path: directory,
            remedy: "compact it, give its tables a retention, or raise the limit 'files'")
    }

    /// What the manifest says is live now.
    var liveState: ManifestState { manifest.state }

    private func isLive(_ table: TableState) -> Bool { manifest.state.tables[table.id] != nil }

    private func writeSegments(
        of memtable: Memtable, table: TableState, sequences: Range<UInt64>, erased: RowSet,
        _ edits: inout [ManifestEdit]
    ) throws(StoreError) -> [SegmentReader] {
        let columns = memtable.snapshot()
        var segments: [SegmentReader] = []
        var first = 0
        while first < memtable.rowCount {
            let rows = first..<min(first + SegmentFormat.maximumRowCount, memtable.rowCount)
            let firstRow = memtable.firstRow + UInt64(first)
            let bytes = try SegmentBuilder.bytes(
                tableName: table.name, schema: memtable.schema, firstRow: firstRow,
                columns: columns.map { $0.slice(rows) }, erased: erased)
            let (name, file) = try write(bytes, table: table.name, extension: "seg")
            let segment = try SegmentReader(file: file, path: FilePath.join(directory, name))
            guard segment.byteCount == bytes.count, segment.firstRow == firstRow, segment.rowCount == rows.count else {
                throw .corrupt("the segment reads back as another one", path: segment.path)
            }
            edits.append(
                .segmentAdded(
                    tableID: table.id,
                    SegmentRecord(
                        fileName: name, firstRow: firstRow, rowCount: UInt64(rows.count),
                        byteCount: UInt64(bytes.count), footerChecksum: segment.footerChecksum,
                        firstSequence: sequences.lowerBound, lastSequence: sequences.upperBound - 1)))
            segments.append(segment)
            first = rows.upperBound
        }
        return segments
    }

    private func writeCheckpoint(
        _ view: String, _ bytes: [UInt8], sequence: UInt64
    ) throws(StoreError) -> ManifestEdit {
        let (name, _) = try write(bytes, table: FilePath.join(view, "views"), extension: "ckpt")
        return .checkpointSet(
            name: view,
            CheckpointRecord(
                fileName: name, sequence: sequence, byteCount: UInt64(bytes.count), checksum: Checksum.of(bytes)))
    }

    // MARK: Files

    /// Writes a file of a table so that it is whole and durable, with its name, on return. The name is relative to the store.
    func write(_ bytes: [UInt8], table: String, extension suffix: String) throws(StoreError) -> (
        name: String, file: MappedFile
    ) {
        let name = try newName(table: table, extension: suffix)
        let path = FilePath.join(directory, name)
        try fileSystem.replaceFile(path, with: bytes)
        return (name, try fileSystem.bytes(of: path, fileAccess))
    }

    /// Makes a table's folder, with its name durable. One that is there may come from a process that was killed, or from an
    /// attempt that failed, before that: so the folders above are synced once by each process that writes.
    private func makeFolder(_ table: String) throws(StoreError) {
        try fileSystem.createDirectories(FilePath.join(directory, table))
        guard !durableFolders.withLock({ $0.contains(table) }) else { return }
        var folder = table
        while !folder.isEmpty {
            folder = folder.lastIndex(of: "/").map { String(folder[..<$0]) } ?? ""
            try fileSystem.syncDirectory(folder.isEmpty ? directory : FilePath.join(directory, folder))
        }
        durableFolders.withLock { _ = $0.insert(table) }
    }

    /// A name that no file of the table ever had, relative to the store, in a folder that is there.
    func newName(table: String, extension suffix: String) throws(StoreError) -> String {
        let number = access.takeFileNumber()
        try fileSystem.checkFolders(of: table + "/", in: directory)
        try makeFolder(table)
        let digits = String(number, radix: 16)
        let padded = String(repeating: "0", count: max(0, 10 - digits.count)) + digits
        return "\(table)/\(padded).\(suffix)"
    }

    /// Best effort: what cannot be removed now is removed when the store is opened again.
    func removeFiles(_ names: [String], logsBelow number: UInt64, keepingOneFor writer: LogWriter? = nil) {
        for name in names { try? fileSystem.unlink(FilePath.join(directory, name)) }
        guard number > 0 else { return }
        let logs = (try? LogFile.numbers(in: directory, fileSystem)) ?? []
        for log in logs where log < number && writer?.recycle(log) != true {
            try? fileSystem.unlink(LogFile.path(directory, log))
        }
    }

    // MARK: The manifest

    /// Makes `edits` durable, all or none. Returns the names of files that are live no more, or never came to be because
    /// their table was dropped meanwhile.
    func commit(_ edits: [ManifestEdit]) throws(StoreError) -> [String] {
        try commits.withLock { _ throws(StoreError) in
            let before = manifest.state
            let live = edits.filter { $0.rowsTableID.map { before.tables[$0] != nil } ?? true }
            try manifest.commit(live + [.nextFileNumber(access.fileNumber)])
            let obsolete = before.fileNames.union(edits.compactMap(\.addedFileName))
            return obsolete.subtracting(manifest.state.fileNames).sorted()
        }
    }

    /// Calls follow each other: ids must reach the manifest in their order.
    func createTable(_ name: String, schema: Schema) throws(StoreError) -> UInt32 {
        var writer = ByteWriter()
        schema.write(to: &writer)
        let id = access.takeTableID()
        _ = try commit([.tableCreated(id: id, name: name, schemaVersion: 1, schemaBytes: writer.bytes)])
        return id
    }

    /// Gives tables other schemas, with the metadata that goes with them, in one step that no crash cuts in two.
    func changeSchemas(
        _ changes: [(id: UInt32, version: UInt32, schema: Schema)], settingMetadata entries: [String: [UInt8]]
    ) throws(StoreError) {
        var edits = changes.map { change in
            var writer = ByteWriter()
            change.schema.write(to: &writer)
            return ManifestEdit.tableSchemaChanged(
                id: change.id, schemaVersion: change.version, schemaBytes: writer.bytes)
        }
        edits += entries.sorted { $0.key < $1.key }.map { .metadataSet(key: $0.key, bytes: $0.value) }
        _ = try commit(edits)
    }

    /// Drops tables and makes others, with the metadata that goes with them, in one step that no crash cuts in two. `body`
    /// gets the ids of the new ones.
    func replaceTables(
        _ ids: [UInt32], with tables: [(name: String, schema: Schema)], removingMetadata keys: [String],
        settingMetadata entries: [String: [UInt8]], then body: ([UInt32]) -> Void
    ) throws(StoreError) {
        let live = manifest.state.metadata
        var edits: [ManifestEdit] = ids.map { .tableDropped(id: $0) }
        edits += keys.filter { live[$0] != nil }.map { .metadataRemoved(key: $0) }
        var newIDs: [UInt32] = []
        for table in tables {
            var writer = ByteWriter()
            table.schema.write(to: &writer)
            let id = access.takeTableID()
            newIDs.append(id)
            edits.append(.tableCreated(id: id, name: table.name, schemaVersion: 1, schemaBytes: writer.bytes))
        }
        edits += entries.sorted { $0.key < $1.key }.map { .metadataSet(key: $0.key, bytes: $0.value) }
        let obsolete = try commit(edits)
        body(newIDs)
        removeFiles(obsolete, logsBelow: 0)
    }

    func dropTables(
        _ ids: [UInt32], removingMetadata keys: [String], then body: () -> Void
    ) throws(StoreError) {
        let obsolete = try commit(
            ids.map { .tableDropped(id: $0) } + keys.map { .metadataRemoved(key: $0) })
        body()
        removeFiles(obsolete, logsBelow: 0)
    }

    func setMetadata(_ entries: [String: [UInt8]], removing keys: [String] = []) throws(StoreError) {
        _ = try commit(
            keys.map { .metadataRemoved(key: $0) }
                + entries.sorted { $0.key < $1.key }.map { .metadataSet(key: $0.key, bytes: $0.value) })
    }

    /// Records where a log that was closed ends, and what was counted.
    func noteLogEnd(number: UInt64, byteCount: Int, _ counters: EventCounterSet) throws(StoreError) {
        let counted = counters.edit(after: liveState.metadata)
        _ = try commit(
            [.logValidLength(number: number, byteCount: UInt64(byteCount))] + (counted.map { [$0] } ?? []))
    }

    // MARK: The clock of arrivals

    static let arrivalKey = "arrival"

    static func bytes(of arrival: Timestamp) -> [UInt8] {
        var writer = ByteWriter()
        writer.append(arrival.microseconds)
        return writer.bytes
    }
}

extension ManifestEdit {
    /// The table whose rows' files the edit is about.
    fileprivate var rowsTableID: UInt32? {
        switch self {
        case .segmentAdded(let id, _), .segmentRemoved(let id, _), .indexRunAdded(let id, _),
            .indexRunRemoved(let id, _), .rowsErased(let id, _), .rowsPurged(let id, _), .rowsDropped(let id, _):
            id
        default: nil
        }
    }

    fileprivate var addedFileName: String? {
        switch self {
        case .segmentAdded(_, let record): record.fileName
        case .indexRunAdded(_, let record): record.fileName
        case .checkpointSet(_, let record): record.fileName
        default: nil
        }
    }
}

/// What the manifest says is live, and the numbers handed out since.
package final class ManifestAccess: Sendable {
    private let manifest: Manifest?
    private let loaded: ManifestState
    private let numbers: Mutex<(file: UInt64, table: UInt32)>

    /// A manifest that this process writes.
    init(_ manifest: Manifest) {
        self.manifest = manifest
        loaded = ManifestState()
        numbers = Mutex((manifest.state.nextFileNumber, manifest.state.nextTableID))
    }

    /// What a reader loaded.
    init(_ state: ManifestState) {
        manifest = nil
        loaded = state
        numbers = Mutex((state.nextFileNumber, state.nextTableID))
    }

    package var state: ManifestState { manifest?.state ?? loaded }

    /// Nothing can be committed any more; the state stays.
    func close(recordingEnd: Bool) { manifest?.close(recordingEnd: recordingEnd) }

    var fileNumber: UInt64 { numbers.withLock { $0.file } }

    func takeFileNumber() -> UInt64 {
        numbers.withLock { numbers in
            defer { numbers.file += 1 }
            return numbers.file
        }
    }

    func takeTableID() -> UInt32 {
        numbers.withLock { numbers in
            // Beyond the last id the manifest refuses the table.
            defer { numbers.table = min(numbers.table, .max - 1) + 1 }
            return numbers.table
        }
    }
}
