import Drumlin

enum WhenAMetricFalls {
    static func run() throws {
        let task = try Parcels.monitored(days: 12, shift: 9)
        // begin
        try task.watch()
        for alert in try task.alerts() { print(alert.start, alert.state, alert.message) }
        let ninth = Timestamp(microseconds: 1_715_299_200_000_000)
        for row in try task.drift(from: ninth) where row.isDrifted { print(row.column, row.value, "beyond", row.limit) }
        // end

        // begin
        try task.registerAlerts([.stream(), .stream(.pageHinkley, columns: ["distance_km"])])
        // end

        // begin
        let wrong = try task.store.table("predictions").scan(
            columns: ["_id", "_at"],
            where: .and([.equal("carrier", "pigeon"), .greaterOrEqual("_at", .timestamp(ninth))]))
        let found = Timestamp(microseconds: 1_715_558_400_000_000)
        while let batch = try wrong.next() {
            for place in 0..<batch.rowCount {
                guard case .string(let id) = batch[place, "_id"] else { continue }
                try task.logFeedback(id: id, at: found, label: nil)
            }
        }
        // end

        // begin
        let newer = TrainingSet(schema: task.schema)
        for parcel in Parcels.sent(20..<30, shift: 20) {
            try newer.append(
                prediction: .number(parcel.score), label: parcel.wasLate ? 1 : 0, features: parcel.features)
        }
        try task.logTrainingSet(newer, modelVersion: "2024-06")
        // end

        // begin
        var plan = Backtest()
        plan.metrics = [
            .init(
                .businessValue(truePositive: 4, falsePositive: -1, falseNegative: 0, trueNegative: 0),
                windows: [.cumulative])
        ]
        for row in try task.backtest(plan).rows { print(row) }
        // end
        try task.store.close()
    }
}
