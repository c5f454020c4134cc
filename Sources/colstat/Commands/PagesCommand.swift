import ArgumentParser
import ColumnStore
import CommandSupport
import Drumlin

struct PagesCommand: InspectingCommand {
    static let configuration = CommandConfiguration(
        commandName: "pages",
        abstract: "Each page with the tree of its encoding: the bytes of every node.",
        usage: "colstat pages PATH [--columns NAME,NAME] [--json]",
        discussion: """
            A page is one column of one block of 65,536 rows. Under it stand its nodes, children further in: how many \
            values each holds, its bytes with its children, and without them. lz4 and stored are bytes of a node; their \
            values are bytes before compression. A column that a segment does not have, because it was added later, has \
            no page there.

            EXAMPLES
              colstat pages model.drumlin/predictions --columns _id
              colstat pages model.drumlin/predictions --json
            """)

    @OptionGroup var options: InspectionOptions

    @Option(help: ArgumentHelp("Only these columns.", valueName: "name,name,…"))
    var columns: String?

    func output(for terminal: Terminal) throws -> InspectionOutput {
        let inspection = try options.inspect(includingLog: false)
        let pages = try PageRendering(inspection, columns: columns)
        return InspectionOutput(
            text: options.json ? pages.json() : pages.text(for: terminal), damages: inspection.damages + pages.damages)
    }
}

extension Inspection {
    /// The columns in a list like `a,b` of each table that has one of them; all where there is no list.
    func selection(_ list: String?) throws(CommandError) -> [(table: TableInspection, columns: [Int])] {
        guard let list else { return tables.map { ($0, Array($0.schema.columns.indices)) } }
        if tables.count == 1 { return [(tables[0], try tables[0].positions(of: list))] }
        let names = list.split(separator: ",").map(String.init)
        let found = tables.compactMap { table -> (TableInspection, [Int])? in
            let positions = names.compactMap { table.schema.position(of: $0) }
            return positions.isEmpty ? nil : (table, positions)
        }
        guard !found.isEmpty else {
            throw CommandError(
                .wrongUse, "no table has a column \"\(PrintableText.excerpt(list))\"", at: "--columns",
                remedy: "colstat schema lists them")
        }
        return found
    }
}
