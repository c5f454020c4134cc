internal import ColumnViews

/// Where an epoch's sums of labeled rows' errors are, slot by slot, for regressions whose estimates shrink toward them; −1 for
/// what is not kept.
package struct SlotErrors: Sendable, Equatable {
    var absolute = -1
    var squared = -1
    var log = -1
    var relative = -1
    var signed = -1
    var products = -1

    /// What the estimate of a metric moves by.
    static func contents(for metric: Metric) -> [CellGroup.Content] {
        switch metric.form {
        case .mae: [.slotAbsoluteErrors]
        case .mse, .rmse: [.slotSquaredErrors]
        case .msle, .rmsle: [.slotLogErrors]
        case .mape: [.slotRelativeErrors]
        case .meanError: [.slotSignedErrors]
        case .r2: [.slotSignedErrors, .slotErrorProducts, .slotSquaredErrors]
        default: []
        }
    }

    func base(of content: CellGroup.Content) -> Int {
        switch content {
        case .slotAbsoluteErrors: absolute
        case .slotSquaredErrors: squared
        case .slotLogErrors: log
        case .slotRelativeErrors: relative
        case .slotSignedErrors: signed
        case .slotErrorProducts: products
        default: -1
        }
    }
}

extension CellLayout {
    /// Counts a labeled row of a regression in its slot, or in both where it is in a leaf of two trees.
    func addSlotErrors<Sink: CellSink & ~Copyable>(
        _ facts: PredictionFacts, label: Double, sign: Int64, to sink: inout Sink
    ) {
        let index = epochEntry(of: facts)
        let entry = epochTable[index]
        guard entry.slotLabels >= 0 else { return }
        var slots = (slot(of: facts, in: entry), -1)
        if entry.form == .pairs {
            let (first, second) = Int(facts.bucket).quotientAndRemainder(dividingBy: entry.pairWidth)
            slots = (first, entry.slotCount - entry.pairWidth + second)
        }
        addErrors(slot: slots.0, entry, slotErrorTable[index], facts.score, label, sign: sign, to: &sink)
        if slots.1 >= 0 {
            addErrors(slot: slots.1, entry, slotErrorTable[index], facts.score, label, sign: sign, to: &sink)
        }
    }

    private func addErrors<Sink: CellSink & ~Copyable>(
        slot: Int, _ entry: EpochCells, _ errors: SlotErrors, _ value: Double, _ label: Double, sign: Int64,
        to sink: inout Sink
    ) {
        sink.add(sign, to: entry.slotLabels + slot)
        let error = label - value
        let place = slot * ExactSum.cellCount
        if errors.absolute >= 0 { ExactSum.add(error.magnitude, sign: sign, at: errors.absolute + place, to: &sink) }
        if errors.squared >= 0 { ExactSum.add(error * error, sign: sign, at: errors.squared + place, to: &sink) }
        if errors.log >= 0 {
            let loss = Self.logError(label: label, value: value)
            ExactSum.add(loss, sign: sign, at: errors.log + place, to: &sink)
        }
        if errors.relative >= 0 {
            let loss = Self.relativeError(label: label, value: value)
            ExactSum.add(loss, sign: sign, at: errors.relative + place, to: &sink)
        }
        if errors.signed >= 0 { ExactSum.add(error, sign: sign, at: errors.signed + place, to: &sink) }
        if errors.products >= 0 { ExactSum.add(value * error, sign: sign, at: errors.products + place, to: &sink) }
    }
}
