// begin
// Package.swift: .package(url: "https://github.com/OWNER/drumlin", from: "0.1.0"), product "Drumlin"
import Drumlin

// continued
enum ReadMe {
    // swift-format-ignore
    static func run() throws {
        // continue
        let store = try Store.open("model.drumlin")                    // creates it if absent; one writer
        let schema = TaskSchema(
            kind: .binary(threshold: 0.5),
            features: ["pickup_hour": .int16, "trip_distance": .float32, "payment_type": .category],
            observed: ["tip_amount": .float32])
        let task = try store.task("taxi_tip", schema: schema)

        try task.registerMetric(.accuracy, windows: [.tumbling(.hours(1)), .sliding(.days(7), every: .days(1))])
        try task.registerMetric("mean squared error", windows: [60, 3600]) { yTrue, yPred in     // a metric of your own
            zip(yTrue, yPred).map { ($0 - $1) * ($0 - $1) }.reduce(0, +) / Double(yTrue.count)
        }

        let reference = TrainingSet(schema: schema)                    // rows with known labels: fits the buckets, once
        try reference.append(prediction: 0.83, label: 1, features: ["trip_distance": 2.4, "pickup_hour": 9])
        try task.logTrainingSet(reference, modelVersion: "2020-03")

        try task.logPrediction(id: "ABC", at: .now, prediction: 0.83, features: ["trip_distance": 2.4, "pickup_hour": 9])
        try task.logFeedback(id: "ABC", at: .now, label: 1, observed: ["tip_amount": 2.75])     // days later, or before, or again

        for row in try task.metrics() { print(row) }
        try task.watch()                                               // drift and anomalies of all columns, by the day
        try task.onAlert { alert in print(alert.state, alert.message) }
        try store.onAppend("predictions") { batch in print(batch.rowCount, "new") }
        // end

        // begin
        let predictions = try store.table("predictions")
        let days = try predictions.aggregate(
            .count, .mean("_score"), .quantile(0.5, "trip_distance"), where: .greater("trip_distance", 1.0),
            groupBy: .time("_at", every: .days(1)))
        for day in days.rows { print(day.keys, day.values) }
        let rows = try predictions.lookupMany(["ABC", "DEF"])          // row numbers, through the index

        try store.setRetention(Retention(age: .days(400)), for: "taxi_tip/predictions")
        try task.erase(ids: ["ABC"])                                   // someone's data has to go,
        try store.compact()                                            // from the disk, too
        // end
        print(rows)
        try store.close()
    }
}
