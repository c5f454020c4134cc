import Drumlin
import Foundation
import TestSupport

/// What a task should say, recomputed from the set of its events each time it is asked: slow, and plain to see.
struct TaskModel {
    struct Prediction: Equatable {
        var id: String
        var at: Int64
        var value: PredictionValue
        var features: [String: Value]
        var observed: [String: Value]
        var epoch = -1
    }

    struct Feedback: Equatable {
        var id: String
        var at: Int64
        var label: LabelValue
        var observed: [String: Value]
    }

    let kind: TaskKind
    var predictions: [Prediction] = []
    var placeOfID: [String: Int] = [:]
    var feedback: [String: [Feedback]] = [:]
    var clock: Int64?
    var epoch = -1
    var labelRowCount = 0

    init(kind: TaskKind) { self.kind = kind }

    // MARK: Events

    enum Outcome { case stored, known, refused }

    mutating func log(_ prediction: Prediction) -> Outcome {
        if let place = placeOfID[prediction.id] {
            var same = predictions[place]
            same.epoch = prediction.epoch
            return same == prediction ? .known : .refused
        }
        var stored = prediction
        stored.epoch = epoch
        placeOfID[prediction.id] = predictions.count
        predictions.append(stored)
        advance(to: prediction.at)
        return .stored
    }

    mutating func log(_ item: Feedback) -> Outcome {
        if feedback[item.id, default: []].contains(item) { return .known }
        feedback[item.id, default: []].append(item)
        labelRowCount += 1
        advance(to: item.at)
        return .stored
    }

    mutating func erase(_ ids: [String]) {
        for id in Set(ids) { labelRowCount -= feedback.removeValue(forKey: id)?.count ?? 0 }
        predictions.removeAll { ids.contains($0.id) }
        placeOfID = [:]
        for (place, prediction) in predictions.enumerated() { placeOfID[prediction.id] = place }
    }

    mutating func advance(to time: Int64) { clock = max(clock ?? .min, time) }

    /// The feedback that counts for an id: the greatest time, of equal ones the latest.
    func effective(_ id: String) -> Feedback? {
        var best: Feedback?
        for item in feedback[id] ?? [] where best.map({ $0.at <= item.at }) ?? true { best = item }
        return best
    }

    var pendingCount: Int { feedback.keys.count { placeOfID[$0] == nil } }

    // MARK: Rows

    struct Row {
        var score: Double
        var predicted: Int
        /// Nil where there is none.
        var label: Double?
        var labelProbability: Double?
    }

    func row(_ prediction: Prediction) -> Row {
        let label: Double? = effective(prediction.id).flatMap { item in
            switch (item.label, kind) {
            case (.withdrawn, _): nil
            case (.number(let value), _): value
            case (.class(let name), .multiclass(let classes, _)): Double(classes.firstIndex(of: name)!)
            default: nil
            }
        }
        switch (kind, prediction.value) {
        case (.binary(let threshold), .number(let score)):
            return Row(score: score, predicted: score >= threshold ? 1 : 0, label: label)
        case (_, .score(let score, let predicted)): return Row(score: score, predicted: predicted, label: label)
        case (.multiclass(let classes, _), .class(let name, let probabilities)):
            let index = classes.firstIndex(of: name)!
            let own = label.flatMap { place in probabilities.map { Double(Float($0[Int(place)])) } }
            return Row(score: .nan, predicted: index, label: label, labelProbability: own)
        case (_, .number(let value)): return Row(score: value, predicted: 0, label: label)
        default: fatalError("no such prediction")
        }
    }

    func rows(from start: Int64?, to end: Int64?) -> [Row] {
        predictions.filter { (start ?? .min) <= $0.at && $0.at < (end ?? .max) }.map(row)
    }

    // MARK: Windows

