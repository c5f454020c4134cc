import ArgumentParser
import CommandSupport
import Drumlin

/// The command `drumlin`.
@main
struct DrumlinCommand: RootCommand {
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
              drumlin report model.drumlin -o report.html
              drumlin watch model.drumlin
              drumlin backtest model.drumlin --withhold-labels
              drumlin export model.drumlin predictions -o predictions.csv
              drumlin import model.drumlin rides rides.csv

            Exit status: 0 all was done, 1 something was refused, 2 wrong use, 3 a file or store cannot be read.
            """#,
        version: ReleaseVersion.current.description,
        subcommands: [
            ReplayCommand.self, LogCommand.self, MetricsCommand.self, ChecksCommand.self, DriftCommand.self,
            AlertsCommand.self, ReportCommand.self, WatchCommand.self, BacktestCommand.self, MaturityCommand.self,
            ExportCommand.self, ImportCommand.self,
        ])

    static func main() { runProcess() }
}
