import ColumnFormat
import ColumnStore
import TestSupport
import Testing

struct HiddenRowsTests {
    @Test func erasedRowsAreNeitherScannedNorAggregated() throws {
        let store = try Store.open(
            "/s", options: SimulatedStore(SimulatedFileSystem()).options(memtableByteCount: 64 << 20))
        let table = try store.createTable("t", schema: EncodedRows.schema)
        let rows = EncodedRows.rows(3_000)
        try table.append(rows: Array(rows[..<2_500]))
        try store.seal()
        try table.append(rows: Array(rows[2_500...]))
        let gone = Predicate.or([.between("packed", 100, 400), .prefix("id", "row-9"), .prefix("id", "row-27")])
        let left = rows.filter { PredicateModel.truth(gone, $0) != true }
        #expect(try table.erase(where: gone) == rows.count - left.count)
        let aggregates: [Aggregate] = [
            .count, .count("nullable"), .sum("packed"), .min("decimal"), .distinctCount("id"),
        ]
        for predicate in [nil, .greater("packed", 1_000), .isNull("nullable")] as [Predicate?] {
            let kept = left.filter { row in predicate.map { PredicateModel.truth($0, row) == true } ?? true }
            #expect(try table.allRows(where: predicate).map { $0["id"] } == kept.map { $0["id"] })
            for use in [ZoneMapUse.full, .pruning, .none] {
                let result = try table.aggregate(aggregates, where: predicate, zoneMaps: use)
                #expect(result.rows[0].values == AggregateModel.values(aggregates, kept), "\(use)")
            }
            let groups = try table.aggregate([.count], where: predicate, groupBy: [.column("text")])
            #expect(groups.rows.count == Set(kept.map { $0["text"] }).count)
        }
    }
}
