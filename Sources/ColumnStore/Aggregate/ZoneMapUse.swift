/// What an aggregation takes from zone maps. The result is the same, up to the stated precision of sums of floats; anything but
/// ``full`` is for measurements and tests.
public enum ZoneMapUse: Sendable, Hashable {
    /// Rows are passed over, and blocks that qualify as a whole are answered without being read.
    case full
    /// Rows are passed over.
    case pruning
    /// Every row is read.
    case none
}
