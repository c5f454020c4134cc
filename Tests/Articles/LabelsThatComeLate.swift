import Drumlin

enum LabelsThatComeLate {
    static func run() throws {
        let task = try Parcels.monitored(days: 6)
        // begin
        for row in try task.metrics(.accuracy, window: .tumbling(.days(1))) {
            print(
                row.start?.description ?? "", row.status, "\(row.labeledCount) labels,", row.unlabeledCount, "to come")
            print(
                "  of labels", row.labeledValue ?? .nan, "estimated", row.unlabeledValue ?? .nan, "together",
                row.value ?? .nan)
            print("  half of the labels came within", row.labelDelayP50 ?? .nan, "s")
        }
        // end

        let time = Parcels.sent(0..<6)[500].arrivedAt
        // begin
        try task.logFeedback(id: "P500", at: time, label: 1)
        try task.logFeedback(id: "P500", at: time, label: 1)  // delivered twice: changes nothing
        let later = Timestamp(microseconds: time.microseconds + 3_600_000_000)
        try task.logFeedback(id: "P500", at: later, label: 0)  // a correction: the later time counts
        try task.logFeedback(id: "P501", at: later, label: nil)  // taken back: unlabeled again
        try task.logFeedback(id: "P9999", at: later, label: 1)  // before its prediction: waits for it
        print(task.status.corrections, "corrected,", task.status.pendingLabels, "waiting")
        // end

        // begin
        let dayTwo = Timestamp(microseconds: 1_714_608_000_000_000)
        let dayFour = Timestamp(microseconds: 1_714_780_800_000_000)
        let then = try task.metrics(.accuracy, window: .tumbling(.days(1)), from: dayTwo, asOf: dayFour)
        let now = try task.metrics(.accuracy, window: .tumbling(.days(1)), from: dayTwo)
        print("of 2 May was believed:", then.first?.value ?? .nan, "and is known:", now.first?.value ?? .nan)
        // end

        // begin
        let following = try task.backtest(Backtest(shrinksTowardLabels: true))
        for row in following.rows where row.unlabeledCount > 0 {
            print(row.metric, row.start?.description ?? "", row.unlabeledValue ?? .nan)
        }
        // end
        try task.store.close()
    }
}
