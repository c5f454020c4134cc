import ArgumentParser
import CommandSupport
import Drumlin

struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract:
            "Logs predictions and labels from CSV files in the order of their times, as an inference process would.",
        discussion: #"""
            Creates the store and the task, or opens them, and registers the metrics of the specification. Each of the three \#
            files may be left out, and a replay into a store that is there continues it: so labels can come first. A replay \#
            that was interrupted is resumed by running it again, because events that are in the store change nothing.

            CSV has a header; times are ISO 8601 (UTC if they have no zone) or integer microseconds since 1970; an empty field \#
            is null, and an empty label withdraws one. A file may be - for standard input.

            task.json
              { "name": "taxi_tip", "kind": "binary", "threshold": 0.5,
                "columns": { "id": "id", "time": "at", "score": "y_pred_proba",
                             "prediction": "y_pred", "label": "y_true" },
                "features": { "trip_distance": "float32", "zone": "category" },
                "observed": { "tip_amount": "float32" },
                "metrics": [ { "name": "accuracy", "windows": ["1h", "7d/1d"] } ],
                "bucketing": { "kind": "scoreQuantiles", "count": 20 } }

              kind       binary; multiclass, with "classes": ["cat", "dog"] and
                         perhaps "probabilities": {class: column}; regression
              columns    of the CSV files; without "prediction" the class of a
                         binary task is score >= threshold; "labelTime" where the
                         time of a label has another name than "time": rows
                         with neither a label nor its time have none yet
              windows    SIZE (1h), SIZE/SLIDE (7d/1d), either with +OFFSET
                         (7d+3d), trailing:SIZE, cumulative
              metrics    accuracy, f1, fbeta:0.5, f1:class=A, …; confusion stands
                         for all its cells; a wrong name lists those there are
              bucketing  scoreQuantiles (count), gaussianMixture (components,
                         seed), category (feature), lossTree (leaves, seed)
                         or grid (features, quantiles)
              estimator  bucketStatistics, calibratedResiduals, cbpe, constant
                         or bucketMean; without it calibratedResiduals for
                         binary tasks, else bucketStatistics;
                         "shrinkTowardLabels": true counts a window's labels
                         among the reference rows of their buckets
              also       "allowedLateness": "1h", "labelHorizon": "30d"
              checks     "constraints": "suggested", from the reference rows, or
                         [ {"column": "fare", "min": 0, "not_null": true}, … ] with
                         not_null, finite, increasing (true), min, max, one_of,
                         pattern, min_length, max_length
              alerts     "monitor": true watches all columns for drift and
                         anomalies by the day; rules of your own are listed as
                         [ {"metric": "f1", "below": 0.8, "window": "1d"}, … ]:
                         metric with below, above, from_reference or
                         from_history; drift (psi, ks, …), false_discovery;
                         anomalies ("all", or some of volume, nulls, nans, level,
                         value), method, seasonal_lag; stream (adwin or
                         page_hinkley, of the losses, or of columns);
                         constraint with above; and window, columns,
                         cool_down, name

            EXAMPLES
              drumlin replay model.drumlin --spec task.json   creates the task only
              drumlin replay model.drumlin --spec task.json --reference ref.csv \
                --predictions p.csv --labels l.csv
              zcat p.csv.gz | drumlin replay model.drumlin --spec task.json \
                --predictions -
            """#)

    @Argument(help: "The store, a directory; it is created if it is not there.")
    var store: String

    @Option(help: "The specification of the task.")
    var spec: String

    @Option(help: "Rows with features, prediction and label on which the buckets are fitted, once a model version.")
    var reference: String?

    @Option(help: "Rows with id, time, prediction and features.")
    var predictions: String?

    @Option(help: "Rows with id, the time at which the label came, and the label.")
    var labels: String?

    @Option(help: "The version of the model that the reference rows and predictions are of.")
    var modelVersion = "1"

    @Option(
        help: "Whether the model was fitted on the reference rows: heldOut or training.",
        transform: CommandArgument.referenceRole)
    var referenceRole: ReferenceRole = .heldOut

    @Option(
        help: "What a logged event survives at once: buffered, written (the process) or durable (power loss).",
        transform: CommandArgument.durability)
    var durability: Durability = .buffered

    @Option(help: "What to do about a bad row: stop or skip.")
    var onError: ErrorPolicy = .stop

    @Flag(help: "The summary as JSON.")
    var json = false

    func validate() throws {
        let files = [spec, reference, predictions, labels]
        if files.filter({ $0 == "-" }).count > 1 { throw ValidationError("only one file can be standard input") }
    }

    func run() throws {
        let summary = try execute(terminal: .standardError, report: StandardError.write)
        try StandardOutput.write(json ? summary.json : summary.text(.standardOutput))
        if summary.refusedCount > 0 { throw ExitStatusError(status: .refused) }
    }

    func execute(terminal: Terminal, report: @escaping (String) -> Void) throws -> ReplaySummary {
        let options = Replay.Options(
            store: store, specification: spec, reference: reference, predictions: predictions, labels: labels,
            modelVersion: modelVersion, referenceRole: referenceRole, durability: durability, onError: onError)
        return try Replay(options, report: report).run(terminal: terminal)
    }
}

extension ErrorPolicy: ExpressibleByArgument {}
