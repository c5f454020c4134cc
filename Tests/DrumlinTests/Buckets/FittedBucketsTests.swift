import ColumnFormat
import Testing

@testable import Drumlin

@Suite("Buckets")
struct FittedBucketsTests {
    private static func task(_ seed: UInt64 = 1, count: Int = 600) -> SyntheticTask {
        var generator = SeededGenerator(seed: seed)
        return SyntheticTask.binary(count: count, generator: &generator)
    }

    /// A reference with a numeric feature, one with missing values, and a text.
    private static func reference(count: Int = 600) -> ReferenceColumns {
        let task = task(count: count)
        var reference = task.reference
        reference.features.append(
            .init(name: "gaps", values: .numbers(task.features.enumerated().map { $0 % 5 == 0 ? .nan : 100 * $1 })))
        reference.features.append(
            .init(name: "place", values: .texts((0..<count).map { $0 % 7 == 0 ? nil : "place \($0 % 3)" })))
        return reference
    }

    private static let bucketings: [Bucketing] = [
        .scoreQuantiles(20), .gaussianMixture(components: 4, seed: 3), .category("place"), .category("gaps"),
        .grid(["gaps", "place"], quantiles: 3), .chances(trees: 0), .chances(trees: 4), .chances(trees: 16, seed: 2),
        .custom(count: 3, name: "by class") { $0.predictedClass + (($0.texts.last ?? nil) == nil ? 1 : 0) },
    ]

    private static func bytes(_ buckets: FittedBuckets) -> [UInt8] {
        var writer = ByteWriter()
        buckets.write(to: &writer)
        return writer.bytes
    }

    private static func read(_ bytes: [UInt8], closures: [Bucketing] = []) throws -> FittedBuckets {
        try unsafe bytes.withUnsafeBytes {
            var reader = unsafe ByteReader($0)
            return try FittedBuckets(from: &reader, closures: closures)
        }
    }

    @Test("are the same for the same rows, hold every row, and come back from bytes", arguments: bucketings.indices)
    func areDeterministic(index: Int) throws {
        let bucketing = Self.bucketings[index]
        let reference = Self.reference()
        let buckets = try FittedBuckets(fitting: bucketing, to: reference)
        let again = try FittedBuckets(fitting: bucketing, to: reference)
        let assigned = buckets.assign(reference)
        #expect(Self.bytes(buckets) == Self.bytes(again))
        #expect(assigned.allSatisfy { $0 >= 0 && $0 < buckets.count })
        #expect(Set(assigned).count > 1)
        let read = try Self.read(Self.bytes(buckets), closures: Self.bucketings)
        #expect(read == buckets)
        #expect(read.assign(reference) == assigned)
    }

    @Test("are refused from bytes that are cut, and never trap on changed ones", arguments: bucketings.indices)
    func refuseBadBytes(index: Int) throws {
        let reference = Self.reference(count: 60)
        let bucketing = index == 3 ? Bucketing.category("feature") : Self.bucketings[index]
        let bytes = Self.bytes(try FittedBuckets(fitting: bucketing, to: reference))
        let step = max(1, bytes.count / 1_200)
        for count in stride(from: 0, to: bytes.count, by: step) {
            #expect(throws: FormatError.self) { try Self.read(Array(bytes.prefix(count))) }
        }
        for position in stride(from: 0, to: bytes.count, by: step) {
            var changed = bytes
            changed[position] ^= position % 2 == 0 ? 0xFF : 0x01
            guard let read = try? Self.read(changed, closures: Self.bucketings) else { continue }
            let features = FeatureRow(numbers: [0.2, .nan], texts: [nil, nil, "place 1"])
            let bucket = read.assign(score: 0.4, predictedClass: 1, features: features, featureCount: 3)
            #expect(bucket >= 0 && bucket < read.count)
        }
    }

