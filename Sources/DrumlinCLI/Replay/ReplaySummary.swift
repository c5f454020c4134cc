import CommandSupport
import Drumlin

/// What became of a replay.
struct ReplaySummary {
    struct Events: Equatable {
        /// Rows that the store took or had already.
        var accepted = 0
        /// Those of them that were in the store already and changed nothing.
        var known = 0
    }

    /// A file whose rows are not in the order of their times.
    struct Disorder {
        let file: String
        let count: Int
        let firstLine: Int
    }

    let store: String
    let task: String
    var reference: (count: Int, modelVersion: String)?
    var predictions = Events()
    var labels = Events()
    var refused = (reference: 0, predictions: 0, labels: 0)
    var corrections = 0
    var withdrawals = 0
    /// Feedback for predictions that the store has dropped by their age or number.
    var expired = 0
    var pending = 0
    /// Predictions in the store, those of earlier replays included.
    var storedPredictions = 0
    var seconds = 0.0
    var byteCount = 0
    var disorders: [Disorder] = []

    init(store: String, task: String) {
        self.store = store
        self.task = task
    }

    var refusedCount: Int { refused.reference + refused.predictions + refused.labels }

    /// Takes what only the store knows: what was there already, and what still waits for its prediction.
    mutating func finish(before: TaskStatus, after: TaskStatus) {
        predictions.known = max(0, predictions.accepted - (after.predictions - before.predictions))
        expired = after.expiredLabels - before.expiredLabels
        labels.known = max(0, labels.accepted - (after.labels - before.labels) - expired)
        corrections = after.corrections - before.corrections
        withdrawals = after.withdrawals - before.withdrawals
        pending = after.pendingLabels
        storedPredictions = after.predictions
    }

    /// The summary as people read it.
    func text(_ terminal: Terminal) -> String {
        var lines = ["\(terminal.styled(PrintableText.escaping(task), .bold)) in \(PrintableText.escaping(store))"]
        if let reference {
            lines.append(
                line(
                    "reference",
                    [
                        "\(Units.count(reference.count)) rows as model version \(PrintableText.escaping(reference.modelVersion))"
                    ]
                        + part(refused.reference, "refused")))
        }
        lines.append(line("predictions", logged(predictions) + part(refused.predictions, "refused")))
        lines.append(
            line(
                "labels",
                logged(labels) + part(corrections, "corrections") + part(withdrawals, "withdrawals")
                    + part(expired, "expired") + part(refused.labels, "refused") + ["\(Units.count(pending)) pending"]))
        let events = predictions.accepted + labels.accepted
        let rate = seconds > 0 && events > 0 ? ["\(Units.count(Int(Double(events) / seconds))) events/s"] : []
        lines.append(line("time", [Units.duration(seconds: seconds)] + rate))
        let perRow =
            storedPredictions > 0
            ? ["\(Units.fixed(Double(byteCount) / Double(storedPredictions), digits: 1)) bytes a prediction"] : []
        lines.append(line("on disk", [Units.bytes(byteCount)] + perRow))
        for disorder in disorders {
            lines.append(
                "note: \(PrintableText.escaping(disorder.file)) is not in the order of its times: \(Units.count(disorder.count)) "
                    + "rows are earlier than one before them, the first in line \(disorder.firstLine); they were logged "
                    + "where they stand")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The summary as an object; what was left out is null.
    var json: String {
        var json = JSONWriter(.compact)
        json.object { json in
            json.member("store", store)
            json.member("task", task)
            json.member("reference") { json in
                guard let reference else { return json.null() }
                json.object { json in
                    json.member("rows", reference.count)
                    json.member("model_version", reference.modelVersion)
                    json.member("refused", refused.reference)
                }
            }
            json.member("predictions") { Self.write(predictions, refused.predictions, to: &$0) }
            json.member("labels") { Self.write(labels, refused.labels, to: &$0) }
            json.member("corrections", corrections)
            json.member("withdrawals", withdrawals)
            json.member("expired", expired)
            json.member("pending", pending)
            json.member("stored_predictions", storedPredictions)
            json.member("seconds", seconds)
            json.member("bytes", byteCount)
            json.member("not_in_order") { json in
                json.array { json in
                    for disorder in disorders {
                        json.object { json in
                            json.member("file", disorder.file)
                            json.member("rows", disorder.count)
                            json.member("first_line", disorder.firstLine)
                        }
                    }
                }
            }
        }
        return json.text + "\n"
    }

    private static func write(_ events: Events, _ refused: Int, to json: inout JSONWriter) {
        json.object { json in
            json.member("logged", events.accepted - events.known)
            json.member("there_already", events.known)
            json.member("refused", refused)
        }
    }

    private func line(_ title: String, _ parts: [String]) -> String {
        "  " + title + String(repeating: " ", count: 13 - title.count) + parts.joined(separator: ", ")
    }

    private func logged(_ events: Events) -> [String] {
        ["\(Units.count(events.accepted - events.known)) logged"] + part(events.known, "there already")
    }

    private func part(_ count: Int, _ what: String) -> [String] { count == 0 ? [] : ["\(Units.count(count)) \(what)"] }
}
