import ColumnFormat
import Testing

@testable import ColumnEncoding

/// Sums and ratios of columns that come as frames, constants or codes give what they give row by row.
@Suite struct RelationFormTests {
    private static let count = 3_100

    /// Decimals of a few digits from −`limit` to `limit` units of 10^−`exponent`.
    private static func add(
        _ name: String, _ type: ColumnType, limit: Int64, exponent: Int, to block: inout TestBlock,
        _ random: inout SplitMix
    ) {
        let power = DecimalNode.powers[exponent]
        block.add(name, type, count: count) { builder, row in
            let digits = Int64(random.next() % UInt64(2 * limit + 1)) - limit
            let kept = row == 700 ? limit : row == 701 ? -limit : digits
            switch type {
            case .float32: builder.append(Float(Double(kept) / power))
            case .float64: builder.append(Double(kept) / power)
            default: _ = builder.append(value: .int(kept))
            }
        }
    }

    @Test(arguments: [ColumnType.float32, .float64], [ColumnType.float32, .float64, .int64, .int16])
    func sumsOfDecimalsInFrames(source: ColumnType, target: ColumnType) throws {
        var random = SplitMix(state: 77)
        // At the bounds where digits are no longer those of the frame, and on both sides of them.
        for limit in [3, 9_000, (1 << 21) - 1, 1 << 21, 1 << 22, 1 << 24, 1 << 30, (1 << 48) - 1, 1 << 49] as [Int64] {
            var block = TestBlock()
            Self.add("wide", source, limit: limit, exponent: 2, to: &block, &random)
            Self.add("coarse", source, limit: max(limit / 100, 1), exponent: 0, to: &block, &random)
            Self.add("whole", .int32, limit: min(limit, 1 << 20), exponent: 0, to: &block, &random)
            block.add("few", source, count: Self.count) { builder, row in
                let value = [0.5, 1.25, 33, -7][row * row % 4]
                if source == .float32 { builder.append(Float(value)) } else { builder.append(value) }
            }
            block.add("one", .float64, count: Self.count) { builder, _ in builder.append(2.75) }
            block.add("t", target, count: Self.count) { builder, _ in builder.appendNull() }
            for isAbsolute in [false, true] {
                let terms = [
                    Relation.Sum.Term(exponent: 2), .init(exponent: 2, coefficient: -3), .init(coefficient: 100),
                    .init(exponent: 2), .init(exponent: 2, coefficient: 7),
                ]
                let sum = Relation.Sum(terms: terms, constant: -11, divisor: 100, isAbsolute: isAbsolute)
                let relation = Relation(sources: [0, 1, 2, 3, 4], form: .sum(sum))
                block.columns[5] = RelationTests.results(of: relation, in: block)
                let page = try block.expectRoundTrip(5, as: relation, "limit \(limit) of \(source.name)")
                #expect(!page.encoding.contains("patches"))
            }
        }
    }

    @Test func quotientsOfDecimalsInFrames() throws {
        var random = SplitMix(state: 78)
        for (limit, divisors) in [(900, 80), (1 << 21, 167_000), (1 << 21, 168_000), (1 << 23, 9)] as [(Int64, UInt64)]
        {
            var block = TestBlock()
            Self.add("distance", .float32, limit: limit, exponent: 2, to: &block, &random)
            let distances = block.columns[0]
            block.add("t", .float32, count: Self.count) { builder, row in
                let divisor = Int32(random.next() % (2 * divisors)) - Int32(divisors)
                let digits = (distances.double(at: row) * 100).rounded(.toNearestOrEven)
                builder.append(Float(digits / (Double(divisor == 0 ? 1 : divisor) * 100)))
            }
            let relation = Relation(sources: [0], form: .ratio(.init(exponent: 2)))
            try block.expectRoundTrip(1, as: relation, "limit \(limit), divisors below \(divisors)")
        }
    }

    @Test func aTotalIsKeptAndItsLargestPartDerived() throws {
        var random = SplitMix(state: 79)
        var block = TestBlock()
        var totals = [Int64](repeating: 0, count: Self.count)
        for (number, limit) in [90_000, 50, 300, 1_000].enumerated() {
            block.add("part\(number)", .float64, count: Self.count) { builder, row in
                let cents = Int64(random.next() % UInt64(limit))
                totals[row] += cents
                builder.append(Double(cents) / 100)
            }
        }
        block.add("total", .float64, count: Self.count) { $0.append(Double(totals[$1]) / 100) }
        let pages = block.encoded()
        for column in block.columns.indices { try block.expectRows(column, of: pages, "block") }
        #expect(pages[4].references.sources.isEmpty, "\(pages[4].encoding)")
        #expect(Set(pages[0].references.sources) == [1, 2, 3, 4], "\(pages[0].encoding)")
    }
}
