// The second notebook of the course: the accuracy of weeks without any label, by weighting what is known of a reference,
// and why the buckets matter: the hour of the day against places, passengers, distance.
//
//     swift run -c release ImportanceWeighting [FILE] [--per-day COUNT]
//
// An estimate says: rows of one bucket are right as often as they were. It can follow a change of the mix only if the
// buckets tell rows that are right from rows that are wrong, and if the change shows in them.

import CommandSupport
import Drumlin
import Foundation
import TaxiTrips

let week = Window.tumbling(.days(7), offset: .days(4))
let source = try TripSource(CommandLine.arguments)
try? FileManager.default.removeItem(atPath: source.store)
var options = StoreOptions()
options.arrival = .eventTime
let store = try Store.open(source.store, options: options)
print(source.origin)

let periods = TripPeriods(source.trips, seed: 1)
let model = BoostedTrees.train(
    rows: periods.training.map(TripFeatures.values), labels: periods.training.map(\.hasGoodTip))
let schema = TaskSchema(kind: .binary(threshold: 0.5), features: TripFeatures.declared)
let task = try store.task("tips", schema: schema)

let reference = TrainingSet(schema: schema)
var isRight: [Bool] = []
for trip in periods.reference {
    let values = TripFeatures.values(of: trip)
    let score = model.probability(of: values)
    isRight.append((score >= 0.5) == trip.hasGoodTip)
    try reference.append(
        prediction: .number(score), label: trip.hasGoodTip ? 1 : 0, features: TripFeatures.named(values))
}
try task.logTrainingSet(reference, modelVersion: "1")
let row = task.makePredictionRow()
for trip in periods.served {
    let values = TripFeatures.values(of: trip)
    row.begin(id: trip.id, at: trip.pickup, prediction: .number(model.probability(of: values)))
    for (feature, value) in values.enumerated() where !value.isNaN { row.set(feature, value) }
    try task.logPrediction(row)
    try task.logFeedback(id: trip.id, at: trip.dropoff, label: trip.hasGoodTip ? 1 : 0)
}

// One and the same log, estimated in several ways as if no label had come: nothing is logged again for it.
let ways: [(name: String, bucketing: Bucketing?, estimator: Estimator?)] = [
    ("no buckets", nil, .constant),
    ("hour", .category("pickup_hour"), .bucketStatistics),
    ("passengers", .category("passenger_count"), .bucketStatistics),
    ("distance", .grid(["trip_distance"], quantiles: 20), .bucketStatistics),
    ("place", .category("pickup_place"), .bucketStatistics),
    ("score", .scoreQuantiles(20), .bucketStatistics),
    ("each row", nil, .calibratedResiduals),
]
var estimates: [[MetricRow]] = []
for way in ways {
    var plan = Backtest(labels: .withheld)
    plan.metrics = [.init(.accuracy, windows: [week])]
    plan.bucketing = way.bucketing
    plan.estimator = way.estimator
    estimates.append(try task.backtest(plan).rows)
}

var table = TextTable([.text("week of"), .number("by labels")] + ways.map { .number($0.name) })
for (place, truth) in estimates[0].enumerated() {
    table.add(
        [truth.start?.date ?? "", truth.labeledValue.map { Units.percent($0) } ?? "–"]
            + estimates.map { $0[place].value.map { Units.percent($0) } ?? "–" })
}
print("\nthe accuracy of each week, by its labels, and as it is estimated without any from buckets of …\n")
print(table.rendered())

/// How far the buckets of a feature part right from wrong: the standard deviation of their accuracies, as far as it is not what
/// chance alone makes of so many rows.
func spread(of feature: Int, cells: Int?, _ isRight: [Bool]) -> Double {
    var values = periods.reference.map { TripFeatures.values(of: $0)[feature] }
    if let cells {
        let sorted = values.sorted()
        values = values.map { value in
            Double((sorted.firstIndex { $0 >= value } ?? 0) * cells / sorted.count)
        }
    }
    var buckets: [String: (count: Int, right: Int)] = [:]
    for (value, right) in zip(values, isRight) {
        buckets["\(value)", default: (0, 0)].count += 1
        buckets["\(value)", default: (0, 0)].right += right ? 1 : 0
    }
    let all = Double(isRight.count { $0 }) / Double(isRight.count)
    var variance = 0.0
    for bucket in buckets.values where bucket.count > 1 {
        let (count, share) = (Double(bucket.count), Double(bucket.right) / Double(bucket.count))
        variance += count * ((share - all) * (share - all) - share * (1 - share) / (count - 1))
    }
    return max(0, variance / Double(isRight.count)).squareRoot()
}

let positions = Dictionary(uniqueKeysWithValues: TripFeatures.declared.enumerated().map { ($1.key, $0) })
var why = TextTable([
    .text("buckets of"), .number("accuracies differ by (sd)"), .number("largest PSI of a week"),
    .number("off by, all weeks"),
])
for (name, feature, cells) in [
    ("hour", "pickup_hour", nil), ("passengers", "passenger_count", nil), ("distance", "trip_distance", 20),
    ("place", "pickup_place", nil),
] as [(String, String, Int?)] {
    let moved = try task.drift(over: week, columns: [feature]).map(\.value).max()
    let way = ways.firstIndex { $0.name == name } ?? 0
    let distances = estimates[way].compactMap { row in
        row.value.flatMap { value in row.labeledValue.map { abs(value - $0) } }
    }
    why.add([
        name, Units.fixed(spread(of: positions[feature] ?? 0, cells: cells, isRight) * 100, digits: 1) + " points",
        moved.map { Units.fixed($0, digits: 3) } ?? "–",
        Units.fixed(distances.reduce(0, +) / Double(distances.count) * 100, digits: 1) + " points",
    ])
}
print("why: what a bucketing can follow has to part right from wrong, and to move\n")
print(why.rendered())
try store.close()
