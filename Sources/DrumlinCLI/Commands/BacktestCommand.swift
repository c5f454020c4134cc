import ArgumentParser
import CommandSupport
import Drumlin

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

struct BacktestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backtest",
        abstract: "Computes metrics over all that was logged, with other windows, buckets or estimates.",
        discussion: """
            The rows are those that the task would have had, had it been set up so from the beginning; the store does not \
            change. With --withhold-labels the predictions that have a label are estimated as if they had none: value is \
            the estimate, labeled what the same predictions came to, and a table at the end says how near they were.

            EXAMPLES
              drumlin backtest model.drumlin --metric accuracy@1d --metric f1@7d/1d
              drumlin backtest model.drumlin --withhold-labels --estimator cbpe
              drumlin backtest model.drumlin --bucketing category:pickup_hour
              drumlin backtest model.drumlin --from 2020-04-01 --to 2020-05-01 --format json
            """)

    @Argument(help: "The store, a directory. Another process may be writing it.")
    var store: String

    @Option(help: "Only this task.")
    var task: String?

    @Option(
        name: .customLong("metric"),
        help: ArgumentHelp(
            "A metric, and its windows behind an @; without windows those of --window, else of the task's metrics. May be given "
                + "several times. Left out: the registered metrics.", valueName: "metric[@window,…]"),
        transform: { try CommandArgument.metric($0) })
    var metrics: [(metric: Metric, windows: [Window])] = []

    @Option(
        name: .customLong("window"),
        help: "A window for the metrics that name none: 1h, 7d/1d, cumulative. May be given several times.",
        transform: CommandArgument.window)
    var windows: [Window] = []

    @Option(
        help: ArgumentHelp(
            "Other buckets, fitted on the stored reference rows: scoreQuantiles:20, gaussianMixture:10, lossTree:64, "
                + "category:FEATURE, grid:FEATURE,FEATURE:4.", valueName: "kind:argument"),
        transform: CommandArgument.bucketing)
    var bucketing: Bucketing?

    @Option(
        help: "Another estimator: \(Estimator.allCases.map(\.rawValue).joined(separator: ", ")).",
        transform: CommandArgument.estimator)
    var estimator: Estimator?

    @Flag(help: "Count the labels of a window among the reference rows of their buckets.")
    var shrinkTowardLabels = false

    @Option(
        name: .customLong("segments"),
        help: ArgumentHelp(
            "Also for each slice by these columns. May be given several times.", valueName: "column,column"))
    var segments: [String] = []

    @Flag(help: "Estimate the predictions that have a label, and compare.")
    var withholdLabels = false

    @Option(
        help: "Only windows that start at this time (ISO 8601, UTC without a zone) or later.",
        transform: CommandArgument.time)
    var from: Timestamp?

    @Option(help: "Only windows that start before this time.", transform: CommandArgument.time)
    var to: Timestamp?

    @Option(help: "The most threads to count with.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: "table, json or csv.")
    var format: OutputFormat = .table

    func validate() throws {
        if let from, let to, from >= to { throw ValidationError("--from must be before --to") }
        if !(1...256).contains(threads) { throw ValidationError("--threads is 1 to 256") }
    }

    func run() throws {
        try execute(
            for: .standardOutput, progress: ProgressBar("backtest", unit: "predictions"), write: StandardOutput.write)
    }

    func execute(
        for terminal: Terminal, progress: ProgressBar, write: (String) throws(CommandError) -> Void
    ) throws {
        var rows: [MetricRow] = []
        var summaries: [BacktestSummary] = []
        for task in try Store.reading(store).tasks(named: task) {
            let result = try task.backtest(plan(for: task)) { count, total in
                if progress.isActive { progress.update(share: Double(count) / Double(max(total, 1)), count: count) }
            }
            rows += result.rows
            summaries += result.summaries
        }
        progress.finish()
        try write(MetricRendering.text(rows, format, for: terminal))
        if format == .table, !summaries.isEmpty {
            try write("\n" + BacktestRendering.table(summaries, for: terminal))
        }
    }

    private func plan(for task: MonitoredTask) throws -> Backtest {
        var plan = Backtest(
            bucketing: bucketing, estimator: estimator, shrinksTowardLabels: shrinkTowardLabels ? true : nil,
            labels: withholdLabels ? .withheld : .known,
            parallelism: threads)
        plan.segments = segments.map { Segmentation($0.split(separator: ",").map { String($0) }) }
        if from != nil || to != nil {
            plan.times = (from ?? Timestamp(microseconds: .min))..<(to ?? Timestamp(microseconds: .max))
        }
        guard !metrics.isEmpty || !windows.isEmpty else { return plan }
        let registered = task.registeredMetrics
        let wanted =
            metrics.isEmpty ? registered.compactMap { entry in Metric(entry.name).map { ($0, []) } } : metrics
        var usual: [Window] = []
        for window in registered.flatMap(\.windows) where !usual.contains(window) { usual.append(window) }
        plan.metrics = wanted.map { metric, own in
            Backtest.MetricWindows(metric, windows: !own.isEmpty ? own : windows.isEmpty ? usual : windows)
        }
        return plan
    }
}
