import Drumlin

/// Parcels and a model that says which of them will come late: what the articles log.
struct Parcel {
    let id: String
    let sentAt: Timestamp
    let carrier: String
    let distance: Double
    let score: Double
    let wasLate: Bool
    /// When it was known whether it was late.
    let arrivedAt: Timestamp

    var features: [String: Value] { ["carrier": .string(carrier), "distance_km": .float64(distance)] }
}

enum Parcels {
    /// 1 May 2024.
    static let start = Timestamp(microseconds: 1_714_521_600_000_000)

    /// Parcels of some days, 96 a day. From `shift` on, most go by a carrier whose delays are hard to tell.
    static func sent(_ days: Range<Int>, shift: Int = .max) -> [Parcel] {
        var random = Random(state: UInt64(bitPattern: Int64(days.lowerBound &* 31 &+ 7)))
        return (days.lowerBound * 96..<days.upperBound * 96).map { number in
            let sent = start.microseconds + Int64(number) * 900_000_000
            let isNew = random.next() < (number / 96 >= shift ? 0.6 : 0.1)
            let distance = (20 + 900 * random.next() * random.next()).rounded()
            let z = (distance - 250) / (isNew ? 650 : 130)
            let chance = 1 / (1 + power(-1.6 * z))
            let wasLate = random.next() < chance
            let delay = Int64(86_400_000_000 * 3 * random.next() * random.next())
            return Parcel(
                id: "P\(number)", sentAt: Timestamp(microseconds: sent), carrier: isNew ? "pigeon" : "post",
                distance: distance, score: chance, wasLate: wasLate,
                arrivedAt: Timestamp(microseconds: sent + delay))
        }
    }

    /// e to a power, by its series.
    private static func power(_ x: Double) -> Double {
        let part = x / 64
        var (sum, term) = (1.0, 1.0)
        for n in 1...8 {
            term *= part / Double(n)
            sum += term
        }
        return (0..<6).reduce(sum) { value, _ in value * value }
    }

    private struct Random {
        var state: UInt64

        mutating func next() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            var mixed = state ^ (state >> 33)
            mixed = mixed &* 0xFF51_AFD7_ED55_8CCD
            return Double((mixed ^ (mixed >> 33)) >> 11) * 0x1p-53
        }
    }

    static let schema = TaskSchema(
        kind: .binary(threshold: 0.5), features: ["carrier": .category, "distance_km": .float32])

    /// A store whose clock is that of the events, with a task, its reference rows and `days` days of predictions, and their
    /// labels as far as they have come.
    static func monitored(days: Int, shift: Int = .max) throws -> MonitoredTask {
        var options = StoreOptions()
        options.arrival = .eventTime
        let store = try Store.open("model.drumlin", options: options)
        let task = try store.task("late_parcel", schema: schema)
        try task.registerMetric(.accuracy, windows: [.tumbling(.days(1)), .cumulative])
        try task.logTrainingSet(try reference(), modelVersion: "2024-04")
        let parcels = sent(0..<days, shift: shift)
        let end = Timestamp(microseconds: start.microseconds + Int64(days) * 86_400_000_000)
        for parcel in parcels {
            try task.logPrediction(
                id: parcel.id, at: parcel.sentAt, prediction: .number(parcel.score), features: parcel.features)
        }
        for parcel in parcels.sorted(by: { $0.arrivedAt < $1.arrivedAt }) where parcel.arrivedAt < end {
            try task.logFeedback(id: parcel.id, at: parcel.arrivedAt, label: parcel.wasLate ? 1 : 0)
        }
        return task
    }

    /// Rows of the days before, whose labels are known.
    static func reference() throws -> TrainingSet {
        let reference = TrainingSet(schema: schema)
        for parcel in sent(-20..<0) {
            try reference.append(
                prediction: .number(parcel.score), label: parcel.wasLate ? 1 : 0, features: parcel.features)
        }
        return reference
    }
}
