/// How the metric of rows without labels is estimated.
public enum Estimator: String, Sendable, Hashable, CaseIterable {
    /// The buckets' row statistics are summed, then made into the metric, with an interval (`monitoring.md` §4).
    case bucketStatistics
    /// The mean of the buckets' own metrics, weighted by where the unlabeled rows are; without an interval. Right for
    /// means such as accuracy, badly wrong for f1 and rocAUC; there to compare with.
    case bucketMean
}
