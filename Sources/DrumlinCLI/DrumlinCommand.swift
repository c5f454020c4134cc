import ArgumentParser
import CommandSupport
import Drumlin

/// The command `drumlin`.
@main
struct DrumlinCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drumlin",
        abstract: "Logs a model's predictions and labels, and tells how good the model is now.",
        discussion: #"""
            A store is a directory. One process writes it, any number may read it at the same time.

            EXAMPLES
              drumlin replay model.drumlin --spec task.json --reference ref.csv \
                --predictions p.csv --labels l.csv
              drumlin metrics model.drumlin --metric accuracy --window 1d
              drumlin metrics model.drumlin --format json | jq '.[-1].value'
              drumlin checks model.drumlin
              drumlin drift model.drumlin --from 2020-04-01
              drumlin alerts model.drumlin --open
              drumlin backtest model.drumlin --withhold-labels
              drumlin export model.drumlin predictions -o predictions.csv
              drumlin import model.drumlin rides rides.csv

            Exit status: 0 all was done, 1 something was refused, 2 wrong use, 3 a file or store cannot be read.
            """#,
        version: "0.1.0",
        subcommands: [
            ReplayCommand.self, LogCommand.self, MetricsCommand.self, ChecksCommand.self, DriftCommand.self,
            AlertsCommand.self, BacktestCommand.self,
            ExportCommand.self, ImportCommand.self,
        ])

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
