/// rocAUC from score histograms: the chance that a row labeled 1 is in a higher cell than one labeled 0, half a win in
/// the same cell. The window's epochs may cut the scores differently; cells that overlap count as ties.
extension MetricEvaluator {
    /// One epoch's histogram with rows in it.
    struct Histogram {
        var bins: ScoreBins
        /// Rows labeled 1 and 0, and without label, by bin.
        var positives: [Double]
        var negatives: [Double]
        var unlabeled: [Double]
        /// c_b, and the owner's statistics with the group of each bin.
        var probabilities: [Double]
        var groups: [Int]
        var owner: Int
    }

    /// Below so many expected rows of a label, labels are simulated.
    private static let areaSimulationLimit = 10.0

    func evaluateAreaUnderCurve(_ estimate: inout MetricEstimate) {
        let histograms = (-1..<layout.epochCount).compactMap { histogram(ofEpoch: $0) }
        guard !histograms.isEmpty else { return }
        let labeled = Comparison(histograms.map { ($0.bins, $0.positives, $0.negatives) })
        estimate.labeledValue = labeled.area
        estimate.binningError = labeled.binningError
        guard !strata.isEmpty else { return }
        func expected(_ one: Histogram, isPositive: Bool) -> [Double] {
            one.unlabeled.indices.map {
                one.unlabeled[$0] * (isPositive ? one.probabilities[$0] : 1 - one.probabilities[$0])
            }
        }
        let ones = histograms.map { expected($0, isPositive: true) }
        let zeros = histograms.map { expected($0, isPositive: false) }
        let all = histograms.indices
        estimate.unlabeledValue = Comparison(all.map { (histograms[$0].bins, ones[$0], zeros[$0]) }).area
        let blend = Comparison(
            all.map {
                (
                    histograms[$0].bins, Self.sum(histograms[$0].positives, ones[$0]),
                    Self.sum(histograms[$0].negatives, zeros[$0])
                )
            })
        guard let area = blend.area else { return }
        estimate.value = area
        estimate.binningError = blend.binningError
        if !strata.contains(where: \.isUnsupported) { (estimate.boundLow, estimate.boundHigh) = (area, area) }
        if min(blend.positives, blend.negatives) < Self.areaSimulationLimit { return simulateArea(area, &estimate) }
        let error = variance(of: blend, area: area, histograms: histograms).squareRoot()
        estimate.standardError = error
        if area > 0, area < 1 {
            let ends = Interval.logit(share: area, standardError: error / (area * (1 - area)))
            (estimate.ciLow, estimate.ciHigh) = (ends.low, ends.high)
        } else {
            let half = Self.normalQuantile * error
            (estimate.ciLow, estimate.ciHigh) = (max(0, area - half), min(1, area + half))
        }
    }

    private static func sum(_ left: [Double], _ right: [Double]) -> [Double] { zip(left, right).map { $0 + $1 } }

    /// V = φ² (Σ_b h_b² v_b + Σ_g (Σ_b u_gb h_b)² σ_g²/n_g), h_b the change of A by a label 1 in place of a 0 in bin b.
    private func variance(of blend: Comparison, area: Double, histograms: [Histogram]) -> Double {
        var variance = 0.0
        var groupSums = epochs.map { [Double](repeating: 0, count: $0.calibration?.groupCounts.count ?? 0) }
        for (index, histogram) in histograms.enumerated() {
            let factor = epochs[histogram.owner].overdispersion(of: .rocAUC)
            let (positivesBelow, negativesBelow) = (blend.positivesBelow[index], blend.negativesBelow[index])
            var sums = groupSums[histogram.owner]
            var own = 0.0
            for bin in 0..<histogram.unlabeled.count where histogram.unlabeled[bin] != 0 {
                let change =
                    (negativesBelow[bin] / blend.negatives - area) / blend.positives
                    - (1 - positivesBelow[bin] / blend.positives - area) / blend.negatives
                let chance = histogram.probabilities[bin]
                own += change * change * histogram.unlabeled[bin] * chance * (1 - chance)
                sums[histogram.groups[bin]] += factor * histogram.unlabeled[bin] * change
            }
            variance += factor * factor * own
            groupSums[histogram.owner] = sums
        }
        for (epoch, sums) in groupSums.enumerated() {
            guard let calibration = epochs[epoch].calibration else { continue }
            for group in sums.indices where sums[group] != 0 {
                let count = calibration.groupCounts[group] + labeledRows(ofGroup: group, epoch: epoch)
                variance += sums[group] * sums[group] * (count > 0 ? calibration.groupVariances[group] / count : 0.25)
            }
        }
        return variance
    }

