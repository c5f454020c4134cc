/// averagePrecision from the score histograms, best scores first. Where cells of several epochs overlap, they are taken one
/// after the other by their upper ends, and the binning error says what that may do.
extension MetricEvaluator {
    /// A cell with rows in it.
    private struct ScoreCell {
        var lower: Double
        var upper: Double
        var isTied: Bool
        var positives: Double
        var negatives: Double
        var unlabeled: Double
        var chance: Double
        var owner: Int
        var group: Int

        func curve(isExpected: Bool, isLabeled: Bool) -> PrecisionCurve.Cell {
            let (known, unknown) = (isLabeled ? 1.0 : 0, isExpected ? unlabeled : 0)
            return PrecisionCurve.Cell(
                rows: known * (positives + negatives) + unknown, positives: known * positives + unknown * chance,
                variance: unknown * chance * (1 - chance), isTied: isTied)
        }
    }

    /// Below so many expected rows labeled 1, labels are simulated.
    private static let precisionSimulationLimit = 50.0
    private static let rankingDrawCount = 200

    /// The cells of all epochs with rows in them, best scores first.
    private func scoreCells() -> [ScoreCell] {
        let histograms = (-1..<layout.epochCount).compactMap { histogram(ofEpoch: $0) }
        var found: [ScoreCell] = []
        for histogram in histograms {
            let hasChances = !histogram.probabilities.isEmpty
            for bin in histogram.unlabeled.indices
            where histogram.positives[bin] + histogram.negatives[bin] + histogram.unlabeled[bin] != 0 {
                found.append(
                    ScoreCell(
                        lower: histogram.bins.lowerEdge(bin), upper: histogram.bins.upperEdge(bin),
                        isTied: histogram.bins.isAtom(bin), positives: histogram.positives[bin],
                        negatives: histogram.negatives[bin], unlabeled: histogram.unlabeled[bin],
                        chance: hasChances ? histogram.probabilities[bin] : 0, owner: histogram.owner,
                        group: hasChances ? histogram.groups[bin] : 0))
            }
        }
        return found.sorted { $0.upper != $1.upper ? $0.upper > $1.upper : $0.lower > $1.lower }
    }

    func evaluateAveragePrecision(_ estimate: inout MetricEstimate) {
        let found = scoreCells()
        let labeled = found.map { $0.curve(isExpected: false, isLabeled: true) }
        estimate.labeledValue = PrecisionCurve(labeled).value
        estimate.binningError = Self.binningError(labeled, found)
        guard !strata.isEmpty else { return }
        estimate.unlabeledValue = PrecisionCurve(found.map { $0.curve(isExpected: true, isLabeled: false) }).value
        let blend = found.map { $0.curve(isExpected: true, isLabeled: true) }
        let curve = PrecisionCurve(blend, withGradient: true)
        guard let value = curve.value else { return }
        estimate.value = value
        estimate.binningError = Self.binningError(blend, found)
        if !strata.contains(where: \.isUnsupported) { (estimate.boundLow, estimate.boundHigh) = (value, value) }
        if blend.reduce(0, { $0 + $1.positives }) < Self.precisionSimulationLimit {
            return simulateRanking(found, .averagePrecision, value, &estimate) { PrecisionCurve($0).value }
        }
        var variance = 0.0
        var groupSums: [Int: Double] = [:]
        for (place, cell) in found.enumerated() where cell.unlabeled != 0 {
            let factor = epochs[cell.owner].overdispersion(of: .averagePrecision)
            let change = factor * curve.gradient[place]
            variance += change * change * cell.unlabeled * cell.chance * (1 - cell.chance)
            groupSums[cell.owner << 32 | cell.group, default: 0] += change * cell.unlabeled
        }
        // In the order of the groups: a sum that is the same whatever the order in which a dictionary has them.
        for (key, sum) in groupSums.sorted(by: { $0.key < $1.key }) {
            variance += sum * sum * uncertainty(ofGroup: key & 0xFFFF_FFFF, epoch: key >> 32)
        }
        let error = variance.squareRoot()
        estimate.standardError = error
        guard value > 0, value < 1 else {
            let half = Self.normalQuantile * error
            (estimate.ciLow, estimate.ciHigh) = (max(0, value - half), min(1, value + half))
            return
        }
        let ends = Interval.logit(share: value, standardError: error / (value * (1 - value)))
        (estimate.ciLow, estimate.ciHigh) = (ends.low, ends.high)
    }

