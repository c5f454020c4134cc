import ColumnFormat
import ColumnStore
import TestSupport

/// A few calls of every kind against a store on a simulated disk, and what each promised when it returned.
///
/// Rows carry the number of their call and their place in it, in two tables at once, so that the recovered rows show
/// whether calls survived whole and in order.
final class StoreWorkload {
    static let path = "/dir/store"
    static let schema = Schema(
        [
            ColumnDefinition("id", .string, isNullable: false), ColumnDefinition("call", .int64, isNullable: false),
            ColumnDefinition("place", .int32), ColumnDefinition("text", .string),
        ], indexed: ["id"])

    /// How many rows each call appended to `a` and to `b`, in the order of the log; a call that threw may be there or not.
    private(set) var calls: [(a: Int, b: Int)] = []
    /// How many of the calls were known to survive a loss of power, and a kill, at some moment.
    private(set) var durableCount = 0
    private(set) var writtenCount = 0
    private(set) var metadata: [String: UInt8] = [:]
    /// What may be in place of ``metadata``: the change that was being made.
    private(set) var unsureMetadata: [String: UInt8] = [:]
    private(set) var madeTables: Set<String> = []
    private(set) var droppedTables: Set<String> = []
    private(set) var attemptedDrops: Set<String> = []

    private let simulated: SimulatedStore
    private var generator: SeededGenerator

    init(_ simulated: SimulatedStore, seed: UInt64) {
        self.simulated = simulated
        generator = SeededGenerator(seed: seed)
    }

    /// Runs until the end, or until something throws. `.written` and `.durable` calls alternate by opening the store anew.
    func run() throws {
        for durability in [Durability.durable, .buffered, .written] {
            let store = try Store.open(
                Self.path, options: simulated.options(durability, memtableByteCount: 600))
            // Opening makes durable whatever the log held.
            durableCount = calls.count
            writtenCount = calls.count
            try makeTables(store)
            for step in 0..<8 { try run(step, in: store, durability) }
            try store.close()
            durableCount = calls.count
            writtenCount = calls.count
        }
    }

    private func makeTables(_ store: Store) throws {
        for name in ["a", "b"] {
            _ = try store.createTable(name, schema: Self.schema)
            madeTables.insert(name)
        }
    }

    private func run(_ step: Int, in store: Store, _ durability: Durability) throws {
        try append(to: store, durability)
        switch step {
        case 1:
            let value = UInt8.random(in: 0...255, using: &generator)
            unsureMetadata["key"] = value
            try store.setMetadata(["key": [value]])
            metadata["key"] = value
        case 2:
            try store.sync()
            durableCount = calls.count
        case 3:
            try store.seal()
            durableCount = calls.count
        case 4:
            let name = "dropped-\(durability.rawValue)"
            try store.createTable(name, schema: Self.schema).append(rows: [["id": "x", "call": 0]])
            madeTables.insert(name)
            attemptedDrops.insert(name)
            try store.dropTables([name])
            droppedTables.insert(name)
        case 5: simulated.advance(milliseconds: 5)
        case 6:
            try store.compact()
            durableCount = calls.count
        default: simulated.advance(milliseconds: 150)
        }
    }

    private func append(to store: Store, _ durability: Durability) throws {
        let number = calls.count
        let counts = (a: Int.random(in: 1...5, using: &generator), b: Int.random(in: 0...3, using: &generator))
        let (first, second) = (rows(counts.a, call: number), rows(counts.b, call: number))
        calls.append(counts)
        try Self.append(first, second, to: store)
        writtenCount = durability == .buffered ? writtenCount : calls.count
        durableCount = durability == .durable ? calls.count : durableCount
    }

    private func rows(_ count: Int, call: Int) -> [[String: Value]] {
        (0..<count).map { place in
            [
                "id": .string("\(call)-\(place)"), "call": .int(Int64(call)), "place": .int(Int64(place)),
                "text": .string(String(repeating: "t", count: Int.random(in: 0...60, using: &generator))),
            ]
        }
    }

    /// One call with rows for both tables.
    private static func append(_ a: [[String: Value]], _ b: [[String: Value]], to store: Store) throws {
        let layout = RowLayout(schema)
        var first = RowWriter()
        var second = RowWriter()
        try write(a, layout, into: &first)
        try write(b, layout, into: &second)
        try store.write { core throws(StoreError) in
            guard let tableA = core.table(named: "a"), let tableB = core.table(named: "b") else {
                throw StoreError(.notFound, "a table is missing")
            }
            unsafe try core.add(first.rowCount, rows: first.bytes, to: tableA)
            unsafe try core.add(second.rowCount, rows: second.bytes, to: tableB)
            try core.commit(arrival: Timestamp(microseconds: 1))
        }
    }

    private static func write(_ rows: [[String: Value]], _ layout: RowLayout, into writer: inout RowWriter) throws {
        for row in rows {
            writer.beginRow(layout)
            for (position, column) in schema.columns.enumerated() {
                guard writer.value(row[column.name] ?? .null, column: position, definition: column) else {
                    throw StoreError(.invalidInput, "a row of the test does not fit")
                }
            }
        }
    }
}
