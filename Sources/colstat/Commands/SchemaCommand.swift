import ArgumentParser
import ColumnStore
import CommandSupport

struct SchemaCommand: InspectingCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "The columns of each table, with their types.",
        discussion: """
            EXAMPLES
              colstat schema model.drumlin
              colstat schema model.drumlin/predictions --json
            """)

    @OptionGroup var options: InspectionOptions

    func output(for terminal: Terminal) throws -> InspectionOutput {
        let inspection = try options.inspect(includingLog: false)
        let text = options.json ? SchemaRendering.json(inspection) : SchemaRendering.text(inspection, for: terminal)
        return InspectionOutput(text: text, damages: inspection.damages)
    }
}
