import ColumnFormat
import Testing

@testable import ColumnEncoding

/// What is found among the columns of a block, and that it is only used where it pays.
@Suite struct BlockEncoderTests {
    private static let count = 2_100

    private static func random(_ seed: UInt64) -> SplitMix { SplitMix(state: seed) }

    /// Encodes, expects every column back, and returns how the one of this name is kept.
    private static func encoding(of name: String, in block: TestBlock) throws -> String {
        let pages = block.encoded()
        for column in block.columns.indices { try block.expectRows(column, of: pages, "block") }
        return pages[try #require(block.names.firstIndex(of: name))].encoding
    }

    private static func places(_ type: ColumnType) -> TestBlock {
        var random = random(1)
        var block = TestBlock()
        for name in ["from", "to"] {
            block.add(name, type, count: count) { builder, _ in
                _ = builder.append(value: .int(Int64(random.next() % 265) + 1))
            }
        }
        return block
    }

    @Test(arguments: [ColumnType.float32, .float64, .int16, .int64])
    func distancesSumsAndDifferencesOfTwoColumns(type: ColumnType) throws {
        let cases: [(String, (Int64, Int64) -> Int64)] = [
            ("|from − to|", { abs($0 - $1) }), ("from + to", { $0 + $1 }), ("from − to", { $0 - $1 }),
            ("to − from", { $1 - $0 }),
        ]
        for (words, result) in cases {
            var block = Self.places(type)
            let (from, to) = (block.columns[0], block.columns[1])
            block.add("t", type, count: Self.count) { builder, row in
                let value = result(Int64(from.double(at: row)), Int64(to.double(at: row)))
                _ = builder.append(value: .int(value))
            }
            let found = try Self.encoding(of: "t", in: block)
            #expect(
                found == words || found == "−from + to" && words == "to − from"
                    || found == "to + from" && words == "from + to" || found == "−to + from" && words == "from − to",
                "\(found), expected \(words)")
        }
    }

    @Test func productsAndQuotientsOfTwoColumns() throws {
        var random = Self.random(2)
        var block = TestBlock()
        for name in ["a", "b"] {
            block.add(name, .float64, count: Self.count) { builder, _ in
                builder.append(Double(random.next() >> 11) / 9_007_199_254_740_992 + 0.5)
            }
        }
        let (a, b) = (block.columns[0], block.columns[1])
        block.add("product", .float64, count: Self.count) { $0.append(a.double(at: $1) * b.double(at: $1)) }
        block.add("quotient", .float32, count: Self.count) { $0.append(Float(b.double(at: $1) / a.double(at: $1))) }
        block.add("copy", .float64, count: Self.count) { $0.append(a.double(at: $1)) }
        // One of the three that are related as a product is derived, and its sources are stored.
        let pages = block.encoded()
        for column in block.columns.indices { try block.expectRows(column, of: pages, "block") }
        #expect(pages[3].encoding == "b ÷ a" || pages[3].encoding == "b ÷ copy", "\(pages[3].encoding)")
        #expect(["a", "copy"].contains { pages[4].encoding == $0 || pages[0].encoding == $0 })
        #expect(pages.filter { !$0.references.sources.isEmpty }.count == 3)
    }

    /// Amounts in cents, as doubles: the digits add up, the doubles do not.
    @Test func aTotalOfManyAmounts() throws {
        var random = Self.random(3)
        var block = TestBlock()
        var totals = [Int64](repeating: 0, count: Self.count)
        for (number, limit) in [4_000, 50, 300, 1_000, 275].enumerated() {
            block.add("part\(number)", .float64, count: Self.count) { builder, row in
                let cents = number > 0 && random.next() % 3 == 0 ? 0 : Int64(random.next() % UInt64(limit))
                totals[row] += cents
                builder.append(Double(cents) / 100)
            }
        }
        block.add("total", .float64, count: Self.count) { builder, row in
            // Some totals are wrong.
            builder.append(Double(totals[row] + (row % 40 == 7 ? 275 : 0)) / 100)
        }
        // The total is kept, and the part that costs most is what it leaves.
        let found = try Self.encoding(of: "part0", in: block)
        for name in ["total"] + (1..<5).map({ "part\($0)" }) {
            #expect(found.contains(name) && !found.contains("·"), "\(found)")
        }
    }

