package import ColumnViews

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What one event adds to the cells. Nothing here allocates; every call is undone exactly by the same call with the
/// opposite sign.
///
/// A prediction that gets its label is `addUnlabeled(−1)`, then `addLabeled(+1)`; a withdrawn label the reverse.
extension CellLayout {
    /// The least probability that a loss takes, and the distance of the greatest from 1 (scikit-learn's clip).
    @usableFromInline package static let probabilityClip = 0x1p-52

    /// Counts a prediction without a label.
    @inline(__always)
    package func addUnlabeled<Sink: CellSink & ~Copyable>(
        _ facts: PredictionFacts, sign: Int64, to sink: inout Sink
    ) {
        let entry = epochTable[epochEntry(of: facts)]
        let slot: Int
        var chance: Int64 = 0
        sink.add(sign, to: ReservedCell.predictions)
        sink.add(sign, to: ReservedCell.unlabeled)
        switch entry.form {
        case .buckets, .classes:
            slot = self.slot(of: facts, in: entry)
        case .levels:
            let level = entry.firstLevel &+ Int(facts.bucket)
            slot = Int(levelSlots[level]) &+ min(max(Int(facts.predictedClass), 0), classCount &- 1)
            chance = levelChances[level]
            sink.add(sign &* chance, to: entry.chances &+ slot)
            if entry.chanceHistogram >= 0 {
                sink.add(sign &* chance, to: entry.chanceHistogram &+ bin(of: facts.score, in: entry))
            }
            if entry.unlabeledTenths >= 0 {
                let base = entry.unlabeledTenths &+ Self.tenth(of: facts.score) &* Self.unlabeledTenthCells
                sink.add(sign, to: base)
                sink.add(sign &* chance, to: base &+ 1)
                sink.add(sign &* ((chance &* ((1 &<< 32) &- chance)) &>> 32), to: base &+ 2)
                FixedPointSum.add(facts.score, sign: sign, at: base &+ 3, to: &sink)
            }
        case .pairs:
            let (first, second) = Int(facts.bucket).quotientAndRemainder(dividingBy: entry.pairWidth)
            slot = first
            sink.add(sign, to: entry.unlabeledCounts &+ (entry.slotCount &- entry.pairWidth &+ second))
        }
        sink.add(sign, to: entry.unlabeledCounts &+ slot)
        if entry.scoreMoments >= 0 {
            let base = entry.scoreMoments &+ slot &* (2 &* FixedPointSum.cellCount)
            let score = facts.score
            FixedPointSum.add(score, sign: sign, at: base, to: &sink)
            FixedPointSum.add(score * score, sign: sign, at: base &+ FixedPointSum.cellCount, to: &sink)
            if entry.chanceMoments >= 0 {
                let product = Double(chance) * 0x1p-32 * score
                let base = entry.chanceMoments &+ slot &* FixedPointSum.cellCount
                FixedPointSum.add(product, sign: sign, at: base, to: &sink)
            }
        }
        if entry.scoreLogarithms >= 0 {
            let base = entry.scoreLogarithms &+ slot &* (2 &* FixedPointSum.cellCount)
            let (one, zero) = (Self.loss(facts.score, label: 1), Self.loss(facts.score, label: 0))
            FixedPointSum.add(one, sign: sign, at: base, to: &sink)
            FixedPointSum.add(zero, sign: sign, at: base &+ FixedPointSum.cellCount, to: &sink)
            if entry.chanceLogarithms >= 0 {
                let product = Double(chance) * 0x1p-32 * (one - zero)
                let base = entry.chanceLogarithms &+ slot &* FixedPointSum.cellCount
                FixedPointSum.add(product, sign: sign, at: base, to: &sink)
            }
        }
        if entry.scoreHistogram >= 0 {
            sink.add(sign, to: entry.scoreHistogram &+ 3 &* bin(of: facts.score, in: entry) &+ 2)
        }
        if predictedValues >= 0 {
            ExactSum.add(facts.score, sign: sign, at: predictedValues, to: &sink)
            Self.addSquare(of: facts.score, sign: sign, at: predictedValues &+ ExactSum.cellCount, to: &sink)
        }
    }

