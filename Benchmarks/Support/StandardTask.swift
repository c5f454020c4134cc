package import Drumlin
import CommandSupport

/// The standard workload's task: 4 metrics in 3 windows, 12 float32 features, 20 buckets fitted on the reference rows.
package enum StandardTask {
    package static let name = "tips"
    package static let windows: [Window] = [
        .tumbling(.hours(1)), .tumbling(.days(1)), .sliding(.days(7), every: .days(1)),
    ]
    package static let metrics: [Metric] = [.accuracy, .precision, .recall, .f1]

    package static func schema(features: [String]) -> TaskSchema {
        TaskSchema(
            kind: .binary(threshold: 0.5), features: features.map { Feature($0, .float32) },
            bucketing: .scoreQuantiles(20))
    }

    /// Registers the task in `store` and logs the reference rows of `folder`.
    ///
    /// - Parameter isWatched: whether every feature has a constraint too, and drift and anomalies of all columns are watched.
    package static func register(in store: Store, folder: String, isWatched: Bool = false) throws -> MonitoredTask {
        let reference = try CSVReader(path: folder + "/reference.csv")
        let features = reference.header.filter { $0 != "prediction" && $0 != "label" }
        let schema = schema(features: features)
        let task = try store.task(name, schema: schema)
        for metric in metrics { try task.registerMetric(metric, windows: windows) }
        let columns = try features.map { try reference.column($0) }
        let score = try reference.column("prediction")
        let label = try reference.column("label")
        let set = TrainingSet(schema: schema)
        var row = [Double](repeating: 0, count: features.count)
        while try reference.nextRow() {
            for (index, column) in columns.enumerated() { row[index] = try reference.float64(column) ?? .nan }
            try set.append(
                score: try reference.float64(score) ?? .nan, class: nil, label: try reference.float64(label) ?? .nan,
                features: row.span)
        }
        try task.logTrainingSet(set, modelVersion: "1")
        if isWatched {
            try task.registerConstraints(features.map { .finite($0) })
            try task.watch()
        }
        return task
    }
}

extension StoreOptions {
    /// `.buffered`, and the clock of a task is that of its events: the workload happened in 2020.
    package static var replay: StoreOptions {
        var options = StoreOptions()
        options.arrival = .eventTime
        return options
    }
}

extension MonitoredTask {
    /// Logs one event of a workload.
    package func log(_ arrival: Arrival, of workload: StandardWorkload) throws {
        switch arrival {
        case .prediction(let row):
            let values = workload.values
            try logPrediction(
                id: workload.ids[row], at: workload.times[row], score: workload.scores[row], class: nil,
                features: values.span.extracting(workload.featureRange(row)))
        case .label(let row):
            try logFeedback(
                id: workload.labelIDs[row], at: workload.labelTimes[row], label: .number(workload.labels[row]))
        }
    }
}
