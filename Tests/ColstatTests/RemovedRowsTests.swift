import ColumnStore
import CommandSupport
import Drumlin
import TestSupport
import Testing

@testable import colstat

/// Rows that were erased or dropped, in the log, in segments that still hold them, and after a compaction: no verb shows
/// one of them, or counts it.
@Suite struct RemovedRowsTests {
    enum Stage: CaseIterable { case logged, sealed, sealedAlone, compacted, dropped, merged }

    let folder = TemporaryFolder()

    /// First and last rows, so that bounds would tell of them; the last one is in the log.
    private static let erased = [0, 1, 500, 999, 1_000, 1_499, 1_502, 1_506]

    private func make(_ stage: Stage) throws -> (path: String, left: [Int]) {
        let path = try Rides.make(folder)
        let store = try Store.open(path, options: Rides.options)
        let table = try store.table("rides")
        let ids = Self.erased.map { Value.string("ride-\($0)") }
        var left = (0..<1_507).filter { !Self.erased.contains($0) }
        if stage == .sealedAlone { try store.seal() }
        #expect(try table.erase(where: .in("id", ids)) == Self.erased.count)
        switch stage {
        case .logged: break
        case .sealed, .sealedAlone: try store.seal()
        case .compacted: try store.compact()
        case .dropped:
            try store.setRetention(Retention(rowCount: 400), for: "rides")
            try store.compact()
            left.removeAll { $0 < 1_000 }
        case .merged:
            for number in 0..<4 {
                try table.append(rows: [Rides.row(2_000 + number)])
                left.append(2_000 + number)
                try store.seal()
            }
        }
        try store.close()
        return (path, left)
    }

    @Test(arguments: Stage.allCases) func noVerbShowsOrCountsThem(stage: Stage) throws {
        let (path, left) = try make(stage)
        func ids(_ arguments: String...) throws -> [JSONValue?] {
            let result =
                arguments.count == 2
                ? folder.colstat("head", path, "--json", arguments[0], arguments[1])
                : folder.colstat("head", path, "--json", arguments[0], arguments[1], arguments[2])
            return try result.objects.map { $0["id"] }
        }
        let expected = left.map { JSONValue?.some(.string("ride-\($0)")) }
        #expect(try ids("-n", "100000") == expected)
        for count in [1, 3, 700, 1_100, left.count - 1] {
            #expect(try ids("-n", "\(count)") == Array(expected.prefix(count)))
            #expect(try ids("-n", "\(count)", "--tail") == Array(expected.suffix(count)))
        }
        let firstLine = try #require(folder.colstat("head", path, "-n", "1").text.split(separator: "\n").last)
        #expect(firstLine.split(separator: " ").first == "\(left[0])")

        let table = try #require(try folder.colstat("tables", path, "--json").objects.first)
        #expect(table["rows"] == .integer(Int64(left.count)))
        #expect(table["from"]?.stringValue == Rides.time(left[0]).description)
        let segments = try folder.colstat("segments", path, "--json").objects
        let sealed = left.prefix(segments.compactMap { $0["rows"]?.intValue }.reduce(0, +))
        #expect(segments.first?["from"]?.stringValue == Rides.time(left[0]).description)
        #expect(segments.last?["to"]?.stringValue == Rides.time(sealed.last!).description)
        #expect(table["log_rows"] == .integer(Int64(left.count - sealed.count)))
        for column in try folder.colstat("columns", path, "--json").objects {
            #expect(column["rows"] == .integer(Int64(sealed.count)))
            if column["column"] == "at" { #expect(column["nulls"] == .integer(0)) }
        }
        try checkZones(path, Array(sealed))
        let verify = folder.colstat("verify", path)
        #expect(verify.status == .fine, "\(verify)")
    }

    private func checkZones(_ path: String, _ sealed: [Int]) throws {
        let zones = try folder.colstat("zones", path, "--vectors", "--json").objects
        let blocks = zones.filter { $0["vector"] == .null }
        func total(_ column: String, _ key: String, _ zones: [JSONObject]) -> Int {
            zones.filter { $0["column"]?.stringValue == column }.compactMap { $0[key]?.intValue }.reduce(0, +)
        }
        #expect(total("id", "rows", blocks) == sealed.count && total("at", "nulls", blocks) == 0)
        #expect(total("at", "rows", zones) == 2 * sealed.count)
        #expect(total("passengers", "sum", blocks) == sealed.reduce(0) { $0 + $1 % 5 })
        #expect(total("zone", "nulls", blocks) == sealed.count { $0 % 4 == 0 })
        let times = blocks.filter { $0["column"] == "at" }
        #expect(times.first?["minimum"]?.stringValue == Rides.time(sealed[0]).description)
        #expect(times.last?["maximum"]?.stringValue == Rides.time(sealed.last!).description)
        let ids = Set(sealed.map { "ride-\($0)" })
        for zone in blocks where zone["column"] == "id" {
            #expect(
                ids.contains(zone["minimum"]?.stringValue ?? "") && ids.contains(zone["maximum"]?.stringValue ?? ""))
        }
    }

    @Test func theSummaryTellsWhatMaintenanceDid() throws {
        let path = try make(.sealed).path
        #expect(folder.colstat(path).text.contains("8 rows that leave the files with the next compaction"))
        func report() throws -> JSONObject {
            guard case .object(let summary) = try folder.colstat(path, "--json").json,
                case .object(let report)? = summary["maintenance"]
            else { throw CommandError(.wrongUse, "no report", at: path) }
            return report
        }
        #expect(try report()["erased_rows"] == .integer(8))
        var store = try Store.open(path, options: Rides.options)
        try store.compact()
        try store.setRetention(Retention(rowCount: 1), for: "rides")
        for number in 0..<3 {
            try store.table("rides").append(rows: [Rides.row(3_000 + number)])
            try store.seal()
        }
        #expect(try store.applyRetention() >= 0)
        try store.close()
        let status = store.maintenanceStatus
        #expect(status.merges > 0 && status.droppedRows >= 1_499 && status.purgedRows == 8)
        #expect(try report()["purged_rows"] == .integer(8) && report()["erased_rows"] == .integer(0))
        #expect(try report()["dropped_rows"]?.intValue == status.droppedRows)
        #expect(try report()["dropped_segments"]?.intValue == status.droppedSegments)
        #expect(try report()["failure"] == .null)
        let text = folder.colstat(path).text
        #expect(text.contains("8 erased rows purged") && text.contains("dropped"))
        // It is the store that counts, not the process.
        store = try Store.open(path, options: Rides.options)
        #expect(store.maintenanceStatus.droppedRows == status.droppedRows)
        try store.close()
        #expect(try Store.openReadOnly(path).maintenanceStatus.purgedRows == 8)
    }
}

extension JSONValue {
    fileprivate var stringValue: String? { if case .string(let text) = self { text } else { nil } }
    fileprivate var intValue: Int? { if case .integer(let value) = self { Int(value) } else { nil } }
}
