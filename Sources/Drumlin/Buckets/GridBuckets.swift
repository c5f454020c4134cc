internal import ColumnFormat

/// The cells of several features together: quantiles of numbers, values of texts, and one for missing each.
struct GridBuckets: Sendable, Equatable {
    enum Axis: Sendable, Equatable {
        case numbers(feature: Int, ScoreBins)
        case texts(CategoryBuckets)

        var count: Int {
            switch self {
            case .numbers(_, let bins): bins.count + 1
            case .texts(let categories): categories.count
            }
        }
    }

    let axes: [Axis]

    /// The number of cells; more than there can be where it would not fit an `Int`.
    var count: Int {
        var product = 1
        for axis in axes {
            let (next, overflow) = product.multipliedReportingOverflow(by: axis.count)
            if overflow { return .max }
            product = next
        }
        return product
    }

    /// - Parameter features: positions of features.
    init(fitting columns: ReferenceColumns, features: [Int], quantiles: Int) {
        axes = features.map { feature in
            switch columns.features[feature].values {
            case .numbers(let values):
                return .numbers(feature: feature, .quantiles(of: values, isPositive: nil, count: quantiles))
            case .texts: return .texts(CategoryBuckets(fitting: columns.features[feature].values, feature: feature))
            }
        }
    }

    func bucket<Features: FeatureSource & ~Copyable>(of features: borrowing Features) -> Int {
        var bucket = 0
        for axis in axes {
            let place: Int
            switch axis {
            case .numbers(let feature, let bins):
                let value = features.number(at: feature)
                place = value.isNaN ? 0 : bins.index(of: value) + 1
            case .texts(let categories): place = categories.bucket(of: features)
            }
            bucket = bucket * axis.count + place
        }
        return bucket
    }

    func write(to writer: inout ByteWriter) {
        writer.append(varint: UInt64(axes.count))
        for axis in axes {
            switch axis {
            case .numbers(let feature, let bins):
                writer.append(UInt8(0))
                writer.append(varint: UInt64(feature))
                bins.write(to: &writer)
            case .texts(let categories):
                writer.append(UInt8(1))
                categories.write(to: &writer)
            }
        }
    }

    init(from reader: inout ByteReader) throws(FormatError) {
        var axes: [Axis] = []
        for _ in 0..<(try reader.readCount(limit: 64, of: "features of a grid")) {
            let start = reader.offset
            switch try reader.read(UInt8.self) {
            case 0:
                let feature = try reader.readCount(limit: 1 << 20, of: "features")
                axes.append(.numbers(feature: feature, try ScoreBins(from: &reader)))
            case 1: axes.append(.texts(try CategoryBuckets(from: &reader)))
            case let code: throw FormatError(.invalid, "axis \(code) of a grid", at: start)
            }
        }
        self.axes = axes
    }
}
