import CommandSupport
import Drumlin
import Testing

@testable import DrumlinCLI

@Suite struct BacktestCommandTests {
    let folder: TestFolder

    init() throws {
        folder = try TestFolder()
        try folder.write("task.json", SmallTask.specification)
        try folder.write("ref.csv", SmallTask.reference)
        try folder.write("p.csv", SmallTask.predictions(0..<3_000))
        try folder.write("l.csv", SmallTask.labels(0..<2_000))
        try folder.replay(
            "--spec", "task.json", "--reference", "ref.csv", "--predictions", "p.csv", "--labels", "l.csv")
    }

    private func backtest(_ arguments: String...) throws -> String {
        guard let command = try DrumlinCommand.parse(["backtest", folder.store] + arguments) as? BacktestCommand else {
            throw CommandError(.wrongUse, "no backtest command")
        }
        var output = ""
        let progress = ProgressBar("backtest", unit: "predictions", terminal: .none)
        try command.execute(for: .none, progress: progress) { (text: String) throws(CommandError) in output += text }
        return output
    }

    @Test func givesTheRowsOfTheTaskWhereNothingElseIsAsked() throws {
        func values(_ csv: String) -> [[Substring]] {
            csv.split(separator: "\n").map { line in
                var fields = line.split(separator: ",", omittingEmptySubsequences: false)
                // How often it was published.
                fields.remove(at: 9)
                return fields
            }
        }
        let metrics = try folder.metrics("--format", "csv")
        #expect(try values(backtest("--format", "csv")) == values(metrics))
        #expect(try values(backtest("--format", "csv", "--threads", "1")) == values(metrics))
    }

    @Test func takesOtherMetricsWindowsAndEstimates() throws {
        let text = try backtest(
            "--metric", "brier@6h,cumulative", "--metric", "f1", "--window", "1d", "--format", "csv")
        let rows = text.split(separator: "\n").dropFirst().map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        #expect(Set(rows.map { "\($0[1]) \($0[4])" }) == ["brier 6h", "brier cumulative", "f1 1d"])
        let other = try backtest("--metric", "accuracy@1d", "--estimator", "cbpe", "--format", "csv")
        #expect(other.contains("cbpe"))
    }

    @Test func comparesEstimatesWithLabelsThatItWithholds() throws {
        let text = try backtest("--withhold-labels", "--metric", "accuracy@1d", "--bucketing", "scoreQuantiles:5")
        #expect(text.contains("mean |error|") && text.contains("in 95 % interval"))
        // Also the rows show their intervals.
        #expect(text.prefix { $0 != "\n" }.contains("95 % interval"))
        #expect(try !backtest("--withhold-labels", "--format", "json").contains("mean |error|"))
    }

    @Test func refusesWhatDoesNotExist() {
        for arguments in [
            ["--metric", "speed"], ["--metric", "f1@often"], ["--bucketing", "squares"],
            ["--bucketing", "scoreQuantiles:many"], ["--bucketing", "grid"], ["--estimator", "oracle"],
            ["--threads", "0"], ["--from", "2020-03-02", "--to", "2020-03-01"],
        ] {
            #expect(throws: (any Error).self) { try DrumlinCommand.parse(["backtest", folder.store] + arguments) }
        }
        #expect(throws: StoreError.self) { try backtest("--metric", "mae@1d") }
    }
}
