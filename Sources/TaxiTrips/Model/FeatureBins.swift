/// Cuts each feature's values into at most 255 bins of about equally many rows; bin 255 is for missing values.
package struct FeatureBins {
    package static let missing = 255

    /// Upper ends of a feature's bins, ascending; a value belongs to the first bin whose end is not below it.
    package let ends: [[Double]]

    package var featureCount: Int { ends.count }

    package init(rows: [[Double]]) {
        let featureCount = rows.first?.count ?? 0
        ends = (0..<featureCount).map { feature in
            let values = rows.lazy.map { $0[feature] }.filter { !$0.isNaN }.sorted()
            var distinct: [Double] = []
            for value in values where distinct.last != value { distinct.append(value) }
            if distinct.count <= Self.missing { return distinct }
            var quantiles: [Double] = []
            for bin in 1...Self.missing {
                let value = values[bin * values.count / Self.missing - 1]
                if quantiles.last != value { quantiles.append(value) }
            }
            return quantiles
        }
    }

    /// The bin of every value, row by row.
    package func codes(of rows: [[Double]]) -> [UInt8] {
        var codes: [UInt8] = []
        codes.reserveCapacity(rows.count * featureCount)
        for row in rows {
            for feature in 0..<featureCount { codes.append(UInt8(bin(of: row[feature], feature: feature))) }
        }
        return codes
    }

    private func bin(of value: Double, feature: Int) -> Int {
        if value.isNaN { return Self.missing }
        var low = 0
        var high = ends[feature].count - 1
        while low < high {
            let middle = (low + high) / 2
            if ends[feature][middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
