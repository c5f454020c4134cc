import ArgumentParser
import ColumnStore
import CommandSupport
import Drumlin

struct SalvageCommand: InspectingCommand {
    static let configuration = CommandConfiguration(
        commandName: "salvage",
        abstract: "Takes all that is intact out of a damaged store, into a new one.",
        usage: "colstat salvage STORE --into NEW [options]",
        discussion: """
            Copies segments that are as they were written and makes others anew of the blocks that are; logs the calls \
            anew that are whole, before damage and behind it; mends what one flipped bit explains; and, where the \
            manifest or CURRENT is damaged or missing, goes by what segments and logs say of themselves. Rows keep \
            their numbers. Then it lists what is not in the new store. The old one is never written to; close it first.

            Exit status: 0 all was intact, 1 something was damaged, also where it could be mended, 2 wrong use, \
            3 cannot be read or written.

            EXAMPLES
              colstat salvage broken.drumlin --into rescued.drumlin
              colstat diff broken.drumlin rescued.drumlin
            """)

    @OptionGroup var options: InspectionOptions

    @Option(help: "The new store: a path where nothing is yet.")
    var into: String

    @Flag(help: "Keep rows of which some values are lost, as nulls, in columns of yours that may be null.")
    var partialRows = false

    @Option(
        name: .customLong("log-table"),
        help: ArgumentHelp(
            "Rows in the log of table ID belong to TABLE, where no commit tells; may be given several times.",
            valueName: "id=table"))
    var logTables: [String] = []

    func output(for terminal: Terminal) throws -> InspectionOutput {
        var salvaging = Salvage.Options()
        salvaging.keepsPartialRows = partialRows
        salvaging.references = TaskSalvage.references
        for text in logTables {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let id = UInt32(parts[0]), !parts[1].isEmpty else {
                throw CommandError(
                    .wrongUse, "\"\(PrintableText.excerpt(text))\" is no ID=TABLE", at: "--log-table",
                    remedy: "write the number that a salvage told, and the table: 1=rides")
            }
            salvaging.tableNames[id] = parts[1]
        }
        do throws(StoreError) {
            let salvage = try Salvage(options.path, salvaging)
            let report = try salvage.run(into: into, detaching: TaskSalvage.brokenTasks(salvage))
            let text =
                options.json
                ? SalvageRendering.json(options.path, into, report)
                : SalvageRendering.text(options.path, into, report, for: terminal)
            return InspectionOutput(text: text, hasDamage: !report.isClean, tellsDamage: true)
        } catch {
            guard error.code == .alreadyExists || error.code == .invalidInput else { throw error }
            throw CommandError(.wrongUse, error.message, at: error.path, remedy: error.remedy)
        }
    }
}
