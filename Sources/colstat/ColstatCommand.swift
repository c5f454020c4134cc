import ArgumentParser
import CommandSupport

/// The command `colstat`.
@main
struct ColstatCommand: ParsableCommand {
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
              colstat head model.drumlin/predictions -n 3 --columns _id,_at,_score
              colstat verify model.drumlin && echo all is as it was written
              colstat salvage broken.drumlin --into rescued.drumlin
              colstat columns model.drumlin/predictions --json | jq '.[].encoding'

            Exit status: 0 fine, 1 damage was found, 2 wrong use, 3 cannot be read.
            """,
        version: "0.1.0",
        subcommands: [
            SummaryCommand.self, TablesCommand.self, SchemaCommand.self, SegmentsCommand.self, ColumnsCommand.self,
            PagesCommand.self, ZonesCommand.self, IndexCommand.self, HeadCommand.self, VerifyCommand.self,
            SalvageCommand.self,
        ],
        defaultSubcommand: SummaryCommand.self)

    /// As ArgumentParser's own, with the exit statuses and the errors of this project.
    static func main() {
        guard let failure = run(Array(CommandLine.arguments.dropFirst())) else { return }
        if failure.isForStandardOutput {
            try? StandardOutput.write(failure.text)
        } else {
            StandardError.write(failure.text)
        }
        endProcess(failure.status)
    }

    /// Runs what `arguments` ask for; returns how it ended where it did not simply return.
    static func run(_ arguments: [String]) -> CommandFailure? {
        do {
            var command = try parse(arguments)
            try command.run()
            return nil
        } catch {
            return CommandFailure(error, of: Self.self)
        }
    }

    /// The command that `arguments` ask for, with its options.
    static func parse(_ arguments: [String]) throws -> any ParsableCommand { try parseAsRoot(arguments) }
}
