import ArgumentParser
import CommandSupport
import Drumlin

struct AlertsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts",
        abstract: "Prints the alerts of a task, a row for each that was entered and each that was left.",
        discussion: """
            Alerts are registered by the process that logs, or by the key "alerts" of task.json, and judged there when a \
            window closes. "monitor": true there watches all columns for drift and anomalies by the day.

            EXAMPLES
              drumlin alerts model.drumlin
              drumlin alerts model.drumlin --open
              drumlin alerts model.drumlin --from 2020-04-01 --format json

            Exit status: 0 no alert is on, 1 some are, 2 wrong use, 3 the store cannot be read.
            """)

    @Argument(help: "The store, a directory. Another process may be writing it.")
    var store: String

    @Option(help: "Only this task.")
    var task: String?

    @Option(
        help: "Only windows that start at this time (ISO 8601, UTC without a zone) or later.",
        transform: CommandArgument.time)
    var from: Timestamp?

    @Option(help: "Only windows that start before this time.", transform: CommandArgument.time)
    var to: Timestamp?

    @Flag(help: "Only alerts that are on.")
    var open = false

    @Option(help: "table, json or csv.")
    var format: OutputFormat = .table

    func validate() throws {
        if let from, let to, from >= to { throw ValidationError("--from must be before --to") }
    }

    func run() throws {
        if try execute(for: .standardOutput, write: StandardOutput.write) { throw ExitStatusError(status: .refused) }
    }

    /// Whether an alert is on.
    func execute(for terminal: Terminal, write: (String) throws(CommandError) -> Void) throws -> Bool {
        let all = try Store.reading(store).tasks(named: task).flatMap { try $0.alerts() }
        let left = Set(all.filter { $0.state == "left" }.map { [$0.task, $0.alert] })
        let rows = all.filter { row in from.map { row.start >= $0 } ?? true && to.map { row.start < $0 } ?? true }
        let on = rows.filter { $0.state == "entered" && !left.contains([$0.task, $0.alert]) }
        try write(AlertRendering.text(open ? on : rows, format, for: terminal))
        return !on.isEmpty
    }
}
