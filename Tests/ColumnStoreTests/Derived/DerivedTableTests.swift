import ColumnEncoding
import ColumnFormat
import ColumnStore
import TestSupport
import Testing

/// Tables with derived columns, and with columns that share their validity, are tables as any: read, searched, added up,
/// changed, erased from and merged.
struct DerivedTableTests {
    private func store() throws -> Store {
        try Store.open("/s", options: SimulatedStore(SimulatedFileSystem()).options(memtableByteCount: 64 << 20))
    }

    /// A table with two segments of these rows, the last few rows in memory.
    private func table(_ rows: [[String: Value]], in store: Store) throws -> Table {
        let table = try store.createTable("t", schema: DerivedRows.schema)
        let part = (rows.count - 100) / 2
        for start in [0, part] {
            try table.append(rows: Array(rows[start..<start + part]))
            try store.seal()
        }
        try table.append(rows: Array(rows[(2 * part)...]))
        return table
    }

    /// How the columns of the first block of each segment are read.
    private func derivedColumns(_ store: Store) throws -> [Set<String>] {
        let segments = store.read { $0.table(named: "t")?.segments ?? [] }
        return try segments.map { segment in
            var names: Set<String> = []
            for (column, definition) in segment.footer.schema.columns.enumerated()
            where try segment.page(column: column, block: 0).isDerived { names.insert(definition.name) }
            return names
        }
    }

    private func expect(_ table: Table, _ rows: [[String: Value]], _ context: String) throws {
        #expect(try table.difference(from: rows) == nil, "\(context)")
        for predicate in DerivedRows.predicates {
            let expected = rows.indices.filter { PredicateModel.truth(predicate, rows[$0]) == true }
            var found: [Int] = []
            let scan = try table.scan(columns: ["id"], where: predicate)
            while let batch = try scan.next() { found += batch.rowNumbers.map { Int($0) } }
            #expect(found == expected, "\(context), \(predicate)")
        }
    }

    @Test func rowsComeBackAndAreFound() throws {
        let store = try store()
        let rows = DerivedRows.rows(3_100)
        let table = try table(rows, in: store)
        for names in try derivedColumns(store) {
            #expect(names.isSuperset(of: DerivedRows.derived), "\(names.sorted())")
            #expect(names.contains("n") != names.contains("twice"), "\(names.sorted())")
        }
        let keepers = store.read { $0.table(named: "t")?.segments.first?.footer.columns.map { $0[0].encoding } ?? [] }
        #expect(keepers.filter { $0.contains(", validity of ") }.count == 2, "\(keepers)")
        try expect(table, rows, "fresh")
    }

    @Test func aggregatesAreThoseOfTheRows() throws {
        let store = try store()
        let rows = DerivedRows.rows(3_100, seed: 4)
        let table = try table(rows, in: store)
        var aggregates = [Aggregate.count]
        for column in DerivedRows.schema.columns where column.name != "id" {
            aggregates += AggregateTests.aggregates(of: column)
        }
        // Of many values these are estimates, with tests of their own.
        aggregates.removeAll { $0.name.hasPrefix("distinctCount") }
        for predicate in [nil]
            + stride(from: 0, to: DerivedRows.predicates.count, by: 3).map({ DerivedRows.predicates[$0] })
        {
            try AggregateTests().expect(
                table, rows, aggregates, predicate, "\(predicate.map { "\($0)" } ?? "all")")
        }
        // Groups of a derived column.
        for name in ["bucket", "minute", "class"] {
            let result = try table.aggregate([.count, .max("total")], groupBy: [.column(name)])
            let groups = Dictionary(grouping: rows) { $0[name]! }
            #expect(result.rows.count == groups.count)
            for group in result.rows {
                let expected = AggregateModel.values([.count, .max("total")], groups[group.keys[0]] ?? [])
                #expect(zip(group.values, expected).allSatisfy { $0 == $1 }, "\(name) \(group.keys)")
            }
        }
    }

    @Test func erasedRowsAreGoneAndTheOthersAreRight() throws {
        let store = try store()
        let rows = DerivedRows.rows(3_100, seed: 5)
        let table = try table(rows, in: store)
        let predicate = Predicate.or([.between("minute", 10, 14), .less("total", 4)])
        let gone = rows.indices.filter { PredicateModel.truth(predicate, rows[$0]) == true }
        #expect(try table.erase(where: predicate) == gone.count && gone.count > 100)
        let left = Set(rows.indices).subtracting(gone).sorted()
        func expectLeft(_ context: String) throws {
            var next = 0
            let scan = try table.scan()
            while let batch = try scan.next() {
                for row in 0..<batch.rowCount {
                    let number = Int(batch.rowNumbers[row])
                    #expect(number == left[next], "\(context)")
                    for column in DerivedRows.schema.columns {
                        let expected = rows[number][column.name]!
                        #expect(
                            batch[row, column.name].isIdentical(to: expected), "\(context): \(number), \(column.name)")
                    }
                    next += 1
                }
            }
            #expect(next == left.count, "\(context)")
        }
        try expectLeft("erased")
        _ = try store.compact()
        try expectLeft("compacted")
        // Rows that are no more are exceptions to nothing.
        let derived = try derivedColumns(store)
        #expect(derived.count == 1 && derived[0].isSuperset(of: ["distance", "speed", "bucket"]), "\(derived)")
    }

    @Test func mergedSegmentsHaveTheRows() throws {
        let store = try store()
        let rows = DerivedRows.rows(3_100, seed: 6)
        let table = try table(rows, in: store)
        try store.seal()
        _ = try store.compact()
        #expect(try derivedColumns(store).count == 1)
        #expect(try derivedColumns(store)[0].isSuperset(of: DerivedRows.derived))
        try expect(table, rows, "merged")
    }

    /// Columns that others are derived from, and those that are, are renamed, widened and joined by more.
    @Test func aChangedSchemaChangesNoValue() throws {
        let store = try store()
        var rows = DerivedRows.rows(3_100, seed: 7)
        let table = try table(rows, in: store)
        let before = try derivedColumns(store)[0]
        try table.renameColumn("from", to: "origin")
        try table.renameColumn("total", to: "amount")
        try table.widenColumn("to", to: .float64)
        try table.widenColumn("n", to: .int64)
        try table.widenColumn("minute", to: .uint32)
        try table.widenColumn("distance", to: .float64)
        try table.addColumn(ColumnDefinition("from", .string))
        for index in rows.indices {
            rows[index]["origin"] = rows[index]["from"]
            rows[index]["amount"] = rows[index]["total"]
            rows[index]["from"] = .null
            rows[index]["total"] = nil
            for name in ["to", "distance"] {
                if case .float32(let value)? = rows[index][name] { rows[index][name] = .float64(Double(value)) }
            }
        }
        #expect(try table.difference(from: rows) == nil, "changed")
        let aggregates: [Aggregate] = [
            .sum("amount"), .max("distance"), .mean("minute"), .count("twice"), .min("speed"), .sum("n"),
            .count("from"),
        ]
        let result = try table.aggregate(aggregates, where: .greater("distance", 10), zoneMaps: .none)
        let kept = rows.filter { PredicateModel.truth(.greater("distance", 10), $0) == true }
        for (found, expected) in zip(result.rows[0].values, AggregateModel.values(aggregates, kept)) {
            #expect(AggregateModel.isClose(found, expected, tolerance: 1e-6))
        }
        #expect(before.contains("total"))
        _ = try store.compact()
        #expect(try table.difference(from: rows) == nil, "written again")
        #expect(try derivedColumns(store)[0].isSuperset(of: ["amount", "minute", "bucket", "speed"]))
    }
}
