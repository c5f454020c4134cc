import ColumnFormat
import ColumnStore
import TestSupport
import Testing

struct SketchTests {
    /// A table of one float64 column, sealed in three segments.
    private func table(_ values: [Double]) throws -> Table {
        let store = try Store.open(
            "/s", options: SimulatedStore(SimulatedFileSystem()).options(memtableByteCount: 64 << 20))
        let table = try store.createTable("t", schema: Schema([ColumnDefinition("x", .float64)]))
        let third = (values.count + 2) / 3
        for start in stride(from: 0, to: values.count, by: max(third, 1)) {
            try table.append(rows: values[start..<min(start + third, values.count)].map { ["x": .float64($0)] })
            try store.seal()
        }
        return table
    }

    @Test func quantilesAreWithin256thOfTheValueAtTheirRank() throws {
        var random = SeededGenerator(seed: 4)
        let sets: [[Double]] = [
            (0..<3_000).map { _ in Double.random(in: 0...1, using: &random) },
            (0..<3_000).map { _ in Double.random(in: -1e6...1e6, using: &random) },
            (0..<2_000).map { n in Double(sign: n % 2 == 0 ? .plus : .minus, exponent: n - 1_000, significand: 1.3) },
            [5], [-.infinity, 1, .infinity, 2], [0, -0.0, 0], [3, 3, 3, 4],
        ]
        for values in sets {
            let table = try table(values)
            let ordered = values.sorted()
            let quantiles = [0, 0.001, 0.25, 0.5, 0.9, 0.999, 1]
            let result = try table.aggregate(quantiles.map { Aggregate.quantile($0, "x") })
            for (place, q) in quantiles.enumerated() {
                let exact = ordered[max(Int((q * Double(values.count)).rounded(.up)), 1) - 1]
                guard case .float64(let found) = result.rows[0].values[place] else {
                    Issue.record("no quantile")
                    continue
                }
                #expect(
                    found == exact || (found - exact).magnitude <= exact.magnitude / 256, "\(q): \(found), \(exact)")
            }
        }
    }

    @Test func distinctValuesAreExactUntilThereAreMany() throws {
        for count in [1, 100, 4_096] {
            let values = (0..<count * 2).map { Double($0 % count) / 7 }
            #expect(try table(values).aggregate(.distinctCount("x"))[.distinctCount("x")] == .int(Int64(count)))
        }
        let table = try table([.nan, -.nan, 0, -0.0, 1])
        #expect(try table.aggregate(.distinctCount("x"))[.distinctCount("x")] == 3)
    }

    @Test func manyDistinctValuesAreEstimatedWithinAFewStandardErrors() throws {
        for count in [5_000, 20_000] {
            let values = (0..<count).map { Double($0) * 1.1 }
            let result = try table(values).aggregate(.distinctCount("x"))[.distinctCount("x")]
            guard case .int(let found) = result else {
                Issue.record("no count")
                continue
            }
            #expect((Double(found) / Double(count) - 1).magnitude < 4 * 0.0081, "\(found) of \(count)")
        }
    }
}
