import ArgumentParser
import ColumnStore
import CommandSupport

struct SegmentsCommand: InspectingCommand {
    static let configuration = CommandConfiguration(
        commandName: "segments",
        abstract: "The segment files of each table: rows, bytes and times.",
        discussion: """
            EXAMPLES
              colstat segments model.drumlin
              colstat segments model.drumlin/predictions --json
            """)

    @OptionGroup var options: InspectionOptions

    func output(for terminal: Terminal) throws -> InspectionOutput {
        let inspection = try options.inspect(includingLog: true)
        let text = options.json ? SegmentRendering.json(inspection) : SegmentRendering.text(inspection, for: terminal)
        return InspectionOutput(text: text, damages: inspection.damages)
    }
}
