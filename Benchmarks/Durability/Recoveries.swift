import BenchmarkSupport
import ColumnStore
import Drumlin

/// How fast a log of about a gigabyte is read again: rows of a table, and events with their windows.
struct Recoveries {
    private let workload: StandardWorkload
    private let folder: String

    init(folder: String) throws {
        self.folder = folder
        workload = try StandardWorkload(folder: folder)
    }

    private static func options() -> StoreOptions {
        var options = StoreOptions.replay
        options.memtableByteCount = 1 << 30
        options.limits.logByteCount = 4 << 30
        return options
    }

    func add(to report: inout Report) throws {
        let scratch = try ScratchFolder()
        let path = scratch.path("logged.drumlin")
        let values = workload.values
        var eventCount = 0
        var byteCount = 0
        do {
            let store = try Store.open(path, options: Self.options())
            let task = try StandardTask.register(in: store, folder: folder)
            try store.seal()
            // As often as it takes, under other ids.
            var round = 0
            while byteCount < 800 << 20 {
                var arrivals = Arrivals(workload)
                while let arrival = arrivals.next(), byteCount < 800 << 20 {
                    switch arrival {
                    case .prediction(let row):
                        try task.logPrediction(
                            id: "\(round)-\(workload.ids[row])", at: workload.times[row], score: workload.scores[row],
                            class: nil, features: values.span.extracting(workload.featureRange(row)))
                    case .label(let row):
                        try task.logFeedback(
                            id: "\(round)-\(workload.labelIDs[row])", at: workload.labelTimes[row],
                            label: .number(workload.labels[row]))
                    }
                    eventCount += 1
                    if eventCount % 65_536 == 0 { byteCount = store.status.logByteCount }
                }
                round += 1
            }
            try store.close()
        }
        report.add("recovery_bytes", Double(byteCount) / Double(1 << 20), "MiB of log that are recovered")
        report.add("recovery_events", Double(eventCount), "events in it, predictions and labels as they come")
        for pass in ["first", "second"] {
            let start = Stopwatch.now()
            let store = try Store.openReadOnly(path, options: Self.options())
            let rows = Stopwatch.now()
            let predictions = try store.task("tips", schema: StandardTask.schema(features: workload.features))
                .status.predictions
            let views = Stopwatch.now()
            precondition(predictions > eventCount / 4, "\(predictions) predictions came back")
            let events = Double(eventCount)
            report.add(
                "recovery_\(pass)_tables", events / (Double(rows - start) / 1e9),
                "\(pass) pass: events a second, tables")
            report.add("recovery_\(pass)_views", events / (Double(views - rows) / 1e9), "  views alone")
            report.add("recovery_\(pass)_both", events / (Double(views - start) / 1e9), "  tables and views")
            try store.close()
        }
    }
}
