/// How far values may lie from those of the windows before.
public enum AnomalyMethod: String, Sendable, CaseIterable, Hashable {
    /// From the mean, in standard deviations.
    case standardDeviation = "z_score"
    /// From the median, in median distances from it: unmoved by single outliers.
    case medianDeviation = "mad"
    /// From the quartiles, in distances between them.
    case quartiles = "iqr"
}
