import ArgumentParser
import CommandSupport
import Drumlin

struct ChecksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checks",
        abstract: "Prints what the constraints of a task have found, a row for each.",
        discussion: """
            Constraints are registered by the process that logs, or by the key "constraints" of task.json. Every value that \
            violates one is a row in the task's table violations: drumlin export STORE violations.

            EXAMPLES
              drumlin checks model.drumlin
              drumlin checks model.drumlin --from 2020-04-08 --to 2020-04-09
              drumlin checks model.drumlin --suggest

            Exit status: 0 nothing is violated, 1 something is, 2 wrong use, 3 the store cannot be read.
            """)

    @Argument(help: "The store, a directory. Another process may be writing it.")
    var store: String

    @Option(help: "Only this task.")
    var task: String?

    @Option(
        help: "Only events of this time (ISO 8601, UTC without a zone) or later.", transform: CommandArgument.time)
    var from: Timestamp?

    @Option(help: "Only events before this time.", transform: CommandArgument.time)
    var to: Timestamp?

    @Flag(help: "Print constraints that the reference rows meet, as task.json takes them.")
    var suggest = false

    @Option(help: "table, json or csv.")
    var format: OutputFormat = .table

    func validate() throws {
        if let from, let to, from >= to { throw ValidationError("--from must be before --to") }
        if suggest, from != nil || to != nil { throw ValidationError("--suggest takes no times") }
    }

    func run() throws {
        if try execute(for: .standardOutput, write: StandardOutput.write) { throw ExitStatusError(status: .refused) }
    }

    /// Whether something is violated.
    func execute(for terminal: Terminal, write: (String) throws(CommandError) -> Void) throws -> Bool {
        let tasks = try Store.reading(store).tasks(named: task)
        if suggest {
            let constraints = try tasks.flatMap { try $0.suggestConstraints() }
            try write(ConstraintSpecification.json(constraints) + "\n")
            return false
        }
        var times: Range<Timestamp>?
        if from != nil || to != nil {
            times = (from ?? Timestamp(microseconds: .min))..<(to ?? Timestamp(microseconds: .max))
        }
        let rows = try tasks.flatMap { try $0.checks(during: times) }
        try write(CheckRendering.text(rows, format, for: terminal))
        return rows.contains { $0.violationCount > 0 }
    }
}
