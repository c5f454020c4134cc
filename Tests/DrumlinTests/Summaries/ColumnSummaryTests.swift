import ColumnFormat
import ColumnStore
import TestSupport
import Testing

@testable import Drumlin

/// Summaries add, whatever the order and the parts, and read back as they were written.
struct ColumnSummaryTests {
    private typealias Generator = TestSupport.SeededGenerator

    private static let special: [Double] = [
        0, -0.0, 1, -1, 2.75, 255, 256, 257, .infinity, -.infinity, .nan, .leastNonzeroMagnitude,
        -.leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1e-300, 0.1, 1e300,
    ]

    private static func values(_ count: Int, _ random: inout Generator) -> [Double?] {
        (0..<count).map { _ in
            switch Int.random(in: 0..<10, using: &random) {
            case 0: nil
            case 1...3: special.randomElement(using: &random)
            case 4...6: Double(Int.random(in: -300...300, using: &random))
            default: Double.random(in: -1e4...1e4, using: &random)
            }
        }
    }

    private static func summary(_ values: [Double?]) -> ColumnSummary {
        let column = ColumnBuilder(type: .float64, capacity: values.count)
        for value in values {
            if let value { _ = column.append(value: .float64(value)) } else { column.appendNull() }
        }
        let builder = ColumnSummaryBuilder(.number)
        builder.add(column.snapshot())
        return builder.result
    }

    @Test func partsInAnyOrderMakeTheWhole() {
        var random = Generator(seed: 21)
        for _ in 0..<20 {
            let values = Self.values(600, &random)
            let whole = Self.summary(values)
            #expect(Self.summary(values.shuffled(using: &random)) == whole)
            let cut = Int.random(in: 0...600, using: &random)
            var parts = Self.summary(Array(values[..<cut]))
            parts += Self.summary(Array(values[cut...]))
            #expect(parts == whole)
            parts -= Self.summary(Array(values[..<cut]))
            #expect(parts == Self.summary(Array(values[cut...])))
        }
    }

    @Test func cellsAreInTheOrderOfTheirValues() {
        var random = Generator(seed: 22)
        let values = (Self.special + Self.values(2_000, &random).compactMap { $0 }).filter { !$0.isNaN }.sorted()
        for (left, right) in zip(values, values.dropFirst()) {
            #expect(ValueCell.find(left).key <= ValueCell.find(right).key, "\(left), \(right)")
        }
        for value in values {
            let (key, fraction) = ValueCell.find(value)
            let found = ValueCell.value(key, at: Double(fraction) / 4_294_967_296)
            if value.isFinite, value.magnitude >= .leastNormalMagnitude {
                #expect((found - value).magnitude <= value.magnitude * 1e-11, "\(value)")
                #expect(ValueCell.width(key) <= value.magnitude / 128, "\(value)")
            } else if value.isInfinite {
                #expect(found == value)
                #expect(ValueCell.isInfinite(key))
            }
        }
    }

    @Test func bytesGiveTheSummaryBack() throws {
        var random = Generator(seed: 23)
        var summaries = [Self.summary([]), Self.summary([nil, nil]), Self.summary(Self.values(500, &random))]
        let texts = ColumnBuilder(type: .string, capacity: 4)
        for text in ["a", "b", "a", ""] { _ = texts.append(value: .string(text)) }
        texts.appendNull()
        for form in [ColumnSummary.Form.text, .opaque] {
            let builder = ColumnSummaryBuilder(form)
            builder.add(texts.snapshot())
            summaries.append(builder.result)
        }
        #expect(summaries[3].hashes.max() == 2)
        #expect(summaries[3].distinctCount == 3)
        for summary in summaries {
            let bytes = summary.bytes
            #expect(try Self.read(bytes) == summary)
            for length in 0..<min(bytes.count, 400) {
                #expect(throws: FormatError.self) { try Self.read(Array(bytes[..<length])) }
            }
            // Damage is an error or another summary, and never traps.
            for place in 0..<min(bytes.count, 400) {
                for bit in 0..<8 {
                    var damaged = bytes
                    damaged[place] ^= 1 << bit
                    guard let other = try? Self.read(damaged) else { continue }
                    _ = (other.moments, other.quantile(0.5), other.distinctCount)
                    _ = ColumnComparison(summary, other)?.result(.populationStability)
                }
            }
        }
    }

    private static func read(_ bytes: [UInt8]) throws -> ColumnSummary {
        try unsafe bytes.withUnsafeBytes { raw in
            var reader = unsafe ByteReader(raw)
            let summary = try ColumnSummary(from: &reader)
            guard reader.remaining == 0 else { throw FormatError(.invalid, "bytes are left") }
            return summary
        }
    }

    @Test func groupsHoldEachValueOnceAndKeepFrequentOnesApart() {
        var random = Generator(seed: 24)
        var values = (0..<2_000).map { _ in Optional(Double.random(in: 0...100, using: &random)) }
        values += Array(repeating: 50, count: 1_500)
        let reference = Self.summary(values)
        let groups = ColumnGroups(reference)
        let counts = groups.counts(reference)
        #expect(counts.reduce(0, +) == 3_500)
        #expect(counts.contains { $0 >= 1_500 && $0 <= 1_540 })
        #expect((6...14).contains(counts.count), "\(counts)")
        // What was never seen is not among what was.
        let constant = Self.summary(Array(repeating: 3, count: 100))
        let apart = ColumnGroups(constant)
        #expect(apart.counts(constant) == [0, 100, 0])
        #expect(apart.counts(Self.summary([2, 4, 4])) == [1, 0, 2])
    }
}
