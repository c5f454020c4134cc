import ColumnFormat
import ColumnStore
import TestSupport
import Testing

/// Groups by intervals of times, which come as runs where the times are in order.
struct TimeRunTests {
    private static let aggregates: [Aggregate] = [
        .count, .count("nullable"), .sum("packed"), .sum("small"), .sum("real"), .mean("single"), .sum("decimal"),
        .sum("constant"), .sum("nullable"), .min("special"), .max("special"), .min("patched"), .max("patched"),
        .max("nullable"), .min("decimal"), .max("single"), .min("id"), .max("text"), .variance("decimal"),
        .distinctCount("text"), .distinctCount("packed"), .distinctCount("dictionary"), .sum("special"),
    ]

    private func store() throws -> Store {
        try Store.open("/s", options: SimulatedStore(SimulatedFileSystem()).options(memtableByteCount: 64 << 20))
    }

    private func expect(
        _ table: Table, _ rows: [[String: Value]], _ every: TimeSpan, _ predicate: Predicate?, _ context: String
    ) throws {
        let keys = [GroupKey.time("time", every: every)]
        var expected: [[Value]: [[String: Value]]] = [:]
        for row in rows where predicate.map({ PredicateModel.truth($0, row) == true }) ?? true {
            expected[keys.map { AggregateTests.key($0, row) }, default: []].append(row)
        }
        for use in [ZoneMapUse.full, .pruning, .none] {
            let result = try table.aggregate(Self.aggregates, where: predicate, groupBy: keys, zoneMaps: use)
            #expect(result.rows.count == expected.count, "\(context), \(use)")
            for row in result.rows {
                let group = try #require(expected[row.keys], "\(row.keys), \(context)")
                let values = AggregateModel.values(Self.aggregates, group)
                for (place, aggregate) in Self.aggregates.enumerated() {
                    #expect(
                        AggregateModel.isClose(
                            row.values[place], values[place], tolerance: AggregateTests.tolerance(aggregate, group)),
                        "\(aggregate.name) of \(row.keys): \(row.values[place]), expected \(values[place]), \(context)")
                }
            }
        }
    }

    /// A row every 1.7 to 2.6 seconds, so from a run a vector to runs that are too short to be taken as such.
    @Test(arguments: [TimeSpan.hours(2), .minutes(5), .seconds(40), .seconds(10)])
    func runsAreThoseOfTheRows(every: TimeSpan) throws {
        let store = try store()
        let table = try store.createTable("t", schema: EncodedRows.schema)
        let rows = EncodedRows.rows(2_600)
        try table.append(rows: Array(rows[..<2_200]))
        try store.seal()
        try table.append(rows: Array(rows[2_200...]))
        for predicate in [nil, .greater("packed", 2_900), .isNull("nullable")] as [Predicate?] {
            try expect(table, rows, every, predicate, "\(every), \(predicate.map { "\($0)" } ?? "all")")
        }
        let gone = Predicate.or([.between("packed", 100, 900), .prefix("id", "row-17"), .prefix("id", "row-23")])
        let left = rows.filter { PredicateModel.truth(gone, $0) != true }
        #expect(try table.erase(where: gone) == rows.count - left.count)
        try expect(table, left, every, nil, "\(every), some erased")
        try expect(table, left, every, .greater("packed", 1_500), "\(every), some erased, others not asked for")
    }

    @Test func timesOutOfOrderAndAtTheEndsOfTimeAreGroupedToo() throws {
        let store = try store()
        let table = try store.createTable("t", schema: EncodedRows.schema)
        var rows = EncodedRows.rows(1_200)
        for place in rows.indices where place % 300 == 250 {
            rows[place]["time"] = .timestamp(Timestamp(microseconds: 1_583_020_000_000_000))
        }
        try table.append(rows: rows)
        try store.seal()
        try expect(table, rows, .minutes(5), .greater("packed", 500), "out of order")

        let edges = try store.createTable(
            "edges", schema: Schema([ColumnDefinition("time", .timestamp, isNullable: false)]))
        let times: [Int64] = [.min, .min + 1, -7, -1, 0, 6, 12, .max - 1, .max]
        try edges.append(rows: times.map { ["time": .timestamp(Timestamp(microseconds: $0))] })
        for _ in 0..<2 {
            let result = try edges.aggregate([.count], groupBy: [.time("time", every: TimeSpan(microseconds: 10))])
            let starts = result.rows.map(\.keys[0])
            let expected: [Int64] = [.min, -10, 0, 10, .max - .max % 10]
            #expect(
                starts == expected.map { .timestamp(Timestamp(microseconds: $0)) }, "the first begins before all times")
            #expect(result.rows.map { $0.values[0] } == [2, 2, 2, 1, 2])
            try store.seal()
        }
    }
}
