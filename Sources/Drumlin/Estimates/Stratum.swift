/// Unlabeled rows of a window that share their reference statistics: a bucket of an epoch, or those rows of one
/// predicted class whose buckets are unsupported.
struct Stratum: Sendable {
    /// The epoch whose statistics serve.
    var epoch: Int
    /// Among the statistics' places: buckets, then a parent for each predicted class, then all rows.
    var place: Int
    /// Whether too few reference rows stand for it.
    var isUnsupported: Bool
    /// The predicted class that all the rows have; −1 where they differ.
    var predictedClass: Int
    /// Σ of its rows' own chances of label 1, where the epoch has levels; then the outcomes come from it.
    var chanceSum: Double?
    /// Σ of its rows' own chances of each class, where the epoch has calibrated classes. They sum to the number of rows that
    /// have any.
    var classChances: [Double]?
    var classLogarithm = 0.0
    /// u, the rows without label.
    var rows = 0.0
    /// n, the reference rows of the place.
    var referenceRows = 0.0
    /// Where its possible outcomes are in `MetricEvaluator.outcomeCounts`.
    var firstCount = 0
    var countEnd = 0
    /// Σ s, Σ s², −Σ ln s and −Σ ln(1 − s) of the rows, where the layout keeps them.
    var scoreSum = 0.0
    var squaredScoreSum = 0.0
    var lossIfOne = 0.0
    var lossIfZero = 0.0
    /// Σ p·s and Σ p·(ln(1 − s) − ln s), where the epoch has levels.
    var chanceMoment = 0.0
    var chanceLogarithm = 0.0
    /// The window's own labeled rows of the bucket that `referenceRows` counts too, by outcome as the reference's: by label, or by
    /// label × classes + predicted class. Empty unless estimates shrink toward them.
    var ownOutcomes: [Double] = []
    /// The same for regressions: how many, and where their sums of errors are.
    var ownRows = 0.0
    var ownErrors = SlotErrors()

    /// 1 + u/n, by which the uncertainty of the reference's own statistics adds to that of the labels.
    var inflation: Double { 1 + rows / max(referenceRows, 1) }
}

extension Stratum {
    /// The strata of a window. Rows logged before any epoch take the statistics of the first one's classes.
    static func collect(cells: [Int64], layout: CellLayout, epochs: [ReferenceStatistics]) -> [Stratum] {
        guard !epochs.isEmpty else { return [] }
        var strata: [Stratum] = []
        var parents: [Int: Int] = [:]
        for epoch in -1..<layout.epochCount {
            let entry = layout.cells(ofEpoch: epoch)
            let owner = epoch >= 0 && epoch < epochs.count ? epoch : 0
            let statistics = epochs[owner]
            if entry.form != .buckets {
                guard epoch == owner else { continue }
                for slot in 0..<entry.slotCount where cells[entry.unlabeledCounts + slot] != 0 {
                    var stratum = own(slot: slot, of: entry, epoch: epoch, statistics: statistics, cells: cells)
                    if layout.kind.isRegression, entry.slotLabels >= 0, !stratum.isUnsupported {
                        stratum.shrink(slot: slot, of: entry, layout.slotErrorTable[epoch + 1], cells: cells)
                    }
                    strata.append(stratum)
                }
                continue
            }
            for bucket in 0..<entry.bucketCount {
                let slots = (bucket * entry.slotsPerBucket)..<((bucket + 1) * entry.slotsPerBucket)
                var total: Int64 = 0
                for slot in slots { total += cells[entry.unlabeledCounts + slot] }
                guard total != 0 else { continue }
                let isOwn = epoch == owner && bucket < statistics.bucketCount
                if isOwn, statistics.bucketCounts[bucket] >= Int64(ReferenceStatistics.supportedRowCount) {
                    let predicted = statistics.fixesClass ? bucket % statistics.classCount : -1
                    var stratum = Stratum(
                        epoch: owner, place: bucket, isUnsupported: false, predictedClass: predicted)
                    stratum.referenceRows = Double(statistics.bucketCounts[bucket])
                    for slot in slots { stratum.add(slot: slot, of: entry, cells: cells) }
                    if entry.slotLabels >= 0, layout.kind.isRegression {
                        stratum.shrink(slot: bucket, of: entry, layout.slotErrorTable[epoch + 1], cells: cells)
                    } else if entry.slotLabels >= 0 {
                        stratum.shrink(slots: slots, of: entry, classes: statistics.classCount, cells: cells)
                    }
                    strata.append(stratum)
                    continue
                }
                for slot in slots where cells[entry.unlabeledCounts + slot] != 0 {
                    let predicted =
                        slots.count > 1 ? slot - slots.lowerBound : bucket % max(1, layout.classCount)
                    let key = owner * layout.classCount + predicted
                    if parents[key] == nil {
                        parents[key] = strata.count
                        strata.append(parent(epoch: owner, statistics: statistics, predictedClass: predicted))
                    }
                    if let index = parents[key] { strata[index].add(slot: slot, of: entry, cells: cells) }
                }
            }
        }
        return strata
    }

