import ArgumentParser
import CommandSupport
import Drumlin
import Foundation
import TaxiTrips

/// An inference process that embeds Drumlin: the running example of the course.
@main
struct TaxiTips: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "TaxiTips",
        abstract: "Predict taxi tips, and see how good the predictions are before their labels are in.",
        discussion: """
            Trains a model on the first week of trips and serves the rest in order of pickup: predicts whether the tip \
            is more than 10 % of the fare, logs each prediction with Drumlin, and passes its label on when it comes, \
            two days later on average. Then prints, week by week, what Drumlin believed when the week ended and what \
            the labels said in the end. The store stays, to be looked into with colstat and drumlin.

            Without --trips, trips are generated. TLC trip records, yellow or green cabs, are at \
            https://www.nyc.gov/site/tlc/about/tlc-trip-record-data.page
            """)

    @Option(help: ArgumentHelp("A TLC trip-record file as CSV.", valueName: "file"))
    var trips: String?

    @Option(
        help: ArgumentHelp(
            "The store; one with these trips is continued. (default: taxi.drumlin, or taxi-generated.drumlin)",
            valueName: "path"))
    var store: String?

    @Option(help: "Seed of the generated trips, the held-out part and the delays of the labels.")
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp("Serve this many weeks at most. (default: all; 10 of generated trips)", valueName: "count"))
    var weeks: Int?

    @Option(help: ArgumentHelp("Mean delay of the labels.", valueName: "days"))
    var labelDelay = 2.0

    /// As ArgumentParser's own, with errors that say where and what to do, and the exit statuses of the other commands.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let error as any CommandErrorConvertible {
            fail(error.commandError)
        } catch let error as StoreError {
            fail(CommandError(.cannotRead, error.message, at: error.path, remedy: error.remedy))
        } catch  where exitCode(for: error) == .success {
            exit(withError: error)  // help is no error
        } catch {
            StandardError.write(fullMessage(for: error) + "\n")
            Foundation.exit(ExitStatus.wrongUse.rawValue)
        }
    }

    private static func fail(_ error: CommandError) -> Never {
        StandardError.write(error.report + "\n")
        Foundation.exit(error.status.rawValue)
    }

    func validate() throws {
        if let weeks, !(1...520).contains(weeks) { throw ValidationError("--weeks is from 1 to 520.") }
        guard labelDelay > 0, labelDelay <= 30 else {
            throw ValidationError("--label-delay is above 0 and at most 30 days.")
        }
    }

    func run() throws {
        let trips = try readTrips()
        let periods = TripPeriods(trips, seed: seed, weekLimit: weeks)
        guard !periods.reference.isEmpty, !periods.training.isEmpty, !periods.served.isEmpty else {
            throw CommandError(
                .refused, "\(Units.count(trips.count)) trips, \(span(trips)), are too few", at: self.trips,
                remedy: "give a file that begins at least a week before its last Monday; the first week is for training"
            )
        }
        let path = store ?? (self.trips == nil ? "taxi-generated.drumlin" : "taxi.drumlin")
        let store = try Serving.openStore(path)
        let model = train(periods)
        let referenceAccuracy = evaluate(model, on: periods.reference)
        let weeks = try serve(periods, model: model, store: store)
        try store.seal()
        try store.close()

        let conclusion = Conclusion(weeks: weeks, referenceAccuracy: referenceAccuracy)
        print("\n" + WeeklyReport(weeks: weeks).table())
        for paragraph in conclusion.paragraphs() { print("\n" + wrapped(paragraph)) }
        print("\nTo look further:\n")
        for line in NextSteps(store: path, week: conclusion.weekOfInterest).lines() { print(line) }
    }

    private func readTrips() throws -> [Trip] {
        guard let path = trips else {
            var generator = TripGenerator(seed: seed)
            let generated = generator.trips(weekCount: 1 + (weeks ?? 10))
            say(
                "Trips",
                "\(Units.count(generated.count)) generated, \(span(generated)); --trips reads a file of real ones")
            say("", "which trips are made changes from \(TripGenerator.mixChange.date) on,")
            say("", "and what is recorded as their tip from \(TripGenerator.faultStart.date) on")
            return generated
        }
        let file = try TripFile(path: path)
        say(
            "Trips",
            "\(Units.count(file.trips.count)) of the \(Units.count(file.rowCount)) rows of \(path), \(span(file.trips))"
        )
        for reason in TripFile.SkipReason.allCases {
            if let count = file.skipped[reason] { say("", "left out \(Units.count(count)): \(reason.rawValue)") }
        }
        say("", "tips in cash are not on record: such trips count as without a tip")
        return file.trips
    }

    private func train(_ periods: TripPeriods) -> BoostedTrees {
        let start = ContinuousClock.now
        let model = BoostedTrees.train(
            rows: periods.training.map(TripFeatures.values), labels: periods.training.map(\.hasGoodTip))
        let rows = "\(Units.count(periods.training.count)) trips before \(periods.servingStart.date)"
        say("Model", "\(model.trees.count) boosted trees, trained on \(rows) in \(seconds(since: start))")
        return model
    }

    /// The accuracy on trips that the model has not seen.
    private func evaluate(_ model: BoostedTrees, on trips: [Trip]) -> Double {
        let scores = trips.map { model.probability(of: TripFeatures.values(of: $0)) }
        let labels = trips.map(\.hasGoodTip)
        let accuracy = Double(zip(scores, labels).count { ($0 >= 0.5) == $1 }) / Double(trips.count)
        let area = String(format: "%.3f", BoostedTrees.areaUnderROC(scores: scores, labels: labels))
        say(
            "",
            "on \(Units.count(trips.count)) held-out trips of that time: accuracy \(Units.percent(accuracy)), AUC \(area)"
        )
        return accuracy
    }

    private func serve(_ periods: TripPeriods, model: BoostedTrees, store: Store) throws -> [ServedWeek] {
        let start = ContinuousClock.now
        let serving = try Serving(store: store, model: model)
        let countBefore = serving.task.status.predictions
        do {
            try serving.logReference(periods.reference)
        } catch let error as StoreError where error.code == .schemaMismatch {
            throw CommandError(
                .refused, "this store was made from other trips, or with another seed", at: store.path,
                remedy: "give another --store, or remove this one")
        }
        var labels = LabelQueue(meanDelay: TimeSpan(microseconds: Int64(labelDelay * 86_400e6)), seed: seed)
        let weeks = try serving.serve(periods.served, labels: &labels)
        say("Serving", "\(Units.count(periods.served.count)) trips and their labels, in \(seconds(since: start))")

        let known = periods.served.count - (serving.task.status.predictions - countBefore)
        let note = known > 0 ? "; it had \(Units.count(known)) of these trips already, which changed nothing" : ""
        say("Store", store.path + note)
        return weeks
    }
}

/// A line of the summary at the top.
private func say(_ title: String, _ text: String) {
    print(title.padding(toLength: 9, withPad: " ", startingAt: 0) + text)
}

private func span(_ trips: [Trip]) -> String {
    guard let first = trips.first, let last = trips.last else { return "none" }
    return "\(first.pickup.date) to \(last.pickup.date)"
}

private func seconds(since start: ContinuousClock.Instant) -> String {
    let elapsed = (ContinuousClock.now - start).components
    return Units.duration(seconds: Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18)
}
