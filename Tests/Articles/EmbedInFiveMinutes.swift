import Drumlin

enum EmbedInFiveMinutes {
    static func run() throws {
        // begin
        let store = try Store.open("model.drumlin")
        let schema = TaskSchema(
            kind: .binary(threshold: 0.5), features: ["carrier": .category, "distance_km": .float32])
        let task = try store.task("late_parcel", schema: schema)
        try task.registerMetric(.accuracy, windows: [.tumbling(.days(1)), .cumulative])
        // end

        let heldOut = Parcels.sent(-10..<0)
        // begin
        let reference = TrainingSet(schema: schema)
        for parcel in heldOut {
            try reference.append(
                prediction: .number(parcel.score), label: parcel.wasLate ? 1 : 0,
                features: ["carrier": .string(parcel.carrier), "distance_km": .float64(parcel.distance)])
        }
        try task.logTrainingSet(reference, modelVersion: "2024-04")
        // end

        // begin
        try task.logPrediction(
            id: "P10000", at: .now, prediction: 0.83, features: ["carrier": "post", "distance_km": 412])
        // end

        // begin
        let row = task.makePredictionRow()
        row.begin(id: "P10001", at: .now, prediction: 0.14)
        row.set(0, "post")
        row.set(1, 35)
        try task.logPrediction(row)
        // end

        // begin
        try task.logFeedback(id: "P10000", at: .now, label: 1)
        // end

        // begin
        for row in try task.metrics(.accuracy, window: .tumbling(.days(1))) {
            print(row.start?.description ?? "", row.value ?? .nan, row.ciLow ?? .nan, row.ciHigh ?? .nan)
        }
        try store.close()
        // end
    }
}
