#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// expectedCalibrationError from sums by tenth of the score.
extension MetricEvaluator {
    /// Rows of one tenth.
    private struct Tenth {
        /// Rows, and Σ label − Σ score, a label that is not known being its chance.
        var rows = 0.0
        var distance = 0.0
        /// Of the distance, once all labels are in.
        var variance = 0.0

        static func + (left: Tenth, right: Tenth) -> Tenth {
            Tenth(
                rows: left.rows + right.rows, distance: left.distance + right.distance,
                variance: left.variance + right.variance)
        }
    }

    func evaluateCalibrationError(_ estimate: inout MetricEstimate) {
        guard layout.labeledTenths >= 0 else { return }
        let labeled = (0..<10).map { tenth in
            let base = layout.labeledTenths + tenth * CellLayout.labeledTenthCells
            return Tenth(
                rows: Double(cells[base]),
                distance: Double(cells[base + 1]) - FixedPointSum.read(cells, at: base + 2))
        }
        estimate.labeledValue = Self.expected(labeled)?.value
        guard !strata.isEmpty else { return }
        var unlabeled = [Tenth](repeating: Tenth(), count: 10)
        for epoch in -1..<layout.epochCount {
            let base = layout.cells(ofEpoch: epoch).unlabeledTenths
            guard base >= 0, epoch >= 0, epoch < epochs.count else { continue }
            let factor = epochs[epoch].overdispersion(of: .expectedCalibrationError)
            let rowCount = Double(max(1, epochs[epoch].rowCount))
            for tenth in 0..<10 {
                let start = base + tenth * CellLayout.unlabeledTenthCells
                let rows = Double(cells[start])
                let distance = Double(cells[start + 1]) / LevelTable.unit - FixedPointSum.read(cells, at: start + 3)
                // What the reference's own labels leave open goes with the rows' share of it.
                let inflation = 1 + Double(unlabeledCount) / rowCount
                let variance = factor * factor * inflation * Double(cells[start + 2]) / LevelTable.unit
                unlabeled[tenth] = unlabeled[tenth] + Tenth(rows: rows, distance: distance, variance: variance)
            }
        }
        // Rows whose chances nobody knows: no estimate is better than one of some rows.
        guard unlabeled.reduce(0, { $0 + $1.rows }) == Double(unlabeledCount) else { return }
        estimate.unlabeledValue = Self.expected(unlabeled)?.value
        guard let blend = Self.expected(zip(labeled, unlabeled).map { $0 + $1 }) else { return }
        estimate.value = blend.value
        estimate.standardError = blend.error
        estimate.ciLow = max(0, blend.value - Self.normalQuantile * blend.error)
        estimate.ciHigh = blend.value + Self.normalQuantile * blend.error
        if !strata.contains(where: \.isUnsupported) {
            (estimate.boundLow, estimate.boundHigh) = (blend.value, blend.value)
        }
    }

    /// The mean of Σ |distance| over the labels that are to come, each distance being normal, and its standard deviation.
    private static func expected(_ tenths: [Tenth]) -> (value: Double, error: Double)? {
        let rows = tenths.reduce(0) { $0 + $1.rows }
        guard rows > 0 else { return nil }
        var (sum, variance) = (0.0, 0.0)
        for tenth in tenths {
            let (center, spread) = (tenth.distance, tenth.variance)
            guard spread > 0 else {
                sum += center.magnitude
                continue
            }
            let deviation = spread.squareRoot()
            let mean =
                (2 * spread / .pi).squareRoot() * exp(-center * center / (2 * spread))
                + center * erf(center / (deviation * 2.0.squareRoot()))
            sum += mean
            variance += max(0, center * center + spread - mean * mean)
        }
        return (sum / rows, variance.squareRoot() / rows)
    }
}
