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

    /// What a task has that names none.
    package static let standard = Bucketing.scoreQuantiles(20)
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
        case let code:
            throw FormatError(.invalid, "no bucketing has the code \(code)", at: start)
        }
    }
}