    /// σ²/n of a group of scores.
    private func uncertainty(ofGroup group: Int, epoch: Int) -> Double {
        guard let calibration = epochs[epoch].calibration, calibration.groupCounts[group] > 0 else { return 0.25 }
        return calibration.groupVariances[group]
            / (calibration.groupCounts[group] + labeledRows(ofGroup: group, epoch: epoch))
    }

    /// The bound of the cells themselves, or, where cells of several epochs overlap, of those joined that do.
    private static func binningError(_ cells: [PrecisionCurve.Cell], _ places: [ScoreCell]) -> Double {
        let own = PrecisionCurve(cells)
        guard let value = own.value else { return 0 }
        var joined: [PrecisionCurve.Cell] = []
        var lower = Double.infinity
        for (cell, place) in zip(cells, places) {
            if !joined.isEmpty, place.upper > lower {
                let last = joined.count - 1
                joined[last].rows += cell.rows
                joined[last].positives += cell.positives
                joined[last].variance += cell.variance
                joined[last].isTied = false
            } else {
                joined.append(cell)
            }
            lower = min(lower, place.lower)
        }
        guard joined.count < cells.count else { return own.binningError }
        let coarse = PrecisionCurve(joined)
        return coarse.binningError + ((coarse.value ?? value) - value).magnitude
    }

    /// The interval of `rocAUC` where labels of one kind are so few that no expansion holds.
    func simulateArea(_ value: Double, _ estimate: inout MetricEstimate) {
        simulateRanking(scoreCells(), .rocAUC, value, &estimate) { cells in
            let positives = cells.reduce(0) { $0 + $1.positives }
            var negatives = cells.reduce(0) { $0 + $1.rows } - positives
            let pairs = positives * negatives
            guard pairs > 0 else { return nil }
            var wins = 0.0
            for cell in cells {
                let own = cell.rows - cell.positives
                negatives -= own
                wins += cell.positives * (negatives + own / 2)
            }
            return wins / pairs
        }
    }

    /// Draws labels: each group's chance from the Beta distribution that the reference supports, then each cell's labels.
    private func simulateRanking(
        _ places: [ScoreCell], _ metric: Metric, _ value: Double, _ estimate: inout MetricEstimate,
        _ function: ([PrecisionCurve.Cell]) -> Double?
    ) {
        var generator = SeededGenerator(seed: 0x6472_756D_6C69_6E)
        var values: [Double] = []
        for _ in 0..<Self.rankingDrawCount {
            var scales: [Int: Double] = [:]
            let cells = places.map { place in
                var cell = place.curve(isExpected: false, isLabeled: true)
                guard place.unlabeled > 0 else { return cell }
                let key = place.owner << 32 | place.group
                if scales[key] == nil { scales[key] = scale(of: place, metric, &generator) }
                let chance = min(1, place.chance * (scales[key] ?? 1))
                cell.rows += place.unlabeled
                cell.positives += Double(generator.binomial(Int(max(0, place.unlabeled)), probability: chance))
                return cell
            }
            if let drawn = function(cells) { values.append(drawn) }
        }
        estimate.method += ":simulated"
        estimate.undefinedProbability = 1 - Double(values.count) / Double(Self.rankingDrawCount)
        guard !values.isEmpty else { return }
        values.sort()
        estimate.ciLow = min(values[Int(0.025 * Double(values.count))], value)
        estimate.ciHigh = max(values[min(values.count - 1, Int(0.975 * Double(values.count)))], value)
        estimate.standardError = RowMoments(values).variance.squareRoot()
    }

    /// By what the reference's chance of a group may be off.
    private func scale(of place: ScoreCell, _ metric: Metric, _ generator: inout SeededGenerator) -> Double {
        guard let calibration = epochs[place.owner].calibration else { return 1 }
        let factor = epochs[place.owner].overdispersion(of: metric)
        let rows = calibration.groupCounts[place.group] + labeledRows(ofGroup: place.group, epoch: place.owner)
        let count = rows / (factor * factor)
        let variance = calibration.groupVariances[place.group]
        guard count > 0, variance > 0 else { return 1 }
        // σ² = c(1 − c), of which the chances say on which side of ½ c is.
        let root = max(0, 0.25 - variance).squareRoot()
        let share = place.chance < 0.5 ? 0.5 - root : 0.5 + root
        let (ones, zeros) = (
            generator.gamma(shape: share * count + 0.5), generator.gamma(shape: (1 - share) * count + 0.5)
        )
        return share > 0 && ones + zeros > 0 ? ones / (ones + zeros) / share : 1
    }
}
