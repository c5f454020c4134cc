/// What of a window may be unlike the windows before.
public enum AnomalyKind: String, Sendable, CaseIterable, Hashable {
    /// The number of predictions: half or less, twice or more; or a week's mean a third or less, three times or more.
    case volume
    /// The share of missing values, by five points or more.
    case nulls
    /// The share of NaN, by five points or more.
    case nans
    /// The mean of the middle half of numbers, or of all where half of them are equal, by a quarter of a deviation or more.
    case level
    /// The share of one value, up by five points or more.
    case value
}
