public import ColumnFormat
package import Synchronization

/// An append-only columnar store in a directory: one process writes, any number read.
///
/// Rows are logged, kept in memory, and sealed into immutable segments in the background. What a call's return promises
/// is the store's ``Durability``. After a crash the store opens with every acknowledged row and no part of any other call.
///
/// Thread-safe: calls may come from any thread. A call holds one short lock while it logs its rows and puts them into
/// memory; readers hold it to take a snapshot, and then read without it.
public final class Store: Sendable {
    /// The directory.
    public let path: String
    /// Whether the store was opened with `openReadOnly`.
    public var isReadOnly: Bool { sealer == nil }

    package let options: StoreOptions
    package let manifest: ManifestAccess
    let lock = SignalLock()
    /// Held while tables are made and dropped, before ``lock``.
    private let definitions = Mutex<Void>(())

    /// The state, which is touched only under ``lock``.
    private struct Guarded: @unchecked Sendable {
        let core: StoreCore
    }

    private let guarded: Guarded
    /// Touch it only under ``lock``.
    var core: StoreCore { guarded.core }
    let sealer: Sealer?
    let maintenance: Maintenance?
    let process = ProcessMark()
    /// What became of calls and events that were not just stored; those of a task by its name, the store's own by none.
    package let counters: EventCounterSet
    /// Runs what follows an append: handlers, and metrics that are a user's code.
    package let eventExecutor: (any BackgroundExecutor)?
    private let directoryLock: (any FileLock)?
    /// What layers above keep with an open store, by a key of theirs.
    package let attachments = Mutex<[String: any Sendable]>([:])

    init(
        path: String, options: StoreOptions, manifest: ManifestAccess, core: StoreCore, sealer: Sealer?,
        maintenance: Maintenance?, directoryLock: (any FileLock)?
    ) {
        self.path = path
        self.options = options
        self.manifest = manifest
        guarded = Guarded(core: core)
        self.sealer = sealer
        self.maintenance = maintenance
        self.directoryLock = directoryLock
        counters = EventCounterSet(metadata: manifest.state.metadata)
        eventExecutor = sealer == nil ? nil : options.environment.makeExecutor("drumlin-events")
    }

    /// Opens a store for writing, creating it if there is none.
    ///
    /// Recovers what the logs hold. Throws `.locked` if another process, or this one, has it open for writing;
    /// `.invalidInput` if `path` is a file or a directory with other things in it; `.corrupt` with the file and the offset
    /// if something that was durable is damaged; `.unsupportedVersion` if a later version wrote it. Nothing is changed then.
    public static func open(_ path: String, options: StoreOptions = StoreOptions()) throws(StoreError) -> Store {
        try StoreOpening(path: path, options: options).openForWriting()
    }

    /// Opens a store for reading: its last consistent state, also while another process writes to it. Open it again for
    /// what came later. Throws `.notFound` if there is no store.
    ///
    /// With ``SnapshotKind/durable`` it has only what a loss of power at this moment would leave.
    public static func openReadOnly(
        _ path: String, _ kind: SnapshotKind = .latest, options: StoreOptions = StoreOptions()
    ) throws(StoreError) -> Store {
        try StoreOpening(path: path, options: options).openForReading(kind)
    }

    // MARK: Access to the state

    /// Throws in a store that was opened for reading, and in a child of the process that opened it.
    func writingSealer() throws(StoreError) -> Sealer {
        try checkProcess()
        guard let sealer else { throw StoreError.openedForReading }
        return sealer
    }

    func checkProcess() throws(StoreError) {
        guard !process.isOurs else { return }
        throw StoreError(
            .forked, "this process was forked off the one that opened the store", path: path,
            remedy: "open the store in the child, after the parent has closed it, or for reading only")
    }

    func checkOpen(_ core: StoreCore) throws(StoreError) {
        if core.isClosed { throw StoreError(.closed, "the store was closed", path: path) }
    }

    /// Runs `body` with the state, under the lock. `body` must be short and call no user code.
    package func read<R, E: Error>(_ body: (StoreCore) throws(E) -> R) throws(E) -> R {
        try lock.withLock { () throws(E) in try body(core) }
    }

    // MARK: Tables

    /// The tables, by name.
    public var tables: [Table] {
        read { $0.tables.values.map(\.name) }.sorted().map { Table(store: self, name: $0) }
    }

    /// A table by its full name, or by its bare name where only one task has such a table.
    /// Throws `.notFound` with the names that exist.
    public func table(_ name: String) throws(StoreError) -> Table {
        let names = read { $0.tables.values.map(\.name) }
        return Table(store: self, name: try TableName.resolve(name, among: names, path: path))
    }

