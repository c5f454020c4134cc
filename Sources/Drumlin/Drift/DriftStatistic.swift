/// How the distance of a window from the reference is measured.
public enum DriftStatistic: String, Sendable, CaseIterable, Hashable {
    /// The greatest difference of the distribution functions, in [0, 1]. Of numbers.
    case kolmogorovSmirnov = "ks"
    /// The population stability index over ten groups of the reference, values of a tenth or more by themselves: the default.
    case populationStability = "psi"
    /// The root of the divergence to the base of 2 over the same groups, in [0, 1].
    case jensenShannon = "jensen_shannon"
    /// In [0, 1], over the same groups.
    case hellinger
    /// The mean way from one distribution to the other, in the unit of the column. Of numbers.
    case wasserstein
    /// Pearson's statistic over the same groups, which grows with the number of rows.
    case chiSquare = "chi_square"
    /// The greatest difference of a group's shares, in [0, 1]: of a category's values, of a number's groups.
    case lInfinity = "l_infinity"

    /// Whether it is made of the counts of groups alone, so that text has it too.
    var isOfGroups: Bool { self != .kolmogorovSmirnov && self != .wasserstein }
}
