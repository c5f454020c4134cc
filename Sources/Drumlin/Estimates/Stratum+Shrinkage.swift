/// Shrinking a bucket's statistics toward the window's own labels: rows that have theirs count like rows of the reference, n + labels
/// in place of n. Buckets that are unsupported stay with their parent.
extension Stratum {
    /// A plain bucket: the means of reference and labeled rows together.
    mutating func shrink(slots: Range<Int>, of entry: CellLayout.EpochCells, classes: Int, cells: [Int64]) {
        ownOutcomes = [Double](repeating: 0, count: slots.count * classes)
        for (predicted, slot) in slots.enumerated() {
            for actual in 0..<classes {
                ownOutcomes[actual * slots.count + predicted] = Double(
                    cells[entry.slotLabels + slot * classes + actual])
            }
        }
        referenceRows += ownOutcomes.reduce(0, +)
    }

    /// A group of levels, whose rows have chances of their own: these move by how many more of the labeled rows are 1 than their
    /// chances said, shared out among n + labels. Where all rows of a bucket have one chance, that is the same.
    mutating func shrink(slot: Int, of entry: CellLayout.EpochCells, cells: [Int64]) {
        guard let sum = chanceSum, rows > 0 else { return }
        let (zeros, ones) = (Double(cells[entry.slotLabels + 2 * slot]), Double(cells[entry.slotLabels + 2 * slot + 1]))
        referenceRows += zeros + ones
        let surplus = ones - Double(cells[entry.labeledChances + slot]) / LevelTable.unit
        let moved = min(max(sum + rows * surplus / referenceRows, 0), rows)
        let change = (moved - sum) / rows
        chanceSum = moved
        chanceMoment += change * scoreSum
        chanceLogarithm += change * (lossIfOne - lossIfZero)
    }

    /// A bucket or leaf of a regression: the means of errors of reference and labeled rows together.
    mutating func shrink(slot: Int, of entry: CellLayout.EpochCells, _ errors: SlotErrors, cells: [Int64]) {
        ownRows = Double(cells[entry.slotLabels + slot])
        guard ownRows > 0 else { return }
        referenceRows += ownRows
        let place = slot * ExactSum.cellCount
        func own(_ base: Int) -> Int { base < 0 ? -1 : base + place }
        ownErrors = SlotErrors(
            absolute: own(errors.absolute), squared: own(errors.squared), log: own(errors.log),
            relative: own(errors.relative), signed: own(errors.signed), products: own(errors.products))
    }

    /// A mean of `count` reference rows, or of these and the labeled ones, whose sum is in the cells from `base` on.
    func mean(_ mean: Double, of count: Double, base: Int, cells: [Int64]) -> Double {
        guard ownRows > 0, base >= 0 else { return mean }
        return (count * mean + ExactSum.read(cells, at: base)) / (count + ownRows)
    }

    /// The share of label 1 in a binary bucket: `share` of the reference rows, or of these and the labeled ones.
    func positiveShare(_ share: Double) -> Double {
        guard !ownOutcomes.isEmpty else { return share }
        // By label, or by label × 2 + predicted class: the second half is of label 1.
        let half = ownOutcomes.count / 2
        let (all, ones) = (ownOutcomes.reduce(0, +), ownOutcomes[half...].reduce(0, +))
        return (share * (referenceRows - all) + ones) / referenceRows
    }
}
