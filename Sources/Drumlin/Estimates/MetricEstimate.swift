/// What a window says about a metric. nil where something is undefined or unknown, never 0.
package struct MetricEstimate: Sendable, Equatable {
    /// Over all rows of the window: labels where they are in, the reference's statistics where they are not.
    package var value: Double?
    /// Over the rows with labels.
    package var labeledValue: Double?
    /// The estimate over the rows without.
    package var unlabeledValue: Double?
    /// The 95 % interval for `value` once every label has come.
    package var ciLow: Double?
    package var ciHigh: Double?
    /// `labels` where nothing is estimated, else the estimator's name; `…:simulated` where the interval comes from
    /// simulated labels.
    package var method: String
    package var labeledCount: Int64
    package var unlabeledCount: Int64
    /// Seconds.
    package var labelDelayP50: Double?
    package var labelDelayP95: Double?
    /// How many reference rows the estimate of the unlabeled rows is worth: n_ref / Σ q_k²/π_k.
    package var effectiveSampleSize: Double?
    /// The share of the unlabeled rows in buckets with fewer than 30 reference rows.
    package var unsupportedMass: Double?
    /// The value if the unsupported rows were all as bad, or as good, as can be.
    package var boundLow: Double?
    package var boundHigh: Double?
    /// The standard error of `value` on its own scale, widened by the back-test.
    package var standardError: Double?
    /// How far a binned metric may be from the one computed from the rows; 0 for exact ones.
    package var binningError: Double
    /// The chance that the metric will be undefined once every label has come, where labels were simulated.
    package var undefinedProbability: Double?

    package init(method: String, labeledCount: Int64, unlabeledCount: Int64) {
        self.method = method
        self.labeledCount = labeledCount
        self.unlabeledCount = unlabeledCount
        binningError = 0
    }
}
