import ColumnFormat
import Drumlin

/// A small store with something of everything that a store can hold, the same for everybody who makes it, and what can be
/// read of it, as text.
///
/// One that each version of the format wrote is in `Tests/Fixtures/stores`, beside the text that its writer read from it. Later
/// releases have to read the same.
enum GoldenStore {
    private static let start: Int64 = 1_583_020_800_000_000  // 2020-03-01
    private static let hour: Int64 = 3_600_000_000

    private static func time(_ hours: Int) -> Timestamp { Timestamp(microseconds: start + Int64(hours) * hour) }

    /// Writes the store.
    static func write(to path: String) throws {
        var options = StoreOptions()
        options.arrival = .eventTime
        let store = try Store.open(path, options: options)
        try writeTable(store)
        try writeBinary(store, isSecondPart: false)
        try writeOthers(store)
        try store.seal()
        // The second part stays in the log.
        try writeBinary(store, isSecondPart: true)
        try store.table("values").append(rows: (40..<50).map(row))
        store.drainTriggers()
        try store.close()
    }

    // MARK: A table with every type

    private static func writeTable(_ store: Store) throws {
        let columns: [ColumnDefinition] = [
            ColumnDefinition("id", .string), ColumnDefinition("flag", .bool, isNullable: true),
            ColumnDefinition("small", .int8, isNullable: true), ColumnDefinition("large", .int64),
            ColumnDefinition("count", .uint64), ColumnDefinition("narrow", .float32, isNullable: true),
            ColumnDefinition("wide", .float64), ColumnDefinition("text", .string, isNullable: true),
            ColumnDefinition("raw", .bytes), ColumnDefinition("at", .timestamp), ColumnDefinition("uuid", .uuid),
            ColumnDefinition("direction", .vector(dimension: 3)),
        ]
        let table = try store.createTable("values", schema: Schema(columns, indexed: ["id"]))
        try table.append(rows: (0..<40).map(row))
    }

    private static func row(_ number: Int) -> [String: Value] {
        let isOdd = number % 2 == 1
        return [
            "id": .string("v\(number)"), "flag": number % 5 == 0 ? .null : .bool(isOdd),
            "small": number % 7 == 0 ? .null : .int(Int64(number - 25)),
            "large": .int(number == 3 ? .min : number == 4 ? .max : Int64(number) * 1_000_003),
            "count": .uint(number == 5 ? .max : UInt64(number)),
            "narrow": number % 11 == 0 ? .float32(.nan) : number % 6 == 0 ? .null : .float32(Float(number) / 3),
            "wide": .float64(number == 7 ? -.infinity : number == 8 ? -0.0 : Double(number) / 7),
            "text": number % 4 == 0 ? .null : .string(number == 9 ? "" : "Zone „\(number % 6)“ ✓"),
            "raw": .bytes(Array(repeating: UInt8(number), count: number % 4)), "at": .timestamp(time(number)),
            "uuid": .uuid((0..<16).map { UInt8($0 * 7 + number) }),
            "direction": .vector([Float(number), 0.5, -1]),
        ]
    }

    // MARK: Tasks

    private static func writeBinary(_ store: Store, isSecondPart: Bool) throws {
        let schema = TaskSchema(
            kind: .binary(threshold: 0.5), features: ["distance": .float32, "zone": .category, "hour": .int8],
            observed: ["tip": .float64])
        let task = try store.task("tips", schema: schema)
        try task.registerMetric(
            .accuracy, windows: [.tumbling(.days(1)), .sliding(.days(7), every: .days(1)), .cumulative])
        try task.registerMetric(.f1, windows: [.tumbling(.days(1)), .count(50)])
        try task.registerMetric(.rocAUC, windows: [.cumulative])
        if !isSecondPart {
            let reference = TrainingSet(schema: schema)
            for row in 0..<400 {
                let event = event(row * 13 + 5)
                try reference.append(
                    prediction: .number(event.score), label: event.label ? 1 : 0, features: event.features)
            }
            try task.logTrainingSet(reference, modelVersion: "2020-02")
            try task.registerConstraints([.range("distance", 0...9), .notNull("zone")])
            try task.watch()
            try store.setRetention(Retention(rowCount: 100_000), for: "tips/predictions")
        }
        let numbers = isSecondPart ? 200..<260 : 0..<200
        for number in numbers {
            let event = event(number)
            try task.logPrediction(
                id: "p\(number)", at: time(number), prediction: .number(event.score), features: event.features,
                observed: number % 3 == 0 ? ["tip": 0.5] : [:])
            guard number % 5 != 0 else { continue }
            try task.logFeedback(
                id: "p\(number)", at: time(number + 3), label: event.label ? 1 : 0, observed: ["tip": 2.75])
            if number % 17 == 0 { try task.logFeedback(id: "p\(number)", at: time(number + 5), label: 0) }
            if number % 23 == 0 { try task.logFeedback(id: "p\(number)", at: time(number + 6), label: nil) }
        }
        // One before its prediction, which never comes, and rows that are gone.
        try task.logFeedback(id: isSecondPart ? "never" : "not yet", at: time(numbers.upperBound), label: 1)
        try task.erase(ids: isSecondPart ? ["p210"] : ["p31", "p32", "p77"])
    }

