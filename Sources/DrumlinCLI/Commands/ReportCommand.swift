import ArgumentParser
import CommandSupport
import Drumlin

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Writes a page that shows how good the models are, what is unlike it was, and what has moved.",
        discussion: """
            One HTML file that needs no network: metrics over time with what was estimated and what the labels said, alerts, buckets and \
            columns beside the reference, violations, storage. The store may be written by another process; nothing is written to it. \
            Where no rule watches the columns, they are judged for the page as "monitor": true would have it.

            EXAMPLES
              drumlin report model.drumlin -o report.html
              drumlin report model.drumlin --task taxi_tip --from 2020-04-01 -o april.html
              drumlin report model.drumlin --window 7d+4d -o weeks.html
              drumlin report model.drumlin --format json | jq '.tasks[].findings[].text'
            """)

    @Argument(help: "The store, a directory. Another process may be writing it.")
    var store: String

    @Option(name: .shortAndLong, help: "The file; it appears when it is whole. Left out: standard output.")
    var output: String?

    @Option(help: "Only this task.")
    var task: String?

    @Option(
        help: "The tumbling window by which columns are compared: 1h, 1d, 7d+4d. (default: one that suits the time)",
        transform: CommandArgument.window)
    var window: Window?

    @Option(
        help: "Only windows that start at this time (ISO 8601, UTC without a zone) or later.",
        transform: CommandArgument.time)
    var from: Timestamp?

    @Option(help: "Only windows that start before this time.", transform: CommandArgument.time)
    var to: Timestamp?

    @Option(help: "html, or json: what the page is made of.")
    var format: ReportFormat = .html

    func validate() throws {
        if let from, let to, from >= to { throw ValidationError("--from must be before --to") }
    }

    func run() throws {
        let byteCount = try execute(to: try OutputFile(path: output))
        if let output, Terminal.standardError.isInteractive {
            StandardError.write("\(output): \(Units.bytes(byteCount))\n")
        }
    }

    /// Returns how many bytes were written.
    func execute(to file: OutputFile) throws -> Int {
        let opened = try Store.reading(store)
        var options = ReportOptions()
        options.tasks = try opened.tasks(named: task).map(\.name)
        (options.window, options.from, options.to) = (window, from, to)
        let report = try opened.report(options)
        var text = format == .json ? report.json + "\n" : report.html
        let isRead = try text.withUTF8 { bytes in try unsafe file.write(UnsafeRawBufferPointer(bytes)) }
        if isRead { try file.finish() }
        return file.byteCount
    }
}

enum ReportFormat: String, CaseIterable, ExpressibleByArgument { case html, json }
