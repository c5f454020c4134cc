internal import ColumnViews

/// Adds the chances of stored rows whose epochs have calibrated classes.
struct ClassCounting {
    private let models: [ClassChanceModel?]
    private var chances = ClassChances()

    /// nil where no epoch has any.
    init?(_ epochs: [Epoch]) {
        models = epochs.map(\.buckets.classModel)
        guard models.contains(where: { $0 != nil }) else { return nil }
    }

    mutating func add<Sink: CellSink & ~Copyable>(
        _ batch: JoinedBatch, _ place: Int, _ facts: PredictionFacts, _ layout: CellLayout, to sink: inout Sink
    ) {
        guard models.indices.contains(Int(facts.epoch)), let model = models[Int(facts.epoch)],
            chances.set(model, probability: { batch.facts.probability(ofClass: $0, at: place) })
        else { return }
        layout.addClassChances(facts, chances, sign: 1, to: &sink)
    }
}