    private static func event(_ number: Int) -> (score: Double, label: Bool, features: [String: Value]) {
        let noise = (number &* 2_654_435_761) % 1_000
        let score = Double(noise) / 1_000
        return (
            score, (number &* 40_503) % 1_000 < Int(score * 1_000),
            [
                "distance": .float64(Double(number % 50) / 5),
                "zone": number % 9 == 0 ? .null : .string("z\(number % 4)"),
                "hour": .int(Int64(number % 24)),
            ]
        )
    }

    private static func writeOthers(_ store: Store) throws {
        let fares = try store.task(
            "fares", schema: TaskSchema(kind: .regression, features: ["miles": .float32], bucketing: .scoreQuantiles(4))
        )
        try fares.registerMetric(.rmse, windows: [.tumbling(.days(1)), .trailing(.days(2))])
        let pets = try store.task(
            "pets",
            schema: TaskSchema(kind: .multiclass(classes: ["cat", "dog", "cow"], hasProbabilities: true), features: []))
        try pets.registerMetric(.accuracy, windows: [.cumulative])
        let classes = ["cat", "dog", "cow"]
        for number in 0..<60 {
            try fares.logPrediction(
                id: "f\(number)", at: time(number), prediction: .number(Double(number) / 2 + 3),
                features: ["miles": .float64(Double(number))])
            try fares.logFeedback(id: "f\(number)", at: time(number + 1), label: .number(Double(number) / 2 + 2.5))
            try pets.logPrediction(
                id: "a\(number)", at: time(number),
                prediction: .class(classes[number % 3], probabilities: [0.5, 0.25, 0.25]), features: [:])
            try pets.logFeedback(id: "a\(number)", at: time(number + 1), label: .class(classes[number % 4 % 3]))
        }
    }

    // MARK: What can be read of it

    /// Tables with a checksum of all their values, and what the labels say of each window, as text.
    static func description(of path: String) throws -> String {
        let store = try Store.openReadOnly(path)
        var lines: [String] = []
        for table in store.tables.sorted(by: { $0.name < $1.name }) {
            let columns = try table.schema.columns
            lines.append("table \(table.name): " + columns.map { "\($0.name) \($0.type)" }.joined(separator: ", "))
            var (count, checksum) = (0, UInt64(0))
            let scan = try table.scan()
            while let batch = try scan.next() {
                for row in 0..<batch.rowCount {
                    let text = "\(batch.rowNumbers[row])" + columns.map { "\t\(batch[row, $0.name])" }.joined()
                    checksum = Checksum.of(Array(text.utf8), seed: checksum)
                    if count < 2 { lines.append("  " + text) }
                    count += 1
                }
            }
            lines.append("  \(count) rows, checksum \(checksum)")
        }
        for name in store.taskNames {
            let task = try store.task(name)
            let status = task.status
            lines.append(
                "task \(name): \(status.predictions) predictions, \(status.labels) labels, \(status.pendingLabels) pending, "
                    + "versions \(status.modelVersions)")
            for row in try task.metrics() {
                lines.append(
                    "  \(row.metric) \(row.window) \(row.start?.description ?? "") \(row.status): "
                        + "\(row.labeledValue.map { "\($0)" } ?? "none") of \(row.labeledCount), "
                        + "\(row.unlabeledCount) without label")
            }
            lines += task.constraints.map { "  constraint \($0)" } + task.alertRules.map { "  alert \($0.name)" }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
