internal import ColumnFormat

/// Opens a store: finds it or makes it, loads what the manifest names, and replays the logs for the rest.
struct StoreOpening {
    let path: String
    let options: StoreOptions

    private var fileSystem: any FileSystem { options.environment.fileSystem }

    // MARK: For writing

    func openForWriting() throws(StoreError) -> Store {
        try prepareDirectory()
        let lock = try fileSystem.lockExclusive(FilePath.join(path, "LOCK"))
        do {
            // Asked again under the lock: another process may have made the store meanwhile.
            var guarded = options
            guarded.environment.fileSystem = GuardedFileSystem(fileSystem, lock: lock, directory: path)
            return try StoreOpening(path: path, options: guarded).open(
                isNew: try !Manifest.exists(fileSystem, path), lock: lock)
        } catch {
            lock.unlock()
            throw error
        }
    }

    /// Makes the directory where there is none. Throws where something else is in its place, before anything is touched.
    private func prepareDirectory() throws(StoreError) {
        switch try fileSystem.kind(of: path) {
        case .none:
            try fileSystem.createDirectories(path)
        case .file, .other:
            throw StoreError(
                .invalidInput, "this is a file, and a store is a directory", path: path,
                remedy: "give the path of a store, or one where nothing is yet")
        case .directory:
            if try Manifest.exists(fileSystem, path) { return }
            let others = try fileSystem.list(path).filter {
                $0 != "LOCK" && !$0.hasPrefix("MANIFEST-") && !$0.hasSuffix(".tmp")
            }
            guard others.isEmpty else {
                throw StoreError(
                    .invalidInput, "this directory is no store: it has no CURRENT, but '\(others[0])'", path: path,
                    remedy: "give the path of a store, or an empty directory")
            }
        }
    }

    private func open(isNew: Bool, lock: any FileLock) throws(StoreError) -> Store {
        // The directory may have been there before, made by a process that was killed before its name was durable.
        if isNew { try fileSystem.syncDirectory(FilePath.parent(of: path)) }
        let manifest =
            isNew ? try Manifest.create(fileSystem, path) : try Manifest.open(fileSystem, path)
        let state = manifest.state
        let core = StoreCore(options: options, tables: try loadTables(state, mayLackIndex: true), firstSequence: 1)
        noteArrival(state, core)
        let replay = try replayLogs(state, into: core, makeDurable: true)
        if let torn = replay.torn {
            try manifest.commit([
                .logValidLength(number: torn.number, byteCount: UInt64(torn.validByteCount))
            ])
        }
        core.endReplay(nextSequence: replay.nextSequence ?? core.nextSequence, logCount: replay.numbers.count)
        // Each opening begins a log, in the place of the last one if nothing was ever written to that.
        let number = replay.endsEmpty ? replay.nextNumber - 1 : replay.nextNumber
        var logOptions = LogWriterOptions()
        logOptions.chunkByteCount = options.environment.logChunkByteCount
        logOptions.flushDelayMilliseconds = max(1, options.flushMilliseconds)
        logOptions.syncDelayMilliseconds = max(1, options.syncMilliseconds)
        logOptions.pendingByteLimit = max(0, options.logMemoryByteCount)
        // Only there are syncs what callers wait for, and worth that everything is written twice.
        logOptions.recyclesLogs = options.durability == .durable
        if options.durability == .buffered {
            // Who would rather wait than lose anything takes the disk space for a large call himself.
            logOptions.unreservedByteLimit = options.backPressure == .block ? logOptions.marginByteCount : .max
        }
        core.begin(
            try LogWriter(
                fileSystem: fileSystem, directory: path, number: number, firstSequence: core.nextSequence,
                options: logOptions, executor: options.environment.makeExecutor("drumlin-log"),
                syncExecutor: options.environment.makeExecutor("drumlin-sync")))
        if state.logStart < number, !core.hasRowsInMemory, core.journal.isEmpty {
            // Best effort: the logs before held nothing but rows of tables that were dropped. A call without rows counts, of
            // a task's clock: nothing else would tell of it.
            try? manifest.commit([.logStart(number: number)])
        }
        StrayFiles(directory: path, fileSystem: fileSystem).remove(keeping: manifest.state)
        let access = ManifestAccess(manifest)
        let sealer = Sealer(
            directory: path, manifest: manifest, access: access, options: options)
        try sealer.rebuildIndexes(of: core)
        let store = Store(
            path: path, options: options, manifest: access, core: core, sealer: sealer,
            maintenance: Maintenance(sealer: sealer, environment: options.environment), directoryLock: lock)
        store.maintenance?.begin(in: store)
        return store
    }

    // MARK: For reading

    func openForReading(_ kind: SnapshotKind) throws(StoreError) -> Store {
        switch try fileSystem.kind(of: path) {
        case .directory: break
        case .none:
            throw StoreError(.notFound, "there is no store", path: path, remedy: "check the path")
        case .file, .other:
            throw StoreError(
                .invalidInput, "this is a file, and a store is a directory", path: path,
                remedy: "give the path of a store")
        }
        // Files that the manifest names may go while they are opened, when the writer seals: then there is a newer manifest.
        var attempts = 0
        var mayLackIndex = false
        while true {
            let (state, version) = try Manifest.load(fileSystem, path)
            do throws(StoreError) {
                return try openForReading(state, kind, mayLackIndex: mayLackIndex)
            } catch {
                attempts += 1
                guard error.code == .notFound || error.code == .corrupt, attempts < 16 else { throw error }
                guard try Manifest.version(fileSystem, path) == version else { continue }
                // Without its index a table can still be read.
                if mayLackIndex { throw error }
                mayLackIndex = true
            }
        }
    }

