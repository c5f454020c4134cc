import ColumnFormat

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A mixture of Gaussians with full covariances over standardized columns; a row's bucket is the component that most
/// likely made it.
///
/// The columns are the numeric features, the predicted class where there are more than two, and the score where the
/// model gives one.
package struct GaussianMixture: Sendable, Equatable {
    /// Positions among the features; `scoreColumn` and `classColumn` stand for the prediction.
    let columns: [Int]
    static let scoreColumn = -1
    static let classColumn = -2
    /// Mean and scale of each column in the reference.
    let centers: [Double]
    let scales: [Double]
    /// Component by component: ln(weight) − ½ ln det Σ, the mean, and the inverse of Σ's Cholesky factor row by row.
    let offsets: [Double]
    let means: [Double]
    let inverseFactors: [Double]

    package var componentCount: Int { offsets.count }
    var dimension: Int { columns.count }

    init(
        columns: [Int], centers: [Double], scales: [Double], offsets: [Double], means: [Double],
        inverseFactors: [Double]
    ) {
        self.columns = columns
        self.centers = centers
        self.scales = scales
        self.offsets = offsets
        self.means = means
        self.inverseFactors = inverseFactors
    }

    /// The component with the greatest responsibility; the first of equals.
    ///
    /// - Complexity: O(components × dimensions²).
    func component<Features: FeatureSource & ~Copyable>(
        score: Double, predictedClass: Int, features: borrowing Features
    ) -> Int {
        var row = [Double](repeating: 0, count: dimension)
        for index in columns.indices {
            let value =
                switch columns[index] {
                case Self.scoreColumn: score
                case Self.classColumn: Double(predictedClass)
                case let feature: features.number(at: feature)
                }
            // A missing value is at the mean, and an infinite one would make every component equally impossible.
            let scaled = (value - centers[index]) / scales[index]
            row[index] = scaled.isNaN ? 0 : min(max(scaled, -1e6), 1e6)
        }
        return component(ofRow: 0, in: row)
    }

    /// The component of a standardized row of some that lie one behind another.
    package func component(ofRow row: Int, in rows: [Double]) -> Int {
        let dimension = dimension
        precondition(row >= 0 && (row + 1) * dimension <= rows.count, "row \(row) of \(rows.count) numbers")
        return unsafe rows.withUnsafeBufferPointer { rows in
            unsafe nearest(to: rows.baseAddress.unsafelyUnwrapped + row * dimension, dimension)
        }
    }

    /// A component is given up as soon as the distance alone makes it less likely than the best so far.
    private func nearest(to row: UnsafePointer<Double>, _ dimension: Int) -> Int {
        unsafe means.withUnsafeBufferPointer { means in
            unsafe inverseFactors.withUnsafeBufferPointer { factors in
                var best = 0
                var bestDensity = -Double.infinity
                for component in offsets.indices {
                    let mean = unsafe means.baseAddress.unsafelyUnwrapped + component * dimension
                    let factor = unsafe factors.baseAddress.unsafelyUnwrapped + component * dimension * dimension
                    let offset = offsets[component]
                    var (sum, i) = (0.0, 0)
                    while i < dimension, offset - sum / 2 > bestDensity {
                        var projected = 0.0
                        for j in 0...i {
                            unsafe projected += factor[i &* dimension &+ j] * (row[j] - mean[j])
                        }
                        sum += projected * projected
                        i &+= 1
                    }
                    if i == dimension, offset - sum / 2 > bestDensity {
                        bestDensity = offset - sum / 2
                        best = component
                    }
                }
                return best
            }
        }
    }

    func write(to writer: inout ByteWriter) {
        writer.append(varint: UInt64(dimension))
        writer.append(varint: UInt64(componentCount))
        for column in columns { writer.append(zigzag: Int64(column)) }
        for values in [centers, scales, offsets, means, inverseFactors] {
            for value in values { writer.append(value) }
        }
    }

    init(from reader: inout ByteReader) throws(FormatError) {
        let start = reader.offset
        let dimension = try reader.readCount(limit: 1 << 12, of: "columns")
        let components = try reader.readCount(limit: 1_000, of: "components")
        guard dimension > 0, components > 0,
            components * (1 + dimension + dimension * dimension) + 2 * dimension <= reader.remaining / 8
        else { throw FormatError(.truncated, "a mixture of \(components) × \(dimension)", at: start) }
        var columns: [Int] = []
        for _ in 0..<dimension {
            let column = try reader.readZigzag()
            guard column >= -2, column < 1 << 20 else {
                throw FormatError(.invalid, "column \(column) of a mixture", at: start)
            }
            columns.append(Int(column))
        }
        func doubles(_ count: Int) throws(FormatError) -> [Double] {
            var values: [Double] = []
            values.reserveCapacity(count)
            for _ in 0..<count { values.append(try reader.readDouble()) }
            return values
        }
        self.init(
            columns: columns, centers: try doubles(dimension), scales: try doubles(dimension),
            offsets: try doubles(components), means: try doubles(components * dimension),
            inverseFactors: try doubles(components * dimension * dimension))
    }
}
