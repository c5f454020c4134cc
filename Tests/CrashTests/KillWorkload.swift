import ColumnFormat
import ColumnStore
import Drumlin
import struct TestSupport.SeededGenerator

/// The events that the killed commands log: predictions of two days, a few of them late, and their labels – late, early,
/// corrected, withdrawn, delivered twice, and for predictions that never come.
struct KillWorkload {
    static let task = "tips"
    static let modelVersion = "1"
    static let specification = """
        { "name": "tips", "kind": "binary",
          "columns": { "id": "id", "time": "at", "score": "score", "label": "label" },
          "features": { "distance": "float32", "zone": "category" }, "observed": { "tip": "float64" },
          "metrics": [ { "name": "accuracy", "windows": ["6h", "1d/6h", "cumulative"] },
                       { "name": "f1", "windows": ["6h"] }, { "name": "brier", "windows": ["6h", "cumulative"] } ],
          "bucketing": { "kind": "scoreQuantiles", "count": 4 }, "allowedLateness": "1h", "labelHorizon": "1d" }
        """

    struct Prediction: Hashable {
        let id: String
        let at: Int64
        let score: Double
        let distance: Float?
        let zone: String?
    }

    struct Feedback: Hashable {
        let id: String
        let at: Int64
        /// Nil withdraws.
        let label: Int?
        let tip: Double?
    }

    enum Event: Hashable {
        case prediction(Prediction)
        case feedback(Feedback)
    }

    /// As the files have them.
    let predictions: [Prediction]
    let feedback: [Feedback]
    /// In the order in which they are logged.
    let events: [Event]
    /// Those of ``events`` that are stored: not the ones that are there already.
    let stored: [Event]

    private static let start: Int64 = 1_583_020_800_000_000
    private static let minute: Int64 = 60_000_000

    init(seed: UInt64, count: Int) {
        var random = SeededGenerator(seed: seed)
        var predictions: [Prediction] = []
        var feedback: [Feedback] = []
        var clock = Self.start
        for number in 0..<count {
            clock += Int64.random(in: 1...4 * Self.minute, using: &random)
            let delay = Int.random(in: 0..<30, using: &random) == 0 ? Int64.random(in: 1...180, using: &random) : 0
            let prediction = Prediction(
                id: "p\(number)", at: clock - delay * Self.minute,
                score: Double(Int.random(in: 0...1_000, using: &random)) / 1_000,
                distance: number % 7 == 0 ? nil : Float(Int.random(in: 0..<200, using: &random)) / 8,
                zone: number % 5 == 0 ? nil : "zone \(Int.random(in: 0..<6, using: &random))")
            predictions.append(prediction)
            feedback += Self.labels(of: prediction, &random)
            if number % 97 == 0 { feedback.append(Feedback(id: "unknown\(number)", at: clock, label: 1, tip: nil)) }
        }
        // Of equal times the one that was made first comes first, in the file as in the log.
        let order = feedback.indices.sorted { (feedback[$0].at, $0) < (feedback[$1].at, $1) }
        self.predictions = predictions
        self.feedback = order.map { feedback[$0] }
        events = Self.merged(predictions, self.feedback)
        var known = Set<Event>()
        stored = events.filter { known.insert($0).inserted }
    }

    /// No label, one, or several; minutes or a day after the prediction, or before it.
    private static func labels(of prediction: Prediction, _ random: inout SeededGenerator) -> [Feedback] {
        func label(after minutes: ClosedRange<Int64>, _ value: Int?) -> Feedback {
            let at = prediction.at + Int64.random(in: minutes, using: &random) * minute
            let tip = Bool.random(using: &random) ? nil : Double(Int.random(in: 0..<900, using: &random)) / 100
            return Feedback(id: prediction.id, at: at, label: value, tip: tip)
        }
        let truth = Double.random(in: 0..<1, using: &random) < prediction.score ? 1 : 0
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<20: return []
        case 20..<25: return [label(after: -90...0, truth)]
        case 25..<30: return [label(after: -60...0, truth), label(after: -30...400, 1 - truth)]
        case 30..<37: return [label(after: 0...300, 1 - truth), label(after: 0...900, truth)]
        case 37..<41: return [label(after: 0...300, truth), label(after: 300...900, nil)]
        case 41..<44: return Array(repeating: label(after: 0...600, truth), count: 2)
        case 44..<60: return [label(after: 600...2_000, truth)]
        default: return [label(after: 1...500, truth)]
        }
    }

    /// What the replay promises: by times, at equal ones the prediction first.
    private static func merged(_ predictions: [Prediction], _ feedback: [Feedback]) -> [Event] {
        var events: [Event] = []
        var rest = feedback[...]
        for prediction in predictions {
            while let next = rest.first, next.at < prediction.at {
                events.append(.feedback(next))
                rest.removeFirst()
            }
            events.append(.prediction(prediction))
        }
        return events + rest.map { .feedback($0) }
    }

    // MARK: Files

    /// The rows that the buckets are fitted on: score, label and distance.
    private static let referenceRows: [(score: Double, label: Int, distance: Float)] = (0..<200).map { row in
        let isTrue = row % 40 + row % 13 > 26
        return (Double(row % 40) / 40, isTrue ? 1 : 0, Float(row % 9) / 2)
    }

    static var referenceFile: String {
        "score,label,distance,zone\n"
            + referenceRows.map { "\($0.score),\($0.label),\($0.distance),zone 1\n" }.joined()
    }

    static func reference(_ schema: TaskSchema) throws -> TrainingSet {
        let set = TrainingSet(schema: schema)
        for row in referenceRows {
            try set.append(
                prediction: .number(row.score), label: .number(Double(row.label)),
                features: ["distance": .float32(row.distance), "zone": "zone 1"])
        }
        return set
    }

    var predictionFile: String {
        let lines = predictions.map { row in
            "\(row.id),\(row.at),\(row.score),\(Self.field(row.distance)),\(Self.field(row.zone))\n"
        }
        return "id,at,score,distance,zone\n" + lines.joined()
    }

    var labelFile: String {
        let lines = feedback.map { row in
            "\(row.id),\(row.at),\(Self.field(row.label)),\(Self.field(row.tip))\n"
        }
        return "id,at,label,tip\n" + lines.joined()
    }

    private static func field(_ value: (any CustomStringConvertible)?, missing: String = "") -> String {
        value?.description ?? missing
    }

    /// An event as a line for `drumlin log`.
    static func line(_ event: Event) -> String {
        switch event {
        case .prediction(let row):
            let distance = field(row.distance, missing: "null")
            let zone = field(row.zone.map { "\"\($0)\"" }, missing: "null")
            let features = #"{"distance":\#(distance),"zone":\#(zone)}"#
            return #"{"prediction":{"id":"\#(row.id)","at":\#(row.at),"score":\#(row.score),"features":\#(features)}}"#
        case .feedback(let row):
            let label = field(row.label, missing: "null")
            let observed = #"{"tip":\#(field(row.tip, missing: "null"))}"#
            return #"{"feedback":{"id":"\#(row.id)","at":\#(row.at),"label":\#(label),"observed":\#(observed)}}"#
        }
    }
}

extension KillWorkload.Event {
    var id: String {
        switch self {
        case .prediction(let prediction): prediction.id
        case .feedback(let feedback): feedback.id
        }
    }
}
