import ArgumentParser
import ColumnStore
import CommandSupport

struct ZonesCommand: InspectingCommand {
    static let configuration = CommandConfiguration(
        commandName: "zones",
        abstract: "The zone maps: what is known of each block without reading it.",
        usage: "colstat zones PATH [--columns NAME,NAME] [--vectors] [--json]",
        discussion: """
            For each column of each block of 65,536 rows: rows, nulls, NaN, least and greatest value, sum. Those values \
            are some row's, but where ≥ or ≤ stands before them: a long text is cut, and what is shown is a bound. \
            --vectors adds the vectors of 1,024 rows that have a zone map. Rows that were erased or dropped are not in any of \
            it: where the file still holds one, its page is decoded.

            EXAMPLES
              colstat zones model.drumlin/predictions --columns _at
              colstat zones model.drumlin/predictions --columns _at --vectors
            """)

    @OptionGroup var options: InspectionOptions

    @Option(help: ArgumentHelp("Only these columns.", valueName: "name,name,…"))
    var columns: String?

    @Flag(help: "Also the zone maps of vectors.")
    var vectors = false

    func output(for terminal: Terminal) throws -> InspectionOutput {
        let inspection = try options.inspect(includingLog: true)
        let zones = try ZoneRendering(inspection, columns: columns, includesVectors: vectors)
        return InspectionOutput(
            text: options.json ? zones.json() : zones.text(for: terminal), damages: inspection.damages)
    }
}
