import ArgumentParser
import CommandSupport
import Drumlin

struct MetricsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Prints the values of the registered metrics, a row for each window.",
        discussion: """
            The value of a window blends the labels that are in with an estimate for the predictions that have none yet; \
            the interval is that of the value once every label has come.

            JSON and CSV have the same keys in the same order; times are ISO 8601 in UTC; what is missing is null or empty.

            EXAMPLES
              drumlin metrics model.drumlin
              drumlin metrics model.drumlin --metric f1 --window 1d --from 2020-03-01
              drumlin metrics model.drumlin --segment vendor=2
              drumlin metrics model.drumlin --as-of 2020-04-08T12:00Z
              drumlin metrics model.drumlin --format csv > metrics.csv
              drumlin metrics model.drumlin --format openmetrics

            openmetrics is of the whole store, for Prometheus and its like: of each metric and window the newest that has \
            closed, alerts that are on, and counters. A process that embeds Drumlin gets it by store.openMetrics().
            """)

    @Argument(help: "The store, a directory. Another process may be writing it.")
    var store: String

    @Option(help: "Only this task.")
    var task: String?

    @Option(help: "Only this metric: accuracy, f1, f1:class=A, …, or the name of a metric of your own.")
    var metric: String?

    @Option(
        help: "Only this window: 1h, 7d/1d, 7d+3d, trailing:1h, count:1000, cumulative.",
        transform: CommandArgument.window)
    var window: Window?

    @Option(
        help: ArgumentHelp(
            "Only this slice (vendor=2), the slices by these columns (vendor,borough), or \"none\" of them. Left out: the whole and "
                + "every slice.", valueName: "slice"))
    var segment: String?

    @Option(
        help: "Only windows that start at this time (ISO 8601, UTC without a zone) or later.",
        transform: CommandArgument.time)
    var from: Timestamp?

    @Option(help: "Only windows that start before this time.", transform: CommandArgument.time)
    var to: Timestamp?

    @Option(help: "What was published by this time, not what is known now.", transform: CommandArgument.time)
    var asOf: Timestamp?

    @Option(help: "table, json, csv or openmetrics.")
    var format: Format = .table

    /// The forms of rows, and one that is of the whole store.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case table, json, csv, openmetrics

        /// Nil for the one without rows.
        var ofRows: OutputFormat? { OutputFormat(rawValue: rawValue) }
    }

    func validate() throws {
        if format == .openmetrics,
            task != nil || metric != nil || window != nil || from != nil || to != nil || asOf != nil
                || segment != nil
        {
            throw ValidationError("openmetrics is of the whole store as it is now: give no other option")
        }
        if let from, let to, from >= to { throw ValidationError("--from must be before --to") }
    }

    func run() throws {
        try execute(for: .standardOutput, write: StandardOutput.write)
    }

    func execute(for terminal: Terminal, write: (String) throws(CommandError) -> Void) throws {
        let opened = try Store.reading(store)
        guard let format = format.ofRows else { return try write(try opened.openMetrics()) }
        var rows: [MetricRow] = []
        let tasks = try opened.tasks(named: task)
        try checkSelection(tasks)
        for task in tasks {
            if let metric, !task.registeredMetrics.contains(where: { $0.name == metric }) { continue }
            rows += try task.metrics(
                named: metric, window: window, from: from, to: to, asOf: asOf, segment: selection(task))
        }
        try write(MetricRendering.text(rows, format, for: terminal))
    }

    private func selection(_ task: MonitoredTask) -> SegmentSelection {
        guard let segment else { return .every }
        if segment == "none" { return .whole }
        if let known = task.registeredSegments.first(where: { $0.description == segment }) { return .by(known.columns) }
        return .named(segment)
    }

    /// A metric or window that no task has is a slip of the pen, not an empty answer.
    private func checkSelection(_ tasks: [MonitoredTask]) throws(CommandError) {
        let registered = tasks.flatMap(\.registeredMetrics)
        if let metric, !registered.contains(where: { $0.name == metric }) {
            throw CommandError(
                .wrongUse, "no task has a metric \"\(PrintableText.excerpt(metric))\"", at: store,
                remedy: registered.isEmpty
                    ? "none is registered yet" : "registered are \(Self.list(registered.map(\.name)))")
        }
        let windows = registered.filter { metric == nil || $0.name == metric }.flatMap(\.windows)
        if let window, !windows.contains(window) {
            throw CommandError(
                .wrongUse, "no metric has the window \(window)", at: store,
                remedy: windows.isEmpty
                    ? "none is registered yet" : "registered are \(Self.list(windows.map(\.description)))")
        }
    }

    /// Each name once, in the order of their first places.
    private static func list(_ names: [String]) -> String {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }.joined(separator: ", ")
    }
}