    /// A slot of levels, or a leaf of one of two trees, in which rows count half.
    private static func own(
        slot: Int, of entry: CellLayout.EpochCells, epoch: Int, statistics: ReferenceStatistics, cells: [Int64]
    ) -> Stratum {
        let predicted = statistics.fixesClass ? slot % statistics.classCount : -1
        let referenceRows = statistics.bucketCounts[slot]
        let isUnsupported = referenceRows < Int64(ReferenceStatistics.supportedRowCount)
        // A leaf without rows of the other half has no statistics; a level knows its chance all the same.
        let hasOwn = referenceRows > 1
        var stratum = Stratum(
            epoch: epoch, place: hasOwn ? slot : statistics.bucketCount + max(predicted, 0),
            isUnsupported: isUnsupported, predictedClass: predicted)
        stratum.referenceRows = Double(
            hasOwn || entry.form != .pairs ? max(referenceRows, 1) : Int64(statistics.rowCount))
        stratum.add(slot: slot, of: entry, cells: cells)
        if entry.form == .pairs { stratum.rows /= 2 }
        if entry.form == .levels {
            stratum.chanceSum = Double(cells[entry.chances + slot]) / LevelTable.unit
            let size = FixedPointSum.cellCount
            if entry.chanceMoments >= 0 {
                stratum.chanceMoment = FixedPointSum.read(cells, at: entry.chanceMoments + size * slot)
            }
            if entry.chanceLogarithms >= 0 {
                stratum.chanceLogarithm = FixedPointSum.read(cells, at: entry.chanceLogarithms + size * slot)
            }
        }
        if entry.slotLabels >= 0, !isUnsupported { stratum.shrink(slot: slot, of: entry, cells: cells) }
        if entry.form == .classes {
            let base = entry.classChances + slot * statistics.classCount
            stratum.classChances = (0..<statistics.classCount).map { Double(cells[base + $0]) / LevelTable.unit }
            if entry.classLogarithms >= 0 {
                let place = entry.classLogarithms + slot * FixedPointSum.cellCount
                stratum.classLogarithm = FixedPointSum.read(cells, at: place)
            }
        }
        return stratum
    }

    private static func parent(epoch: Int, statistics: ReferenceStatistics, predictedClass: Int) -> Stratum {
        let classes = statistics.classCount
        var rows: Int64 = 0
        if statistics.kind.isRegression {
            rows = Int64(statistics.rowCount)
        } else {
            for actual in 0..<classes { rows += statistics.classOutcomes[actual * classes + predictedClass] }
        }
        // A class that the reference never predicted has no parent of its own: all rows stand in.
        let place = statistics.bucketCount + (rows > 0 ? predictedClass : classes)
        var stratum = Stratum(epoch: epoch, place: place, isUnsupported: true, predictedClass: predictedClass)
        stratum.referenceRows = rows > 0 ? Double(rows) : Double(statistics.rowCount)
        return stratum
    }

