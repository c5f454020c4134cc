// The third notebook of the course: labels that come days after their predictions, in any order, and are not always right
// at first.
//
//     swift run -c release DelayedLabels [FILE] [--per-day COUNT]
//
// Each trip's label comes an exponentially distributed time after it, two days on average. One in fifty is sent twice, one in
// a hundred is wrong at first and corrected a day later. The table says what was believed of each week when it ended, a
// week later, when it was published again, and in the end.

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
let schema = TaskSchema(
    kind: .binary(threshold: 0.5), features: TripFeatures.declared, observed: ["tip_amount": .float32])
let task = try store.task("tips", schema: schema)
try task.registerMetric(.accuracy, windows: [week])
let reference = TrainingSet(schema: schema)
for trip in periods.reference {
    let values = TripFeatures.values(of: trip)
    try reference.append(
        prediction: .number(model.probability(of: values)), label: trip.hasGoodTip ? 1 : 0,
        features: TripFeatures.named(values))
}
try task.logTrainingSet(reference, modelVersion: "1")

let trips = periods.served
var labels = LabelQueue(meanDelay: .days(2), seed: 1)

/// Logs the labels that have come by `time`.
@MainActor func passOn(upTo time: Timestamp) throws {
    while let arrival = labels.next(upTo: time) {
        let trip = trips[arrival.trip]
        let isWrongAtFirst = arrival.trip % 100 == 0
        try task.logFeedback(
            id: trip.id, at: arrival.at, label: trip.hasGoodTip != isWrongAtFirst ? 1 : 0,
            observed: ["tip_amount": .float64(trip.tip)])
        if arrival.trip % 50 == 1 {
            try task.logFeedback(
                id: trip.id, at: arrival.at, label: trip.hasGoodTip ? 1 : 0,
                observed: ["tip_amount": .float64(trip.tip)])
        }
        if isWrongAtFirst {
            try task.logFeedback(
                id: trip.id, at: arrival.at.advanced(byDays: 1), label: trip.hasGoodTip ? 1 : 0,
                observed: ["tip_amount": .float64(trip.tip)])
        }
    }
}

let row = task.makePredictionRow()
for (place, trip) in trips.enumerated() {
    try passOn(upTo: trip.pickup)
    let values = TripFeatures.values(of: trip)
    row.begin(id: trip.id, at: trip.pickup, prediction: .number(model.probability(of: values)))
    for (feature, value) in values.enumerated() where !value.isNaN { row.set(feature, value) }
    try task.logPrediction(row)
    labels.send(trip: place, pickup: trip.pickup)
}
try passOn(upTo: Timestamp(microseconds: .max))

let status = task.status
print(
    "\(Units.count(status.predictions)) predictions, \(Units.count(status.labels)) labels: "
        + "\(Units.count(status.corrections)) corrected, \(Units.count(status.duplicates)) came twice and changed nothing\n"
)

func percent(_ value: Double?) -> String { value.map { Units.percent($0) } ?? "–" }
/// What was believed of a week at a time: the blended value and its interval.
func believed(_ start: Timestamp, at time: Timestamp) throws -> MetricRow? {
    try task.metrics(.accuracy, window: week, from: start, to: start.advanced(byDays: 1), asOf: time).first
}

var table = TextTable([
    .text("week of"), .number("labels in"), .number("of them"), .number("believed then"), .number("95 % interval"),
    .number("a week later"), .number("in the end"), .number("within"),
])
for row in try task.metrics(.accuracy, window: week) {
    guard let start = row.start, let end = row.end, let final = row.labeledValue else { continue }
    // A window closes with the first event after the allowed lateness, an hour.
    let closing = Timestamp(microseconds: end.microseconds + TimeSpan.hours(12).microseconds)
    guard let then = try believed(start, at: closing), let low = then.ciLow, let high = then.ciHigh else { continue }
    table.add([
        start.date,
        Units.percent(Double(then.labeledCount) / Double(then.labeledCount + then.unlabeledCount), digits: 0),
        percent(then.labeledValue), percent(then.value), "\(Units.percent(low)) to \(Units.percent(high))",
        percent(try believed(start, at: end.advanced(byDays: 8))?.value), percent(final),
        (low...high).contains(final) ? "yes" : "no",
    ])
}
print(table.rendered())
try store.close()
print("look further: drumlin metrics \(source.store) --as-of TIME, drumlin metrics \(source.store) --format csv")
