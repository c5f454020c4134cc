import ArgumentParser
import CommandSupport
import Drumlin

/// The command `colstat`.
@main
struct ColstatCommand: RootCommand {
    static let configuration = CommandConfiguration(
        commandName: "colstat",
        abstract: "Looks into Drumlin stores and their files. It never writes into them.",
        usage: """
            colstat PATH [--json]
            colstat VERB PATH [options]
            """,
        discussion: """
            PATH is a store, a table or task in one (model.drumlin/taxi_tip/predictions, or model.drumlin/predictions), \
            a folder of segment files, or one segment file. Another process may be writing the store.

            EXAMPLES
              colstat model.drumlin
              colstat columns model.drumlin/predictions
              colstat pages model.drumlin/predictions --columns _id,_score
              colstat zones model.drumlin/predictions --columns _at --vectors
              colstat index model.drumlin
              colstat log model.drumlin
              colstat views model.drumlin
              colstat head model.drumlin/predictions -n 3 --columns _id,_at,_score
              colstat verify model.drumlin && echo all is as it was written
              colstat diff model.drumlin backup.drumlin --values
              colstat salvage broken.drumlin --into rescued.drumlin
              colstat columns model.drumlin/predictions --json | jq '.[].encoding'

            Exit status: 0 fine, 1 damage was found, 2 wrong use, 3 cannot be read.
            """,
        version: ReleaseVersion.current.description,
        subcommands: [
            SummaryCommand.self, TablesCommand.self, SchemaCommand.self, SegmentsCommand.self, ColumnsCommand.self,
            PagesCommand.self, ZonesCommand.self, IndexCommand.self, LogCommand.self, ViewsCommand.self,
            HeadCommand.self, VerifyCommand.self, DiffCommand.self, SalvageCommand.self,
        ],
        defaultSubcommand: SummaryCommand.self)

    static func main() { runProcess() }

    static func presented(_ error: any Error) -> CommandError? {
        if let error = error as? StoreError { return error.inspectionError }
        return (error as? any CommandErrorConvertible)?.commandError
    }
}
