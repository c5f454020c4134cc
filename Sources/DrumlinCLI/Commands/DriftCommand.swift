import ArgumentParser
import CommandSupport
import Drumlin

struct DriftCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift",
        abstract: "Prints how far the columns of a task are from its reference, a row for each column and window.",
        discussion: """
            Columns are the features, the observed columns, _prediction and _label. What the reference does not have is \
            compared with the windows before. The limit is 0.1, or more where parts of the reference, or the windows before, \
            differ by more among themselves; p-values take rows as independent, which they seldom are.

            EXAMPLES
              drumlin drift model.drumlin
              drumlin drift model.drumlin --column fare --statistic ks --statistic psi
              drumlin drift model.drumlin --window 7d+4d --from 2020-04-01 --format csv
              drumlin drift model.drumlin --losses adwin   where the losses have changed
              drumlin drift model.drumlin --outside        values the reference never had

            Exit status: 0 nothing has drifted, 1 something has, 2 wrong use, 3 the store cannot be read.
            """)

    @Argument(help: "The store, a directory. Another process may be writing it.")
    var store: String

    @Option(help: "Only this task.")
    var task: String?

    @Option(help: "The tumbling window: 1h, 1d, 7d+4d.", transform: CommandArgument.window)
    var window: Window = .tumbling(.days(1))

    @Option(help: "Only this column; give it again for more.")
    var column: [String] = []

    @Option(
        help: "psi, ks, jensen_shannon, hellinger, wasserstein, chi_square or l_infinity; give it again for more.",
        transform: CommandArgument.statistic)
    var statistic: [DriftStatistic] = [.populationStability]

    @Option(
        help: "Only windows that start at this time (ISO 8601, UTC without a zone) or later.",
        transform: CommandArgument.time)
    var from: Timestamp?

    @Option(help: "Only windows that start before this time.", transform: CommandArgument.time)
    var to: Timestamp?

    @Option(
        help: "Instead of columns, the losses of labeled predictions in their order: adwin or page_hinkley.",
        transform: CommandArgument.lossTest)
    var losses: LossTest?

    @Flag(
        help: "Instead of drift, which share of the predictions is outside of the reference's range of each feature.")
    var outside = false

    @Option(help: "table, json or csv.")
    var format: OutputFormat = .table

    func validate() throws {
        if let from, let to, from >= to { throw ValidationError("--from must be before --to") }
        if outside, losses != nil { throw ValidationError("give --outside or --losses") }
    }

    func run() throws {
        if try execute(for: .standardOutput, write: StandardOutput.write) { throw ExitStatusError(status: .refused) }
    }

    /// Whether something is above its limit.
    func execute(for terminal: Terminal, write: (String) throws(CommandError) -> Void) throws -> Bool {
        let tasks = try Store.reading(store).tasks(named: task)
        if let losses {
            let changes = try tasks.flatMap { try $0.lossChanges(losses, from: from, to: to) }
            try write(DriftRendering.text(changes, format, for: terminal))
            return !changes.isEmpty
        }
        if outside {
            var times: Range<Timestamp>?
            if from != nil || to != nil {
                times = (from ?? Timestamp(microseconds: .min))..<(to ?? Timestamp(microseconds: .max))
            }
            let rows = try tasks.flatMap { try $0.outsideReference(during: times) }
            try write(DriftRendering.text(rows, format, for: terminal))
            return false
        }
        let rows = try tasks.flatMap { task in
            try task.drift(
                over: window, statistics: statistic, columns: column.isEmpty ? nil : column, from: from, to: to)
        }
        try write(DriftRendering.text(rows, format, for: terminal))
        return rows.contains(where: \.isDrifted)
    }
}
