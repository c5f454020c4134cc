import ColumnFormat
import ColumnStore
import TestSupport
import Testing

struct ScanTests {
    private func store() throws -> Store {
        try Store.open("/s", options: SimulatedStore(SimulatedFileSystem()).options(memtableByteCount: 64 << 20))
    }

    // MARK: Conditions

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func aScanFindsWhatAFilterFinds(seed: UInt64) throws {
        let store = try store()
        let table = try store.createTable("t", schema: EveryType.schema)
        let rows = EveryType.rows(0..<240, seed: seed)
        // Small segments, so that zone maps exclude some of them, and rows in memory.
        for start in stride(from: 0, to: 200, by: 25) {
            try table.append(rows: Array(rows[start..<start + 25]))
            try store.seal()
        }
        try table.append(rows: Array(rows[200...]))
        var conditions = PredicateGenerator(generator: SeededGenerator(seed: seed))
        for _ in 0..<150 {
            let predicate = conditions.predicate()
            let expected = rows.indices.filter { PredicateModel.truth(predicate, rows[$0]) == true }
            var found: [Int] = []
            let scan = try table.scan(columns: ["id"], where: predicate)
            while let batch = try scan.next() {
                for row in 0..<batch.rowCount {
                    #expect(batch[row, "id"] == .string("row-\(batch.rowNumbers[row])"))
                }
                found += batch.rowNumbers.map { Int($0) }
            }
            #expect(found == expected, "seed \(seed), \(predicate)")
        }
    }

    @Test func integersAndFloatsAreComparedWithoutRounding() throws {
        let store = try store()
        let schema = Schema([ColumnDefinition("f", .float64), ColumnDefinition("i", .int64)])
        let table = try store.createTable("t", schema: schema)
        let large: Int64 = 1 << 53
        try table.append(rows: [["f": .float64(0x1p53), "i": .int(large + 1)]])
        func count(_ predicate: Predicate) throws -> Int { try table.allRows(where: predicate).count }
        for _ in 0..<2 {
            #expect(try count(.equal("f", .int(large))) == 1)
            #expect(try count(.equal("f", .int(large + 1))) == 0)
            #expect(try count(.less("f", .int(large + 1))) == 1)
            #expect(try count(.equal("i", .float64(0x1p53))) == 0)
            #expect(try count(.greater("i", .float64(0x1p53))) == 1)
            #expect(try count(.less("i", .float64(.infinity))) == 1)
            #expect(try count(.less("i", .float64(.nan))) == 0)
            #expect(try count(.notEqual("i", .float64(.nan))) == 1)
            #expect(try count(.less("i", .uint(.max))) == 1)
            try store.seal()
        }
    }

    @Test func conditionsThatMakeNoSenseAreRefused() throws {
        let store = try store()
        let table = try store.createTable("t", schema: EveryType.schema)
        let bad: [Predicate] = [
            .equal("nope", 1), .equal("flag", 1), .less("text", 1), .equal("time", 5), .prefix("i8", "1"),
            .in("i8", [1, "x"]), .between("f64", 0, nil), .equal("pair", .vector([1, 2])), .equal("key", "x"),
            .not(.or([.and([.isNull("nope")])])), .equal("i64", nil),
        ]
        for predicate in bad {
            let error = #expect(throws: StoreError.self, "\(predicate)") { try table.scan(where: predicate) }
            #expect(error?.code == .invalidInput)
        }
        let error = #expect(throws: StoreError.self) { try table.scan(columns: ["id", "nope"]) }
        #expect(error?.message.contains("nope") == true && error?.remedy?.contains("i64") == true)
    }

    // MARK: Pruning

