import ColumnFormat
import ColumnStore
import TestSupport

/// What a store holds after a crash, and what is wrong with that, if anything.
struct RecoveredStore {
    /// How many calls of the workload are there, from the first on.
    let callCount: Int
    let metadata: UInt8?
    private let rows: [String: [[String: Value]]]

    /// Reads the store and checks that it holds whole calls of `workload`, the first ones, and lacks none of the first
    /// `promised`.
    init(_ store: Store, _ workload: StoreWorkload, promised: Int) throws {
        var rows: [String: [[String: Value]]] = [:]
        for table in store.tables {
            rows[table.name] = try table.allRows()
            try Self.checkLookups(table, rows[table.name] ?? [])
        }
        self.rows = rows
        let names = Set(rows.keys)
        for name in workload.madeTables.subtracting(workload.attemptedDrops) where !names.contains(name) {
            throw Violation("table \(name) is missing")
        }
        for name in workload.droppedTables where names.contains(name) { throw Violation("table \(name) is back") }
        callCount = try Self.callCount(rows["a"] ?? [], rows["b"] ?? [], workload)
        guard callCount >= promised else { throw Violation("\(callCount) calls of \(promised) that were acknowledged") }
        metadata = store.metadata("key")?.first
        let allowed = [workload.metadata["key"], workload.unsureMetadata["key"]]
        guard allowed.contains(metadata) else { throw Violation("metadata is \(String(describing: metadata))") }
    }

    static func == (left: RecoveredStore, right: RecoveredStore) -> Bool {
        left.rows == right.rows && left.metadata == right.metadata
    }

    /// The number of calls that the rows of both tables are, exactly.
    private static func callCount(
        _ a: [[String: Value]], _ b: [[String: Value]], _ workload: StoreWorkload
    ) throws -> Int {
        var (placeA, placeB) = (0, 0)
        for (number, counts) in workload.calls.enumerated() {
            if placeA == a.count, placeB == b.count { return number }
            try check(a, &placeA, call: number, count: counts.a)
            try check(b, &placeB, call: number, count: counts.b)
        }
        guard placeA == a.count, placeB == b.count else { throw Violation("rows that no call appended") }
        return workload.calls.count
    }

    private static func check(_ rows: [[String: Value]], _ place: inout Int, call: Int, count: Int) throws {
        for row in 0..<count {
            guard place < rows.count else { throw Violation("call \(call) is there in part") }
            guard rows[place]["id"] == .string("\(call)-\(row)"), rows[place]["call"] == .int(Int64(call)) else {
                throw Violation("row \(place) is \(rows[place]), not row \(row) of call \(call)")
            }
            place += 1
        }
    }

    private static func checkLookups(_ table: Table, _ rows: [[String: Value]]) throws {
        for (number, row) in rows.enumerated() {
            guard let id = row["id"], try table.lookup("id", id) == UInt64(number) else {
                throw Violation("row \(number) of \(table.name) is not found by its id")
            }
        }
        let ids = rows.compactMap { row in if case .string(let id) = row["id"] { id } else { nil } }
        guard try table.lookupMany(ids) == rows.indices.map({ UInt64($0) }) else {
            throw Violation("rows of \(table.name) are not found by their ids together")
        }
        guard try table.lookup("id", "no such id") == nil else { throw Violation("an id is found that is not there") }
    }
}
