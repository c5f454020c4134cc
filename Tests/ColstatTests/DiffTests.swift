import CommandSupport
import Drumlin
import Foundation
import TestSupport
import Testing

@testable import colstat

@Suite struct DiffTests {
    let folder = TemporaryFolder()

    private func make(_ name: String, rows: Int = 100, isSealed: Bool = true, zone: String? = nil) throws -> String {
        let path = folder.path(name)
        let store = try Store.open(path, options: Rides.options)
        let table = try store.createTable("rides", schema: Rides.schema)
        for number in 0..<rows {
            var row = Rides.row(number)
            if number == 40, let zone { row["zone"] = .string(zone) }
            try table.append(rows: [row])
        }
        if isSealed { try store.seal() }
        try store.close()
        return path
    }

    @Test func theSameRowsAreAlikeHoweverTheyAreStored() throws {
        let (first, second) = (try make("a"), try make("b", isSealed: false))
        let same = folder.colstat("diff", first, first, "--values")
        #expect(same.status == .fine && same.text == "the content is alike; 100 rows compared\n")
        let other = folder.colstat("diff", first, second, "--values")
        #expect(other.status == .fine && other.complaints.isEmpty, "\(other.text)")
        #expect(other.text.contains("segments") && other.text.contains("the content is alike, "))
        #expect(folder.colstat("diff", first + "/rides", second + "/rides").status == .fine)
    }

    @Test func aValueARowAColumnAndATableAreFound() throws {
        let first = try make("a")
        let value = try make("b", zone: "elsewhere")
        #expect(folder.colstat("diff", first, value).status == .fine)
        let found = folder.colstat("diff", first, value, "--values")
        #expect(found.status == .refused && found.text.contains("value of row 40") && found.text.contains("elsewhere"))
        let rows = folder.colstat("diff", first, try make("c", rows: 90), "--json")
        #expect(
            rows.status == .refused && rows.text.contains(#""what":"rows","first":"100","second":"90""#), "\(rows.text)"
        )

        let changed = try make("d")
        let store = try Store.open(changed)
        try store.table("rides").addColumn(ColumnDefinition("tip", .float32))
        _ = try store.createTable("more", schema: Rides.schema)
        try store.close()
        let schema = folder.colstat("diff", first, changed)
        #expect(schema.status == .refused && schema.text.contains("tip") && schema.text.contains("more"))
        #expect(folder.colstat("diff", changed, first).text.contains("float32"))
    }

    @Test func manyDifferencesAreCounted() throws {
        let first = try make("a")
        let path = folder.path("b")
        let store = try Store.open(path, options: Rides.options)
        try store.createTable("rides", schema: Rides.schema).append(rows: (0..<100).map { Rides.row($0 + 1) })
        try store.close()
        let result = folder.colstat("diff", first, path, "--values")
        #expect(result.status == .refused && result.text.contains("of 100 rows differ"), "\(result.text)")
        #expect(result.text.split(separator: "\n").count < 40)
    }

    @Test func whatCannotBeComparedIsTold() throws {
        let store = try make("a")
        #expect(folder.colstat("diff", store, folder.path("none")).status == .cannotRead)
        let segment = try #require(try folder.files(of: store).first { $0.hasSuffix(".seg") })
        #expect(folder.colstat("diff", segment, segment).status == .fine)
        #expect(folder.colstat("diff", segment, segment, "--values").status == .wrongUse)
        #expect(folder.colstat("diff", store).status == .wrongUse)
    }
}
