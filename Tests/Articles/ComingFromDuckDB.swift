import Drumlin

enum ComingFromDuckDB {
    static func run() throws {
        // begin
        let store = try Store.open("model.drumlin")
        let task = try store.task(
            "taxi_tip",
            schema: TaskSchema(
                kind: .binary(threshold: 0.5), features: ["pickup_hour": .int16],
                bucketing: .category("pickup_hour"), estimator: .bucketMean))
        try task.registerMetric("mean squared error", windows: [60, 3600]) { yTrue, yPred in
            zip(yTrue, yPred).map { ($0 - $1) * ($0 - $1) }.reduce(0, +) / Double(yTrue.count)
        }
        // end
        let reference = TrainingSet(schema: task.schema)
        for hour in 0..<24 {
            for row in 0..<5 {
                try reference.append(
                    prediction: .number(Double(row) / 5), label: row > 2 ? 1 : 0,
                    features: ["pickup_hour": .int(Int64(hour))])
            }
        }
        // begin
        try task.logTrainingSet(reference, modelVersion: "1")
        try task.logPrediction(id: "ABC", at: .now, prediction: 0.83, features: ["pickup_hour": 9])
        try task.logFeedback(id: "ABC", at: .now, label: 1)
        for row in try task.metrics() { print(row) }
        // end
        try store.close()
    }
}
