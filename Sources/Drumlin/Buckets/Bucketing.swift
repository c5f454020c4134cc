package import ColumnFormat

/// How rows are sorted into buckets: rows of one bucket are taken to have the same distribution of labels, in the
/// reference and live.
///
///     TaskSchema(kind: .binary(), features: [...], bucketing: .category("borough"))
///
/// A bucketing is fitted once on the reference rows and stored; it gives the same buckets for the same rows and seed.
public struct Bucketing: Sendable {
    enum Method: Sendable {
        case scoreQuantiles(count: Int)
        case gaussianMixture(components: Int, seed: UInt64)
        case category(feature: String)
        case custom(name: String, count: Int)
        case lossTree(leaves: Int, seed: UInt64)
        case grid(features: [String], quantiles: Int)
        case single
        case chances(trees: Int, seed: UInt64)
        case classChances
        case confidence
    }

    let method: Method
    /// The closure of a custom bucketing; nil where it was read from a file.
    let assign: (@Sendable (BucketInput) -> Int)?

    private init(_ method: Method, assign: (@Sendable (BucketInput) -> Int)? = nil) {
        self.method = method
        self.assign = assign
    }

    /// Quantiles of the score (of ½F₊ + ½F₋ for classes, of the predicted value for regression) × the predicted class.
    ///
    /// Edges are deduplicated and half-open, a value with 1/`count` of the rows owns a bucket, the threshold is an edge.
    public static func scoreQuantiles(_ count: Int) -> Bucketing {
        Bucketing(.scoreQuantiles(count: min(max(count, 1), 10_000)))
    }

    /// Components of a Gaussian mixture with full covariances, over the standardized numeric features and the
    /// prediction. Missing values count as the reference's mean.
    public static func gaussianMixture(components: Int = 10, seed: UInt64 = 0) -> Bucketing {
        Bucketing(.gaussianMixture(components: min(max(components, 1), 1_000), seed: seed))
    }

    /// One bucket for each value that a feature has in the reference (the 1,000 most frequent), one for all other
    /// values and one for missing.
    public static func category(_ feature: String) -> Bucketing { Bucketing(.category(feature: feature)) }

    /// Buckets of your own: the closure gives a number in 0..<count; others are counted in an extra bucket.
    ///
    /// The name stands for the closure in the store: reopen a task with a closure of the same name.
    public static func custom(
        count: Int, name: String, assign: @escaping @Sendable (BucketInput) -> Int
    ) -> Bucketing {
        Bucketing(.custom(name: name, count: min(max(count, 1), 10_000)), assign: assign)
    }

    /// Leaves of two decision trees that tell rows with large errors from rows with small ones by their features and
    /// prediction, each grown on one half of the reference and judged by the other. For regression; the default there.
    ///
    /// - Parameters:
    ///   - leaves: of each tree, at most 255, of at least 50 rows.
    ///   - seed: of the two halves.
    public static func lossTree(leaves: Int = 64, seed: UInt64 = 0) -> Bucketing {
        Bucketing(.lossTree(leaves: min(max(leaves, 1), LeafPair.leafLimit), seed: seed))
    }

    /// The cells of several features together: `quantiles` of a number, the values of a text, and one for missing each.
    /// There may be 65,534 cells in all.
    public static func grid(_ features: [String], quantiles: Int = 4) -> Bucketing {
        Bucketing(.grid(features: features, quantiles: min(max(quantiles, 1), 10_000)))
    }

    /// All rows in one bucket.
    static let single = Bucketing(.single)

    /// Levels of P(label 1) for ``Estimator/cbpe`` (no trees) and ``Estimator/calibratedResiduals``.
    static func chances(trees: Int, seed: UInt64 = 0) -> Bucketing { Bucketing(.chances(trees: trees, seed: seed)) }

    /// Calibrated probabilities of several classes, for ``Estimator/cbpe``.
    static let classChances = Bucketing(.classChances)

    /// Quantiles of the probability of the predicted class, for ``Estimator/atc`` and ``Estimator/doc``.
    static let confidence = Bucketing(.confidence)

    /// What the first version gave to a task that names none.
    package static let standard = Bucketing.scoreQuantiles(20)

