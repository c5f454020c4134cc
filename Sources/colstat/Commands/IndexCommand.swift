import ArgumentParser
import ColumnStore
import CommandSupport

struct IndexCommand: InspectingCommand {
    static let configuration = CommandConfiguration(
        commandName: "index",
        abstract: "The index runs of each table: rows, keys, bytes a key.",
        discussion: """
            A run holds the keys of all indexed columns of some rows. Rows that are in no run yet are in memory, in the log. \
            Needs the store: a segment by itself has no index.

            EXAMPLES
              colstat index model.drumlin
              colstat index model.drumlin/predictions --json
            """)

    @OptionGroup var options: InspectionOptions

    func output(for terminal: Terminal) throws -> InspectionOutput {
        let inspection = try options.inspect(includingLog: false)
        let text = options.json ? IndexRendering.json(inspection) : IndexRendering.text(inspection, for: terminal)
        return InspectionOutput(text: text, damages: inspection.damages)
    }
}
