import ColumnFormat

/// One bucket for each value of a feature in the reference. Bucket 0 is for missing values, 1 for values that the
/// reference does not have, value i has bucket i + 2.
package struct CategoryBuckets: Sendable, Equatable {
    /// More values than these share the bucket of the unknown ones; the most frequent have their own.
    package static let valueLimit = 1_000

    let feature: Int
    /// Text values, or numbers, in ascending order: one of the two is empty.
    let texts: [String]
    let numbers: [Double]
    private let bucketOfText: [String: Int]

    package var count: Int { texts.count + numbers.count + 2 }

    private init(feature: Int, texts: [String], numbers: [Double]) {
        self.feature = feature
        self.texts = texts
        self.numbers = numbers
        bucketOfText = Dictionary(texts.enumerated().map { ($1, $0 + 2) }, uniquingKeysWith: { first, _ in first })
    }

    init(fitting values: ReferenceColumns.Values, feature: Int) {
        switch values {
        case .numbers(let values):
            self.init(feature: feature, texts: [], numbers: Self.mostFrequent(values.lazy.filter { !$0.isNaN }))
        case .texts(let values):
            self.init(feature: feature, texts: Self.mostFrequent(values.lazy.compactMap { $0 }), numbers: [])
        }
    }

    private static func mostFrequent<Value: Hashable & Comparable>(_ values: some Sequence<Value>) -> [Value] {
        var counts: [Value: Int] = [:]
        for value in values { counts[value, default: 0] += 1 }
        let ranked = counts.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
        return ranked.prefix(valueLimit).map(\.key).sorted()
    }

    func bucket<Features: FeatureSource & ~Copyable>(of features: borrowing Features) -> Int {
        if numbers.isEmpty {
            guard let text = features.text(at: feature) else { return 0 }
            return bucketOfText[text] ?? 1
        }
        let number = features.number(at: feature)
        guard !number.isNaN else { return 0 }
        let index = ScoreBins.index(of: number, in: numbers, from: 0, count: numbers.count) - 1
        return index >= 0 && numbers[index] == number ? index + 2 : 1
    }

    func write(to writer: inout ByteWriter) {
        writer.append(varint: UInt64(feature))
        writer.append(varint: UInt64(texts.count))
        for text in texts { writer.append(string: text) }
        writer.append(varint: UInt64(numbers.count))
        for number in numbers { writer.append(number) }
    }

    init(from reader: inout ByteReader) throws(FormatError) {
        let start = reader.offset
        let feature = try reader.readCount(limit: 1 << 20, of: "features")
        var texts: [String] = []
        for _ in 0..<(try reader.readCount(limit: Self.valueLimit, of: "values")) {
            texts.append(try reader.readString(limit: 1 << 24))
        }
        var numbers: [Double] = []
        for _ in 0..<(try reader.readCount(limit: Self.valueLimit, of: "values")) {
            numbers.append(try reader.readDouble())
        }
        guard zip(numbers, numbers.dropFirst()).allSatisfy({ $0 < $1 }), Set(texts).count == texts.count,
            texts.isEmpty || numbers.isEmpty
        else { throw FormatError(.invalid, "values of a category are not in order", at: start) }
        self.init(feature: feature, texts: texts, numbers: numbers)
    }
}
