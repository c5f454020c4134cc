#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The ends of 95 % intervals on the scales where the errors are most nearly normal.
enum Interval {
    /// Wilson's interval for a share, widened from `count` rows to the given variance of their sum.
    ///
    /// - Parameters:
    ///   - share: the estimate p_U.
    ///   - smoothed: p̃, the share whose binomial variance the variance is compared with: n_eff = p̃(1 − p̃)U²/Ṽ.
    static func wilson(share: Double, smoothed: Double, count: Double, variance: Double) -> (low: Double, high: Double)
    {
        let spread = smoothed * (1 - smoothed)
        guard variance > 0, spread > 0 else { return (share, share) }
        let effective = spread * count * count / variance
        let z = MetricEvaluator.normalQuantile
        let squared = z * z
        let center = (share + squared / (2 * effective)) / (1 + squared / effective)
        let root = max(0, share * (1 - share) / effective + squared / (4 * effective * effective)).squareRoot()
        let half = z * root / (1 + squared / effective)
        return (max(0, center - half), min(1, center + half))
    }

    /// A normal interval on the logit scale, around a share strictly between 0 and 1.
    static func logit(share: Double, standardError: Double) -> (low: Double, high: Double) {
        let center = log(share) - log1p(-share)
        let half = MetricEvaluator.normalQuantile * standardError
        return (1 / (1 + exp(half - center)), 1 / (1 + exp(-half - center)))
    }

    /// A normal interval on Fisher's scale, around a correlation strictly between −1 and 1.
    static func correlation(_ value: Double, standardError: Double) -> (low: Double, high: Double) {
        let center = atanh(value)
        let half = MetricEvaluator.normalQuantile * standardError / (1 - value * value)
        return (tanh(center - half), tanh(center + half))
    }

    /// A normal interval on the logarithmic scale, around a positive number.
    static func logarithmic(_ value: Double, standardError: Double) -> (low: Double, high: Double) {
        guard value > 0 else { return (value, value) }
        let factor = exp(MetricEvaluator.normalQuantile * standardError / value)
        return (value / factor, value * factor)
    }
}
