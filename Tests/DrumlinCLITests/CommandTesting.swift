import CommandSupport
import Drumlin
import Foundation
import Testing

@testable import DrumlinCLI

/// A folder of its own for each test, gone with it.
final class TestFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "drumlin-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var store: String { path + "/model.drumlin" }

    /// A store that is open for as long as the folder is there.
    var heldStore: Store?

    /// Writes a file and gives its path.
    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        let file = path + "/" + name
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        return file
    }

    /// Runs `drumlin replay` on the files of the folder.
    @discardableResult
    func replay(_ arguments: String...) throws -> ReplaySummary { try replay(arguments) }

    /// The same with a list.
    @discardableResult
    func replay(_ arguments: [String]) throws -> ReplaySummary {
        messages = ""
        let all = ["replay", store] + arguments.map { resolved($0) }
        guard let replay = try DrumlinCommand.parse(all) as? ReplayCommand else {
            throw CommandError(.wrongUse, "no replay command")
        }
        return try replay.execute(terminal: .none) { self.messages += $0 }
    }

    /// What the last replay or import said of refused rows.
    private(set) var messages = ""

    /// Runs `drumlin log` on `lines` and gives the answers.
    func log(_ lines: [String], _ arguments: String...) throws -> (answers: [String], summary: EventStream.Summary) {
        let input = try write("events-\(UUID().uuidString).jsonl", lines.joined(separator: "\n") + "\n")
        guard let command = try DrumlinCommand.parse(["log", store] + arguments) as? LogCommand else {
            throw CommandError(.wrongUse, "no log command")
        }
        var output = ""
        let summary = try command.execute(try LineReader(path: input)) { (text: String) throws(CommandError) in
            output += text
        }
        return (output.split(separator: "\n").map(String.init), summary)
    }

    /// Runs `drumlin metrics` and gives what it prints.
    func metrics(_ arguments: String...) throws -> String {
        guard let command = try DrumlinCommand.parse(["metrics", store] + arguments) as? MetricsCommand else {
            throw CommandError(.wrongUse, "no metrics command")
        }
        var output = ""
        try command.execute(for: .none) { (text: String) throws(CommandError) in output += text }
        return output
    }

    /// The rows that `drumlin metrics --format json` prints, as dictionaries.
    func metricRows(_ arguments: String...) throws -> [[String: JSONValue]] {
        guard
            let command = try DrumlinCommand.parse(["metrics", store, "--format", "json"] + arguments)
                as? MetricsCommand
        else { throw CommandError(.wrongUse, "no metrics command") }
        var output = ""
        try command.execute(for: .none) { (text: String) throws(CommandError) in output += text }
        guard case .array(let rows) = try JSONParser.parse(output) else { return [] }
        return rows.map { row in
            guard case .object(let object) = row else { return [:] }
            return Dictionary(uniqueKeysWithValues: object.members.map { ($0.name, $0.value) })
        }
    }

    /// Runs `drumlin import TABLE FILE` with a file of the folder.
    @discardableResult
    func importing(_ table: String, _ file: String, _ options: String...) throws -> ImportSummary {
        messages = ""
        let arguments = ["import", store, table, resolved(file)] + options
        guard let command = try DrumlinCommand.parse(arguments) as? ImportCommand else {
            throw CommandError(.wrongUse, "no import command")
        }
        return try command.execute(terminal: .none) { self.messages += $0 }
    }

    /// Runs `drumlin export` and gives what it writes.
    func export(escaped: Bool = false, _ arguments: String...) throws -> String {
        let file = path + "/export-\(UUID().uuidString)"
        try exportSummary(to: file, escaped: escaped, arguments)
        return String(decoding: try Data(contentsOf: URL(fileURLWithPath: file)), as: UTF8.self)
    }

    /// Runs `drumlin export` into a file.
    func exportSummary(_ arguments: String..., to file: String) throws -> TableExport.Summary {
        try exportSummary(to: file, escaped: false, arguments)
    }

    @discardableResult
    private func exportSummary(to file: String, escaped: Bool, _ arguments: [String]) throws -> TableExport.Summary {
        guard let command = try DrumlinCommand.parse(["export", store] + arguments) as? ExportCommand else {
            throw CommandError(.wrongUse, "no export command")
        }
        return try command.execute(
            to: try OutputFile(path: file), escapesText: escaped,
            progress: ProgressBar("export", unit: "rows", terminal: .none))
    }

    /// The error of a call as the command line would show it, with its exit status; nil where there is none.
    func failure(_ body: () throws -> Void) -> (text: String, status: CommandSupport.ExitStatus)? {
        do {
            try body()
            return nil
        } catch {
            let failure = CommandFailure(error, of: DrumlinCommand.self)
            return (failure.text, failure.status)
        }
    }

    /// File names of the folder become paths.
    private func resolved(_ argument: String) -> String {
        FileManager.default.fileExists(atPath: path + "/" + argument) ? path + "/" + argument : argument
    }
}

/// A small binary task, whose accuracy is easily counted.
enum SmallTask {
    static let specification = """
        { "name": "tips", "kind": "binary",
          "columns": { "id": "id", "time": "at", "score": "score", "label": "label" },
          "features": { "distance": "float32", "zone": "category" }, "observed": { "tip": "float64" },
          "metrics": [ { "name": "accuracy", "windows": ["1d", "cumulative"] } ],
          "bucketing": { "kind": "scoreQuantiles", "count": 4 } }
        """

    /// 400 rows whose label is right in three of four.
    static var reference: String {
        var text = "score,label,distance,zone\n"
        for row in 0..<400 {
            let score = Double(row % 20) / 20 + 0.025
            let isRight = row % 4 != 0
            text += "\(score),\((score >= 0.5) == isRight ? 1 : 0),\(row % 7),\(row % 3 == 0 ? "" : "z\(row % 3)")\n"
        }
        return text
    }

    /// `count` predictions, one a minute from 2020-03-01.
    static func predictions(_ range: Range<Int>) -> String {
        var text = "id,at,score,distance,zone,tip\n"
        for row in range {
            text +=
                "p\(row),\(time(minute: row)),\(row % 2 == 0 ? 0.9 : 0.2),\(row).5,\"z,\(row % 3)\",\(row % 5 == 0 ? "" : "1.25")\n"
        }
        return text
    }

    /// Labels an hour later: right, except for every fifth.
    static func labels(_ range: Range<Int>) -> String {
        var text = "id,at,label\n"
        for row in range { text += "p\(row),\(time(minute: row + 60)),\((row % 2 == 0) == (row % 5 != 0) ? 1 : 0)\n" }
        return text
    }

    static func time(minute: Int) -> String {
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "2020-03-\(two(1 + minute / 1_440)) \(two(minute / 60 % 24)):\(two(minute % 60)):00Z"
    }
}
