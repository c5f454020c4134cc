// The first notebook of the course: a model in service, how it decays, and what can be done about it.
//
//     swift run -c release Decay [FILE] [--per-day COUNT]
//
// The model says whether a passenger will tip more than 10 % of the fare. It is trained on a week and serves the rest; here
// labels come at once, so that nothing but the model is looked at (DelayedLabels has them late). When the accuracy
// falls, three reactions are tried: fix the data, retrain, change the objective.

import CommandSupport
import Drumlin
import Foundation
import TaxiTrips

let week = Window.tumbling(.days(7), offset: .days(4))  // from Monday on; the epoch was a Thursday
let faultyTip = 2.75
let schema = TaskSchema(
    kind: .binary(threshold: 0.5), features: TripFeatures.declared, observed: ["tip_amount": .float32])

let source = try TripSource(CommandLine.arguments)
try? FileManager.default.removeItem(atPath: source.store)
var options = StoreOptions()
options.arrival = .eventTime  // these trips were driven long ago
let store = try Store.open(source.store, options: options)
print(source.origin)

func train(_ trips: [Trip]) -> BoostedTrees {
    BoostedTrees.train(rows: trips.map(TripFeatures.values), labels: trips.map(\.hasGoodTip))
}

/// Makes a task of its own for `model`, and serves the trips. A label that cannot be right is left out where `leavesOutFaults`.
func serve(
    _ trips: [Trip], as name: String, _ model: BoostedTrees, reference: [Trip], leavesOutFaults: Bool = false
) throws -> MonitoredTask {
    let task = try store.task(name, schema: schema)
    try task.registerMetric(.accuracy, windows: [week])
    let rows = TrainingSet(schema: schema)
    for trip in reference {
        let values = TripFeatures.values(of: trip)
        try rows.append(
            prediction: .number(model.probability(of: values)), label: trip.hasGoodTip ? 1 : 0,
            features: TripFeatures.named(values))
    }
    try task.logTrainingSet(rows, modelVersion: name)
    let row = task.makePredictionRow()
    for trip in trips {
        let values = TripFeatures.values(of: trip)
        row.begin(id: trip.id, at: trip.pickup, prediction: .number(model.probability(of: values)))
        for (feature, value) in values.enumerated() where !value.isNaN { row.set(feature, value) }
        try task.logPrediction(row)
        if leavesOutFaults, trip.tip == faultyTip { continue }
        try task.logFeedback(
            id: trip.id, at: trip.dropoff, label: trip.hasGoodTip ? 1 : 0,
            observed: ["tip_amount": .float64(trip.tip)])
    }
    return task
}

/// The accuracy of each week: by the labels that count, and estimated where there is none.
func accuracies(_ task: MonitoredTask) throws -> [Timestamp: Double] {
    var result: [Timestamp: Double] = [:]
    for row in try task.metrics(.accuracy, window: week) {
        if let start = row.start, let value = row.value { result[start] = value }
    }
    return result
}

// 1. The pipeline: train, hold out, serve. And what it comes to.
let periods = TripPeriods(source.trips, seed: 1)
let model = train(periods.training)
let task = try serve(periods.served, as: "tips", model, reference: periods.reference)
try task.watch()
let served = try accuracies(task)

// 2. What Drumlin says of it, without having been told anything.
for alert in try task.alerts() { print(alert.start.date, alert.state, alert.message) }
let faultStart = try task.alerts().first { $0.kind == "value" && $0.subject == "tip_amount" }?.start

// 3. Fix the data: labels that come from a tip that cannot be right are taken back.
var withdrawn = 0
if let faultStart, let last = periods.served.last {
    for trip in periods.served where trip.pickup >= faultStart && trip.tip == faultyTip {
        try task.logFeedback(id: trip.id, at: last.dropoff, label: nil)
        withdrawn += 1
    }
}
let fixed = try accuracies(task)

// 4. Retrain: on the two weeks before the fault, in which the mix has changed already, less what is held out.
let retrainingEnd = faultStart?.monday ?? periods.servingStart.advanced(byDays: 28)
let recent = periods.served.filter { (retrainingEnd.advanced(byDays: -14)..<retrainingEnd).contains($0.pickup) }
let later = periods.served.filter { $0.pickup >= retrainingEnd }
let newModel = train(recent.enumerated().filter { $0.offset % 3 != 0 }.map(\.element))
let retrained = try accuracies(
    try serve(
        later, as: "tips-retrained", newModel,
        reference: recent.enumerated().filter { $0.offset % 3 == 0 }.map(\.element), leavesOutFaults: true))

var table = TextTable([
    .text("week of"), .number("as served"), .number("labels of $2.75 taken back"), .number("and retrained"),
])
func cell(_ value: Double?) -> String { value.map { Units.percent($0) } ?? "–" }
for start in served.keys.sorted(by: { $0.microseconds < $1.microseconds }) {
    table.add([start.date, cell(served[start]), cell(fixed[start]), cell(retrained[start])])
}
print("\naccuracy; \(Units.count(withdrawn)) labels were taken back, and are estimated\n")
print(table.rendered())

// 5. Change the objective: what is a prompt to tip worth, if a tip brings 2 and a prompt in vain costs 1?
var plan = Backtest()
plan.metrics = [
    .init(.accuracy, windows: [week]),
    .init(.businessValue(truePositive: 2, falsePositive: -1, falseNegative: 0, trueNegative: 0), windows: [week]),
]
var worth = TextTable([.text("week of"), .number("accuracy"), .number("worth"), .number("worth a trip")])
let rows = try task.backtest(plan).rows
for row in rows.filter({ $0.metric == "accuracy" }) {
    let other = rows.first { $0.metric != "accuracy" && $0.start == row.start }
    let count = Double(row.labeledCount + row.unlabeledCount)
    worth.add([
        row.start?.date ?? "", cell(row.value), other?.value.map { Units.fixed($0, digits: 0) } ?? "–",
        other?.value.map { Units.fixed($0 / count, digits: 3) } ?? "–",
    ])
}
print("as another objective, over all trips, those without a label estimated\n")
print(worth.rendered())
try store.close()
print("look further: drumlin metrics \(source.store), drumlin drift \(source.store) --task tips")
