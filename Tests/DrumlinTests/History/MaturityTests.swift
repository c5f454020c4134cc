import Drumlin
import TestSupport
import Testing

/// Maturity curves and ranges of the reference, against all events.
@Suite("What comes when, and what was never seen")
struct MaturityTests {
    private static let ages: [TimeSpan] = [.hours(-1), 0, .hours(1), .hours(12), .days(1), .days(3), .days(30)]

    @Test("Shares of labels by age are those of the events", arguments: TaskEvents.kinds.indices)
    func curves(kind: Int) throws {
        let schema = TaskEvents.schema(TaskEvents.kinds[kind], estimator: kind == 0 ? .cbpe : nil)
        let harness = try TaskHarness(schema, memtableByteCount: 4_000)
        var events = TaskEvents(schema.kind, seed: 31)
        for event in events.sequence(count: 300, epochs: 1) { try harness.log(event) }
        let rows = try harness.task.labelMaturity(ages: Self.ages)
        let clock = try #require(harness.model.clock)
        func check(_ part: [MaturityRow], _ predictions: [TaskModel.Prediction], _ place: String) {
            for row in part {
                let old = predictions.filter { clock - $0.at >= row.age.microseconds }
                let labeled = old.filter { prediction in
                    guard let item = harness.model.effective(prediction.id), item.label != .withdrawn else {
                        return false
                    }
                    return item.at - prediction.at <= row.age.microseconds
                }
                #expect(row.predictionCount == old.count && row.labeledCount == labeled.count, "\(place): \(row)")
            }
        }
        check(rows.filter { $0.bucket == nil }, harness.model.predictions, "all")
        #expect(rows.prefix(Self.ages.count).map(\.age) == Self.ages)
        // Together, the buckets of a version are its predictions.
        let own = rows.filter { $0.modelVersion == "v0" && $0.age == .hours(-1) }
        let total = harness.model.predictions.count { $0.epoch == 0 }
        #expect(own.reduce(0) { $0 + $1.predictionCount } == total && own.count > 3)
        let times =
            Timestamp(microseconds: TaskEvents.first)..<Timestamp(microseconds: TaskEvents.first + 86_400_000_000)
        let day = try harness.task.labelMaturity(ages: Self.ages, during: times)
        check(
            day.filter { $0.bucket == nil },
            harness.model.predictions.filter { times.contains(Timestamp(microseconds: $0.at)) }, "a day")
        let empty = try TaskHarness(schema)
        #expect(try empty.task.labelMaturity().isEmpty)
    }

    @Test("Values that the reference never had are counted, null and NaN apart")
    func ranges() throws {
        let schema = TaskSchema(
            kind: .binary(),
            features: ["x": .float64, "f": .float32, "n": .int16, "place": .category, "none": .float64],
            bucketing: .scoreQuantiles(2))
        let store = try Store.open(TemporaryFolder().path("store"))
        let task = try store.task("t", schema: schema)
        #expect(try task.outsideReference().isEmpty)
        var random = TestSupport.SeededGenerator(seed: 3)
        for version in 0..<2 {
            let set = TrainingSet(schema: schema)
            for row in 0..<60 {
                try set.append(
                    prediction: .number(Double(row) / 60), label: .number(row % 2 == 0 ? 1 : 0),
                    features: [
                        "x": .float64(Double(row % 10)), "f": .float32(0.1 * Float(row % 3)), "n": .int(Int64(row % 5)),
                        "place": row % 7 == 0 ? .null : .string(version == 0 ? "a" : "b"),
                    ])
            }
            try task.logTrainingSet(set, modelVersion: "v\(version)")
            var expected = ["x": (0, 0), "f": (0, 0), "n": (0, 0), "place": (0, 0)]
            for number in 0..<400 {
                var features: [String: Value] = [:]
                let x = [-1, 0, 4.5, 9, 9.5, Double.nan, .infinity].randomElement(using: &random)!
                let n = [-1, 0, 4, 5].randomElement(using: &random)!
                let f: Float = [0, 0.2, 0.21, -0.1].randomElement(using: &random)!
                let place = ["a", "b", "c"].randomElement(using: &random)!
                func take(_ name: String, _ value: Value, isValue: Bool = true, isOutside: Bool) {
                    guard Int.random(in: 0..<10, using: &random) > 0 else { return }
                    features[name] = value
                    if isValue { expected[name]!.0 += 1 }
                    if isOutside { expected[name]!.1 += 1 }
                }
                take("x", .float64(x), isValue: !x.isNaN, isOutside: x < 0 || x > 9)
                take("n", .int(Int64(n)), isOutside: n < 0 || n > 4)
                take("f", .float32(f), isOutside: f < 0 || f > 0.1 * Float(2))
                take("place", .string(place), isOutside: place != (version == 0 ? "a" : "b"))
                try task.logPrediction(
                    id: "\(version) \(number)", at: Timestamp(microseconds: TaskEvents.first + Int64(number)),
                    prediction: 0.5, features: features)
            }
            if version == 0 { try store.seal() }
            let rows = try task.outsideReference().filter { $0.modelVersion == "v\(version)" }
            #expect(rows.map(\.column) == ["x", "f", "n", "place"])
            for row in rows {
                #expect(row.valueCount == expected[row.column]!.0, "\(row)")
                #expect(row.outsideCount == expected[row.column]!.1, "\(row)")
            }
            #expect(rows[0].low == 0 && rows[0].high == 9 && rows[3].knownCount == 1 && rows[3].low == nil)
        }
        let later =
            Timestamp(microseconds: TaskEvents.first + 1_000)..<Timestamp(microseconds: TaskEvents.first + 2_000)
        #expect(try task.outsideReference(during: later).allSatisfy { $0.valueCount == 0 && $0.outsideShare == nil })
    }
}