    /// Adds what the chances of a row without a label are, where its epoch has calibrated classes; beside `addUnlabeled`.
    func addClassChances<Sink: CellSink & ~Copyable>(
        _ facts: PredictionFacts, _ chances: borrowing ClassChances, sign: Int64, to sink: inout Sink
    ) {
        let entry = epochTable[epochEntry(of: facts)]
        guard entry.classChances >= 0, chances.values.count == classCount else { return }
        let slot = self.slot(of: facts, in: entry)
        let base = entry.classChances &+ slot &* classCount
        for one in 0..<classCount { sink.add(sign &* chances.values[one], to: base &+ one) }
        if entry.classLogarithms >= 0 {
            let base = entry.classLogarithms &+ slot &* FixedPointSum.cellCount
            FixedPointSum.add(chances.loss, sign: sign, at: base, to: &sink)
        }
    }

    /// Counts a prediction with its label.
    ///
    /// - Parameters:
    ///   - label: the class (0 or 1; an index for multiclass) or the value. A class that the task does not have changes
    ///     nothing; the task refuses it before it comes here.
    ///   - labelProbability: multiclass: the probability that the prediction gave the label's class; NaN where it gave
    ///     none: the row then has no part in the log loss.
    ///   - delayMicroseconds: from the prediction's time to the label's; negative where the label came first.
    @inline(__always)
    package func addLabeled<Sink: CellSink & ~Copyable>(
        _ facts: PredictionFacts, label: Double, labelProbability: Double = .nan, delayMicroseconds: Int64,
        sign: Int64, to sink: inout Sink
    ) {
        if kind.isRegression {
            sink.add(sign, to: labeledCounts)
            let error = label - facts.score
            if labeledAbsoluteErrors >= 0 {
                ExactSum.add(error.magnitude, sign: sign, at: labeledAbsoluteErrors, to: &sink)
            }
            if labeledSquaredErrors >= 0 {
                ExactSum.add(error * error, sign: sign, at: labeledSquaredErrors, to: &sink)
            }
            if labeledLogErrors >= 0 {
                let loss = Self.logError(label: label, value: facts.score)
                ExactSum.add(loss, sign: sign, at: labeledLogErrors, to: &sink)
            }
            if labeledRelativeErrors >= 0 {
                let loss = Self.relativeError(label: label, value: facts.score)
                ExactSum.add(loss, sign: sign, at: labeledRelativeErrors, to: &sink)
            }
            if labeledSignedErrors >= 0 { ExactSum.add(error, sign: sign, at: labeledSignedErrors, to: &sink) }
            if labeledTargets >= 0 {
                ExactSum.add(label, sign: sign, at: labeledTargets, to: &sink)
                Self.addSquare(of: label, sign: sign, at: labeledTargets &+ ExactSum.cellCount, to: &sink)
            }
            if labeledErrorHistogram >= 0 {
                sink.add(sign, to: labeledErrorHistogram &+ ErrorHistogram.cell(of: error.magnitude))
            }
            if keepsSlotLabels { addSlotErrors(facts, label: label, sign: sign, to: &sink) }
        } else {
            guard label >= 0, label < Double(classCount) else { return }
            let actual = Int(label)
            let predicted = min(max(Int(facts.predictedClass), 0), classCount &- 1)
            sink.add(sign, to: labeledCounts &+ actual &* classCount &+ predicted)
            if labeledBrier >= 0 {
                let distance = facts.score - label
                FixedPointSum.add(distance * distance, sign: sign, at: labeledBrier, to: &sink)
            }
            if labeledTenths >= 0 {
                let base = labeledTenths &+ Self.tenth(of: facts.score) &* Self.labeledTenthCells
                sink.add(sign, to: base)
                if actual == 1 { sink.add(sign, to: base &+ 1) }
                FixedPointSum.add(facts.score, sign: sign, at: base &+ 2, to: &sink)
            }
            if labeledLogLoss >= 0 {
                let isBinary = kind.isBinary
                if isBinary || !labelProbability.isNaN {
                    let loss = Self.loss(isBinary ? facts.score : labelProbability, label: isBinary ? actual : 1)
                    FixedPointSum.add(loss, sign: sign, at: labeledLogLoss, to: &sink)
                } else {
                    sink.add(sign, to: labeledLogLoss &+ FixedPointSum.cellCount)
                }
            }
            let entry = epochTable[epochEntry(of: facts)]
            if entry.scoreHistogram >= 0 {
                let cell = entry.scoreHistogram &+ 3 &* bin(of: facts.score, in: entry)
                sink.add(sign, to: actual == 1 ? cell : cell &+ 1)
            }
            if entry.slotLabels >= 0 { addSlotLabel(facts, actual: actual, entry, sign: sign, to: &sink) }
        }
        sink.add(sign, to: ReservedCell.predictions)
        sink.add(sign, to: labelDelays &+ DelayHistogram.cell(ofMicroseconds: delayMicroseconds))
    }

