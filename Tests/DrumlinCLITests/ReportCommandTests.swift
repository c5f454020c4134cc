import CommandSupport
import Drumlin
import Foundation
import Testing

@testable import DrumlinCLI

@Suite struct ReportCommandTests {
    let folder: TestFolder

    init() throws {
        folder = try TestFolder()
        try folder.write("ref.csv", SmallTask.reference)
        try folder.write("p.csv", SmallTask.predictions(0..<6_000))
        try folder.write("l.csv", SmallTask.labels(0..<6_000))
        try folder.write("task.json", SmallTask.specification)
        try folder.replay(
            "--spec", "task.json", "--reference", "ref.csv", "--predictions", "p.csv", "--labels", "l.csv")
    }

    private func report(_ arguments: String...) throws -> String {
        let file = folder.path + "/report-\(UUID().uuidString)"
        guard let command = try DrumlinCommand.parse(["report", folder.store] + arguments) as? ReportCommand else {
            throw CommandError(.wrongUse, "no report command")
        }
        let byteCount = try command.execute(to: try OutputFile(path: file))
        let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: file)), as: UTF8.self)
        #expect(text.utf8.count == byteCount)
        return text
    }

    @Test func thePageHasAllThatItNeedsInIt() throws {
        let page = try report()
        #expect(page.hasPrefix("<!doctype html>") && page.hasSuffix("</html>\n"))
        #expect(page.components(separatedBy: "</script>").count == 3)
        for placeholder in ["/*style*/", "/*data*/", "/*script*/"] { #expect(!page.contains(placeholder)) }
        for attribute in ["src=\"", "href=\"http", "@import", "url(http", "fetch(", "XMLHttpRequest", "import("] {
            #expect(!page.contains(attribute), "\(attribute)")
        }
        let start = try #require(page.range(of: "id=\"data\">")).upperBound
        let end = try #require(page.range(of: "</script>", range: start..<page.endIndex)).lowerBound
        guard case .object(let data) = try JSONParser.parse(String(page[start..<end])) else {
            Issue.record("the data is no object")
            return
        }
        #expect(data.members.map(\.name) == ["version", "path", "made_at", "storage", "tasks"])
    }

    @Test func theSameDataComesAsJSON() throws {
        let all = try report("--format", "json")
        #expect(all.contains(#""name":"tips""#) && all.contains(#""metric":"accuracy","window":"1d""#))
        let part = try report("--format", "json", "--from", "2020-03-03", "--to", "2020-03-04", "--window", "1h")
        #expect(part.contains(#""window":"1h","size":3600,"count":24"#) && !all.contains(#""size":3600,"count":24"#))
    }

    @Test func whatIsWrongIsSaid() throws {
        for (arguments, message) in [
            (["--task", "nobody"], "no task \"nobody\""), (["--window", "7d/1d"], "does not tumble"),
        ] {
            let failure = folder.failure {
                guard let command = try DrumlinCommand.parse(["report", folder.store] + arguments) as? ReportCommand
                else { return }
                _ = try command.execute(to: try OutputFile(path: folder.path + "/none.html"))
            }
            #expect(failure?.text.contains(message) == true, "\(failure?.text ?? "no failure")")
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/none.html"))
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/none.html.partial"))
    }
}
