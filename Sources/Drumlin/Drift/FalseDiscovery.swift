/// Benjamini and Hochberg's control of the share of false alarms among many tests.
public enum FalseDiscovery {
    /// The p-values, each raised to the least rate of false discoveries at which its test would be called.
    ///
    /// Those of `pValues` that are NaN are of tests that were not made: they stay and do not count. O(n log n).
    public static func adjusted(_ pValues: [Double]) -> [Double] {
        let order = pValues.indices.filter { !pValues[$0].isNaN }.sorted { pValues[$0] > pValues[$1] }
        var result = pValues
        var least = 1.0
        for (place, index) in order.enumerated() {
            let rank = Double(order.count - place)
            least = min(least, pValues[index] * Double(order.count) / rank)
            result[index] = least
        }
        return result
    }
}