    /// What estimates need that shrink toward the labels.
    private func addSlotLabel<Sink: CellSink & ~Copyable>(
        _ facts: PredictionFacts, actual: Int, _ entry: EpochCells, sign: Int64, to sink: inout Sink
    ) {
        let slot: Int
        switch entry.form {
        case .levels:
            let level = entry.firstLevel &+ Int(facts.bucket)
            let chance = levelChances[level]
            slot = Int(levelSlots[level]) &+ min(max(Int(facts.predictedClass), 0), classCount &- 1)
            if entry.labeledChances >= 0 { sink.add(sign &* chance, to: entry.labeledChances &+ slot) }
            if entry.labeledChanceHistogram >= 0 {
                sink.add(sign &* chance, to: entry.labeledChanceHistogram &+ bin(of: facts.score, in: entry))
            }
        case .pairs: return
        case .buckets, .classes: slot = self.slot(of: facts, in: entry)
        }
        sink.add(sign, to: entry.slotLabels &+ slot &* classCount &+ actual)
    }

    /// −ln of the probability that a score gives a label, clipped as `Metric.logLoss` says; NaN counts as 0.
    static func loss(_ score: Double, label: Int) -> Double {
        let known = score.isNaN ? 0 : score
        let clipped = min(max(known, probabilityClip), 1 - probabilityClip)
        // ln(1 − s) from s itself: 1 − s has lost nothing for s ≥ ½, and log1p keeps the digits of a small s.
        return label == 1 ? -log(clipped) : -log1p(-clipped)
    }

    static let labeledTenthCells = 2 + FixedPointSum.cellCount
    static let unlabeledTenthCells = 3 + FixedPointSum.cellCount

    /// Which of ten equal intervals a score is in: half-open, the last with 1.
    static func tenth(of score: Double) -> Int {
        score >= 1 ? 9 : score > 0 ? min(9, Int(score * 10)) : 0
    }

    /// Adds a square with all its bits: at a high level the differences of squares lie below the rounding of one.
    @inline(__always)
    private static func addSquare<Sink: CellSink & ~Copyable>(
        of value: Double, sign: Int64, at base: Int, to sink: inout Sink
    ) {
        let square = value * value
        ExactSum.add(square, sign: sign, at: base, to: &sink)
        let rest = (-square).addingProduct(value, value)
        if rest.isFinite { ExactSum.add(rest, sign: sign, at: base, to: &sink) }
    }

    /// (ln(1 + label) − ln(1 + value))²; NaN where there is no logarithm.
    static func logError(label: Double, value: Double) -> Double {
        guard label > -1, value > -1 else { return .nan }
        let distance = log1p(label) - log1p(value)
        return distance * distance
    }

    /// |label − value| / |label|, the denominator at least 2⁻⁵² (scikit-learn's).
    static func relativeError(label: Double, value: Double) -> Double {
        (label - value).magnitude / max(label.magnitude, probabilityClip)
    }

    /// An epoch or bucket that the layout does not have counts among the rows without epoch: nothing disappears.
    func epochEntry(of facts: PredictionFacts) -> Int {
        let entry = Int(facts.epoch) &+ 1
        guard entry > 0, entry < epochTable.count, facts.bucket >= 0,
            Int(facts.bucket) < epochTable[entry].bucketCount
        else { return 0 }
        return entry
    }

    func slot(of facts: PredictionFacts, in entry: EpochCells) -> Int {
        let predicted = min(max(Int(facts.predictedClass), 0), classCount &- 1)
        guard facts.epoch >= 0, entry.unlabeledCounts != epochTable[0].unlabeledCounts else { return predicted }
        return entry.slotsPerBucket == 1 ? Int(facts.bucket) : Int(facts.bucket) &* entry.slotsPerBucket &+ predicted
    }

    private func bin(of score: Double, in entry: EpochCells) -> Int {
        ScoreBins.index(of: score, in: edges, from: entry.firstEdge, count: entry.edgeCount)
    }
}

extension CellLayout {
    /// How many rows of a window have a label.
    package func labeledCount(_ cells: [Int64]) -> Int64 {
        cells[ReservedCell.predictions] - cells[ReservedCell.unlabeled]
    }

    /// How many rows of a window have none yet.
    package func unlabeledCount(_ cells: [Int64]) -> Int64 { cells[ReservedCell.unlabeled] }
}
