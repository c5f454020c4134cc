import ColumnFormat
import ColumnStore
import TestSupport
import Testing

struct AggregateTests {
    private func store() throws -> Store {
        try Store.open("/s", options: SimulatedStore(SimulatedFileSystem()).options(memtableByteCount: 64 << 20))
    }

    private static let allUses: [ZoneMapUse] = [.full, .pruning, .none]

    /// What applies to each column of ``EveryType``.
    static func aggregates(of column: ColumnDefinition) -> [Aggregate] {
        let name = column.name
        var result: [Aggregate] = [.count(name)]
        if column.type.dimension > 0 { return result }
        result += [.min(name), .max(name), .distinctCount(name)]
        switch column.type {
        case .string, .bytes, .uuid, .timestamp: break
        case .int64, .uint64: result.append(.mean(name))
        default: result += [.sum(name), .mean(name), .variance(name)]
        }
        return result
    }

    /// How far a float result may be off: by the documented bound, and for variances by what cancels in the squares.
    static func tolerance(_ aggregate: Aggregate, _ rows: [[String: Value]]) -> Double {
        guard let column = aggregate.column, !aggregate.name.hasPrefix("distinctCount") else { return 0 }
        let magnitudes = rows.compactMap { $0[column] }.filter { $0 != .null }
            .map { AggregateModel.double($0).magnitude }
        let total = magnitudes.reduce(0, +)
        if aggregate.name.hasPrefix("variance") { return magnitudes.map { $0 * $0 }.reduce(0, +) * 0x1p-40 }
        return total * 0x1p-45
    }

