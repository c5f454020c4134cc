import ArgumentParser
import CommandSupport
import Drumlin

struct MaturityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "maturity",
        abstract: "Prints which share of the predictions has its label at each age.",
        discussion: """
            A share is that of the predictions that are so old by now. With --buckets, also of each bucket of the reference: \
            where these differ, early labels are not like late ones, and the value of labeled predictions alone is biased.

            EXAMPLES
              drumlin maturity model.drumlin
              drumlin maturity model.drumlin --buckets --age 1d --age 7d
              drumlin maturity model.drumlin --from 2020-04-01 --to 2020-05-01 --format csv
            """)

    @Argument(help: "The store, a directory. Another process may be writing it.")
    var store: String

    @Option(help: "Only this task.")
    var task: String?

    @Option(
        name: .customLong("age"),
        help: ArgumentHelp(
            "An age, as 1h or 30d. May be given several times. Left out: 1h, 6h, 1d, 3d, 7d, 14d and 30d.",
            valueName: "age"),
        transform: CommandArgument.span)
    var ages: [TimeSpan] = []

    @Flag(help: "Also each bucket.")
    var buckets = false

    @Option(
        help: "Only predictions of this time (ISO 8601, UTC without a zone) or later.", transform: CommandArgument.time)
    var from: Timestamp?

    @Option(help: "Only predictions before this time.", transform: CommandArgument.time)
    var to: Timestamp?

    @Option(help: "table, json or csv.")
    var format: OutputFormat = .table

    func validate() throws {
        if let from, let to, from >= to { throw ValidationError("--from must be before --to") }
    }

    func run() throws {
        try execute(for: .standardOutput, write: StandardOutput.write)
    }

    func execute(for terminal: Terminal, write: (String) throws(CommandError) -> Void) throws {
        var times: Range<Timestamp>?
        if from != nil || to != nil {
            times = (from ?? Timestamp(microseconds: .min))..<(to ?? Timestamp(microseconds: .max))
        }
        var rows: [MaturityRow] = []
        for task in try Store.reading(store).tasks(named: task) {
            let found = try task.labelMaturity(ages: ages.isEmpty ? MonitoredTask.maturityAges : ages, during: times)
            rows += found.filter { buckets || $0.bucket == nil }
        }
        try write(MaturityRendering.text(rows, format, for: terminal))
    }
}
