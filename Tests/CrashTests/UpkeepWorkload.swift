import ColumnFormat
import ColumnStore
import Synchronization
import TestSupport

/// Appends with erasures, a retention, merges and compactions between them, and in the middle of them, on a simulated disk.
///
/// A row says its number in all that it holds, so that a recovered store shows which rows are there, and the disk shows
/// which were ever written to it.
final class UpkeepWorkload: Sendable {
    static let path = "/dir/store"
    static let schema = Schema(
        [
            ColumnDefinition("id", .string, isNullable: false), ColumnDefinition("at", .timestamp),
            ColumnDefinition("text", .string),
        ], indexed: ["id"])

    struct Progress: Sendable {
        /// The rows that are not erased, after each call in the order of the log; a call that threw may have happened or not.
        var states: [RowSet] = [RowSet()]
        /// Which of ``states`` is the first that may be found after the power went.
        var durable = 0
        /// How many rows were appended, or tried to be.
        var endRow = 0
        /// How many of the newest rows a retention leaves; nil where none was set, or tried to be.
        var kept: Int?
        /// A call failed: the workload ends, because it does not know any more which numbers rows get.
        var hasFailed = false
    }

    private let simulated: SimulatedStore
    private let fileSystem: HookedFileSystem
    private let durability: Durability
    private let guarded = Mutex(Progress())
    var progress: Progress { guarded.withLock { $0 } }

    init(_ disk: SimulatedFileSystem, _ durability: Durability) {
        simulated = SimulatedStore(disk)
        fileSystem = HookedFileSystem(disk)
        self.durability = durability
    }

    static func row(_ number: Int) -> [String: Value] {
        [
            "id": .string("id-\(number)-"), "at": .timestamp(Timestamp(microseconds: Int64(number) * 1_000_000)),
            "text": .string(text(number)),
        ]
    }

    /// Not to be found in any file once the row is erased.
    static func text(_ number: Int) -> String { "<row \(number)>" }

    func run() throws {
        var options = simulated.options(durability)
        options.environment.fileSystem = fileSystem
        let store = try Store.open(Self.path, options: options)
        let table = try store.createTable("t", schema: Self.schema)
        for erased in [[], [1, 4], [5]] {
            try append(5, to: table)
            if !erased.isEmpty { try erase(erased, of: table) }
            try seal(store)
        }
        try erase([0, 6, 14], of: table)
        // Within the compaction, while it writes: a row that it is about to write goes, others come.
        let inner = Mutex(0)
        fileSystem.setHook { [self] in
            let step = inner.withLock { step in
                defer { step += 1 }
                return step
            }
            guard step < 2 else { return }
            _ = try? append(2, to: table)
            _ = try? erase([2 + step], of: table)
        }
        try store.compact()
        noteDurable()
        for _ in 0..<4 {
            try append(3, to: table)
            try seal(store)
        }
        // In the background, with the same between its reading and its commit.
        inner.withLock { $0 = 0 }
        simulated.advance(milliseconds: 150)
        fileSystem.setHook(nil)
        guarded.withLock { $0.kept = 8 }
        try store.setRetention(Retention(rowCount: 8), for: "t")
        simulated.advance(milliseconds: 1)
        try append(4, to: table)
        try erase([progress.endRow - 1], of: table)
        try seal(store)
        try store.compact()
        try append(1, to: table)
        try store.close()
        noteDurable()
    }

    private func append(_ count: Int, to table: Table) throws {
        try checkRunning()
        let rows = guarded.withLock { progress in
            let rows = progress.endRow..<progress.endRow + count
            progress.endRow += count
            let state = progress.states.last ?? RowSet()
            progress.states.append(state.union(RowSet(UInt64(rows.lowerBound)..<UInt64(rows.upperBound))))
            return rows
        }
        try noting { try table.append(rows: rows.map(Self.row)) }
        if durability == .durable { noteDurable() }
    }

    private func erase(_ numbers: [Int], of table: Table) throws {
        try checkRunning()
        guarded.withLock { progress in
            let state = progress.states.last ?? RowSet()
            progress.states.append(state.subtracting(RowSet(numbers.map { UInt64($0) })))
        }
        try noting { _ = try table.erase(where: .in("id", numbers.map { .string("id-\($0)-") })) }
        noteDurable()
    }

    private func seal(_ store: Store) throws {
        try store.seal()
        noteDurable()
    }

    private func noting(_ body: () throws -> Void) throws {
        do { try body() } catch {
            guarded.withLock { $0.hasFailed = true }
            throw error
        }
    }

    private func checkRunning() throws {
        if progress.hasFailed { throw StoreError(.io, "an earlier call failed") }
    }

    private func noteDurable() {
        guarded.withLock { progress in
            if !progress.hasFailed { progress.durable = progress.states.count - 1 }
        }
    }
}
