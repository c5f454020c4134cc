import ArgumentParser
import CommandSupport
import Drumlin

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes the rows of a table as CSV or JSON.",
        discussion: #"""
            TABLE is a table of the store (rides, taxi_tip/predictions, or predictions where one task has it), or \#
            TASK/predictions_with_labels: every prediction with the label that counts for it. Rows come in the order in \#
            which they were logged.

            CSV
              a header, commas, LF; null is an empty field, an empty text is "";
              numbers in the shortest form that reads back as the same bits, NaN,
              Infinity, -Infinity; times 2020-04-08T13:05:00.000000Z; bytes as
              hexadecimal digits; vectors as a JSON array. drumlin import reads it
              back exactly, with the --schema that the summary names.
            JSON
              one array, an object a row; times, bytes, NaN and infinite numbers
              are strings.

            --where
              comparisons (= != < <= > >=), in (a, b), between a and b, is null,
              is not null, prefix 'text', joined by and, or, not and parentheses;
              texts and times in 'quotation marks', odd column names in "such".

            EXAMPLES
              drumlin export model.drumlin predictions -o predictions.csv
              drumlin export model.drumlin taxi_tip/predictions_with_labels \
                --columns _id,_score,_label --from 2020-03-01 --to 2020-04-01
              drumlin export model.drumlin rides --format json \
                --where "miles > 2.5 and zone in ('a', 'b')" | jq length
            """#)

    @Argument(help: "The store, a directory. Another process may be writing it.")
    var store: String

    @Argument(help: "The table.")
    var table: String

    @Option(help: "csv or json.")
    var format: ExportFormat = .csv

    @Option(help: ArgumentHelp("Only these columns, in this order.", valueName: "name,name,…"))
    var columns: String?

    @Option(name: .customLong("where"), help: ArgumentHelp("Only rows that meet this.", valueName: "condition"))
    var condition: String?

    @Option(help: "Only rows of this time (ISO 8601, UTC without a zone) or later.", transform: CommandArgument.time)
    var from: Timestamp?

    @Option(help: "Only rows before this time.", transform: CommandArgument.time)
    var to: Timestamp?

    @Option(name: .shortAndLong, help: "The file; it appears when it is whole. Left out: standard output.")
    var output: String?

    @Flag(help: "The summary as JSON.")
    var json = false

    func validate() throws {
        if let from, let to, from >= to { throw ValidationError("--from must be before --to") }
    }

    func run() throws {
        let isToTerminal = output == nil && Terminal.standardOutput.isInteractive
        // A bar amid the rows would be in the way.
        let progress = ProgressBar("export", unit: "rows", terminal: isToTerminal ? .none : .standardError)
        let summary = try execute(to: try OutputFile(path: output), escapesText: isToTerminal, progress: progress)
        if let output {
            try StandardOutput.write(
                json ? summary.json(output: output) : summary.text(.standardOutput, output: output))
        } else if json {
            StandardError.write(summary.json(output: "-"))
        } else if !summary.isCut, !isToTerminal, Terminal.standardError.isInteractive {
            StandardError.write(summary.text(.standardError, output: "standard output"))
        }
    }

    func execute(to file: OutputFile, escapesText: Bool, progress: ProgressBar) throws -> TableExport.Summary {
        let source = try ExportSource(table, in: try Store.reading(store))
        var parts: [Predicate] = []
        if let interval = try source.interval(from: from, to: to) { parts.append(interval) }
        if let condition { parts.append(try ConditionParser.parse(condition, schema: source.schema)) }
        let export = TableExport(
            source: source, columns: try source.columns(columns), condition: parts.isEmpty ? nil : .and(parts),
            format: format, escapesText: escapesText)
        return try export.run(to: file, progress: progress)
    }
}

extension ExportFormat: ExpressibleByArgument {}
