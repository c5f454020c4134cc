import ColumnFormat
import ColumnStore
import TestSupport
import Testing

/// Crashes and failures at every operation while the schema of a table changes. What must hold: the schema that was
/// acknowledged, or the next one; every call that was acknowledged, whole and in order; and each value as the schema has it.
struct SchemaCrashTests {
    private static let path = "/dir/store"
    private static let schema = Schema(
        [ColumnDefinition("id", .string, isNullable: false), ColumnDefinition("n", .int16)], indexed: ["id"])
    private static let steps: [@Sendable (Table) throws -> Void] = [
        { try $0.addColumn(ColumnDefinition("x", .string)) },
        { try $0.widenColumn("n", to: .int64) },
        { try $0.renameColumn("n", to: "count") },
        { try $0.addColumn(ColumnDefinition("y", .float64)) },
    ]

    /// What a run did before it was stopped.
    private final class Progress {
        var rowCount = 0
        var attemptedRowCount = 0
        var changes = 0
        var attemptedChanges = 0
    }

    private static func row(_ number: Int, afterChanges changes: Int) -> [String: Value] {
        var row: [String: Value] = ["id": .string("r\(number)")]
        row[changes > 2 ? "count" : "n"] = .int(Int64(number))
        if changes > 0 { row["x"] = .string("x\(number)") }
        if changes > 3 { row["y"] = .float64(Double(number)) }
        return row
    }

    /// Appends and changes by turns; every append and every change is durable when it returns.
    private static func run(_ simulated: SimulatedStore, _ progress: Progress) throws {
        let store = try Store.open(path, options: simulated.options(.durable, memtableByteCount: 4_000))
        let table = try store.createTable("t", schema: schema)
        func append() throws {
            progress.attemptedRowCount += 1
            try table.append(rows: [row(progress.rowCount, afterChanges: progress.changes)])
            progress.rowCount += 1
        }
        for (number, step) in steps.enumerated() {
            for _ in 0..<3 { try append() }
            if number % 2 == 1 { try store.seal() }
            try append()
            progress.attemptedChanges += 1
            try step(table)
            progress.changes += 1
        }
        for _ in 0..<3 { try append() }
        try store.close()
    }

    private static func disk(_ seed: UInt64) throws -> SimulatedFileSystem {
        let disk = SimulatedFileSystem(seed: seed)
        try disk.createDirectory("/dir")
        try disk.syncDirectory("/")
        return disk
    }

    private static func operations() throws -> Range<Int> {
        let disk = try disk(1)
        let first = disk.operationCount
        try run(SimulatedStore(disk), Progress())
        return first..<disk.operationCount
    }

    /// The rows that a store has, after it was checked that they are those of the first calls, as its schema has them.
    private static func check(_ store: Store, _ progress: Progress) throws -> Int {
        guard let table = store.tables.first(where: { $0.name == "t" }) else {
            guard progress.attemptedRowCount == 0 else { throw Violation("the table is missing") }
            return 0
        }
        let names = try table.schema.columns.map(\.name)
        let changes = names.contains("y") ? 4 : names.contains("count") ? 3 : names.contains("x") ? 1 : 0
        let isWide = try table.schema.columns[1].type == .int64
        let found = changes == 1 && isWide ? 2 : changes
        guard (progress.changes...progress.attemptedChanges).contains(found) else {
            throw Violation("\(found) changes, \(progress.changes) were acknowledged")
        }
        let rows = try table.allRows()
        guard (progress.rowCount...progress.attemptedRowCount).contains(rows.count) else {
            throw Violation("\(rows.count) rows, \(progress.rowCount) were acknowledged")
        }
        for (number, row) in rows.enumerated() {
            // Four rows before each change.
            let written = min(number / 4, steps.count)
            guard row["id"] == .string("r\(number)"), row[found > 2 ? "count" : "n"] == .int(Int64(number)),
                found < 1 || row["x"] == (written > 0 ? .string("x\(number)") : .null),
                found < 4 || row["y"] == (written > 3 ? .float64(Double(number)) : .null),
                try table.lookup("id", .string("r\(number)")) == UInt64(number)
            else { throw Violation("row \(number) is \(row) after \(found) changes") }
        }
        return rows.count
    }

    private static func recover(_ disk: SimulatedFileSystem, _ progress: Progress) throws {
        let simulated = SimulatedStore(disk)
        guard try disk.kind(of: path + "/CURRENT") == .file else {
            guard progress.attemptedRowCount == 0 else { throw Violation("the store is missing") }
            return
        }
        let read = try check(Store.openReadOnly(path, options: simulated.options()), progress)
        let count: Int
        do {
            let store = try Store.open(path, options: simulated.options())
            count = try check(store, progress)
            guard read == count else { throw Violation("a reader sees \(read) rows, the writer \(count)") }
        }
        // It goes on: all changes again, which those that are there do not mind, more rows, and a merge.
        let again = SimulatedStore(disk.crash(.nothing))
        let store = try Store.open(path, options: again.options(.written))
        guard try check(store, progress) == count else { throw Violation("the second recovery differs") }
        let table = try store.createTable("t", schema: schema)
        for step in steps { try step(table) }
        try table.append(rows: [row(count, afterChanges: steps.count)])
        try store.seal()
        _ = try store.compact()
        try store.close()
        let last = try Store.open(path, options: again.options())
        let rows = try last.table("t").allRows()
        guard rows.count == count + 1, rows[count] == row(count, afterChanges: steps.count) else {
            throw Violation("a row that was appended after the recovery is missing")
        }
    }

    @Test func noPowerLossBreaksAChange() throws {
        for operation in try Self.operations() {
            let disk = try Self.disk(1)
            disk.fail(at: operation, .crash)
            let progress = Progress()
            do { try Self.run(SimulatedStore(disk), progress) } catch is StoreError {}
            let outcome: CrashOutcome =
                switch operation % 4 {
                case 0: .nothing
                case 1: .everything
                case 2: .prefix(disk.pendingCount > 0 ? operation % disk.pendingCount : 0)
                default: .subset(seed: UInt64(operation))
                }
            do {
                try Self.recover(disk.crash(outcome), progress)
            } catch {
                Issue.record("operation \(operation), \(outcome): \(error)\n\(disk.journal.suffix(6))")
                return
            }
        }
    }

    @Test(arguments: [SimulatedFault.inputOutput, .noSpace, .syncLosesData])
    func noFailureOfTheDiskBreaksAChange(fault: SimulatedFault) throws {
        for operation in try Self.operations() where operation % 2 == 0 {
            let disk = try Self.disk(1)
            disk.fail(at: operation, fault)
            let progress = Progress()
            do { try Self.run(SimulatedStore(disk), progress) } catch is StoreError {}
            do {
                try Self.recover(operation % 4 == 0 ? disk.crash(.nothing) : disk.kill(), progress)
            } catch {
                Issue.record("operation \(operation), \(fault): \(error)\n\(disk.journal.suffix(6))")
                return
            }
        }
    }
}