    @Test("of scores know the predicted class, also where it is not score ≥ threshold")
    func knowTheClass() throws {
        let buckets = try FittedBuckets(fitting: .scoreQuantiles(20), to: Self.reference())
        #expect(buckets.fixesClass && !buckets.needsFeatures)
        for score in stride(from: 0.0, through: 1, by: 0.01) {
            #expect(buckets.assign(score: score, predictedClass: 0) % 2 == 0)
            #expect(
                buckets.assign(score: score, predictedClass: 1) == buckets.assign(score: score, predictedClass: 0) + 1)
        }
        // The threshold is an edge.
        let (below, above) = (0.5.nextDown, 0.5)
        #expect(buckets.assign(score: below, predictedClass: 0) < buckets.assign(score: above, predictedClass: 0))
        #expect((21...23).contains(buckets.count / 2))
    }

    @Test("of categories: one a value, one for what is new, one for what is missing")
    func separateCategories() throws {
        let buckets = try FittedBuckets(fitting: .category("place"), to: Self.reference())
        #expect(buckets.count == 5 && buckets.needsFeatures && !buckets.fixesClass)
        func bucket(_ text: String?) -> Int {
            buckets.assign(score: 0.1, predictedClass: 0, features: FeatureRow(texts: [nil, nil, text]))
        }
        #expect(bucket(nil) == 0)
        #expect(bucket("elsewhere") == 1)
        #expect([bucket("place 0"), bucket("place 1"), bucket("place 2")] == [2, 3, 4])
        let hours = ReferenceColumns(
            kind: .regression, scores: [1, 2, 3], classes: [0, 0, 0], labels: [1, 2, 3],
            features: [.init(name: "hour", values: .numbers([23, 7, 7]))])
        let byHour = try FittedBuckets(fitting: .category("hour"), to: hours)
        let found = [7, 23, 8, .nan].map {
            byHour.assign(score: 0, predictedClass: 0, features: FeatureRow(numbers: [$0]))
        }
        #expect(found == [2, 3, 1, 0])
    }

    @Test("an unknown feature is an error that lists the known ones")
    func refuseUnknownFeatures() {
        let error = #expect(throws: FittedBuckets.FittingError.self) {
            try FittedBuckets(fitting: .category("plaice"), to: Self.reference())
        }
        #expect(error?.description == "no feature is called \"plaice\"; the features are feature, gaps, place")
    }

    @Test("of your own get the row, and an extra bucket takes what is out of range")
    func callTheClosure() throws {
        let bucketing = Bucketing.custom(count: 2, name: "odd") { row in
            row.numbers[0].isNaN ? -5 : Int(row.numbers[0])
        }
        let buckets = try FittedBuckets(fitting: bucketing, to: Self.reference())
        #expect(buckets.count == 3)
        func bucket(_ number: Double, _ buckets: FittedBuckets) -> Int {
            buckets.assign(score: 0, predictedClass: 0, features: FeatureRow(numbers: [number]), featureCount: 1)
        }
        #expect([0, 1, 2, .nan].map { bucket($0, buckets) } == [0, 1, 2, 2])
        let without = try Self.read(Self.bytes(buckets))
        #expect(without.isWithoutClosure)
        #expect(bucket(1, without) == 2)
        let with = try Self.read(Self.bytes(buckets), closures: [.standard, bucketing])
        #expect(!with.isWithoutClosure)
        #expect(bucket(1, with) == 1)
    }

    @Test("too many are refused")
    func refuseTooMany() {
        let classes = (0..<256).map { "\($0)" }
        let reference = ReferenceColumns(
            kind: .multiclass(classes: classes, hasProbabilities: false), scores: (0..<2_000).map { Double($0) },
            classes: (0..<2_000).map { $0 % 256 }, labels: (0..<2_000).map { Double($0 % 256) })
        #expect(throws: FittedBuckets.FittingError.self) {
            try FittedBuckets(fitting: .scoreQuantiles(1_000), to: reference)
        }
    }
}

@Suite("A Gaussian mixture")
struct GaussianMixtureTests {
    /// Three clouds with different covariances, far enough apart.
    private static func clouds(count: Int) -> (reference: ReferenceColumns, cloud: [Int]) {
        var generator = SeededGenerator(seed: 8)
        var (x, y, scores, cloud) = ([Double](), [Double](), [Double](), [Int]())
        for row in 0..<count {
            let (u, v) = (generator.normal(), generator.normal())
            cloud.append(row % 3)
            let (left, right) =
                switch row % 3 {
                case 0: (1_000 + 10 * u, 0.01 * (u + 0.1 * v))
                case 1: (1_200 + 10 * u, 0.01 * (9 - u + 0.1 * v))
                default: (1_100 + 30 * u, 0.01 * (20 + v))
                }
            x.append(left)
            y.append(right)
            scores.append(SyntheticTask.logistic(generator.normal()))
        }
        let reference = ReferenceColumns(
            kind: .binary(), scores: scores, classes: scores.map { $0 >= 0.5 ? 1 : 0 },
            labels: scores.map { generator.uniform() < $0 ? 1 : 0 },
            features: [.init(name: "x", values: .numbers(x)), .init(name: "y", values: .numbers(y))])
        return (reference, cloud)
    }

    @Test("finds clouds that are there")
    func findsClouds() throws {
        let (reference, cloud) = Self.clouds(count: 900)
        let buckets = try FittedBuckets(fitting: .gaussianMixture(components: 3, seed: 1), to: reference)
        let assigned = buckets.assign(reference)
        for component in 0..<3 {
            let members = zip(assigned, cloud).filter { $0.0 == component }.map(\.1)
            let largest = (0..<3).map { one in members.filter { $0 == one }.count }.max() ?? 0
            #expect(Double(largest) > 0.97 * Double(members.count) && members.count > 250)
        }
    }

    @Test("takes missing, infinite and absurd values, constant columns and few rows")
    func takesBadColumns() throws {
        let row = FeatureRow(numbers: [.nan, .infinity])
        for count in [1, 2, 5, 40] {
            var (reference, _) = Self.clouds(count: count)
            reference.features.append(.init(name: "constant", values: .numbers([Double](repeating: 7, count: count))))
            reference.features.append(.init(name: "empty", values: .numbers([Double](repeating: .nan, count: count))))
            let buckets = try FittedBuckets(fitting: .gaussianMixture(components: 10, seed: 0), to: reference)
            #expect(buckets.count <= count)
            for score in [0, 0.5, 1, .nan, 1e300] {
                let bucket = buckets.assign(score: score, predictedClass: 1, features: row)
                #expect(bucket >= 0 && bucket < buckets.count)
            }
        }
    }

    @Test("depends on its seed only")
    func dependsOnTheSeed() throws {
        let (reference, _) = Self.clouds(count: 300)
        let first = try FittedBuckets(fitting: .gaussianMixture(components: 6, seed: 1), to: reference)
        let same = try FittedBuckets(fitting: .gaussianMixture(components: 6, seed: 1), to: reference)
        let other = try FittedBuckets(fitting: .gaussianMixture(components: 6, seed: 2), to: reference)
        #expect(first == same)
        #expect(first != other)
    }

    @Test("needs a numeric column")
    func needsANumber() {
        let reference = ReferenceColumns(
            kind: .binary(), scores: [.nan, .nan], classes: [0, 1], labels: [0, 1],
            features: [.init(name: "place", values: .texts(["a", "b"]))])
        #expect(throws: FittedBuckets.FittingError.noNumericColumn) {
            try FittedBuckets(fitting: .gaussianMixture(), to: reference)
        }
    }
}