    /// Of a total that holds for six rows in seven no thirty rows are without an exception.
    @Test func aTotalThatOftenHasAPartMore() throws {
        var random = Self.random(11)
        var block = TestBlock()
        var totals = (0..<Self.count).map { _ in random.next() % 7 == 0 ? Int64(275) : 0 }
        for (number, limit) in [4_000, 50, 300, 1_000, 150].enumerated() {
            block.add("part\(number)", .float64, count: Self.count) { builder, row in
                let cents = number > 0 && random.next() % 3 == 0 ? 0 : Int64(random.next() % UInt64(limit))
                totals[row] += cents
                builder.append(Double(cents) / 100)
            }
        }
        block.add("total", .float64, count: Self.count) { $0.append(Double(totals[$1]) / 100) }
        let found = try Self.encoding(of: "part0", in: block)
        for name in ["total"] + (1..<5).map({ "part\($0)" }) { #expect(found.contains(name), "\(found)") }
    }

    @Test func unitsAndOffsetsOfAnotherColumn() throws {
        var random = Self.random(4)
        var block = TestBlock()
        block.add("celsius", .float64, count: Self.count) { builder, _ in
            builder.append(Double(Int64(random.next() % 5_000) - 1_000) / 10)
        }
        let celsius = block.columns[0]
        block.add("fahrenheit", .float64, count: Self.count) { builder, row in
            let tenths = (celsius.double(at: row) * 10).rounded()
            builder.append((tenths * 18 + 3_200) / 100)
        }
        let found = try Self.encoding(of: "fahrenheit", in: block)
        let kept = block.encoded()[0].encoding
        #expect(found == "1.8 · celsius + 32" || kept.contains("fahrenheit"), "\(found), \(kept)")
    }

    @Test(arguments: [ColumnType.float32, .int16, .uint8])
    func partsOfATime(type: ColumnType) throws {
        var random = Self.random(5)
        var block = TestBlock()
        var time: Int64 = 1_580_515_200_000_000
        block.add("at", .timestamp, count: Self.count) { builder, _ in
            time += Int64(random.next() % 900_000_000)
            builder.append(time)
        }
        let at = unsafe block.columns[0].pointer(as: Int64.self)
        let (minute, hour, day): (Int64, Int64, Int64) = (60_000_000, 3_600_000_000, 86_400_000_000)
        let parts: [(String, (Int64) -> Int64)] = [
            ("minute", { $0 / minute % 60 }), ("hour", { $0 / hour % 24 }), ("weekday", { ($0 / day + 3) % 7 }),
            ("zone", { ($0 / hour + 19) % 24 }),
        ]
        for (name, part) in parts {
            block.add(name, type, count: Self.count) { builder, row in
                let value = part(unsafe at[row])
                _ = builder.append(value: type == .uint8 ? .uint(UInt64(value)) : .int(value))
            }
        }
        let pages = block.encoded()
        for column in block.columns.indices { try block.expectRows(column, of: pages, "block") }
        #expect(pages[1].encoding == "⌊at ÷ 60000000⌋ mod 60", "\(pages[1].encoding)")
        withExtendedLifetime(block) {}
    }

    @Test func stepsAndClassesOfAScore() throws {
        var random = Self.random(6)
        var block = TestBlock()
        block.add("score", .float64, count: Self.count) { builder, _ in
            builder.append(Double(Float(random.next() >> 40) / 16_777_216))
        }
        let score = block.columns[0]
        let edges = (1..<20).map { Double($0 * $0) / 400 }
        block.add("bucket", .uint16, count: Self.count) { builder, row in
            builder.append(UInt16(edges.filter { $0 <= score.double(at: row) }.count))
        }
        block.add("class", .bool, count: Self.count) { $0.append(score.double(at: $1) >= 0.5 ? 1 : 0 as UInt8) }
        let pages = block.encoded()
        for column in block.columns.indices { try block.expectRows(column, of: pages, "block") }
        #expect(pages[1].encoding.hasPrefix("steps of score (20)"), "\(pages[1].encoding)")
        #expect(pages[1].bytes.count < 500)
        #expect(pages[2].encoding == "steps of score (2)", "\(pages[2].encoding)")
    }

    @Test func aSpeedIsADistanceByAnUnknownNumberOfSeconds() throws {
        var random = Self.random(7)
        var block = TestBlock()
        block.add("distance", .float32, count: Self.count) {
            $0.append(Float(random.next() % 3_000) / 100 + 0 * Float($1))
        }
        let distance = block.columns[0]
        block.add("speed", .float32, count: Self.count) { builder, row in
            let exact = (distance.double(at: row) * 100).rounded() / 100
            builder.append(Float(exact / Double(random.next() % 3_000 + 60)))
        }
        #expect(try Self.encoding(of: "speed", in: block) == "distance ÷ bitPacked")
    }

    @Test func anEndIsItsBeginningAndALittleMore() throws {
        var random = Self.random(8)
        var block = TestBlock()
        block.add("begin", .timestamp, count: Self.count) { builder, _ in
            builder.append(1_580_515_200_000_000 + Int64(random.next() % 86_400_000_000))
        }
        let begin = unsafe block.columns[0].pointer(as: Int64.self)
        block.add("end", .timestamp, count: Self.count) { builder, row in
            builder.append(unsafe begin[row] + Int64(random.next() % 1_000_000))
        }
        let pages = block.encoded()
        for column in block.columns.indices { try block.expectRows(column, of: pages, "block") }
        #expect(pages[1].encoding == "begin + bitPacked" || pages[0].encoding == "end + bitPacked")
        withExtendedLifetime(block) {}
    }

    @Test func nullsOfSourcesCountAsZero() throws {
        let block = Self.places(.float64)
        let (from, to) = (block.columns[0], block.columns[1])
        var nullable = TestBlock()
        nullable.add("from", .float64, count: Self.count) { builder, row in
            row % 7 == 2 ? builder.appendNull() : builder.append(from.double(at: row))
        }
        nullable.add("to", .float64, count: Self.count) { $0.append(to.double(at: $1)) }
        nullable.add("sum", .float64, count: Self.count) { builder, row in
            if row % 5 == 1 { return builder.appendNull() }
            builder.append((row % 7 == 2 ? 0 : from.double(at: row)) + to.double(at: row))
        }
        let found = try Self.encoding(of: "sum", in: nullable)
        #expect(found.contains("from") && found.contains("to") && found.contains("validity"), "\(found)")
    }

    @Test func unrelatedColumnsAreLeftAlone() throws {
        var random = Self.random(9)
        var block = TestBlock()
        for (number, type) in allScalarTypes.enumerated() {
            block.add("c\(number)", type, count: Self.count) { builder, row in
                switch type {
                case .string, .bytes: builder.append(string: "x\(random.next())")
                case .uuid:
                    _ = builder.append(value: .uuid((0..<16).map { _ in UInt8(truncatingIfNeeded: random.next()) }))
                case .vector(let n): _ = builder.append(value: .vector((0..<n).map { Float($0 + row) }))
                default: RelationTests.appendWild(type, to: builder, &random)
                }
            }
        }
        let pages = block.encoded()
        #expect(pages.allSatisfy { $0.references.sources.isEmpty }, "\(pages.map(\.encoding))")
        #expect(zip(pages, block.columns).allSatisfy { $0.bytes == PageEncoder.encode($1).bytes })
    }

    @Test func smallColumnsAreNotWorthARelation() throws {
        var block = TestBlock()
        block.add("a", .int32, count: 100) { $0.append(Int32($1)) }
        block.add("b", .int32, count: 100) { $0.append(Int32($1 + 5)) }
        #expect(block.encoded().allSatisfy { $0.references.sources.isEmpty })
    }

    /// A chain of equal columns, and columns that would be derived from each other.
    @Test func whatIsDerivedIsNoSource() throws {
        var random = Self.random(10)
        var block = TestBlock()
        block.add("a", .int64, count: Self.count) { builder, _ in
            builder.append(Int64(truncatingIfNeeded: random.next() >> 4))
        }
        let a = unsafe block.columns[0].pointer(as: Int64.self)
        for number in 1..<6 {
            block.add("b\(number)", .int64, count: Self.count) { builder, row in
                builder.append(unsafe a[row] &+ Int64(number))
            }
        }
        let pages = block.encoded()
        for column in block.columns.indices { try block.expectRows(column, of: pages, "block") }
        #expect(pages.filter { $0.references.sources.isEmpty }.count == 1, "\(pages.map(\.encoding))")
        for page in pages {
            for source in page.references.sources { #expect(pages[source].references.sources.isEmpty) }
        }
        withExtendedLifetime(block) {}
    }

    /// Later blocks try what the first one showed, and are right where it holds no more.
    @Test func laterBlocksUseWhatTheFirstOneShowed() throws {
        var random = Self.random(11)
        func block(_ kind: Int) -> TestBlock {
            var block = TestBlock()
            for name in ["a", "b"] {
                block.add(name, .float32, count: Self.count) { builder, _ in builder.append(Float(random.next() % 500))
                }
            }
            let (a, b) = (block.columns[0], block.columns[1])
            block.add("t", .float32, count: Self.count) { builder, row in
                switch kind {
                case 0: builder.append(Float((a.double(at: row) - b.double(at: row)).magnitude))
                case 1: builder.append(Float(random.next() % 500))
                default: builder.append(row % 20 == 0 ? 1 : Float((a.double(at: row) - b.double(at: row)).magnitude))
                }
            }
            return block
        }
        let blocks = [block(0), block(0), block(1), block(2), block(0)]
        var encoder = BlockEncoder(names: blocks[0].names)
        var encodings: [String] = []
        for block in blocks {
            let pages = encoder.encode(block.columns)
            for column in block.columns.indices { try block.expectRows(column, of: pages, "block") }
            encodings.append(pages[2].encoding)
        }
        #expect(encodings[0] == "|a − b|" && encodings[1] == "|a − b|" && encodings[4] == "|a − b|")
        #expect(!encodings[2].contains("a − b") && encodings[3] == "|a − b|, patches", "\(encodings)")
    }

    @Test func equalRowsGiveEqualBytes() {
        let (first, second) = (Self.places(.float32).encoded(), Self.places(.float32).encoded())
        #expect(first.map(\.bytes) == second.map(\.bytes))
    }

    /// Random tables of columns that are functions of each other, or nearly.
    @Test(arguments: 0..<20) func randomTablesComeBack(seed: Int) throws {
        var random = Self.random(UInt64(seed) * 77 + 5)
        var block = TestBlock()
        let types = RelationTests.wordTypes
        let count = Int(random.next() % 1_200) + 300
        for number in 0..<8 {
            let type = types[Int(random.next() % UInt64(types.count))]
            let kind = random.next() % 4
            let sources = block.columns
            let nullEvery = Int(random.next() % 3) * 9 + 9
            let missEvery = Int(random.next() % 3) * 50 + 13
            let pick = (sources.isEmpty ? 0 : Int(random.next() % UInt64(sources.count)))
            let other = (sources.isEmpty ? 0 : Int(random.next() % UInt64(sources.count)))
            block.add("c\(number)", type, count: count) { builder, row in
                if nullEvery < 27, row % nullEvery == 4 { return builder.appendNull() }
                if kind == 0 || sources.isEmpty || row % missEvery == 2 {
                    return RelationTests.appendWild(type, to: builder, &random)
                }
                let (a, b) = (sources[pick].double(at: row), sources[other].double(at: row))
                let value = kind == 1 ? a - b : kind == 2 ? (a > 5 ? 3 : 1) : a * 2 + 1
                switch type {
                case .float32: builder.append(Float(value))
                case .float64: builder.append(value)
                case .bool: builder.append(value > 1 ? 1 : 0 as UInt8)
                default:
                    let whole = value.magnitude < 1e15 ? Int64(value) : 0
                    switch type.byteWidth {
                    case 1: builder.append(UInt8(truncatingIfNeeded: whole))
                    case 2: builder.append(UInt16(truncatingIfNeeded: whole))
                    case 4: builder.append(UInt32(truncatingIfNeeded: whole))
                    default: builder.append(whole)
                    }
                }
            }
        }
        let pages = block.encoded()
        for column in block.columns.indices { try block.expectRows(column, of: pages, "seed \(seed)") }
    }
}
