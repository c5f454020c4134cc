import ArgumentParser
import ColumnStore
import CommandSupport
import Drumlin

struct TablesCommand: InspectingCommand {
    static let configuration = CommandConfiguration(
        commandName: "tables",
        abstract: "The tables: rows, segments, bytes and times.",
        discussion: """
            ratio is the bytes of the values without encoding over the bytes of the segment files. from and to are the \
            first and last time of the sealed rows, in the column _at or else the first one of times.

            EXAMPLES
              colstat tables model.drumlin
              colstat tables model.drumlin/taxi_tip --json
            """)

    @OptionGroup var options: InspectionOptions

    func output(for terminal: Terminal) throws -> InspectionOutput {
        let inspection = try options.inspect(includingLog: true)
        let text =
            options.json
            ? TableRendering.json(inspection) : TableRendering.text(inspection, names: { $0 }, for: terminal)
        return InspectionOutput(text: text, damages: inspection.damages)
    }
}
