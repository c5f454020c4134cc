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
        case leaves(LeafPair)
        case grid(GridBuckets)
        case single
        case chances(ChanceModel)
        case classes(ClassChanceModel)
        case confidence(ConfidenceBins)
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
        case .leaves(let pair): pair.first.leafCount * pair.second.leafCount
        case .grid(let grid): grid.count
        case .single: 1
        case .chances(let model): model.levels.count
        case .classes(let model): model.bins.count * classCount
        case .confidence(let confidence): confidence.bins.count
        }
    }

    /// How they are counted.
    package var shape: EpochShape {
        switch form {
        case .chances(let model): .levels(model.levels)
        case .classes: .classes(count: count)
        case .leaves(let pair): .pairs(first: pair.first.leafCount, second: pair.second.leafCount)
        default: .buckets(count: count, fixesClass: fixesClass)
        }
    }

    /// P(label 1) by bucket, where that is what buckets are.
    var chances: [Double]? {
        guard case .chances(let model) = form else { return nil }
        return model.levels.chances.map { Double($0) / LevelTable.unit }
    }

    /// What tells the confidence of a row, where that is what buckets are made of.
    var confidence: ConfidenceBins? {
        guard case .confidence(let bins) = form else { return nil }
        return bins
    }

    /// What gives rows chances of each class, where there is such a model.
    var classModel: ClassChanceModel? {
        guard case .classes(let model) = form else { return nil }
        return model
    }

    /// How many places their statistics have.
    package var placeCount: Int { shape.placeCount(classCount: classCount) }

    /// Whether bucket b holds rows of predicted class b mod K only.
    package var fixesClass: Bool {
        switch form {
        case .scoreCells, .chances, .classes: true
        default: classCount == 1
        }
    }

    /// Whether `assign` reads features; if not, any `FeatureRow()` will do.
    package var needsFeatures: Bool {
        switch form {
        case .scoreCells, .classes, .confidence, .single: false
        case .chances(let model): model.needsFeatures
        default: true
        }
    }

    /// Whether the labels of the reference have a part in what the buckets are, beyond where edges lie.
    var isShapedByLabels: Bool {
        switch form {
        case .leaves, .chances, .classes: true
        default: false
        }
    }

    /// Whether this is a custom bucketing without its closure, which puts every row in the last bucket.
    package var isWithoutClosure: Bool { if case .custom = form { bucketing.assign == nil } else { false } }

    /// What cannot be fitted.
    package enum FittingError: Error, Equatable, CustomStringConvertible, Sendable {
        case unknownFeature(String, known: [String])
        case noNumericColumn
        case tooManyBuckets(Int)
        case badGrid
        case wrongKind(bucketing: String, kind: String)

        package var description: String {
            switch self {
            case .unknownFeature(let name, let known):
                "no feature is called \"\(name)\"; the features are \(known.joined(separator: ", "))"
            case .noNumericColumn:
                "a Gaussian mixture needs a numeric feature or a numeric prediction"
            case .badGrid:
                "a grid has 1 to 64 features"
            case .wrongKind(let bucketing, let kind):
                "\(bucketing) is not for \(kind) tasks"
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
        case .lossTree(let leaves, let seed):
            guard columns.kind.isRegression else {
                throw .wrongKind(bucketing: bucketing.description, kind: columns.kind.name)
            }
            form = .leaves(LeafPair(fitting: columns, leaves: leaves, seed: seed))
        case .grid(let names, let quantiles):
            guard (1...64).contains(names.count) else { throw .badGrid }
            var features: [Int] = []
            for name in names {
                guard let index = columns.features.firstIndex(where: { $0.name == name }) else {
                    throw .unknownFeature(name, known: columns.features.map(\.name))
                }
                features.append(index)
            }
            form = .grid(GridBuckets(fitting: columns, features: features, quantiles: quantiles))
        case .single: form = .single
        case .chances(let trees, let seed):
            guard columns.kind.isBinary else {
                throw .wrongKind(bucketing: bucketing.description, kind: columns.kind.name)
            }
            form = .chances(ChanceModel(fitting: columns, treeCount: trees, seed: seed))
        case .classChances:
            guard columns.kind.isMulticlass else {
                throw .wrongKind(bucketing: bucketing.description, kind: columns.kind.name)
            }
            let cells = Self.scoreCells(columns, count: ClassChanceModel.quantileCount(classCount: classCount))
            form = .classes(ClassChanceModel(fitting: columns, bins: cells))
        case .confidence:
            guard !columns.kind.isRegression else {
                throw .wrongKind(bucketing: bucketing.description, kind: columns.kind.name)
            }
            form = .confidence(ConfidenceBins(fitting: columns))
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
        case .classes(let model):
            return model.bins.index(of: score) &* classCount &+ min(max(predictedClass, 0), classCount &- 1)
        case .confidence(let confidence):
            return confidence.bin(score: score, predictedClass: predictedClass)
        case .mixture(let mixture):
            return mixture.component(score: score, predictedClass: predictedClass, features: features)
        case .category(let categories):
            return categories.bucket(of: features)
        case .leaves(let pair):
            return pair.bucket(score: score, predictedClass: predictedClass, features: features)
        case .grid(let grid): return grid.bucket(of: features)
        case .single: return 0
        case .chances(let model):
            return model.level(score: score, predictedClass: predictedClass, features: features)
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

    /// The place of the statistics that each reference row counts in, given its bucket.
    func places(of assigned: [Int], _ columns: ReferenceColumns) -> [Int] {
        switch form {
        case .chances(let model):
            assigned.indices.map {
                Int(model.levels.groups[assigned[$0]]) * classCount + min(max(columns.classes[$0], 0), classCount - 1)
            }
        case .leaves(let pair):
            // The trees of one half take their statistics from the other.
            assigned.indices.map { row in
                LeafPair.isInFirstHalf(row: columns.position(of: row), seed: pair.seed)
                    ? pair.first.leafCount + assigned[row] % pair.second.leafCount
                    : assigned[row] / pair.second.leafCount
            }
        default: assigned
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
        case .leaves(let pair): pair.write(to: &writer)
        case .grid(let grid): grid.write(to: &writer)
        case .chances(let model): model.write(to: &writer)
        case .classes(let model): model.write(to: &writer)
        case .confidence(let confidence): confidence.write(to: &writer)
        case .custom, .single: break
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
        case .lossTree: form = .leaves(try LeafPair(from: &reader))
        case .grid: form = .grid(try GridBuckets(from: &reader))
        case .single: form = .single
        case .chances: form = .chances(try ChanceModel(from: &reader))
        case .confidence: form = .confidence(try ConfidenceBins(from: &reader))
        case .classChances: form = .classes(try ClassChanceModel(from: &reader, classCount: classCount))
        }
        guard count <= Self.countLimit else { throw FormatError(.invalid, "\(count) buckets", at: start) }
    }
}