    @Test func sortedSegmentsArePassedOverByTheirZoneMaps() throws {
        let store = try store()
        let schema = Schema([
            ColumnDefinition("n", .int64), ColumnDefinition("s", .string), ColumnDefinition("f", .float64),
        ])
        let table = try store.createTable("t", schema: schema)
        for segment in 0..<6 {
            let rows = (0..<50).map { row -> [String: Value] in
                let n = segment * 50 + row
                return ["n": .int(Int64(n)), "s": .string("key-\(segment)-\(n)"), "f": .float64(Double(n) / 2)]
            }
            try table.append(rows: rows)
            try store.seal()
        }
        let cases: [(predicate: Predicate, rows: Int, pruned: Int)] = [
            (.less("n", 50), 50, 250), (.greaterOrEqual("n", .float64(249.5)), 50, 250), (.equal("n", 1_000), 0, 300),
            (.between("f", 25, 49.5), 50, 250), (.prefix("s", "key-3"), 50, 250), (.prefix("s", "key"), 300, 0),
            (.in("n", [3, 120]), 2, 200), (.or([.less("n", 10), .greater("n", 289)]), 20, 200),
            (.and([.greater("n", 60), .less("f", 40)]), 19, 250), (.isNull("n"), 0, 300), (.isNotNull("n"), 300, 0),
            (.not(.isNotNull("n")), 0, 300), (.or([]), 0, 300), (.and([]), 300, 0), (.greater("s", "z"), 0, 300),
        ]
        for (predicate, rowCount, prunedRowCount) in cases {
            let scan = try table.scan(columns: ["n"], where: predicate)
            var found = 0
            while let batch = try scan.next() { found += batch.rowCount }
            #expect(found == rowCount, "\(predicate)")
            #expect(scan.prunedRowCount == prunedRowCount, "\(predicate)")
        }
    }

    @Test func vectorsOfATimeColumnNarrowABlock() throws {
        let store = try store()
        let schema = Schema([ColumnDefinition("time", .timestamp), ColumnDefinition("n", .int32)])
        let table = try store.createTable("t", schema: schema)
        let count = 5_000
        try table.append(
            rows: (0..<count).map { n in
                ["time": n % 100 == 7 ? .null : .timestamp(Timestamp(microseconds: Int64(n))), "n": .int(Int64(n))]
            })
        try store.seal()
        let predicate = Predicate.between(
            "time", .timestamp(Timestamp(microseconds: 2_100)), .timestamp(Timestamp(microseconds: 2_199)))
        let scan = try table.scan(columns: ["n"], where: predicate)
        var found: [Int64] = []
        while let batch = try scan.next() { found += batch.doubles(of: "n").map { Int64($0) } }
        #expect(found == (2_100...2_199).filter { $0 % 100 != 7 })
        #expect(scan.prunedRowCount == count - SegmentFormat.vectorRowCount)
        let none = try table.scan(where: .greater("time", .timestamp(Timestamp(microseconds: 5_000))))
        #expect(try none.next() == nil)
        #expect(none.prunedRowCount == count)
        // Behind the first vectors: the zones must be those of the rows that are left.
        let later = try store.snapshot(of: "t").scan(columns: ["n"], where: predicate, from: 2_150)
        #expect(try later.next()?.rowNumbers == (2_150...2_199).filter { $0 % 100 != 7 }.map { UInt64($0) })
    }

    @Test func boundsOfLongTextsExcludeNothingThatIsThere() throws {
        let store = try store()
        let table = try store.createTable("t", schema: Schema([ColumnDefinition("b", .bytes)]))
        let ones = [UInt8](repeating: 0xFF, count: 32)
        let values: [[UInt8]] = [
            ones, ones + [0], ones + [0xFF, 0xFF], [UInt8](repeating: 0x61, count: 31) + [0xFF, 0xFF], [], [0xFF],
            [UInt8](repeating: 0x61, count: 40), [UInt8](repeating: 0, count: 40),
        ]
        for value in values {
            try table.append(rows: [["b": .bytes(value)]])
            try store.seal()
        }
        for (number, value) in values.enumerated() {
            #expect(try table.scan(where: .equal("b", .bytes(value))).next()?.rowNumbers == [UInt64(number)])
            let above = values.indices.filter { value.lexicographicallyPrecedes(values[$0]) }
            #expect(try table.allRows(where: .greater("b", .bytes(value))).count == above.count)
            let below = values.indices.filter { values[$0].lexicographicallyPrecedes(value) }
            #expect(try table.allRows(where: .less("b", .bytes(value))).count == below.count)
        }
    }

    // MARK: Columns

    @Test func columnsComeInTheOrderAskedFor() throws {
        let store = try store()
        let table = try store.createTable("t", schema: EveryType.schema)
        try table.append(rows: EveryType.rows(0..<10, seed: 1))
        let batch = try #require(try table.scan(columns: ["i8", "id", "i8"], where: .equal("id", "row-4")).next())
        #expect(batch.columnNames == ["i8", "id", "i8"])
        #expect(batch.rowCount == 1 && batch.rowNumbers == [4])
        #expect(batch[0, "id"] == "row-4")
        #expect(batch.type(of: "i8") == .int8)
        let none = try #require(try table.scan(columns: []).next())
        #expect(none.rowCount == 10 && none.columnNames.isEmpty)
    }
}
