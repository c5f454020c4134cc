import ColumnFormat
import ColumnStore
import Drumlin

/// The monitored task of a life.
enum LifeTask {
    static let firstTime: Int64 = 1_583_020_800_000_000
    static let schema = TaskSchema(
        kind: .binary(), features: ["x": .float64], bucketing: .scoreQuantiles(2), allowedLateness: .hours(1),
        labelHorizon: .days(2))

    static let registrations: [(metric: Metric, windows: [Window])] = [
        (.accuracy, [.tumbling(.days(1)), .cumulative]), (.f1, [.tumbling(.hours(12)), .tumbling(.days(1))]),
        (.brier, [.cumulative]),
    ]

    static func id(_ number: Int) -> String { "p\(number)" }

    static func reference() throws -> TrainingSet {
        let set = TrainingSet(schema: schema)
        for row in 0..<40 {
            try set.append(
                prediction: .number(Double(row) / 40), label: .number(row % 3 == 0 ? 1 : 0), features: [:])
        }
        return set
    }

    static func log(_ predictions: [LifeModel.Prediction], to task: MonitoredTask) throws {
        if predictions.count == 1 {
            let item = predictions[0]
            return try task.logPrediction(
                id: id(item.number), at: Timestamp(microseconds: item.at), prediction: .number(item.score),
                features: ["x": .float64(Double(item.number))])
        }
        let batch = task.makePredictionBatch()
        let row = task.makePredictionRow()
        for item in predictions {
            row.begin(id: id(item.number), at: Timestamp(microseconds: item.at), prediction: .number(item.score))
            row.set(0, value: .float64(Double(item.number)))
            try batch.append(row)
        }
        try task.logPredictions(batch)
    }

    static func log(_ item: LifeModel.Label, to task: MonitoredTask) throws {
        try task.logFeedback(
            id: id(item.number), at: Timestamp(microseconds: item.at),
            label: item.label.map { .number($0) } ?? .withdrawn)
    }
}
