import ColumnFormat
import CommandSupport
import Drumlin
import TestSupport
import Testing

@testable import colstat

/// `colstat pages`, `zones` and `index`.
@Suite struct PagesTests {
    let folder = TemporaryFolder()

    private func integer(_ value: JSONValue?) -> Int {
        if case .integer(let value)? = value { Int(value) } else { -1 }
    }

    private func objects(_ value: JSONValue?) -> [JSONObject] {
        guard case .array(let values)? = value else { return [] }
        return values.compactMap { if case .object(let object) = $0 { object } else { nil } }
    }

    /// The bytes of a node and of all below it, none counted twice.
    private func ownBytes(_ node: JSONObject) -> Int {
        objects(node["children"]).reduce(integer(node["own_bytes"])) { $0 + ownBytes($1) }
    }

    @Test func theNodesOfAPageAddUpToIt() throws {
        let store = try Rides.make(folder)
        let pages = try folder.colstat("pages", store + "/rides", "--json").objects
        #expect(pages.count == 10)
        #expect(Set(pages.map { $0["column"] }).count == 5)
        var derivedNames: [String] = []
        for page in pages {
            let nodes = objects(page["nodes"])
            #expect(!nodes.isEmpty && nodes.count <= 2)
            let sum = nodes.reduce(0) { $0 + integer($1["bytes"]) }
            // The flags, and the length of the validity.
            #expect((1...4).contains(integer(page["bytes"]) - sum))
            for node in nodes {
                #expect(ownBytes(node) == integer(node["bytes"]))
                #expect(node["values"] == page["rows"])
            }
            guard case .string(let encoding)? = page["encoding"], case .string(let name)? = nodes.last?["node"] else {
                Issue.record("no encoding")
                return
            }
            if name.hasPrefix("derived: ") { derivedNames.append(name) }
            #expect(encoding.hasPrefix(name.hasPrefix("derived: ") ? name.dropFirst(9) : name[...]))
        }
        #expect(derivedNames.contains { $0.contains("at") }, "the tree says what a column is derived from")
    }

    @Test func pagesAreATreeForPeople() throws {
        let store = try Rides.make(folder)
        let lines = folder.colstat("pages", store, "--columns", "at").text.split(separator: "\n").map(String.init)
        #expect(lines[0].split(separator: " ", maxSplits: 3).prefix(3) == ["column", "segment", "block"])
        #expect(lines[1].hasPrefix("at ") && lines[1].contains("timestamp") && lines[1].contains("1,000"))
        let widths = Set(lines.map { DisplayWidth.of($0) })
        #expect(widths.count == 1, "aligned")
        let wrong = folder.colstat("pages", store, "--columns", "nope")
        #expect(wrong.status == .wrongUse && wrong.complaints.contains("there is no column \"nope\""))
    }

    @Test func zonesTellWhatIsKnownOfBlocks() throws {
        let store = try Rides.make(folder)
        let zones = try folder.colstat("zones", store, "--json").objects
        #expect(zones.count == 10)
        let passengers = try #require(zones.first { $0["column"] == "passengers" })
        #expect(passengers["minimum"] == .integer(0) && passengers["maximum"] == .integer(4))
        #expect(passengers["sum"] == .integer(2_000) && passengers["minimum_is_exact"] == .bool(true))
        let distance = try #require(zones.first { $0["column"] == "distance" })
        #expect(distance["nans"] == .integer(1) && distance["sum"] == .null)
        let zone = try #require(zones.first { $0["column"] == "zone" })
        #expect(zone["nulls"] == .integer(250) && zone["minimum"] == "" && zone["maximum"] == "zone 2")
        let vectors = try folder.colstat("zones", store, "--columns", "at", "--vectors", "--json").objects
        #expect(vectors.map { $0["vector"] } == [.null, .integer(0), .null, .integer(0)])
        #expect(vectors[0]["minimum"] == "2020-03-01T00:00:00Z")
        let text = folder.colstat("zones", store, "--columns", "at").text
        #expect(text.contains("2020-03-01T16:39:00Z") && text.hasPrefix("column"))
    }

    @Test func aBoundThatIsCutSaysSo() throws {
        let path = folder.path("long")
        let store = try Store.open(path, options: Rides.options)
        let long = String(repeating: "x", count: 40) + "\u{1B}[31m"
        let schema = Schema([ColumnDefinition("s", .string), ColumnDefinition("b", .bytes)])
        try store.createTable("t", schema: schema).append(rows: [
            ["s": .string(long), "b": .bytes([0, 0xFF])], ["s": "\u{1B}[31mred"],
        ])
        try store.close()
        let reopened = try Store.open(path, options: Rides.options)
        try reopened.seal()
        try reopened.close()
        let text = folder.colstat("zones", path).text
        #expect(text.contains("≤ " + String(repeating: "x", count: 31) + "y") && text.contains("\\u{1B}[31mred"))
        #expect(!text.contains("\u{1B}") && text.contains("0x00ff"))
    }

    @Test func indexRunsTellTheirBytesAKey() throws {
        let store = try Rides.make(folder)
        let runs = try folder.colstat("index", store, "--json").objects
        #expect(runs.reduce(0) { $0 + integer($1["keys"]) } == 1_500)
        #expect(runs.allSatisfy { $0["columns"] == .array(["id"]) && $0["bytes_a_key"] != .null })
        let text = folder.colstat("index", store).text
        #expect(text.hasPrefix("run ") && text.hasSuffix("indexed: id\n"))
        #expect(folder.colstat("index", try Tips.make(folder)).text.contains("no indexed column"))
    }

    @Test func aColumnThatWasAddedLaterHasNoPageBefore() throws {
        let path = try Rides.make(folder)
        let store = try Store.open(path, options: Rides.options)
        let table = try store.table("rides")
        try table.addColumn(ColumnDefinition("tip", .float64))
        try table.widenColumn("passengers", to: .uint32)
        try table.append(rows: [["id": "new", "tip": 1.5, "passengers": 100_000]])
        try store.seal()
        try store.close()
        #expect(try folder.colstat("pages", path, "--columns", "tip", "--json").objects.count == 1)
        let zones = try folder.colstat("zones", path, "--columns", "tip", "--json").objects
        #expect(zones.first?["nulls"] == .integer(1_000))
        let columns = try folder.colstat("columns", path, "--json").objects
        #expect(columns.map { $0["type"] }.contains("uint32"))
        let head = try folder.colstat("head", path, "-n", "1", "--columns", "passengers,tip", "--json").objects
        #expect(head[0]["passengers"] == .integer(0) && head[0]["tip"] == .null)
        #expect(folder.colstat("verify", path).status == .fine)
    }
}
