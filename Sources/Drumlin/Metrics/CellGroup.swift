/// A run of cells that mean the same kind of thing.
package struct CellGroup: Sendable, Equatable {
    package enum Content: UInt8, Sendable {
        /// How long the labels took: `DelayHistogram`.
        case labelDelays = 0
        /// Labeled rows by (label × classes + predicted class); regression: their number.
        case labeledCounts = 1
        /// Labeled rows' Σ (s − y)², a `FixedPointSum`.
        case labeledBrier = 2
        /// Labeled rows' Σ −ln p(label), a `FixedPointSum`; then the number of rows that had no probabilities.
        case labeledLogLoss = 3
        /// Labeled rows' Σ |e|, an `ExactSum`.
        case labeledAbsoluteErrors = 4
        /// Labeled rows' Σ e², an `ExactSum`.
        case labeledSquaredErrors = 5
        /// Unlabeled rows of an epoch by slot (bucket and predicted class).
        case unlabeledCounts = 6
        /// Unlabeled rows of an epoch by slot: Σ s and Σ s², two `FixedPointSum`s a slot.
        case scoreMoments = 7
        /// Unlabeled rows of an epoch by slot: −Σ ln s and −Σ ln(1 − s), two `FixedPointSum`s a slot.
        case scoreLogarithms = 8
        /// Rows of an epoch by score: labeled 1, labeled 0 and unlabeled, three cells a bin.
        case scoreHistogram = 9
        /// Unlabeled rows of an epoch with levels, by slot: the sum of their chances, in units of 2⁻³².
        case chances = 10
        /// The same by score: one cell a bin.
        case chanceHistogram = 11
        /// The same rows by slot: Σ p·s, a `FixedPointSum`.
        case chanceMoments = 12
        /// The same rows by slot: Σ p·(ln(1 − s) − ln s), a `FixedPointSum`.
        case chanceLogarithms = 13
        /// Labeled rows' Σ (ln(1 + y) − ln(1 + ŷ))², an `ExactSum`.
        case labeledLogErrors = 14
        /// Labeled rows' Σ |e| / |y|, an `ExactSum`.
        case labeledRelativeErrors = 15
        /// Labeled rows' Σ e, an `ExactSum`.
        case labeledSignedErrors = 16
        /// Labeled rows' Σ y and Σ y², two `ExactSum`s.
        case labeledTargets = 17
        /// Labeled rows by |e|: `ErrorHistogram`.
        case labeledErrorHistogram = 18
        /// Unlabeled rows' Σ ŷ and Σ ŷ², two `ExactSum`s.
        case predictedValues = 19
        /// Labeled rows by tenth of the score: their number, those labeled 1, and Σ s, a `FixedPointSum`.
        case labeledTenths = 20
        /// Unlabeled rows of an epoch with levels by tenth of the score: their number, the sums of their chances p and of
        /// p(1 − p) in units of 2⁻³², and Σ s, a `FixedPointSum`.
        case unlabeledTenths = 21
        /// Unlabeled rows of an epoch with calibrated classes, by slot: the sums of their chances of each class, in units
        /// of 2⁻³².
        case classChances = 22
        /// The same rows by slot: Σ −Σ_i P(i) ln p_i, a `FixedPointSum`.
        case classLogarithms = 23
        /// Labeled rows of an epoch by slot and label; where estimates shrink toward them, like the next two.
        case slotLabels = 24
        /// The same rows of an epoch with levels, by slot: the sum of their chances, in units of 2⁻³².
        case labeledChances = 25
        /// The same by score: one cell a bin.
        case labeledChanceHistogram = 26
        /// Labeled rows of an epoch by slot, for regressions: Σ |e|, Σ e², Σ (ln(1 + y) − ln(1 + ŷ))², Σ |e| / |y|, Σ e and
        /// Σ ŷ·e, an `ExactSum` a slot.
        case slotAbsoluteErrors = 27
        case slotSquaredErrors = 28
        case slotLogErrors = 29
        case slotRelativeErrors = 30
        case slotSignedErrors = 31
        case slotErrorProducts = 32

        /// Whether each epoch has such cells of its own.
        var isOfEpoch: Bool {
            switch self {
            case .unlabeledCounts, .scoreMoments, .scoreLogarithms, .scoreHistogram, .chances, .chanceHistogram,
                .chanceMoments, .chanceLogarithms, .unlabeledTenths, .classChances, .classLogarithms,
                .slotLabels, .labeledChances, .labeledChanceHistogram, .slotAbsoluteErrors, .slotSquaredErrors,
                .slotLogErrors, .slotRelativeErrors, .slotSignedErrors, .slotErrorProducts:
                true
            default: false
            }
        }
    }

    package let content: Content
    /// −1 for what no epoch owns, and for the rows that have none.
    package let epoch: Int
    package let firstCell: Int
    package let cellCount: Int

    package var cells: Range<Int> { firstCell..<(firstCell + cellCount) }
}