    /// Whether it stands for an estimator and is no bucketing that a user can name.
    var isInternal: Bool {
        switch method {
        case .single, .chances, .classChances, .confidence: true
        default: false
        }
    }
}

extension Bucketing: Equatable, CustomStringConvertible {
    /// Two bucketings are equal if they would fit the same buckets; closures are told apart by their names.
    public static func == (left: Bucketing, right: Bucketing) -> Bool { left.description == right.description }

    /// The call that makes it, such as `scoreQuantiles(20)`.
    public var description: String {
        switch method {
        case .scoreQuantiles(let count): "scoreQuantiles(\(count))"
        case .gaussianMixture(let components, let seed): "gaussianMixture(components: \(components), seed: \(seed))"
        case .category(let feature): "category(\(feature))"
        case .custom(let name, let count): "custom(\(name), count: \(count))"
        case .lossTree(let leaves, let seed): "lossTree(leaves: \(leaves), seed: \(seed))"
        case .grid(let features, let quantiles): "grid(\(features.joined(separator: ", ")), quantiles: \(quantiles))"
        case .single: "one bucket"
        case .chances(let trees, let seed): "chances(trees: \(trees), seed: \(seed))"
        case .classChances: "calibrated classes"
        case .confidence: "confidence"
        }
    }

    package func write(to writer: inout ByteWriter) {
        switch method {
        case .scoreQuantiles(let count):
            writer.append(UInt8(0))
            writer.append(varint: UInt64(count))
        case .gaussianMixture(let components, let seed):
            writer.append(UInt8(1))
            writer.append(varint: UInt64(components))
            writer.append(seed)
        case .category(let feature):
            writer.append(UInt8(2))
            writer.append(string: feature)
        case .custom(let name, let count):
            writer.append(UInt8(3))
            writer.append(string: name)
            writer.append(varint: UInt64(count))
        case .lossTree(let leaves, let seed):
            writer.append(UInt8(4))
            writer.append(varint: UInt64(leaves))
            writer.append(seed)
        case .grid(let features, let quantiles):
            writer.append(UInt8(5))
            writer.append(varint: UInt64(features.count))
            for feature in features { writer.append(string: feature) }
            writer.append(varint: UInt64(quantiles))
        case .single: writer.append(UInt8(6))
        case .chances(let trees, let seed):
            writer.append(UInt8(7))
            writer.append(varint: UInt64(trees))
            writer.append(seed)
        case .classChances: writer.append(UInt8(8))
        case .confidence: writer.append(UInt8(9))
        }
    }

    /// A bucketing from bytes; a custom one is without its closure.
    package init(from reader: inout ByteReader) throws(FormatError) {
        let start = reader.offset
        switch try reader.read(UInt8.self) {
        case 0:
            self = .scoreQuantiles(try reader.readCount(limit: 10_000, of: "buckets"))
        case 1:
            let components = try reader.readCount(limit: 1_000, of: "components")
            self = .gaussianMixture(components: components, seed: try reader.read(UInt64.self))
        case 2:
            self = .category(try reader.readString(limit: 65_536))
        case 3:
            let name = try reader.readString(limit: 65_536)
            let count = try reader.readCount(limit: 10_000, of: "buckets")
            self.init(.custom(name: name, count: max(count, 1)))
        case 4:
            let leaves = try reader.readCount(limit: LeafPair.leafLimit, of: "leaves")
            self = .lossTree(leaves: leaves, seed: try reader.read(UInt64.self))
        case 5:
            var features: [String] = []
            for _ in 0..<(try reader.readCount(limit: 64, of: "features of a grid")) {
                features.append(try reader.readString(limit: 65_536))
            }
            self = .grid(features, quantiles: try reader.readCount(limit: 10_000, of: "quantiles"))
        case 6: self = .single
        case 7:
            let trees = try reader.readCount(limit: 1_024, of: "trees")
            self = .chances(trees: trees, seed: try reader.read(UInt64.self))
        case 8: self = .classChances
        case 9: self = .confidence
        case let code:
            throw FormatError(.invalid, "no bucketing has the code \(code)", at: start)
        }
    }
}
