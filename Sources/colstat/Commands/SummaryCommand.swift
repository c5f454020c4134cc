import ArgumentParser
import ColumnStore
import CommandSupport

struct SummaryCommand: InspectingCommand {
    static let configuration = CommandConfiguration(
        commandName: "summary",
        abstract: "Tables, rows, bytes, times, log and damage at a glance; what `colstat PATH` prints.",
        discussion: """
            Reads the manifest, the footers and the log, in milliseconds. Damage is what opening the store would meet: \
            colstat verify looks at every byte.

            EXAMPLES
              colstat model.drumlin
              colstat summary model.drumlin --json | jq .rows
            """)

    @OptionGroup var options: InspectionOptions

    func output(for terminal: Terminal) throws -> InspectionOutput {
        let inspection = try options.inspect(includingLog: true)
        let text =
            options.json ? SummaryRendering.json(inspection) : SummaryRendering.text(inspection, for: terminal)
        return InspectionOutput(text: text, damages: inspection.damages, tellsDamage: true)
    }
}