    /// Creates a table of your own, or returns it if it exists with the same schema, or had it before it was changed. Its
    /// name has no `/`: those are the tables of tasks. Throws `.schemaMismatch` if it exists with another one, `.invalidInput` for a bad name or schema.
    public func createTable(_ name: String, schema: Schema) throws(StoreError) -> Table {
        try TableName.check(component: name)
        return try makeTable(name, schema: schema)
    }

    package func makeTable(_ name: String, schema: Schema) throws(StoreError) -> Table {
        try checkProcess()
        return try definitions.withLock { _ throws(StoreError) in try makeTableLocked(name, schema: schema) }
    }

    private func makeTableLocked(_ name: String, schema: Schema) throws(StoreError) -> Table {
        if let defect = schema.defect {
            throw StoreError(.invalidInput, "table '\(name)': \(defect)", remedy: "correct the schema")
        }
        if let existing = read({ $0.table(named: name)?.schemas }) {
            guard existing.contains(schema) else {
                let columns = existing.current.columns.map(\.name).joined(separator: ", ")
                throw StoreError(
                    .schemaMismatch, "table '\(name)' exists with other columns", path: path,
                    remedy: "use another name, or the columns \(columns)")
            }
            return Table(store: self, name: name)
        }
        let sealer = try writingSealer()
        let id = try sealer.createTable(name, schema: schema)
        let hash = IndexHash(mask: options.environment.indexHashMask)
        let table = TableState(id: id, name: name, schemas: SchemaHistory(schema), segments: [], runs: [], hash: hash)
        read { $0.insert(table) }
        return Table(store: self, name: name)
    }

    /// Runs `body` while no other thread makes, changes or drops a table.
    func defining(_ body: (Sealer) throws(StoreError) -> Void) throws(StoreError) {
        let sealer = try writingSealer()
        try definitions.withLock { _ throws(StoreError) in try body(sealer) }
    }

    /// Removes tables with all their rows, at once and for good.
    package func dropTables(_ names: [String], removingMetadata keys: [String] = []) throws(StoreError) {
        let sealer = try writingSealer()
        try definitions.withLock { _ throws(StoreError) in
            let ids = read { core in names.compactMap { core.table(named: $0)?.id } }
            let removeRows = { self.read { core in for id in ids { core.tables[id].map { core.remove($0) } } } }
            let live = manifest.state.metadata
            let retentions = names.map { Retention.key($0) }.filter { live[$0] != nil }
            try sealer.dropTables(ids, removingMetadata: keys + retentions, then: removeRows)
        }
    }

    /// Makes tables anew, without the rows that tables of these names had, and sets and removes metadata with it: all or
    /// nothing, also in a crash. `body` runs under the lock in which the new tables take the place of the old.
    package func replaceTables(
        _ tables: [(name: String, schema: Schema)], removingMetadata keys: [String] = [],
        settingMetadata entries: [String: [UInt8]], then body: (StoreCore) -> Void = { _ in }
    ) throws(StoreError) {
        let sealer = try writingSealer()
        for table in tables {
            if let defect = table.schema.defect {
                throw StoreError(.invalidInput, "table '\(table.name)': \(defect)", remedy: "correct the schema")
            }
        }
        try definitions.withLock { _ throws(StoreError) in
            let ids = read { core in tables.compactMap { core.table(named: $0.name)?.id } }
            let hash = IndexHash(mask: options.environment.indexHashMask)
            let replace = { (newIDs: [UInt32]) in
                self.read { core in
                    for id in ids { core.tables[id].map { core.remove($0) } }
                    for (id, table) in zip(newIDs, tables) {
                        core.insert(
                            TableState(
                                id: id, name: table.name, schemas: SchemaHistory(table.schema), segments: [], runs: [],
                                hash: hash))
                    }
                    body(core)
                }
            }
            try sealer.replaceTables(
                ids, with: tables, removingMetadata: keys, settingMetadata: entries, then: replace)
        }
    }

    package func snapshot(of name: String) throws(StoreError) -> TableSnapshot {
        try checkProcess()
        let snapshot = read { $0.table(named: name)?.snapshot() }
        guard let snapshot else { throw StoreError(.notFound, "there is no table '\(name)'", path: path) }
        return snapshot
    }

    // MARK: Metadata

    /// A registration that belongs to the store: kept in the manifest, durable when the call returns.
    package func setMetadata(_ entries: [String: [UInt8]], removing keys: [String] = []) throws(StoreError) {
        let sealer = try writingSealer()
        try sealer.setMetadata(entries, removing: keys)
    }

