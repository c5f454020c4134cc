import ArgumentParser
import CommandSupport
import Drumlin
import TestSupport
import Testing

@testable import colstat

@Suite struct LogAndViewsTests {
    let folder = TemporaryFolder()

    private func object(_ value: JSONValue?) throws -> JSONObject {
        guard case .object(let object)? = value else { throw CommandError(.wrongUse, "no object") }
        return object
    }

    private func objects(_ value: JSONValue?) throws -> [JSONObject] {
        guard case .array(let values)? = value else { throw CommandError(.wrongUse, "no array") }
        return try values.map(object)
    }

    @Test func theLogIsToldByFileAndTable() throws {
        let store = try Rides.make(folder)
        let text = folder.colstat("log", store)
        #expect(text.status == .fine && text.complaints.isEmpty)
        #expect(text.text.hasPrefix("log ") && text.text.contains("rides                7"), "\(text.text)")
        let json = try object(try folder.colstat("log", store, "--json").json)
        let file = try #require(try objects(json["files"]).last)
        #expect(file["calls"] == .integer(7) && file["rows"] == .integer(7))
        guard case .integer(let first)? = file["first_row"], case .integer(let end)? = file["end_row"] else {
            Issue.record("no rows: \(file)")
            return
        }
        #expect(end == first + 7 && json["end_row"] == .integer(end) && json["torn_at"] == .null)
        #expect(try objects(json["tables"]).map { $0["rows"] } == [.integer(7)])
        let sealed = folder.colstat("log", try Tips.make(folder))
        #expect(sealed.status == .fine && !sealed.text.contains("rows in the log"))
    }

    @Test func viewsAreToldWithTheirWindows() throws {
        let store = try Tips.make(folder)
        let text = folder.colstat("views", store)
        #expect(text.status == .fine && text.complaints.isEmpty)
        for part in [
            "task tips", "600 predictions, 300 without a label", "panes of 1h", "made of the checkpoint and the log",
            "checkpoint ", "1h", "accuracy",
        ] {
            #expect(text.text.contains(part), "\(part) is not in \(text.text)")
        }
        let view = try #require(try folder.colstat("views", store, "--json").objects.first)
        #expect(
            view["task"] == "tips" && view["predictions"] == .integer(600) && view["pane_seconds"] == .integer(3_600))
        let window = try #require(try objects(view["windows"]).first)
        #expect(
            window["window"] == "1h" && window["count"] == .integer(10) && window["metrics"] == .array(["accuracy"]))
        #expect(folder.colstat("views", try Rides.make(folder)).text == "no tasks\n")
    }

    @Test func bothNeedAStore() throws {
        let store = try Rides.make(folder)
        let segment = try #require(try folder.files(of: store).first { $0.hasSuffix(".seg") })
        for verb in ["log", "views"] {
            let result = folder.colstat(verb, segment)
            #expect(result.status == .wrongUse && result.complaints.contains("give the path of the store"))
        }
    }

    @Test func everyVerbHasExamples() {
        for command in ColstatCommand.configuration.subcommands {
            let name = command.configuration.commandName ?? ""
            let help = folder.colstat(name, "--help")
            #expect(help.status == .fine && help.text.contains("EXAMPLES"), "\(name)")
            for line in help.text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        }
    }
}
