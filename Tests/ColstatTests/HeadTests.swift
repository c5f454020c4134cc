import ColumnFormat
import CommandSupport
import Drumlin
import TestSupport
import Testing

@testable import colstat

@Suite struct HeadTests {
    let folder = TemporaryFolder()

    func ids(_ arguments: String...) throws -> [JSONValue?] {
        let store = folder.path("rides.drumlin")
        let result =
            switch arguments.count {
            case 1: folder.colstat("head", store, "--json", arguments[0])
            case 2: folder.colstat("head", store, "--json", arguments[0], arguments[1])
            default: folder.colstat("head", store, "--json", arguments[0], arguments[1], arguments[2])
            }
        return try result.objects.map { $0["id"] }
    }

    @Test func rowsComeFromSegmentsAndLogInOrder() throws {
        try Rides.make(folder)
        #expect(try ids("-n", "3") == ["ride-0", "ride-1", "ride-2"])
        #expect(try ids("-n", "3", "--tail") == ["ride-1504", "ride-1505", "ride-1506"])
        #expect(try ids("-n", "9", "--tail").first == "ride-1498")
        #expect(try ids("-n", "0").isEmpty)
        #expect(try ids("--tail").count == 10)
        let all = try ids("-n", "100000")
        #expect(all == (0..<1_507).map { .string("ride-\($0)") })
        #expect(try ids("-n", "1507", "--tail") == all)
    }

    @Test func aTableThatIsOnlyInTheLogHasRows() throws {
        let path = folder.path("rides.drumlin")
        let store = try Store.open(path, options: Rides.options)
        let table = try store.createTable("rides", schema: Rides.schema)
        for number in 0..<20 { try table.append(rows: [Rides.row(number)]) }
        try store.close()
        #expect(try ids("-n", "2") == ["ride-0", "ride-1"])
        #expect(try ids("-n", "1", "--tail") == ["ride-19"])
    }

    @Test func textShowsWhatIsMissing() throws {
        let store = try Rides.make(folder)
        #expect(
            folder.colstat("head", store, "-n", "3").text == """
                row  id      at                    zone    distance  passengers
                  0  ride-0  2020-03-01T00:00:00Z  –            0.0           0
                  1  ride-1  2020-03-01T00:01:00Z  ""          0.25           1
                  2  ride-2  2020-03-01T00:02:00Z  zone 2       nan           2

                """)
        #expect(folder.colstat("head", store, "-n", "0").text == "no rows\n")
    }

    @Test func narrowTerminalsGetLists() throws {
        let store = try Rides.make(folder)
        let text = folder.colstat("head", store, "-n", "2", terminal: Terminal(width: 40, hasColour: false)).text
        #expect(text.split(separator: "\n").count == 12 && text.contains("\n\nrow         1\n"))
        #expect(text.contains("at          2020-03-01T00:00:00Z\n"))
    }

    @Test func columnsAreChosenByName() throws {
        let store = try Rides.make(folder)
        let row = try #require(
            try folder.colstat("head", store, "--columns", "passengers,distance", "-n", "3", "--json").objects.last)
        #expect(row.members.map(\.name) == ["passengers", "distance"] && row["distance"] == "NaN")
        let failure = folder.colstat("head", store, "--columns", "id,size")
        #expect(failure.status == .wrongUse && failure.complaints.contains("the columns are id, at, zone"))
        #expect(failure.complaints.contains("\"size\""))
    }

    @Test func everyTypeIsShown() throws {
        let path = folder.path("every")
        let store = try Store.open(path, options: Rides.options)
        let table = try store.createTable("every", schema: EveryType.schema)
        let rows = EveryType.rows(0..<200, seed: 7)
        try table.append(rows: Array(rows[..<150]))
        try store.seal()
        try table.append(rows: Array(rows[150...]))
        try store.close()
        let objects = try folder.colstat("head", path, "-n", "200", "--json").objects
        #expect(objects.count == 200)
        for (object, row) in zip(objects, rows) {
            #expect(object.members.map(\.name) == EveryType.schema.columns.map(\.name))
            for (name, value) in row where value == .null { #expect(object[name] == .null) }
            if case .int(let value)? = row["i64"] { #expect(object["i64"] == .integer(value)) }
            if case .float64(let value)? = row["f64"], value.isFinite { #expect(object["f64"]?.doubleValue == value) }
            if case .string(let value)? = row["text"] { #expect(object["text"] == .string(value)) }
        }
        let text = folder.colstat("head", path, "-n", "200").text
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
        #expect(folder.colstat("verify", path).status == .fine)
    }

    @Test func aTerminalIsNotToldWhatToDo() throws {
        let path = folder.path("hostile")
        let store = try Store.open(path, options: Rides.options)
        let name = "co\u{1B}[2Jl"
        let table = try store.createTable("t", schema: Schema([ColumnDefinition(name, .string)]))
        try table.append(rows: [[name: "\u{1B}]0;owned\u{07}\r\n"]])
        try store.seal()
        try store.close()
        for verb in ["summary", "schema", "columns", "head", "verify", "segments"] {
            for json in [[], ["--json"]] {
                let result = json.isEmpty ? folder.colstat(verb, path) : folder.colstat(verb, path, "--json")
                #expect(!result.text.contains("\u{1B}") && !result.text.contains("\u{07}"), "\(verb)")
            }
        }
        let failure = folder.colstat("head", path, "--columns", "\u{1B}[31m")
        #expect(failure.status == .wrongUse && !failure.complaints.contains("\u{1B}"))
    }

    @Test func oneOfSeveralTablesHasToBeNamed() throws {
        let store = try Tips.make(folder)
        let failure = folder.colstat("head", store)
        #expect(failure.status == .wrongUse && failure.complaints.contains("tips/predictions"))
    }
}
