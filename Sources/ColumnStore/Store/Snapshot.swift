internal import ColumnFormat

/// Which of a store's rows a snapshot shows.
public enum SnapshotKind: Sendable, CaseIterable {
    /// All of them, as of now.
    case latest
    /// Those that survive a loss of power, so that nothing that was read can ever be gone.
    ///
    /// In the process that writes, all rows of now: they are synced first, which waits for the disk. In any other, those
    /// that the log tells to be durable: it lags behind by as much as the writer's last sync, and by the calls since then.
    case durable
}

/// One consistent version of all tables of a store: each call is in it whole, or not at all, in every table that it touched.
///
/// Its tables are read like any other. What is appended, erased, dropped or changed in its schema later does not show, and
/// the rows stay readable as long as the snapshot lives, also when the store is closed. It holds the memory of rows that were
/// not sealed when it was taken, and the room on disk of files that are removed meanwhile: do not keep it for long.
public struct Snapshot: Sendable {
    /// What it was asked to show.
    public let kind: SnapshotKind
    private let store: Store
    private let pinned: [String: PinnedTable]

    init(_ kind: SnapshotKind, of store: Store, tables: [TableState]) {
        self.kind = kind
        self.store = store
        pinned = Dictionary(uniqueKeysWithValues: tables.map { ($0.name, PinnedTable($0)) })
    }

    /// The tables, by name. They refuse to be written: `.readOnly`.
    public var tables: [Table] { pinned.keys.sorted().map { Table(store: store, name: $0, pinned: pinned[$0]) } }

    /// A table by its full name, or by its bare name where only one task has such a table.
    /// Throws `.notFound` with the names that exist.
    public func table(_ name: String) throws(StoreError) -> Table {
        let found = try TableName.resolve(name, among: pinned.keys, path: store.path)
        return Table(store: store, name: found, pinned: pinned[found])
    }
}

extension Store {
    /// All tables as they are in one moment. Takes the store's lock for as long as it takes to copy references to what is
    /// there: a few microseconds for a dozen tables.
    ///
    /// Throws `.noSpace`, `.io` or `.poisoned` where a durable snapshot cannot be made durable, and `.closed`.
    public func snapshot(_ kind: SnapshotKind = .latest) throws(StoreError) -> Snapshot {
        let (snapshot, log, end) = try read { core throws(StoreError) in
            if core.isClosed { throw StoreError(.closed, "the store was closed", path: path) }
            return (Snapshot(kind, of: self, tables: Array(core.tables.values)), core.log, core.nextSequence)
        }
        // A store that was opened for reading is what it was opened as.
        if kind == .durable, let log { try log.sync(through: end) }
        return snapshot
    }
}

/// A table as it was when a snapshot was taken.
final class PinnedTable: Sendable {
    let snapshot: TableSnapshot
    private let sealed: SealedRows
    private let hash: IndexHash
    let indexedColumns: [Int]

    /// Rows that were in memory. To their index more may be added: it is searched under the store's lock.
    private struct Memory: @unchecked Sendable {
        let memtables: [Memtable]
    }

    private let memory: Memory

    /// Under the store's lock.
    init(_ table: TableState) {
        snapshot = table.snapshot()
        sealed = table.sealedRows
        hash = table.hash
        indexedColumns = table.indexedColumns
        memory = Memory(memtables: table.frozen + [table.active])
    }

    /// The newest row whose `column` holds `key`.
    func newestRow(_ key: UnsafeRawBufferPointer, column: Int, in store: Store) throws(StoreError) -> UInt64? {
        let hash = unsafe hash(key, column: column)
        let inMemory = try store.read { _ throws(StoreError) in
            var newest: UInt64?
            for memtable in memory.memtables.reversed() where newest == nil {
                _ = unsafe try memtable.find(column: column, key: key, hash: hash) { (place: Int) in
                    let row = memtable.firstRow + UInt64(place)
                    if row < snapshot.endRow, snapshot.isLive(row) { newest = max(newest ?? 0, row) }
                    return false
                }
            }
            return newest
        }
        if let inMemory { return inMemory }
        return try sealed.index.newest(hash) { (row: UInt64) throws(StoreError) -> Bool in
            guard sealed.isLive(row) else { return false }
            return unsafe try sealed.segments.holds(row, column: column, key: key)
        }
    }
}
