import ColumnFormat
import CommandSupport
import Drumlin
import Foundation
import TestSupport
import Testing

@testable import colstat

@Suite struct LookingTests {
    let folder = TemporaryFolder()

    @Test func theSummaryTellsOfEachPart() throws {
        let store = try Rides.make(folder)
        let result = folder.colstat(store)
        #expect(result.status == .fine && result.complaints.isEmpty)
        #expect(
            result.pattern == """
                store \(store)
                format 1

                table rows in log segments bytes ratio from (UTC) to
                rides 1,507 7 2 # # 2020-03-01 00:00 2020-03-02 00:59

                disk #: segments # %, index # %, log # %, manifest # %
                segments # for # of values, # times as much
                index # in 1 run, 1,500 keys
                log 7 rows not sealed yet; # used of # in 1 file
                damage none seen; colstat verify reads every byte

                """)
    }

    @Test func theSummaryOfATaskFitsAScreen() throws {
        let store = try Tips.make(folder)
        let lines = folder.colstat(store, terminal: Terminal(width: 80, hasColour: false)).text
            .replacing(store, with: "tips.drumlin").split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count <= 24)
        #expect(lines.allSatisfy { DisplayWidth.of(String($0)) <= 80 }, "\(lines)")
        #expect(lines.contains { $0.hasPrefix("predictions  ") } && lines.contains { $0.contains("task tips") })
    }

    @Test func theSummaryOfManyTablesFitsAScreenToo() throws {
        let path = folder.path("many")
        let store = try Store.open(path, options: Rides.options)
        for number in 0..<40 { _ = try store.createTable("t\(number)", schema: Rides.schema) }
        try store.close()
        let result = folder.colstat(path)
        #expect(result.text.split(separator: "\n", omittingEmptySubsequences: false).count <= 24)
        #expect(result.text.contains("… and 30 more"))
        #expect(try folder.colstat("tables", path, "--json").objects.count == 40)
    }

    @Test func theSummaryIsThereAsJSON() throws {
        let store = try Rides.make(folder)
        guard case .object(let summary) = try folder.colstat(store, "--json").json else {
            Issue.record("no object")
            return
        }
        #expect(summary["kind"] == "store" && summary["rows"] == .integer(1_507) && summary["damages"] == .array([]))
        guard case .object(let log)? = summary["log"] else {
            Issue.record("no log")
            return
        }
        #expect(log["rows"] == .integer(7) && log["frames"] == .integer(7) && log["torn_at"] == .null)
    }

    @Test func tablesAndSegmentsCountTheirRows() throws {
        let store = try Rides.make(folder)
        let table = try #require(try folder.colstat("tables", store, "--json").objects.first)
        #expect(table["rows"] == .integer(1_507) && table["log_rows"] == .integer(7))
        #expect(table["from"] == "2020-03-01T00:00:00Z" && table["to"] == "2020-03-02T00:59:00Z")
        let segments = try folder.colstat("segments", store + "/rides", "--json").objects
        #expect(segments.map { $0["first_row"] } == [.integer(0), .integer(1_000)])
        #expect(segments.map { $0["rows"] } == [.integer(1_000), .integer(500)])
        #expect(segments[1]["from"] == "2020-03-01T16:40:00Z")
        #expect(
            folder.colstat("segments", store).text.contains("1,000  500") == false
                && folder.colstat("segments", store).pattern.contains(".seg 1,000 500 # #"))
    }

    @Test func schemaNamesTypes() throws {
        let store = try Rides.make(folder)
        #expect(
            folder.colstat("schema", store).text == """
                column      type       null    index
                id          string     never   yes
                at          timestamp  may be
                zone        string     may be
                distance    float64    may be
                passengers  uint8      may be

                """)
        let columns = try folder.colstat("schema", store, "--json").objects
        #expect(columns.count == 5 && columns[0]["indexed"] == .bool(true) && columns[1]["type"] == "timestamp")
    }

    @Test func columnsAddUpToTheSegments() throws {
        let store = try Rides.make(folder)
        let columns = try folder.colstat("columns", store + "/rides", "--json").objects
        #expect(columns.map { $0["column"] } == ["id", "at", "zone", "distance", "passengers"])
        #expect(columns.map { $0["type"] } == ["string", "timestamp", "string", "float64", "uint8"])
        for column in columns {
            #expect(column["rows"] == .integer(1_500))
            guard case .string(let encoding)? = column["encoding"], case .integer(let raw)? = column["raw_bytes"],
                case .integer(let encoded)? = column["encoded_bytes"]
            else {
                Issue.record("\(column)")
                continue
            }
            #expect(!encoding.isEmpty && encoded > 0 && raw >= 1_500)
        }
        #expect(columns[4]["raw_bytes"] == .integer(1_500) && columns[2]["nulls"] == .integer(375))
        let table = try #require(try folder.colstat("tables", store, "--json").objects.first)
        let sum = columns.reduce(0) { $0 + Int($1["encoded_bytes"]?.doubleValue ?? 0) }
        #expect(table["encoded_bytes"] == .integer(Int64(sum)))
        let text = folder.colstat("columns", store).text
        #expect(text.hasPrefix("column  ") && text.contains("1,500 rows") && text.contains("25 %"))
    }

    @Test func pathsMayNameATableInSeveralWays() throws {
        let store = try Tips.make(folder)
        for path in ["\(store)/tips/predictions", "\(store)/predictions", "\(store)/tips/predictions/"] {
            let result = folder.colstat("columns", path, "--json")
            #expect(try result.objects.first?["table"] == "tips/predictions", "\(path): \(result.complaints)")
        }
        #expect(try folder.colstat("tables", store + "/tips", "--json").objects.count == 4)
        // Nothing of the task is sealed: its tables have no folders.
        let other = TemporaryFolder()
        let unsealed = try Tips.make(other, seals: false)
        let rows = try other.colstat("head", unsealed + "/tips/labels", "--tail", "-n", "2", "--json").objects
        #expect(rows.map { $0["_label"] } == [.integer(1), .integer(1)])
    }

    @Test func segmentsCanBeLookedAtWithoutTheirStore() throws {
        let store = try Rides.make(folder)
        let apart = folder.path("apart")
        try FileManager.default.createDirectory(atPath: apart, withIntermediateDirectories: false)
        for file in try folder.files(of: store) where file.hasSuffix(".seg") {
            try FileManager.default.copyItem(atPath: file, toPath: apart + "/" + (file as NSString).lastPathComponent)
        }
        let table = try #require(try folder.colstat("tables", apart, "--json").objects.first)
        #expect(table["table"] == "rides" && table["rows"] == .integer(1_500) && table["segments"] == .integer(2))
        #expect(folder.colstat("verify", apart).status == .fine)
        let file = try #require(try folder.files(of: apart).last)
        #expect(folder.colstat(file).text.contains("500"))
        let row = try #require(try folder.colstat("head", file, "-n", "1", "--json").objects.first)
        #expect(row["id"] == "ride-1000")
    }

    @Test func lookingChangesNothing() throws {
        let store = try Rides.make(folder)
        let before = try folder.files(of: store).map { try folder.bytes($0) }
        let names = try FileManager.default.subpathsOfDirectory(atPath: store).sorted()
        for verb in ["summary", "tables", "schema", "segments", "columns", "head", "verify"] {
            #expect(folder.colstat(verb, store).status == .fine)
        }
        #expect(try FileManager.default.subpathsOfDirectory(atPath: store).sorted() == names)
        #expect(try folder.files(of: store).map { try folder.bytes($0) } == before)
    }

    @Test func anEmptyStoreHasNoTables() throws {
        let path = folder.path("empty")
        try Store.open(path, options: Rides.options).close()
        #expect(folder.colstat(path).text.contains("no tables") && folder.colstat("columns", path).status == .fine)
        #expect(try folder.colstat("tables", path, "--json").objects.isEmpty)
        #expect(folder.colstat("verify", path).status == .fine)
        #expect(folder.colstat("head", path).status == .wrongUse)
    }
}

extension JSONValue: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self = .string(value) }
}
