import Drumlin

enum DurabilityArticle {
    static func run() async throws {
        // begin
        var options = StoreOptions()
        options.durability = .durable
        let store = try Store.open("model.drumlin", options: options)
        // end
        let task = try store.task("late_parcel", schema: Parcels.schema)
        // begin
        try await task.logPrediction(
            id: "P1", at: .now, prediction: 0.83, features: ["carrier": "post", "distance_km": 412])
        // end
        try store.close()

        // begin
        var live = StoreOptions()
        live.durability = .buffered
        live.backPressure = .dropAndCount
        live.memtableByteCount = 16 << 20
        let fast = try Store.open("model.drumlin", options: live)
        print(fast.status.droppedEvents, "events dropped,", fast.status.waitedMicroseconds, "µs waited")
        try await fast.sync()
        // end
        try fast.close()

        // begin
        let reader = try Store.openReadOnly("model.drumlin", .durable)
        print(try reader.task("late_parcel").status.predictions, "predictions that no loss of power takes back")
        // end
    }
}
