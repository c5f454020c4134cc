package import ColumnFormat

/// A bucketing fitted on reference rows: says which bucket a row is in.
///
/// For `scoreQuantiles` bucket = cell × classes + predicted class, and assigning allocates nothing. The other kinds do
/// not know the predicted class; the cells of a window tell it apart where a metric needs it.
package struct FittedBuckets: Sendable {
    /// The most buckets there can be: the store keeps a row's bucket in 16 bits.
    package static let countLimit = 65_535

    enum Form: Sendable, Equatable {
        case scoreCells(ScoreBins)
        case mixture(GaussianMixture)
        case category(CategoryBuckets)
        /// The last bucket is for what the closure puts outside its range, and for rows seen without the closure.
        case custom(name: String, count: Int)
    }

    let form: Form
    /// What was fitted.
    package let bucketing: Bucketing
    private let classCount: Int

    /// The number of buckets.
    package var count: Int {
        switch form {
        case .scoreCells(let bins): bins.count * classCount
        case .mixture(let mixture): mixture.componentCount
        case .category(let categories): categories.count
        case .custom(_, let count): count + 1
        }
    }

    /// Whether bucket b holds rows of predicted class b mod K only.
    package var fixesClass: Bool { if case .scoreCells = form { true } else { classCount == 1 } }

    /// Whether `assign` reads features; if not, any `FeatureRow()` will do.
    package var needsFeatures: Bool { if case .scoreCells = form { false } else { true } }

    /// Whether this is a custom bucketing without its closure, which puts every row in the last bucket.
    package var isWithoutClosure: Bool { if case .custom = form { bucketing.assign == nil } else { false } }

    /// What cannot be fitted.
    package enum FittingError: Error, Equatable, CustomStringConvertible, Sendable {
        case unknownFeature(String, known: [String])
        case noNumericColumn
        case tooManyBuckets(Int)

        package var description: String {
            switch self {
            case .unknownFeature(let name, let known):
                "no feature is called \"\(name)\"; the features are \(known.joined(separator: ", "))"
            case .noNumericColumn:
                "a Gaussian mixture needs a numeric feature or a numeric prediction"
            case .tooManyBuckets(let count):
                "\(count) buckets; at most \(countLimit) are possible: use fewer quantiles"
            }
        }
    }

    /// Fits a bucketing; the same rows and seed give the same buckets.
    ///
    /// - Complexity: O(n log n) for quantiles; O(rows × components × dimensions²) for each of up to 100 rounds of a
    ///   mixture, on at most 20,000 rows.
    package init(fitting bucketing: Bucketing, to columns: ReferenceColumns) throws(FittingError) {
        self.bucketing = bucketing
        classCount = columns.kind.classCount
        switch bucketing.method {
        case .scoreQuantiles(let count):
            form = .scoreCells(Self.scoreCells(columns, count: count))
        case .gaussianMixture(let components, let seed):
            guard let mixture = GaussianMixture(fitting: columns, components: components, seed: seed) else {
                throw .noNumericColumn
            }
            form = .mixture(mixture)
        case .category(let name):
            guard let index = columns.features.firstIndex(where: { $0.name == name }) else {
                throw .unknownFeature(name, known: columns.features.map(\.name))
            }
            form = .category(CategoryBuckets(fitting: columns.features[index].values, feature: index))
        case .custom(let name, let count):
            form = .custom(name: name, count: count)
        }
        if count > Self.countLimit { throw .tooManyBuckets(count) }
    }

    private static func scoreCells(_ columns: ReferenceColumns, count: Int) -> ScoreBins {
        switch columns.kind {
        case .binary(let threshold):
            let isPositive = columns.labels.map { $0 == 1 }
            return .quantiles(of: columns.scores, isPositive: isPositive, count: count, including: [threshold])
        case .multiclass:
            // Right and wrong predictions take the places of the two classes.
            let isRight = columns.labels.indices.map { columns.labels[$0] == Double(columns.classes[$0]) }
            return .quantiles(of: columns.scores, isPositive: isRight, count: count)
        case .regression:
            return .quantiles(of: columns.scores, isPositive: nil, count: count)
        }
    }

    /// The bucket of a row, in 0..<count.
    package func assign<Features: FeatureSource & ~Copyable>(
        score: Double, predictedClass: Int, features: borrowing Features, featureCount: Int = 0
    ) -> Int {
        switch form {
        case .scoreCells(let bins):
            return bins.index(of: score) &* classCount &+ min(max(predictedClass, 0), classCount &- 1)
        case .mixture(let mixture):
            return mixture.component(score: score, predictedClass: predictedClass, features: features)
        case .category(let categories):
            return categories.bucket(of: features)
        case .custom(_, let count):
            guard let assign = bucketing.assign else { return count }
            let input = BucketInput(
                score: score, predictedClass: predictedClass,
                numbers: (0..<featureCount).map { features.number(at: $0) },
                texts: (0..<featureCount).map { features.text(at: $0) })
            let bucket = assign(input)
            return bucket >= 0 && bucket < count ? bucket : count
        }
    }

    /// The bucket of a row where `needsFeatures` is false.
    package func assign(score: Double, predictedClass: Int) -> Int {
        assign(score: score, predictedClass: predictedClass, features: FeatureRow())
    }

    /// The bucket of each reference row.
    package func assign(_ columns: ReferenceColumns) -> [Int] {
        let featureCount = columns.features.count
        return (0..<columns.rowCount).map {
            assign(
                score: columns.scores[$0], predictedClass: columns.classes[$0], features: columns.row($0),
                featureCount: featureCount)
        }
    }
}

extension FittedBuckets: Equatable {
    package static func == (left: FittedBuckets, right: FittedBuckets) -> Bool {
        left.bucketing == right.bucketing && left.form == right.form && left.classCount == right.classCount
    }

    /// The buckets as bytes, with a version before them; a closure is not among them.
    package func write(to writer: inout ByteWriter) {
        writer.append(UInt8(1))
        writer.append(varint: UInt64(classCount))
        bucketing.write(to: &writer)
        switch form {
        case .scoreCells(let bins): bins.write(to: &writer)
        case .mixture(let mixture): mixture.write(to: &writer)
        case .category(let categories): categories.write(to: &writer)
        case .custom: break
        }
    }

    /// Buckets from bytes that `write` made.
    ///
    /// - Parameter closures: where the closure of a custom bucketing is found again: one with an equal description.
    /// - Throws: `FormatError` for any other bytes, without trapping.
    package init(from reader: inout ByteReader, closures: [Bucketing] = []) throws(FormatError) {
        let start = reader.offset
        let version = try reader.read(UInt8.self)
        guard version == 1 else { throw FormatError(.unsupported, "version \(version) of buckets", at: start) }
        classCount = try reader.readCount(limit: TaskKind.classLimit, of: "classes")
        guard classCount > 0 else { throw FormatError(.invalid, "buckets of no class", at: start) }
        let read = try Bucketing(from: &reader)
        bucketing = closures.first { $0 == read } ?? read
        switch read.method {
        case .scoreQuantiles:
            form = .scoreCells(try ScoreBins(from: &reader))
        case .gaussianMixture:
            form = .mixture(try GaussianMixture(from: &reader))
        case .category:
            form = .category(try CategoryBuckets(from: &reader))
        case .custom(let name, let count):
            form = .custom(name: name, count: count)
        }
        guard count <= Self.countLimit else { throw FormatError(.invalid, "\(count) buckets", at: start) }
    }
}
