internal import ColumnFormat
internal import ColumnStore

/// What the cells need to know of stored predictions, from the columns of a batch.
struct FactColumns {
    private let kind: TaskKind
    private let times: ColumnSlice
    private let outputs: ColumnSlice
    /// The class of a binary task, the probabilities of a multiclass task.
    private let second: ColumnSlice?
    private let buckets: ColumnSlice
    private let epochs: ColumnSlice

    /// The columns that it reads.
    static func names(_ kind: TaskKind) -> [String] {
        ["_at"] + outputNames(kind) + ["_bucket", "_epoch"]
    }

    private static func outputNames(_ kind: TaskKind) -> [String] {
        switch kind {
        case .binary: ["_score", "_class"]
        case .multiclass(_, let hasProbabilities): hasProbabilities ? ["_class", "_probabilities"] : ["_class"]
        case .regression: ["_value"]
        }
    }

    init(_ batch: Batch, _ kind: TaskKind) {
        self.kind = kind
        let names = Self.outputNames(kind)
        times = batch.slice("_at")
        outputs = batch.slice(names[0])
        second = names.count > 1 ? batch.slice(names[1]) : nil
        buckets = batch.slice("_bucket")
        epochs = batch.slice("_epoch")
    }

    func time(at place: Int) -> Int64 { unsafe times.pointer(as: Int64.self)[place] }

    @inline(__always)
    func facts(at place: Int) -> PredictionFacts {
        var facts = PredictionFacts(score: .nan)
        switch kind {
        case .binary:
            facts.score = unsafe outputs.pointer(as: Double.self)[place]
            if let second { facts.predictedClass = Int32(unsafe second.pointer(as: UInt8.self)[place]) }
        case .multiclass:
            let predicted = unsafe outputs.pointer(as: UInt16.self)[place]
            facts.predictedClass = Int32(predicted)
            facts.score = probability(ofClass: Int(predicted), at: place)
        case .regression: facts.score = unsafe outputs.pointer(as: Double.self)[place]
        }
        if !epochs.isNull(place), !buckets.isNull(place) {
            facts.epoch = Int32(truncatingIfNeeded: unsafe epochs.pointer(as: UInt32.self)[place])
            facts.bucket = Int32(unsafe buckets.pointer(as: UInt16.self)[place])
        }
        return facts
    }

    /// The probability that a multiclass prediction gave a class; NaN where it gave none.
    @inline(__always)
    func probability(ofClass index: Int, at place: Int) -> Double {
        guard case .multiclass = kind, let second, case .vector(let dimension) = second.type, !second.isNull(place),
            index >= 0, index < dimension
        else { return .nan }
        return Double(unsafe second.pointer(as: Float.self)[place &* dimension &+ index])
    }
}