    private func openForReading(
        _ state: ManifestState, _ kind: SnapshotKind, mayLackIndex: Bool
    ) throws(StoreError) -> Store {
        let core = StoreCore(
            options: options, tables: try loadTables(state, mayLackIndex: mayLackIndex), firstSequence: 1)
        noteArrival(state, core)
        _ = try replayLogs(state, into: core, onlyDurable: kind == .durable, makeDurable: false)
        return Store(
            path: path, options: options, manifest: ManifestAccess(state), core: core, sealer: nil,
            maintenance: nil, directoryLock: nil)
    }

    // MARK: Both

    private func loadTables(_ state: ManifestState, mayLackIndex: Bool) throws(StoreError) -> [TableState] {
        let hash = IndexHash(mask: options.environment.indexHashMask)
        var tables: [TableState] = []
        for record in state.tables.values {
            try checkFiles(of: record)
            let schemas = try record.schemaHistory(path: path)
            let schema = schemas.current
            var segments: [SegmentReader] = []
            var erased = record.erased
            for segment in record.segments {
                let reader = try SegmentReader(file: try bytes(segment.fileName), path: full(segment.fileName))
                try check(
                    reader, against: segment, endOfPrevious: segments.last?.endRow ?? record.firstRow, schema: schema)
                erased.formUnion(reader.footer.erased)
                segments.append(reader.presented(as: schema))
            }
            let index = try loadRuns(of: record, mayLack: mayLackIndex)
            let table = TableState(
                id: record.id, name: record.name, schemas: schemas, segments: segments, runs: index.runs, hash: hash,
                firstRow: record.firstRow, erased: erased)
            if let failure = index.failure { table.replaceIndex(SealedIndex(index.runs, failure: failure)) }
            tables.append(table)
        }
        return tables
    }

    /// The index runs of a table that can be read, and why others cannot, where that is allowed: an index holds nothing that
    /// is not in the rows.
    private func loadRuns(
        of table: TableRecord, mayLack: Bool
    ) throws(StoreError) -> (runs: [IndexRun], failure: StoreError?) {
        var runs: [IndexRun] = []
        var failure: StoreError?
        for record in table.indexRuns.sorted(by: { $0.firstRow < $1.firstRow }) {
            do throws(StoreError) {
                let file = try bytes(record.fileName)
                let run = try IndexRun(file: file, path: full(record.fileName), fileName: record.fileName)
                guard run.isOne(record) else {
                    throw run.damaged("the index run is not the one that the manifest names", 0)
                }
                runs.append(run)
            } catch {
                guard mayLack, error.code == .corrupt else { throw error }
                failure = error
            }
        }
        return (runs, failure)
    }

    /// Whether the files of a table are called as files of tables are, and lie in the store.
    private func checkFiles(of table: TableRecord) throws(StoreError) {
        try fileSystem.checkFolders(of: table.name + "/", in: path)
        let files = table.segments.map { ($0.fileName, ".seg") } + table.indexRuns.map { ($0.fileName, ".idx") }
        for (name, suffix) in files {
            guard name.hasSuffix(suffix), name.contains("/") else {
                throw .corrupt(
                    "the manifest names a file of table '\(table.name)' that cannot be one", path: full(name))
            }
            try fileSystem.checkFolders(of: name, in: path)
        }
    }

    /// Whether all rows that are said to be gone are such as there are.
    private func checkErased(_ core: StoreCore) throws(StoreError) {
        for table in core.tables.values {
            guard let last = table.erased.runs.last?.upperBound, last > table.endRow else { continue }
            throw .corrupt(
                "row \(last - 1) of table '\(table.name)' is said to be erased, and it has \(table.endRow)", path: path)
        }
    }

    private func check(
        _ segment: SegmentReader, against record: SegmentRecord, endOfPrevious: UInt64, schema: Schema
    ) throws(StoreError) {
        guard segment.firstRow == record.firstRow, UInt64(segment.rowCount) == record.rowCount,
            UInt64(segment.byteCount) == record.byteCount, segment.footerChecksum == record.footerChecksum,
            ColumnMapping(from: segment.footer.schema, to: schema) != nil, record.firstRow == endOfPrevious
        else {
            throw .corrupt("the segment is not the one that the manifest names", path: segment.path)
        }
    }

    private func replayLogs(
        _ state: ManifestState, into core: StoreCore, onlyDurable: Bool = false, makeDurable: Bool
    ) throws(StoreError) -> LogReplay {
        let replay = try LogReplay(
            fileSystem: fileSystem, directory: path, from: state.logStart, validByteCounts: state.logValidByteCounts,
            onlyDurable: onlyDurable, makeDurable: makeDurable, readAheadFrom: options.environment.readAheadFrom
        ) { (frames) throws(StoreError) in
            try core.replay(frames)
        }
        core.completeIndexes()
        // The log that a seal goes on with exists before the manifest names it; only a new store may lack its first.
        guard !replay.numbers.isEmpty || state.logStart == 1 else {
            throw .corrupt("the log is missing", path: LogFile.path(path, state.logStart))
        }
        try checkErased(core)
        return replay
    }

    private func noteArrival(_ state: ManifestState, _ core: StoreCore) {
        guard let bytes = state.metadata[Sealer.arrivalKey], bytes.count == 8 else { return }
        let bits = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        core.noteArrival(Timestamp(microseconds: Int64(bitPattern: bits)))
    }

    private func full(_ name: String) -> String { FilePath.join(path, name) }

    private func bytes(_ name: String) throws(StoreError) -> MappedFile {
        do throws(StoreError) {
            return try fileSystem.bytes(of: full(name), options.fileAccess)
        } catch {
            guard error.code == .notFound else { throw error }
            throw .corrupt("the manifest names this file, and it does not exist", path: full(name), cause: error)
        }
    }
}