    func expect(
        _ table: Table, _ rows: [[String: Value]], _ aggregates: [Aggregate], _ predicate: Predicate?,
        _ context: String
    ) throws {
        let kept = rows.filter { row in predicate.map { PredicateModel.truth($0, row) == true } ?? true }
        let expected = AggregateModel.values(aggregates, kept)
        for use in Self.allUses {
            let result = try table.aggregate(aggregates, where: predicate, zoneMaps: use)
            #expect(result.rows.count == 1 && result.rows[0].keys == [])
            for (place, aggregate) in aggregates.enumerated() {
                let found = result.rows[0].values[place]
                #expect(
                    AggregateModel.isClose(found, expected[place], tolerance: Self.tolerance(aggregate, kept)),
                    "\(aggregate.name) is \(found), expected \(expected[place]): \(use), \(context)")
            }
        }
        let parallel = try table.aggregate(aggregates, where: predicate, parallelism: 3)
        let single = try table.aggregate(aggregates, where: predicate)
        for (a, b) in zip(parallel.rows[0].values, single.rows[0].values) {
            #expect(a.isIdentical(to: b), "threads show: \(context)")
        }
    }

    // MARK: Against the model

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func aggregatesAreThoseOfTheRowsThatAreLeft(seed: UInt64) throws {
        let store = try store()
        let table = try store.createTable("t", schema: EveryType.schema)
        let rows = EveryType.rows(0..<200, seed: seed)
        for start in stride(from: 0, to: 160, by: 40) {
            try table.append(rows: Array(rows[start..<start + 40]))
            try store.seal()
        }
        try table.append(rows: Array(rows[160...]))
        let aggregates = [Aggregate.count] + EveryType.schema.columns.flatMap { Self.aggregates(of: $0) }
        try expect(table, rows, aggregates, nil, "all, seed \(seed)")
        var conditions = PredicateGenerator(generator: SeededGenerator(seed: seed))
        for _ in 0..<25 {
            let predicate = conditions.predicate()
            try expect(table, rows, aggregates, predicate, "seed \(seed), \(predicate)")
        }
    }

    @Test func everyEncodingIsAddedAndComparedRight() throws {
        let store = try store()
        let table = try store.createTable("t", schema: EncodedRows.schema)
        let rows = EncodedRows.rows(4_000)
        try table.append(rows: Array(rows[..<2_300]))
        try store.seal()
        try table.append(rows: Array(rows[2_300..<3_600]))
        try store.seal()
        try table.append(rows: Array(rows[3_600...]))
        var aggregates = [Aggregate.count]
        for column in EncodedRows.schema.columns { aggregates += Self.aggregates(of: column) }
        for predicate in [nil] + EncodedRows.predicates {
            try expect(table, rows, aggregates, predicate, "\(predicate.map { "\($0)" } ?? "all")")
        }
    }

    /// Conditions that leave a few rows of a vector, which are read alone, and none.
    @Test func sumsOfFewRows() throws {
        let store = try store()
        let table = try store.createTable("t", schema: EncodedRows.schema)
        let rows = EncodedRows.rows(4_000)
        try table.append(rows: Array(rows[..<3_000]))
        try store.seal()
        try table.append(rows: Array(rows[3_000...]))
        let time = 1_583_020_800_000_000 as Int64
        func at(_ row: Int64) -> Value { .timestamp(Timestamp(microseconds: time + row * 1_700_000)) }
        let predicates: [Predicate] = [
            .greater("packed", 2_950), .equal("special", 3), .greater("patched", 1_000_000),
            .in("id", ["row-7", "row-2100"]),
            .between("time", at(1_020), at(1_030)), .less("time", at(0)), .greaterOrEqual("time", at(2_040)),
            .not(.between("time", at(5), at(4_000))), .or([.less("time", at(9)), .greater("time", at(2_990))]),
            .and([.greater("time", at(-9)), .less("time", at(9_000)), .less("packed", -40)]),
        ]
        let names = [
            "packed", "small", "decimal", "single", "real", "patched", "scaled", "runs", "dictionary", "nullable",
            "special",
        ]
        for predicate in predicates {
            for name in names { try expect(table, rows, [.sum(name)], predicate, "\(name), \(predicate)") }
            try expect(
                table, rows, [.count, .sum("packed"), .mean("decimal"), .max("time")], predicate, "\(predicate)")
        }
    }

    /// A condition on one column, and the sum of what is derived from it: its vectors are then loaded once.
    @Test func sumsOfWhatTheConditionsColumnMakes() throws {
        let store = try store()
        let table = try store.createTable(
            "t",
            schema: Schema([
                ColumnDefinition("distance", .float32, isNullable: false),
                ColumnDefinition("speed", .float32, isNullable: false),
                ColumnDefinition("total", .float64, isNullable: false),
            ]))
        var random = SeededGenerator(seed: 80)
        let rows = (0..<5_000).map { row -> [String: Value] in
            let digits = row % 700 == 3 ? Int(random.next() % 900_000) : Int(random.next() % 3_000)
            let distance = Float(Double(digits) / 100)
            let seconds = Int(random.next() % 3_000) + 60
            return [
                "distance": .float32(distance), "speed": .float32(Float(Double(digits) / Double(seconds * 100))),
                "total": .float64([1.25, 3.5, 17, 0.3, 2.75][seconds % 5]),
            ]
        }
        try table.append(rows: rows)
        try store.seal()
        for limit in [-1, 0, 12.345, 29, 29.7, 30, 400, 9_000] as [Float] {
            let above = Predicate.greater("distance", .float32(limit))
            for predicate in [above, .not(above), .and([above, .less("speed", .float32(0.01))])] {
                try expect(table, rows, [.sum("speed")], predicate, "above \(limit)")
                try expect(table, rows, [.sum("distance"), .sum("speed"), .max("speed")], predicate, "above \(limit)")
            }
        }
        try expect(table, rows, [.sum("total"), .sum("speed")], nil, "all")
    }

    @Test func rowsWithACommonKeyAreAggregatedTogether() throws {
        let store = try store()
        let table = try store.createTable("t", schema: EncodedRows.schema)
        let rows = EncodedRows.rows(4_000)
        try table.append(rows: Array(rows[..<3_000]))
        try store.seal()
        try table.append(rows: Array(rows[3_000...]))
        let aggregates: [Aggregate] = [
            .count, .count("nullable"), .sum("decimal"), .mean("packed"), .min("decimal"), .max("text"),
            .variance("packed"), .distinctCount("dictionary"),
        ]
        let groupings: [[GroupKey]] = [
            [.time("time", every: .minutes(7))], [.column("dictionary")], [.column("text")], [.column("nullable")],
            [.column("runs"), .column("text")],
            [.time("time", every: .hours(1)), .column("nullable"), .column("text")],
            [.column("real")], [.column("id")],
        ]
        for keys in groupings {
            for predicate in [nil, .greater("packed", 1_500), .isNull("nullable")] as [Predicate?] {
                let kept = rows.filter { row in predicate.map { PredicateModel.truth($0, row) == true } ?? true }
                var expected: [[Value]: [[String: Value]]] = [:]
                for row in kept { expected[keys.map { Self.key($0, row) }, default: []].append(row) }
                for use in Self.allUses {
                    let result = try table.aggregate(aggregates, where: predicate, groupBy: keys, zoneMaps: use)
                    #expect(result.rows.count == expected.count, "\(keys), \(use)")
                    for row in result.rows {
                        let group = try #require(expected[row.keys.map { AggregateModel.canonical($0) }], "\(row.keys)")
                        let values = AggregateModel.values(aggregates, group)
                        for (place, aggregate) in aggregates.enumerated() {
                            #expect(
                                AggregateModel.isClose(
                                    row.values[place], values[place], tolerance: Self.tolerance(aggregate, group)),
                                "\(aggregate.name) of \(row.keys): \(row.values[place]), expected \(values[place])")
                        }
                    }
                    let parallel = try table.aggregate(
                        aggregates, where: predicate, groupBy: keys, parallelism: 2, zoneMaps: use)
                    #expect(parallel.rows.map(\.values) == result.rows.map(\.values), "threads show: \(keys)")
                }
            }
        }
    }

    static func key(_ key: GroupKey, _ row: [String: Value]) -> Value {
        switch key {
        case .column(let name): return AggregateModel.canonical(row[name] ?? .null)
        case .time(let name, let every):
            guard case .timestamp(let time)? = row[name] else { return .null }
            let start = time.microseconds.flooredQuotient(by: every.microseconds) * every.microseconds
            return .timestamp(Timestamp(microseconds: start))
        }
    }

    @Test func groupsComeInTheOrderOfTheirKeys() throws {
        let store = try store()
        let schema = Schema([ColumnDefinition("k", .float64), ColumnDefinition("t", .timestamp)])
        let table = try store.createTable("t", schema: schema)
        let values: [Value] = [
            .float64(3), .null, .float64(-1.5), .float64(.infinity), .float64(-0.0), .float64(0), .float64(.nan),
            .float64(-7),
        ]
        try table.append(
            rows: values.enumerated().map { number, value in
                ["k": value, "t": .timestamp(Timestamp(microseconds: Int64(number) - 4))]
            })
        let result = try table.aggregate(.count, groupBy: .column("k"))
        #expect(
            result.rows.map { "\($0.keys[0]) \($0.values[0])" }
                == ["-7.0 1", "-1.5 1", "0.0 2", "3.0 1", "inf 1", "nan 1", "null 1"])
        let times = try table.aggregate(.count, groupBy: .time("t", every: TimeSpan(microseconds: 3)))
        #expect(
            times.rows.map(\.keys) == [-6, -3, 0, 3].map { [.timestamp(Timestamp(microseconds: $0))] })
        #expect(times.rows.map { $0.values[0] } == [1, 3, 3, 1])
    }

    // MARK: Edges

    @Test func nothingHasACountOfZeroAndNoMean() throws {
        let store = try store()
        let table = try store.createTable("t", schema: EncodedRows.schema)
        let aggregates: [Aggregate] = [
            .count, .count("decimal"), .sum("decimal"), .mean("packed"), .min("text"), .max("decimal"),
            .variance("decimal"), .quantile(0.5, "decimal"), .distinctCount("text"),
        ]
        let empty: [Value] = [0, 0, nil, nil, nil, nil, nil, nil, 0]
        #expect(try table.aggregate(aggregates).rows.map(\.values) == [empty])
        #expect(try table.aggregate(aggregates, groupBy: [.column("text")]).rows.isEmpty)
        try table.append(rows: EncodedRows.rows(1_500))
        try store.seal()
        for use in Self.allUses {
            let none = try table.aggregate(aggregates, where: .less("packed", -51), zoneMaps: use)
            #expect(none.rows.map(\.values) == [empty])
        }
    }

    @Test func whatMakesNoSenseIsRefused() throws {
        let store = try store()
        let table = try store.createTable("t", schema: EncodedRows.schema)
        let bad: [(Aggregate, [GroupKey])] = [
            (.sum("nope"), []), (.sum("text"), []), (.mean("time"), []), (.quantile(1.5, "packed"), []),
            (.quantile(.nan, "packed"), []), (.variance("text"), []), (.count, [.column("nope")]),
            (.count, [.time("packed", every: .hours(1))]), (.count, [.time("time", every: 0)]),
        ]
        for (aggregate, keys) in bad {
            let error = #expect(throws: StoreError.self, "\(aggregate.name)") {
                try table.aggregate([aggregate], groupBy: keys)
            }
            #expect(error?.code == .invalidInput && error?.remedy != nil)
        }
        #expect(throws: StoreError.self) { try table.aggregate(.count, parallelism: 0) }
        #expect(throws: StoreError.self) { try table.aggregate(.count, where: .equal("nope", 1)) }
    }

    @Test func moreGroupsThanAllowedAreAnError() throws {
        let store = try store()
        let table = try store.createTable("t", schema: EncodedRows.schema)
        try table.append(rows: EncodedRows.rows(3_000))
        try store.seal()
        for parallelism in [1, 2] {
            let error = #expect(throws: StoreError.self) {
                try table.aggregate([.count], groupBy: [.column("id")], groupLimit: 100, parallelism: parallelism)
            }
            #expect(error?.message.contains("100 groups") == true && error?.remedy?.contains("groupLimit") == true)
        }
        #expect(try table.aggregate([.count], groupBy: [.column("id")], groupLimit: 3_000).rows.count == 3_000)
    }

    @Test func aSumBeyond64BitsIsAnErrorAndItsMeanIsNot() throws {
        let store = try store()
        let schema = Schema([ColumnDefinition("i", .int64), ColumnDefinition("u", .uint64)])
        let table = try store.createTable("t", schema: schema)
        try table.append(rows: [["i": .int(.max), "u": .uint(.max)], ["i": .int(.max), "u": .uint(1)]])
        for _ in 0..<2 {
            for name in ["i", "u"] {
                let error = #expect(throws: StoreError.self) { try table.aggregate(.sum(name)) }
                #expect(error?.message.contains("does not fit") == true)
            }
            #expect(try table.aggregate(.mean("i"))[.mean("i")] == .float64(0x1p63))
            #expect(try table.aggregate(.max("u"))[.max("u")] == .uint(.max))
            let half = try table.aggregate(.sum("i"), .sum("u"), where: .equal("u", 1))
            #expect(half.rows[0].values == [.int(.max), .uint(1)])
            try store.seal()
        }
    }

    // MARK: Zone maps

    @Test func wholeBlocksAreAnsweredFromTheirZoneMaps() throws {
        let store = try store()
        let schema = Schema([
            ColumnDefinition("n", .int32), ColumnDefinition("f", .float32), ColumnDefinition("t", .timestamp),
        ])
        let table = try store.createTable("t", schema: schema)
        for segment in 0..<4 {
            try table.append(
                rows: (0..<100).map { row in
                    let n = segment * 100 + row
                    return [
                        "n": .int(Int64(n)), "f": .float32(Float(n) / 10),
                        "t": .timestamp(Timestamp(microseconds: Int64(n) * 60_000_000)),
                    ]
                })
            try store.seal()
        }
        let aggregates: [Aggregate] = [.count, .sum("n"), .mean("f"), .min("f"), .max("n")]
        let all = try table.aggregate(aggregates)
        #expect(all.summarizedRowCount == 400 && all.prunedRowCount == 0)
        #expect(all[.sum("n")] == 79_800 && all[.max("n")] == 399)
        let some = try table.aggregate(aggregates, where: .between("n", 150, 310))
        #expect(some.summarizedRowCount == 100 && some.prunedRowCount == 100)
        #expect(some[.count] == 161 && some[.sum("n")] == .int((150...310).reduce(0, +)))
        let read = try table.aggregate(aggregates, where: .between("n", 150, 310), zoneMaps: .none)
        #expect(read.summarizedRowCount == 0 && read.prunedRowCount == 0)
        #expect(read[.sum("n")] == some[.sum("n")])
        let days = try table.aggregate([.count], groupBy: [.time("t", every: .days(1))])
        #expect(days.summarizedRowCount == 400 && days.rows.map { $0.values[0] } == [400])
    }
}