    /// The labeled rows of a group of scores that count like rows of the reference.
    func labeledRows(ofGroup group: Int, epoch: Int) -> Double {
        let entry = layout.cells(ofEpoch: epoch)
        guard entry.slotLabels >= 0, entry.scoreHistogram >= 0, let calibration = epochs[epoch].calibration,
            calibration.groups.count == entry.edgeCount + 1
        else { return 0 }
        var rows: Int64 = 0
        for bin in calibration.groups.indices where calibration.groups[bin] == group {
            rows += cells[entry.scoreHistogram + 3 * bin] + cells[entry.scoreHistogram + 3 * bin + 1]
        }
        return Double(rows)
    }

    func histogram(ofEpoch epoch: Int) -> Histogram? {
        let entry = layout.cells(ofEpoch: epoch)
        guard entry.scoreHistogram >= 0 else { return nil }
        let count = entry.edgeCount + 1
        var isEmpty = true
        for cell in entry.scoreHistogram..<(entry.scoreHistogram + 3 * count) where cells[cell] != 0 {
            isEmpty = false
            break
        }
        guard !isEmpty else { return nil }
        func column(_ offset: Int) -> [Double] {
            (0..<count).map { Double(cells[entry.scoreHistogram + 3 * $0 + offset]) }
        }
        var histogram = Histogram(
            bins: layout.bins(ofEpoch: epoch), positives: column(0), negatives: column(1), unlabeled: column(2),
            probabilities: [], groups: [], owner: 0)
        guard !epochs.isEmpty else { return histogram }
        histogram.owner = epoch >= 0 && epoch < epochs.count ? epoch : 0
        guard let calibration = epochs[histogram.owner].calibration else { return nil }
        if calibration.bins == histogram.bins {
            histogram.probabilities = calibration.probabilities
            histogram.groups = calibration.groups
        } else {
            // Rows from before the first epoch: its calibration at the lower end of each of their cells.
            let places = (0..<count).map { calibration.bins.index(of: histogram.bins.lowerEdge($0)) }
            histogram.probabilities = places.map { calibration.probabilities[$0] }
            histogram.groups = places.map { calibration.groups[$0] }
        }
        if entry.chanceHistogram >= 0 {
            // The rows' own chances.
            for bin in 0..<count where histogram.unlabeled[bin] > 0 {
                let sum = Double(cells[entry.chanceHistogram + bin]) / LevelTable.unit
                histogram.probabilities[bin] = min(max(sum / histogram.unlabeled[bin], 0), 1)
            }
        }
        if entry.slotLabels >= 0 { shrink(&histogram, entry, calibration) }
        return histogram
    }

