import ArgumentParser
import ColumnStore
import CommandSupport
import Drumlin

struct HeadCommand: InspectingCommand {
    static let configuration = CommandConfiguration(
        commandName: "head",
        abstract: "The first rows of a table, or the last ones.",
        usage: "colstat head PATH [-n N] [--columns NAME,NAME] [--tail] [--json]",
        discussion: """
            Rows that are still in the log count, those that were erased do not. On a terminal that is too narrow for the columns, each row is \
            shown as a list of them. JSON is an array with an object for each row; NaN and infinite values are the strings \
            "NaN", "Infinity" and "-Infinity", bytes are hexadecimal.

            EXAMPLES
              colstat head model.drumlin/predictions -n 3 --columns _id,_score
              colstat head model.drumlin/labels --tail --json
            """)

    @OptionGroup var options: InspectionOptions

    @Option(name: .shortAndLong, help: "How many rows, at most 100,000.")
    var number = 10

    @Option(help: ArgumentHelp("Only these columns.", valueName: "name,name,…"))
    var columns: String?

    @Flag(help: "The last rows instead of the first.")
    var tail = false

    func validate() throws {
        guard (0...100_000).contains(number) else { throw ValidationError("-n must be from 0 to 100000") }
    }

    func output(for terminal: Terminal) throws -> InspectionOutput {
        // What the arguments get wrong must not look like an error of the store, which is tried again.
        let result = try options.inspect(includingLog: false) {
            (inspection) throws(StoreError) -> Result<RowRendering, CommandError> in
            let selected: (table: TableInspection, positions: [Int])
            do throws(CommandError) {
                let table = try inspection.onlyTable()
                selected = (table, try table.positions(of: columns))
            } catch { return .failure(error) }
            let rows = try inspection.rows(
                of: selected.table, count: number, fromEnd: tail, columns: selected.positions)
            let definitions = selected.positions.map { selected.table.schema.columns[$0] }
            return .success(RowRendering(definitions: definitions, rows: rows))
        }
        let rendering = try result.get()
        return InspectionOutput(text: options.json ? rendering.json() : rendering.text(for: terminal))
    }
}

extension Inspection {
    /// The table that a verb for one table is about.
    func onlyTable() throws(CommandError) -> TableInspection {
        if tables.count == 1 { return tables[0] }
        guard let first = tables.first else {
            throw CommandError(.wrongUse, "there is no table", at: path)
        }
        throw CommandError(
            .wrongUse, "there are \(tables.count) tables here: name one", at: path,
            remedy: "add its name to the path: \(storePath ?? path)/\(first.name); the tables are "
                + tables.map(\.name).joined(separator: ", "))
    }
}

extension TableInspection {
    /// The positions of the columns in a list like `a,b`; all where there is none.
    func positions(of list: String?) throws(CommandError) -> [Int] {
        guard let list else { return Array(schema.columns.indices) }
        // A name may hold a comma.
        if let position = schema.position(of: list) { return [position] }
        var positions: [Int] = []
        for name in list.split(separator: ",", omittingEmptySubsequences: false) {
            guard let position = schema.position(of: String(name)) else {
                throw CommandError(
                    .wrongUse, "there is no column \"\(PrintableText.excerpt(String(name)))\" in table \(self.name)",
                    at: "--columns", remedy: "the columns are \(schema.columns.map(\.name).joined(separator: ", "))")
            }
            positions.append(position)
        }
        return positions
    }
}
