import ArgumentParser
import ColumnStore
import CommandSupport

struct LogCommand: InspectingCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "The log files: calls, rows, times, what is durable, by table.",
        discussion: """
            The log has the rows that are in no segment yet; a file that was sealed is not listed. A frame is one call. used \
            is what a file holds, size what was made ready for it. Rows before "durable" survive a loss of power, as far as \
            the last call tells.

            EXAMPLES
              colstat log model.drumlin
              colstat log model.drumlin --json | jq .durable_up_to
            """)

    @OptionGroup var options: InspectionOptions

    func output(for terminal: Terminal) throws -> InspectionOutput {
        let inspection = try options.inspect(includingLog: true)
        guard let log = inspection.log else {
            throw CommandError(
                .wrongUse, "there is no log without a store", at: options.path, remedy: "give the path of the store")
        }
        let text =
            options.json
            ? LogRendering.json(log, of: inspection) : LogRendering.text(log, of: inspection, for: terminal)
        return InspectionOutput(text: text, damages: inspection.damages)
    }
}
