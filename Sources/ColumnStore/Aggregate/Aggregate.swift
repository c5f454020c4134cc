/// One number, or one value, about the rows of a group: `.mean("fare")`, `.count`.
///
/// Nulls are left out of everything but ``count``. What there is nothing to say about is null: the sum, mean, minimum, … of
/// no values.
///
/// | aggregate | of columns of | value |
/// |---|---|---|
/// | ``count``, ``count(_:)``, ``distinctCount(_:)`` | any type; vectors only for the counts | int |
/// | ``sum(_:)`` | bool, integers | int, or uint for unsigned types; an error where it does not fit 64 bits |
/// | ``sum(_:)`` | floats | float64 |
/// | ``mean(_:)``, ``variance(_:)``, ``quantile(_:_:)`` | bool, integers, floats | float64 |
/// | ``min(_:)``, ``max(_:)`` | all but vectors | as in the column |
///
/// **Floats.** NaN makes a sum, mean or variance NaN; minimum and maximum are of the other values, and NaN where there are
/// none; quantiles leave it out; all NaNs count as one distinct value, and so do 0.0 and −0.0, which is given as 0.0.
///
/// **Precision.** Sums of integers are exact. A sum of floats S = Σx differs from the exact one by at most 2⁻⁴⁶ · Σ|x|: the values of a
/// vector of 1,024 rows go to 16 lanes, in order, which are added pairwise; decimals that are stored as digits are added
/// as integers; the sums of vectors, in order, are added with compensation (A. Neumaier, 1974), and so are those of blocks.
/// That order depends on the rows and how they are stored, never on the machine or the number of threads. A variance is
/// that of the vectors around their means, combined by the formula of T. F. Chan, G. H. Golub and R. J. LeVeque (1979).
public struct Aggregate: Sendable, Hashable {
    package enum Function: Sendable, Hashable {
        case rows, values, sum, mean, minimum, maximum, variance, quantile(Double), distinct
    }

    package let function: Function
    /// The column; nil for ``count``.
    public let column: String?

    /// How many rows there are.
    public static let count = Aggregate(function: .rows, column: nil)
    /// How many values are not null.
    public static func count(_ column: String) -> Aggregate { Aggregate(function: .values, column: column) }
    /// The sum.
    public static func sum(_ column: String) -> Aggregate { Aggregate(function: .sum, column: column) }
    /// The arithmetic mean: the sum over the count.
    public static func mean(_ column: String) -> Aggregate { Aggregate(function: .mean, column: column) }
    /// The smallest value; text in the order of its bytes.
    public static func min(_ column: String) -> Aggregate { Aggregate(function: .minimum, column: column) }
    /// The greatest value.
    public static func max(_ column: String) -> Aggregate { Aggregate(function: .maximum, column: column) }
    /// The sample variance: squared distances to the mean over (count − 1); null of fewer than two values.
    public static func variance(_ column: String) -> Aggregate { Aggregate(function: .variance, column: column) }

    /// The value at rank ⌈q · count⌉ (at least 1) of the ascending values, `q` from 0 to 1, approximately: the result differs from
    /// that value by at most 1/256 of it. See `QuantileSketch`. Memory: 1 KiB for each power of two that the values
    /// span, at most 4 MiB a group. The same whatever the order of the rows.
    public static func quantile(_ q: Double, _ column: String) -> Aggregate {
        Aggregate(function: .quantile(q), column: column)
    }

    /// How many different values there are: exact up to 4,096, then an estimate with a standard error of 0.81 %. See
    /// `DistinctSketch`. Memory: at most 64 KiB a group. The same whatever the order of the rows.
    public static func distinctCount(_ column: String) -> Aggregate { Aggregate(function: .distinct, column: column) }

    /// The aggregate as it is written: `mean(fare)`.
    public var name: String {
        switch function {
        case .rows: "count"
        case .values: "count(\(column ?? ""))"
        case .sum: "sum(\(column ?? ""))"
        case .mean: "mean(\(column ?? ""))"
        case .minimum: "min(\(column ?? ""))"
        case .maximum: "max(\(column ?? ""))"
        case .variance: "variance(\(column ?? ""))"
        case .quantile(let q): "quantile(\(q), \(column ?? ""))"
        case .distinct: "distinctCount(\(column ?? ""))"
        }
    }
}
