import Drumlin
import TaxiTrips

/// The inference process: it predicts trips in order of pickup, logs what it predicted, and passes labels on to the
/// store as they come in. These few calls are all that a program needs to be monitored.
struct Serving {
    /// Weeks begin on Monday; windows are aligned to the Unix epoch, which was a Thursday.
    static let week = Window.tumbling(.days(7), offset: .days(4))
    static let day = Window.tumbling(.days(1))

    let task: MonitoredTask
    let model: BoostedTrees

    /// Opens a store whose clock is that of the events: these trips were driven long ago.
    static func openStore(_ path: String) throws -> Store {
        var options = StoreOptions()
        options.arrival = .eventTime
        return try Store.open(path, options: options)
    }

    /// Opens the task in the store and registers what is to be measured. At a later start this changes nothing.
    init(store: Store, model: BoostedTrees) throws {
        task = try store.task(
            "taxi_tip",
            schema: TaskSchema(
                kind: .binary(threshold: 0.5), features: TripFeatures.declared, observed: ["tip_amount": .float32]))
        try task.registerMetric(.accuracy, windows: [Self.week, Self.day, .cumulative])
        try task.registerMetric(.rocAUC, windows: [Self.week, .cumulative])
        self.model = model
    }

    /// Logs trips with their labels that the model was not trained on: what the estimates are made of.
    ///
    /// The version never changes, so that a store which was made from other trips or with another seed is refused.
    func logReference(_ trips: [Trip]) throws {
        let reference = TrainingSet(schema: task.schema)
        for trip in trips {
            let values = TripFeatures.values(of: trip)
            try reference.append(
                prediction: .number(model.probability(of: values)), label: trip.hasGoodTip ? 1 : 0,
                features: TripFeatures.named(values))
        }
        try task.logTrainingSet(reference, modelVersion: "1", role: .heldOut)
    }

    /// Serves the trips, which are in order of pickup; returns them week by week.
    func serve(_ trips: [Trip], labels: inout LabelQueue) throws -> [ServedWeek] {
        let row = task.makePredictionRow()
        var weeks: [ServedWeek] = []
        for (i, trip) in trips.enumerated() {
            try passOnLabels(upTo: trip.pickup, labels: &labels, of: trips)

            let values = TripFeatures.values(of: trip)
            let score = model.probability(of: values)
            row.begin(id: trip.id, at: trip.pickup, prediction: .number(score))
            for (feature, value) in values.enumerated() where !value.isNaN { row.set(feature, value) }
            try task.logPrediction(row)

            labels.send(trip: i, pickup: trip.pickup)
            if weeks.last.map({ trip.pickup >= $0.end }) ?? true { weeks.append(ServedWeek(containing: trip.pickup)) }
            weeks[weeks.count - 1].add(trip, score: score)
        }
        // No more trips, but labels still come in.
        try passOnLabels(upTo: Timestamp(microseconds: .max), labels: &labels, of: trips)
        return try weeks.map(withAccuracy)
    }

    private func passOnLabels(upTo time: Timestamp, labels: inout LabelQueue, of trips: [Trip]) throws {
        while let arrival = labels.next(upTo: time) {
            let trip = trips[arrival.trip]
            try task.logFeedback(
                id: trip.id, at: arrival.at, label: trip.hasGoodTip ? 1 : 0,
                observed: ["tip_amount": .float64(trip.tip)])
        }
    }

    /// Asks the store what it believed about a week when the week had ended, and what it knows now.
    private func withAccuracy(_ week: ServedWeek) throws -> ServedWeek {
        var week = week
        let then = try task.metrics(.accuracy, window: Self.week, from: week.start, to: week.end, asOf: week.closed)
        let now = try task.metrics(.accuracy, window: Self.week, from: week.start, to: week.end)
        week.believed = then.first.map { Accuracy($0) }
        week.confirmed = now.first.map { Accuracy($0) }
        return week
    }
}