    package func metadata(_ key: String) -> [UInt8]? { manifest.state.metadata[key] }
    package var metadataKeys: [String] { manifest.state.metadata.keys.sorted() }

    // MARK: Durability

    /// Returns when everything logged so far survives power loss. Throws `.noSpace`, `.io` or `.poisoned`.
    public func sync() throws(StoreError) {
        _ = try writingSealer()
        guard let log = read({ $0.log }) else { throw StoreError.openedForReading }
        try log.sync()
    }

    /// As ``sync()``, and holds no thread while it waits.
    public func sync() async throws(StoreError) {
        _ = try writingSealer()
        guard let log = read({ $0.log }) else { throw StoreError.openedForReading }
        try await log.durable(through: log.nextSequence)
    }

    /// Seals all rows in memory into segments and waits for it, so that what follows reads and opens fastest.
    public func seal() throws(StoreError) {
        let sealer = try writingSealer()
        let isNeeded = try read { core throws(StoreError) in
            try checkOpen(core)
            _ = try core.freeze()
            return !core.generations.isEmpty
        }
        // Also where nothing was frozen now: what could not be sealed earlier is tried again.
        if isNeeded { sealer.seal(in: self) }
        try sealer.wait()
    }

    /// Makes everything durable and ends the use of the store; a second call does nothing. Rows that are in no segment stay
    /// in the log and are read from there when the store is opened again. What was read stays readable.
    ///
    /// Waits for handlers, so it must not be called from one. Throws what kept rows from the disk, or from being sealed;
    /// the store is closed all the same.
    public func close() throws(StoreError) {
        try checkProcess()
        guard !read({ $0.isClosed }) else { return }
        // Handlers of what was appended may append themselves.
        eventExecutor?.drain()
        try end { sealer throws(StoreError) in try sealer.wait() }
    }

    private func end(_ wait: (Sealer) throws(StoreError) -> Void) throws(StoreError) {
        guard process.isOurs, read({ $0.close() }), let sealer else { return }
        defer { directoryLock?.unlock() }
        eventExecutor?.stop()
        maintenance?.stop()
        var failure: StoreError?
        do { try wait(sealer) } catch { failure = error }
        sealer.stop()
        do {
            if let log = read({ $0.log }) {
                let (number, byteCount) = (log.number, log.endOffset)
                try log.close()
                // From here on bytes that are missing or changed at the log's end are known for damage, not for a tear.
                if byteCount > LogFileHeader.byteCount {
                    try sealer.noteLogEnd(number: number, byteCount: byteCount, counters)
                }
            }
        } catch { failure = failure ?? error }
        // Nothing may be written once another process can have the lock.
        manifest.close(recordingEnd: failure == nil)
        if let failure { throw failure }
    }

    /// A job in the background may have held the last reference, so this must not wait for that job's thread; and while
    /// another thread seals, it holds a reference.
    deinit { try? end { _ in } }
}

/// What a name of a table or a task may look like: a file name that no shell and no file system takes amiss.
package enum TableName {
    /// The one table that a name means: by its full name, or by its bare name where only one task has such a table.
    static func resolve(_ name: String, among names: some Collection<String>, path: String) throws(StoreError) -> String
    {
        if names.contains(name) { return name }
        let matches = names.filter { $0.hasSuffix("/" + name) }
        if matches.count == 1 { return matches[0] }
        let known = names.sorted().joined(separator: ", ")
        throw StoreError(
            .notFound,
            matches.isEmpty ? "there is no table '\(name)'" : "several tasks have a table '\(name)'", path: path,
            remedy: known.isEmpty ? "the store has no tables yet" : "the tables are \(known)")
    }

    package static func check(component name: String) throws(StoreError) {
        let allowed = name.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        }
        guard allowed, (1...64).contains(name.utf8.count), !name.hasPrefix("."), !name.hasPrefix("-") else {
            throw StoreError(
                .invalidInput, "'\(name)' cannot be a name",
                remedy: "use 1 to 64 letters, digits, _, - and ., not beginning with . or -")
        }
        // Tables are folders beside the store's own files; some file systems do not tell case apart.
        let lowercased = name.lowercased()
        guard !["lock", "current"].contains(lowercased), !lowercased.hasSuffix(".tmp"),
            !["log-", "manifest-"].contains(where: { lowercased.hasPrefix($0) })
        else {
            throw StoreError(
                .invalidInput, "'\(name)' is a name of the store's own files", remedy: "use another name")
        }
    }
}
