import ArgumentParser
import ColumnStore
import CommandSupport

struct ColumnsCommand: InspectingCommand {
    static let configuration = CommandConfiguration(
        commandName: "columns",
        abstract: "What each column takes on disk, and how it is encoded.",
        discussion: """
            Over all segments of a table. ratio is the bytes of the values without encoding over those on disk; a row is \
            bytes on disk for each row. Where pages differ, the encoding is that of most rows, with their share; JSON has \
            them all.

            EXAMPLES
              colstat columns model.drumlin/predictions
              colstat columns model.drumlin --json | jq '.[].encoding'
            """)

    @OptionGroup var options: InspectionOptions

    func output(for terminal: Terminal) throws -> InspectionOutput {
        let inspection = try options.inspect(includingLog: true)
        let text = options.json ? ColumnRendering.json(inspection) : ColumnRendering.text(inspection, for: terminal)
        return InspectionOutput(text: text, damages: inspection.damages)
    }
}