    /// The windows of a kind that hold a prediction.
    func intervals(_ window: Window, paneWidth: Int64) -> [(start: Int64?, end: Int64?)] {
        func floored(_ a: Int64, _ b: Int64) -> Int64 { a / b - (a % b < 0 ? 1 : 0) }
        var result: [(start: Int64?, end: Int64?)] = []
        switch window {
        case .cumulative: result = [(nil, nil)]
        // Of rows, not of times: compared in tests of their own.
        case .count: result = []
        case .trailing(let size):
            guard let clock else { return [] }
            let end = (floored(clock, paneWidth) + 1) * paneWidth
            result = [(end - size.microseconds, end)]
        case .tumbling(let size, let offset): result = grid(size, size, offset)
        case .sliding(let size, let slide, let offset): result = grid(size, slide, offset)
        }
        return result.filter { !rows(from: $0.start, to: $0.end).isEmpty }
    }

    private func grid(_ size: TimeSpan, _ slide: TimeSpan, _ offset: TimeSpan) -> [(start: Int64?, end: Int64?)] {
        var starts = Set<Int64>()
        for prediction in predictions {
            var start =
                Int64((Double(prediction.at - offset.microseconds) / Double(slide.microseconds)).rounded(.down))
                * slide.microseconds + offset.microseconds
            while start + size.microseconds > prediction.at {
                starts.insert(start)
                start -= slide.microseconds
            }
        }
        return starts.sorted().map { ($0, $0 + size.microseconds) }
    }

    func status(end: Int64?, unlabeled: Int, lateness: TimeSpan, horizon: TimeSpan) -> String {
        guard let end, let clock, clock >= end + lateness.microseconds else { return "open" }
        let isOver = clock >= end + max(lateness, horizon).microseconds
        return unlabeled == 0 || isOver ? "final" : "closed"
    }

    // MARK: Metrics

    /// The metric over the rows that have a label; nil where it is undefined.
    static func value(_ metric: Metric, _ rows: [Row]) -> Double? {
        let known = rows.filter { $0.label != nil }
        func count(_ predicted: Int, _ actual: Double) -> Double {
            Double(known.count { $0.predicted == predicted && $0.label == actual })
        }
        func mean(_ values: [Double]) -> Double? {
            values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        }
        func ratio(_ a: Double, _ b: Double) -> Double? { b == 0 ? nil : a / b }
        func loss(_ p: Double) -> Double { -Foundation.log(min(max(p, 0x1p-52), 1 - 0x1p-52)) }
        switch metric {
        case .accuracy: return mean(known.map { Double($0.predicted) == $0.label! ? 1 : 0 })
        case .precision: return ratio(count(1, 1), count(1, 1) + count(1, 0))
        case .recall: return ratio(count(1, 1), count(1, 1) + count(0, 1))
        case .f1: return ratio(2 * count(1, 1), 2 * count(1, 1) + count(1, 0) + count(0, 1))
        case .brier: return mean(known.map { ($0.score - $0.label!) * ($0.score - $0.label!) })
        case .logLoss:
            return mean(
                known.compactMap { row in
                    row.score.isNaN ? row.labelProbability.map(loss) : loss(row.label == 1 ? row.score : 1 - row.score)
                })
        case .rocAUC:
            let (ones, zeros) = (known.filter { $0.label == 1 }, known.filter { $0.label == 0 })
            var wins = 0.0
            for one in ones {
                for zero in zeros { wins += one.score > zero.score ? 1 : one.score == zero.score ? 0.5 : 0 }
            }
            return ratio(wins, Double(ones.count * zeros.count))
        case .f1Macro:
            let classes = Set(known.map { Double($0.predicted) } + known.map { $0.label! })
            return mean(
                classes.sorted().map { name in
                    let hits = Double(known.count { Double($0.predicted) == name && $0.label == name })
                    let either = known.count { Double($0.predicted) == name } + known.count { $0.label == name }
                    return 2 * hits / Double(either)
                })
        case .mae: return mean(known.map { abs($0.label! - $0.score) })
        case .mse: return mean(known.map { ($0.label! - $0.score) * ($0.label! - $0.score) })
        case .rmse: return mean(known.map { ($0.label! - $0.score) * ($0.label! - $0.score) })?.squareRoot()
        default: return nil
        }
    }
}