    /// Moves the chances of a group of scores by how many more of its labeled rows are 1 than their chances said, shared out
    /// among reference and labeled rows.
    private func shrink(_ histogram: inout Histogram, _ entry: CellLayout.EpochCells, _ calibration: ScoreCalibration) {
        var surplus = [Double](repeating: 0, count: calibration.groupCounts.count)
        var labeledRows = surplus
        for bin in histogram.unlabeled.indices {
            let labeled = histogram.positives[bin] + histogram.negatives[bin]
            guard labeled > 0 else { continue }
            let expected =
                entry.labeledChanceHistogram >= 0
                ? Double(cells[entry.labeledChanceHistogram + bin]) / LevelTable.unit
                : labeled * histogram.probabilities[bin]
            surplus[histogram.groups[bin]] += histogram.positives[bin] - expected
            labeledRows[histogram.groups[bin]] += labeled
        }
        for bin in histogram.unlabeled.indices {
            let group = histogram.groups[bin]
            let rows = calibration.groupCounts[group] + labeledRows[group]
            guard rows > 0 else { continue }
            histogram.probabilities[bin] = min(max(histogram.probabilities[bin] + surplus[group] / rows, 0), 1)
        }
    }

    /// Rows labeled 1 against rows labeled 0.
    private struct Comparison {
        private(set) var positives = 0.0
        private(set) var negatives = 0.0
        /// By histogram and bin: rows of a label below a row in the bin, those that tie counted half.
        private(set) var positivesBelow: [[Double]] = []
        private(set) var negativesBelow: [[Double]] = []
        /// nil without rows of both labels.
        private(set) var area: Double?
        private(set) var binningError = 0.0

        init(_ parts: [(bins: ScoreBins, positives: [Double], negatives: [Double])]) {
            for part in parts {
                positives += part.positives.reduce(0, +)
                negatives += part.negatives.reduce(0, +)
            }
            let positiveSums = parts.map { Self.running($0.positives) }
            let negativeSums = parts.map { Self.running($0.negatives) }
            var (wins, uncertain) = (0.0, 0.0)
            for (index, part) in parts.enumerated() {
                var (positivesBelow, negativesBelow) = Self.midpoints(positiveSums[index], negativeSums[index])
                let (bins, positives, negatives) = part
                for bin in 0..<bins.count where positives[bin] * negatives[bin] > 0 && !bins.isAtom(bin) {
                    uncertain += positives[bin] * negatives[bin] / 2
                }
                for other in parts.indices where other != index {
                    let (ones, zeros) = (positiveSums[other], negativeSums[other])
                    for bin in 0..<part.bins.count {
                        let (first, end) = Self.overlap(part.bins, bin, parts[other].bins)
                        positivesBelow[bin] += (ones[first] + ones[end]) / 2
                        negativesBelow[bin] += (zeros[first] + zeros[end]) / 2
                        uncertain += part.positives[bin] * (zeros[end] - zeros[first]) / 2
                    }
                }
                for bin in 0..<bins.count { wins += positives[bin] * negativesBelow[bin] }
                self.positivesBelow.append(positivesBelow)
                self.negativesBelow.append(negativesBelow)
            }
            guard positives > 0, negatives > 0 else { return }
            area = min(max(wins / (positives * negatives), 0), 1)
            binningError = uncertain / (positives * negatives)
        }

        /// What is below each bin of the histogram itself, and half of what is in it.
        private static func midpoints(_ ones: [Double], _ zeros: [Double]) -> (ones: [Double], zeros: [Double]) {
            (
                (1..<ones.count).map { (ones[$0 - 1] + ones[$0]) / 2 },
                (1..<zeros.count).map { (zeros[$0 - 1] + zeros[$0]) / 2 }
            )
        }

        /// The bins of `other` that overlap one of `bins`.
        private static func overlap(_ bins: ScoreBins, _ bin: Int, _ other: ScoreBins) -> (first: Int, end: Int) {
            let first = other.index(of: bins.lowerEdge(bin))
            let upper = bins.upperEdge(bin)
            return (first, upper.isFinite ? other.index(of: upper.nextDown) + 1 : other.count)
        }

        /// Entry i is the sum of the first i.
        private static func running(_ values: [Double]) -> [Double] {
            var sums = [0.0]
            sums.reserveCapacity(values.count + 1)
            for value in values { sums.append(sums[sums.count - 1] + value) }
            return sums
        }
    }
}
