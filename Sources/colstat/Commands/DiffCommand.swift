import ArgumentParser
import ColumnStore
import CommandSupport

struct DiffCommand: InspectingCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "What two stores, tables or segment files have that is not alike.",
        discussion: """
            Compares tables, columns, types, numbers of rows and times, which are content, and segments, bytes and \
            encodings, which are layout. --values also reads both and compares row by row, in their order. The salvage of a \
            store, or a copy that was compacted, differs in layout only.

            Exit status: 0 the content is alike, 1 it is not, 2 wrong use, 3 cannot be read.

            EXAMPLES
              colstat diff model.drumlin rescued.drumlin
              colstat diff model.drumlin/predictions backup.drumlin/predictions --values
              colstat diff old.drumlin new.drumlin --json | jq '.differences[].what'
            """)

    @OptionGroup var options: InspectionOptions

    @Argument(help: "What it is compared with.")
    var other: String

    @Flag(help: "Compare the values of all rows as well.")
    var values = false

    func output(for terminal: Terminal) throws -> InspectionOutput {
        let first = try options.inspect(includingLog: true)
        let second = try Inspection.open(other, includingLog: true, currentDirectory: currentDirectory())
        var diff = StoreDiff(first, second)
        if values { try diff.compareValues() }
        let text = options.json ? DiffRendering.json(diff) : DiffRendering.text(diff, for: terminal)
        return InspectionOutput(
            text: text, damages: first.damages + second.damages,
            hasDamage: diff.differences.contains { $0.kind == .content },
            tellsDamage: first.damages.isEmpty && second.damages.isEmpty)
    }
}
