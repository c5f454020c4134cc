import CommandSupport
import Drumlin
import Testing

@testable import DrumlinCLI

/// `drumlin drift` and `drumlin alerts`, and the keys of a specification that raise alerts.
@Suite struct AlertsCommandTests {
    let folder: TestFolder

    init() throws {
        folder = try TestFolder()
        try folder.write("ref.csv", SmallTask.reference)
        try folder.write("p.csv", SmallTask.predictions(0..<6_000))
        try folder.write("l.csv", SmallTask.labels(0..<6_000))
    }

    private func replay(_ keys: String) throws {
        let specification = SmallTask.specification
        let end = try #require(specification.lastIndex(of: "}"))
        try folder.write("task.json", specification[..<end] + ", \(keys) }")
        try folder.replay(
            "--spec", "task.json", "--reference", "ref.csv", "--predictions", "p.csv", "--labels", "l.csv")
    }

    private func run(_ arguments: String...) throws -> (text: String, isFound: Bool) {
        var output = ""
        var isFound = false
        let write = { (text: String) throws(CommandError) in output += text }
        switch try DrumlinCommand.parse([arguments[0], folder.store] + arguments.dropFirst()) {
        case let command as DriftCommand: isFound = try command.execute(for: .none, write: write)
        case let command as AlertsCommand: isFound = try command.execute(for: .none, write: write)
        default: throw CommandError(.wrongUse, "another command")
        }
        return (output, isFound)
    }

    private func rows(_ text: String) throws -> [[String: JSONValue]] {
        guard case .array(let rows) = try JSONParser.parse(text) else { return [] }
        return rows.map { row in
            guard case .object(let object) = row else { return [:] }
            return Dictionary(uniqueKeysWithValues: object.members.map { ($0.name, $0.value) })
        }
    }

    @Test func driftComparesColumnsWithTheReference() throws {
        try replay("\"monitor\": false")
        let (text, isFound) = try run("drift", "--format", "json")
        let found = try rows(text)
        // Five days, of distance, zone, the prediction and the label; tips have neither a reference nor eight days.
        #expect(isFound && found.count == 20, "\(found.count)")
        let distance = found.filter { $0["column"] == .string("distance") }
        #expect(distance.allSatisfy { $0["drifted"] == .bool(true) && $0["compared_with"] == .string("reference 1") })
        #expect(Set(found[0].keys) == Set(DriftRow.keys))
        let narrow = try rows(
            run(
                "drift", "--column", "distance", "--statistic", "ks", "--statistic", "wasserstein", "--from",
                "2020-03-02", "--to", "2020-03-03", "--format", "json"
            ).text)
        #expect(narrow.map { $0["statistic"] } == [.string("ks"), .string("wasserstein")])
        #expect(narrow[0]["value"] == .number(1) && narrow[0]["error"] == .number(0))
        let table = try run("drift", "--column", "zone").text
        #expect(table.hasPrefix("window (UTC)") && table.split(separator: "\n").count == 6)
        let csv = try CSVReader(bytes: Array(try run("drift", "--format", "csv").text.utf8), name: "out")
        #expect(try csv.nextRow() && csv.header == DriftRow.keys)
        let failure = folder.failure { _ = try run("drift", "--column", "nowhere") }
        #expect(failure?.text.contains("no column 'nowhere'") == true)
        #expect(throws: (any Error).self) { try DrumlinCommand.parse(["drift", "store", "--statistic", "luck"]) }
        // Every fifth label is against the score, throughout.
        #expect(try run("drift", "--losses", "adwin").text == "the losses have not changed\n")
        // Nothing is registered.
        let (none, isOn) = try run("alerts")
        #expect(none == "no alerts\n" && !isOn)
    }

    @Test func alertsAreListedWithWhatTheySay() throws {
        try replay(
            """
            "monitor": true, "alerts": [ { "metric": "accuracy", "below": 0.9, "window": "1d" },
                { "metric": "accuracy", "from_reference": 0.5, "cool_down": "1d", "name": "far" },
                { "anomalies": ["volume"], "method": "mad", "seasonal_lag": 7, "name": "weekly" },
                { "drift": "ks", "columns": ["zone", "distance"], "false_discovery": 0.05, "name": "p" } ]
            """)
        let (text, isOn) = try run("alerts", "--format", "json")
        let found = try rows(text)
        #expect(isOn && found.allSatisfy { Set($0.keys) == Set(AlertRow.keys) })
        let rules = Set(found.compactMap { $0["rule"] })
        #expect(rules == [.string("drift 1d"), .string("accuracy below 0.9 1d"), .string("p")], "\(text)")
        #expect(found.allSatisfy { $0["state"] == .string("entered") })
        #expect(found.filter { $0["subject"] == .string("distance") }.count == 2)
        #expect(try rows(run("alerts", "--open", "--format", "json").text).count == found.count)
        #expect(try run("alerts", "--to", "2020-03-01").text == "no alerts\n")
        #expect(DrumlinCommand.run(["alerts", folder.store, "--open"])?.status == .refused)
        let table = try run("alerts").text
        #expect(table.hasPrefix("window (UTC)") && table.contains("distance: psi"))
        let csv = try CSVReader(bytes: Array(try run("alerts", "--format", "csv").text.utf8), name: "out")
        #expect(try csv.nextRow() && csv.header == AlertRow.keys)
        #expect(try folder.export("alerts").split(separator: "\n").count == found.count + 1)
        // Run again it changes nothing.
        try folder.replay("--spec", "task.json", "--reference", "ref.csv", "--predictions", "p.csv")
        #expect(try run("alerts", "--format", "json").text == text)
    }

    @Test func whatIsWrongIsSaid() throws {
        for (keys, message) in [
            ("\"monitor\": 1", "expected true or false"), ("\"alerts\": \"all\"", "is no list of alerts"),
            ("\"alerts\": [{}]", "nothing is asked"), ("\"alerts\": [{\"drift\": \"luck\"}]", "is unknown"),
            ("\"alerts\": [{\"metric\": \"accuracy\"}]", "the key \"below\" is missing"),
            ("\"alerts\": [{\"metric\": \"f1\", \"below\": 1}]", "is not registered"),
            ("\"alerts\": [{\"anomalies\": [\"odd\"]}]", "no kind of anomaly"),
            ("\"alerts\": [{\"stream\": \"kswin\"}]", "is unknown"),
            ("\"alerts\": [{\"stream\": \"adwin\", \"columns\": [\"nothing\"]}]", "is no numeric feature"),
            ("\"alerts\": [{\"drift\": \"ks\", \"metric\": \"f1\"}]", "do not go together"),
            ("\"alerts\": [{\"drift\": \"ks\"}, {\"drift\": \"psi\"}]", "two alerts are called"),
            ("\"alerts\": [{\"constraint\": \"x >= 0\", \"above\": 0.1}]", "no constraint 'x >= 0'"),
        ] {
            let failure = folder.failure { try replay(keys) }
            #expect(failure?.text.contains(message) == true, "\(failure?.text ?? "no failure")")
        }
    }
}
