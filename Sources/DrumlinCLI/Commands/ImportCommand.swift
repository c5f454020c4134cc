import ArgumentParser
import CommandSupport
import Drumlin

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Appends the rows of a CSV file to a table of your own.",
        discussion: #"""
            Creates the store and the table where they are not there. The types of a new table's columns are those given with \#
            --schema; of the others, what the first 10,000 rows look like: bool, int64, uint64, float64, timestamp, uuid, \#
            vector or string. The summary says which. A table that exists takes files with its columns in any order; \#
            columns that the file lacks are null.

            CSV is what drumlin export writes: a header, commas, LF or CRLF; an empty field is null, "" is an empty text; \#
            times are ISO 8601 (UTC if they have no zone) or integer microseconds since 1970; bytes are hexadecimal \#
            digits; vectors are JSON arrays.

            The tables of a task take no import: drumlin replay logs predictions and labels.

            EXAMPLES
              drumlin import model.drumlin rides rides.csv
              drumlin import model.drumlin rides rides.csv --time pickup \
                --schema "zone:string,miles:float32,riders:uint8"
              zcat rides.csv.gz | drumlin import model.drumlin rides - \
                --schema "pickup:timestamp!,zone:string,miles:float32"
            """#)

    @Argument(help: "The store, a directory; it is created if it is not there.")
    var store: String

    @Argument(help: "The table; it is created if it is not there.")
    var table: String

    @Argument(help: "The CSV file; - is standard input.")
    var file: String

    @Option(
        help: ArgumentHelp(
            "Types of columns: name:type; ! behind a type means without nulls.", valueName: "name:type,…"))
    var schema: String?

    @Option(help: ArgumentHelp("The column of times, which has no nulls.", valueName: "column"))
    var time: String?

    @Option(help: ArgumentHelp("Columns of a new table whose values can be looked up.", valueName: "name,name,…"))
    var index: String?

    @Option(
        help: "What an imported row survives at once: buffered, written (the process) or durable (power loss).",
        transform: CommandArgument.durability)
    var durability: Durability = .buffered

    @Option(help: "What to do about a bad row: stop or skip.")
    var onError: ErrorPolicy = .stop

    @Flag(help: "The summary as JSON.")
    var json = false

    func run() throws {
        let summary = try execute(terminal: .standardError, report: StandardError.write)
        try StandardOutput.write(json ? summary.json : summary.text(.standardOutput))
        if summary.refusedCount > 0 { throw ExitStatusError(status: .refused) }
    }

    func execute(terminal: Terminal, report: @escaping (String) -> Void) throws -> ImportSummary {
        let options = ImportPlan.Options(
            table: table, file: file, given: try schema.map { try ColumnSpecification.parse($0) } ?? [], time: time,
            indexed: index.map { $0.split(separator: ",").map(String.init) } ?? [])
        return try TableImport(options, onError: onError, report: report)
            .run(into: store, durability: durability, progress: ProgressBar("import", unit: "rows", terminal: terminal))
    }
}
