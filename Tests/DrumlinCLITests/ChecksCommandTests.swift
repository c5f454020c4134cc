import CommandSupport
import Drumlin
import Testing

@testable import DrumlinCLI

@Suite struct ChecksCommandTests {
    let folder: TestFolder

    init() throws {
        folder = try TestFolder()
        try folder.write("ref.csv", SmallTask.reference)
        try folder.write("p.csv", SmallTask.predictions(0..<3_000))
        try folder.write("l.csv", SmallTask.labels(0..<2_000))
    }

    private func replay(constraints: String) throws {
        let specification = SmallTask.specification
        let end = try #require(specification.lastIndex(of: "}"))
        try folder.write("task.json", specification[..<end] + ", \"constraints\": \(constraints) }")
        try folder.replay(
            "--spec", "task.json", "--reference", "ref.csv", "--predictions", "p.csv", "--labels", "l.csv")
    }

    private func checks(_ arguments: String...) throws -> (text: String, isViolated: Bool) {
        guard let command = try DrumlinCommand.parse(["checks", folder.store] + arguments) as? ChecksCommand else {
            throw CommandError(.wrongUse, "no checks command")
        }
        var output = ""
        let isViolated = try command.execute(for: .none) { (text: String) throws(CommandError) in output += text }
        return (output, isViolated)
    }

    private func rows(_ text: String) throws -> [[String: JSONValue]] {
        guard case .array(let rows) = try JSONParser.parse(text) else { return [] }
        return rows.map { row in
            guard case .object(let object) = row else { return [:] }
            return Dictionary(uniqueKeysWithValues: object.members.map { ($0.name, $0.value) })
        }
    }

    @Test func tellsWhatViolatesAndHowOften() throws {
        try replay(
            constraints: #"[{"column": "_prediction", "min": 0, "max": 0.5}, {"column": "_label", "not_null": true}]"#)
        let (text, isViolated) = try checks("--format", "json")
        let found = try rows(text)
        #expect(isViolated && found.count == 2)
        #expect(
            found[0]["constraint"] == .string("_prediction in [0, 0.5]") && found[0]["num_checked"] == .integer(3_000))
        guard case .integer(let count)? = found[0]["num_violations"] else { throw CommandError(.wrongUse, text) }
        #expect(count > 0 && count < 3_000)
        #expect(found[1]["num_checked"] == .integer(2_000) && found[1]["num_violations"] == .integer(0))
        #expect(found[1]["violation_share"] == .number(0) && found[1]["first_at"] == .null)
        // Every one of them is a row.
        let exported = try folder.export("violations")
        #expect(exported.split(separator: "\n").count == Int(count) + 1)
        let day = try rows(checks("--format", "json", "--from", "2020-03-02", "--to", "2020-03-03").text)
        #expect(day[0]["num_checked"] == .integer(1_440))
        let table = try checks().text
        #expect(table.hasPrefix("constraint") && table.split(separator: "\n").count == 3)
        let csv = try CSVReader(bytes: Array(try checks("--format", "csv").text.utf8), name: "out")
        #expect(try csv.nextRow() && csv.header == CheckRow.keys)
    }

    @Test func suggestionsCanBeUsedAsTheyArePrinted() throws {
        try replay(constraints: "\"suggested\"")
        let suggested = try checks("--suggest").text
        let before = try checks("--format", "json").text
        let other = try TestFolder()
        try other.write("ref.csv", SmallTask.reference)
        let specification = SmallTask.specification
        let end = try #require(specification.lastIndex(of: "}"))
        try other.write("task.json", specification[..<end] + ", \"constraints\": \(suggested) }")
        try other.write("p.csv", SmallTask.predictions(0..<3_000))
        try other.write("l.csv", SmallTask.labels(0..<2_000))
        try other.replay(
            "--spec", "task.json", "--reference", "ref.csv", "--predictions", "p.csv", "--labels", "l.csv")
        let command = try #require(
            try DrumlinCommand.parse(["checks", other.store, "--format", "json"]) as? ChecksCommand)
        var output = ""
        _ = try command.execute(for: .none) { (text: String) throws(CommandError) in output += text }
        #expect(output == before && !before.isEmpty)
    }

    @Test func whatIsWrongIsSaid() throws {
        for (text, message) in [
            ("\"all\"", "is no list of constraints"), ("[{\"column\": \"x\"}]", "nothing is asked of"),
            ("[{\"min\": 0}]", "the key \"column\" is missing"),
            ("[{\"column\": \"x\", \"not_null\": 1}]", "expected true"),
            ("[{\"column\": \"nowhere\", \"min\": 0}]", "there is no column 'nowhere'"),
        ] {
            let failure = folder.failure { try replay(constraints: text) }
            #expect(failure?.text.contains(message) == true, "\(failure?.text ?? "no failure")")
        }
    }
}
