internal import ColumnFormat

/// What decision trees ask about a row: its features as numbers, its score and its predicted class.
///
/// A text is the rank of its value among those that the reference has, in the order of their mean target; a value that
/// the reference does not have is missing, and a missing value is below every threshold.
struct TreeInputs: Sendable, Equatable {
    static let score = -1
    static let predictedClass = -2
    /// More values of a text than these are taken for missing; the most frequent have ranks.
    static let valueLimit = 1_000

    /// Positions among the features, or `score` or `predictedClass`.
    let sources: [Int]
    /// The ranks of a text's values; nil for numbers.
    let ranks: [[String: Double]?]

    var count: Int { sources.count }

    /// - Parameters:
    ///   - target: what texts are ordered by, for each of `rows`.
    ///   - rows: the reference rows that are used.
    init(fitting columns: ReferenceColumns, target: [Double], rows: [Int]) {
        var sources = Array(columns.features.indices)
        sources.append(Self.score)
        if columns.kind.classCount > 1 { sources.append(Self.predictedClass) }
        self.sources = sources
        ranks = sources.map { source in
            guard source >= 0, case .texts(let values) = columns.features[source].values else { return nil }
            return Self.ranks(of: values, target: target, rows: rows)
        }
    }

    private static func ranks(of values: [String?], target: [Double], rows: [Int]) -> [String: Double] {
        var sums: [String: (count: Double, sum: Double)] = [:]
        for (place, row) in rows.enumerated() {
            guard let value = values[row] else { continue }
            let known = sums[value] ?? (0, 0)
            sums[value] = (known.count + 1, known.sum + target[place])
        }
        var kept = sums.map { (text: $0.key, count: $0.value.count, mean: $0.value.sum / $0.value.count) }
        if kept.count > valueLimit {
            kept.sort { $0.count != $1.count ? $0.count > $1.count : $0.text < $1.text }
            kept.removeSubrange(valueLimit...)
        }
        kept.sort { $0.mean != $1.mean ? $0.mean < $1.mean : $0.text < $1.text }
        return Dictionary(kept.enumerated().map { ($1.text, Double($0 + 1)) }, uniquingKeysWith: { first, _ in first })
    }

    /// The values of one input for some reference rows.
    func column(_ input: Int, of columns: ReferenceColumns, rows: [Int]) -> [Double] {
        let source = sources[input]
        switch source {
        case Self.score: return rows.map { columns.scores[$0] }
        case Self.predictedClass: return rows.map { Double(columns.classes[$0]) }
        default:
            switch columns.features[source].values {
            case .numbers(let values): return rows.map { values[$0] }
            case .texts(let values):
                guard let ranks = ranks[input] else { return rows.map { _ in .nan } }
                return rows.map { row in values[row].flatMap { ranks[$0] } ?? .nan }
            }
        }
    }

    /// Calls `body` with a row's inputs, which lie on the stack.
    @inline(__always)
    func withValues<Features: FeatureSource & ~Copyable, R>(
        score: Double, predictedClass: Int, features: borrowing Features,
        _ body: (UnsafeMutableBufferPointer<Double>) -> R
    ) -> R {
        unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: sources.count) { values in
            for input in 0..<sources.count {
                let value: Double
                switch sources[input] {
                case Self.score: value = score
                case Self.predictedClass: value = Double(predictedClass)
                case let feature:
                    if let ranks = ranks[input] {
                        value = features.text(at: feature).flatMap { ranks[$0] } ?? .nan
                    } else {
                        value = features.number(at: feature)
                    }
                }
                unsafe values.initializeElement(at: input, to: value)
            }
            return unsafe body(values)
        }
    }

    func write(to writer: inout ByteWriter) {
        writer.append(varint: UInt64(sources.count))
        for (source, ranks) in zip(sources, ranks) {
            writer.append(zigzag: Int64(source))
            writer.append(UInt8(ranks == nil ? 0 : 1))
            guard let ranks else { continue }
            // In the order of their ranks, which are 1, 2, 3 …
            writer.append(varint: UInt64(ranks.count))
            for (text, _) in ranks.sorted(by: { $0.value < $1.value }) { writer.append(string: text) }
        }
    }

    init(from reader: inout ByteReader) throws(FormatError) {
        let start = reader.offset
        var sources: [Int] = []
        var ranks: [[String: Double]?] = []
        for _ in 0..<(try reader.readCount(limit: 1 << 16, of: "inputs")) {
            let source = try reader.readZigzag()
            guard source >= -2, source < 1 << 20 else {
                throw FormatError(.invalid, "input \(source) of a tree", at: start)
            }
            sources.append(Int(source))
            guard try reader.read(UInt8.self) != 0 else {
                ranks.append(nil)
                continue
            }
            var values: [String: Double] = [:]
            for rank in 0..<(try reader.readCount(limit: Self.valueLimit, of: "values")) {
                let text = try reader.readString(limit: 1 << 24)
                guard values.updateValue(Double(rank + 1), forKey: text) == nil else {
                    throw FormatError(.invalid, "a value of a text twice", at: start)
                }
            }
            ranks.append(values)
        }
        self.sources = sources
        self.ranks = ranks
    }
}