    private mutating func add(slot: Int, of entry: CellLayout.EpochCells, cells: [Int64]) {
        rows += Double(cells[entry.unlabeledCounts + slot])
        let size = FixedPointSum.cellCount
        if entry.scoreMoments >= 0 {
            scoreSum += FixedPointSum.read(cells, at: entry.scoreMoments + 2 * size * slot)
            squaredScoreSum += FixedPointSum.read(cells, at: entry.scoreMoments + 2 * size * slot + size)
        }
        if entry.scoreLogarithms >= 0 {
            lossIfOne += FixedPointSum.read(cells, at: entry.scoreLogarithms + 2 * size * slot)
            lossIfZero += FixedPointSum.read(cells, at: entry.scoreLogarithms + 2 * size * slot + size)
        }
    }
}

/// How many reference rows of a stratum have an outcome (label × classes + predicted class).
struct OutcomeCount: Sendable {
    var outcome: Int
    var rows: Double
}

extension Stratum {
    /// Appends the outcomes that rows of the stratum can have, and says where they are.
    mutating func collectOutcomes(from statistics: ReferenceStatistics, into counts: inout [OutcomeCount]) {
        guard !statistics.kind.isRegression else { return }
        let classes = statistics.classCount
        firstCount = counts.count
        defer { countEnd = counts.count }
        if let chanceSum, rows > 0 {
            // As if the reference rows of the place had the mean chance of the window's.
            let share = min(max(chanceSum / rows, 0), 1)
            counts.append(OutcomeCount(outcome: predictedClass, rows: referenceRows * (1 - share)))
            counts.append(OutcomeCount(outcome: classes + predictedClass, rows: referenceRows * share))
            return
        }
        if let classChances, rows > 0 {
            // Rows that came without probabilities have the outcomes of the place.
            let without = max(0, rows - classChances.reduce(0, +)).rounded()
            let known = (0..<classes).map { Double(referenceRows(ofLabel: $0, statistics)) }
            let total = max(1, known.reduce(0, +))
            for actual in 0..<classes {
                let share = (classChances[actual] + without * known[actual] / total) / rows
                counts.append(
                    OutcomeCount(outcome: actual * classes + predictedClass, rows: referenceRows * max(0, share)))
            }
            return
        }
        guard predictedClass < 0 else {
            for actual in 0..<classes {
                let own = ownOutcomes.isEmpty ? 0 : ownOutcomes[actual]
                let rows = Double(referenceRows(ofLabel: actual, statistics)) + own
                counts.append(OutcomeCount(outcome: actual * classes + predictedClass, rows: rows))
            }
            return
        }
        // Only classes that the bucket has been seen to predict are possible.
        let start = place * classes * classes
        for predicted in 0..<classes {
            let outcomes = (0..<classes).map { $0 * classes + predicted }
            let rows = outcomes.map {
                Double(statistics.outcomes[start + $0]) + (ownOutcomes.isEmpty ? 0 : ownOutcomes[$0])
            }
            guard rows.contains(where: { $0 > 0 }) else { continue }
            for (outcome, rows) in zip(outcomes, rows) { counts.append(OutcomeCount(outcome: outcome, rows: rows)) }
        }
    }

    /// The reference rows of the place with a label, where all of its rows have one predicted class.
    private func referenceRows(ofLabel actual: Int, _ statistics: ReferenceStatistics) -> Int64 {
        let classes = statistics.classCount
        if place < statistics.bucketCount { return statistics.outcomes[place * classes + actual] }
        if place < statistics.bucketCount + classes {
            return statistics.classOutcomes[actual * classes + predictedClass]
        }
        // A class that the reference never predicted: the labels of all rows.
        return (0..<classes).reduce(0) { $0 + statistics.classOutcomes[actual * classes + $1] }
    }
}
