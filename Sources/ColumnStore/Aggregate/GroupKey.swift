public import ColumnFormat

/// What rows have in common that are aggregated together.
public enum GroupKey: Sendable, Hashable {
    /// Equal values of a column of any type but vector. Null is a group of its own, all NaNs are one, and −0.0 is 0.0.
    case column(String)
    /// Times in the same interval: intervals of this length, one of which begins at the Unix epoch. The key is where the
    /// interval begins, a timestamp; null for rows without a time.
    case time(String, every: TimeSpan)

    /// The column whose values are looked at.
    public var column: String {
        switch self {
        case .column(let name), .time(let name, _): name
        }
    }
}
