/// How the metric of rows without labels is estimated.
public enum Estimator: String, Sendable, Hashable, CaseIterable {
    /// The buckets' row statistics are summed, then made into the metric, with an interval (`monitoring.md` §4).
    case bucketStatistics
    /// The mean of the buckets' own metrics, weighted by where the unlabeled rows are; without an interval. Right for
    /// means such as accuracy, badly wrong for f1 and rocAUC; there to compare with.
    case bucketMean
    /// Each row's own P(label): its score, or the probability of each class, calibrated by ascending maps on the reference.
    /// Binary tasks, and multiclass tasks whose models give probabilities.
    case cbpe
    /// The same, corrected by 16 small trees for what the score does not know of the features. The default of binary
    /// tasks.
    case calibratedResiduals
    /// The metric is what it was on the reference; there to compare with.
    case constant
    /// Average thresholded confidence: the share of predictions with a confidence above a threshold, chosen so that on the
    /// reference the share is the accuracy. Accuracy alone, without an interval; there to compare with.
    case atc
    /// Difference of confidences: the accuracy of the reference, less by how much the mean confidence fell. Accuracy alone,
    /// without an interval; there to compare with.
    case doc
    /// The reference weighted by how much likelier its rows are in the window than in the reference, and scores calibrated on
    /// that. Right where the features move and what they mean does not, and better than ``cbpe`` there; worse where trees take
    /// noise for a shift, or the window has rows that the reference has none of. Binary tasks, and back-tests alone: it reads the
    /// features of each window's rows.
    case pape

    /// The estimator and the buckets of a task that names neither.
    static func standard(for kind: TaskKind) -> Estimator {
        kind.isBinary ? .calibratedResiduals : .bucketStatistics
    }

    /// Whether tasks of a kind can have it.
    func isDefined(for kind: TaskKind) -> Bool {
        switch self {
        case .cbpe, .atc, .doc:
            if case .multiclass(_, let hasProbabilities) = kind { hasProbabilities } else { kind.isBinary }
        case .calibratedResiduals, .pape: kind.isBinary
        case .bucketStatistics, .bucketMean, .constant: true
        }
    }

    /// Whether it works with buckets that a user may choose.
    var takesBucketing: Bool { self == .bucketStatistics || self == .bucketMean }

    /// The buckets that it needs where none were chosen.
    func bucketing(for kind: TaskKind) -> Bucketing {
        switch self {
        case .bucketStatistics, .bucketMean: kind.isRegression ? .lossTree() : .scoreQuantiles(20)
        case .cbpe: kind.isMulticlass ? .classChances : .chances(trees: 0)
        case .calibratedResiduals: .chances(trees: ChanceModel.treeCount)
        // What the windows' weights are laid upon.
        case .pape: .chances(trees: 0)
        case .constant: .single
        case .atc, .doc: .confidence
        }
    }

    /// Whether intervals go with it.
    var takesIntervals: Bool {
        switch self {
        case .bucketStatistics, .cbpe, .calibratedResiduals, .pape: true
        case .bucketMean, .constant, .atc, .doc: false
        }
    }

    /// Whether it can count a window's own labels among the reference rows.
    func canShrink(for kind: TaskKind) -> Bool {
        switch self {
        case .bucketStatistics: true
        case .cbpe, .calibratedResiduals: kind.isBinary
        case .bucketMean, .constant, .atc, .doc, .pape: false
        }
    }

    /// Whether it needs the rows of each window, which windows that are kept as counts do not have.
    var readsRows: Bool { self == .pape }

    /// Whether it is made of confidences, and so of accuracy alone.
    var isOfConfidence: Bool { self == .atc || self == .doc }

    /// The number that stands for it in files.
    var code: UInt8 {
        switch self {
        case .bucketStatistics: 0
        case .bucketMean: 1
        case .cbpe: 2
        case .calibratedResiduals: 3
        case .constant: 4
        case .atc: 5
        case .doc: 6
        case .pape: 7
        }
    }
}
