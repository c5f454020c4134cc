import ColumnFormat
import Foundation
import Testing

@testable import ColumnEncoding

/// One small page for every form of a relation: golden bytes, and what other bytes do.
struct DerivedSample: CustomStringConvertible, Sendable {
    let name: String
    let encoding: String
    let relation: Relation
    let block: TestBlock

    var description: String { name }
    /// The column of the block that is derived: its last.
    var target: Int { block.columns.count - 1 }

    func pages() throws -> [EncodedPage] {
        var pages = block.columns.map { PageEncoder.encode($0) }
        pages[target] = try block.page(target, as: relation)
        return pages
    }

    static let all: [DerivedSample] = [
        sample("derivedDistance", "|a − b|, patches", .arithmetic(.distance), [.float32, .float32], .float32) {
            ($0[0] - $0[1]).magnitude
        },
        sample(
            "derivedSum", "a + b + 0.5, patches",
            .sum(.init(terms: [.init(exponent: 2), .init(exponent: 2)], constant: 50, divisor: 100)),
            [.float64, .float64], .float64
        ) { (($0[0] + $0[1]) * 100 + 50).rounded() / 100 },
        sample(
            "derivedResidual", "a + bitPacked", .sum(.init(terms: [.init()], hasResidual: true)), [.int32], .int32
        ) { $0[0] + ($0[0] * 7).truncatingRemainder(dividingBy: 11) },
        sample("derivedRatio", "a ÷ bitPacked, patches", .ratio(.init(exponent: 2)), [.float32], .float32) {
            ($0[0] * 100).rounded() / (100 * (($0[0] * 31).rounded().truncatingRemainder(dividingBy: 90) + 30))
        },
        sample(
            "derivedSteps", "steps of a (4), patches",
            .steps(.init(thresholds: [0.5, 3, 7.25], values: [2, 9, 4, 1])), [.float64], .uint16
        ) { $0[0] < 0.5 ? 2 : $0[0] < 3 ? 9 : $0[0] < 7.25 ? 4 : 1 },
        sample(
            "derivedPeriod", "⌊(a + 3) ÷ 7⌋ mod 5 + 1, patches",
            .period(.init(offset: 3, unit: 7, modulus: 5, base: 1)), [.int64], .float32
        ) { ((($0[0] + 3) / 7).rounded(.down)).truncatingRemainder(dividingBy: 5) + 1 },
    ]

    private static func sample(
        _ name: String, _ encoding: String, _ form: Relation.Form, _ sources: [ColumnType], _ target: ColumnType,
        _ value: ([Double]) -> Double
    ) -> DerivedSample {
        var random = SplitMix(state: 21)
        var block = TestBlock()
        for (number, type) in sources.enumerated() {
            block.add(["a", "b"][number], type, count: 90) { builder, _ in
                let number = Double(random.next() % 1_000) / 100
                switch type {
                case .float32: builder.append(Float(number))
                case .float64: builder.append(number)
                case .int32: builder.append(Int32(number * 100))
                default: builder.append(Int64(number * 100))
                }
            }
        }
        let columns = block.columns
        block.add("t", target, count: 90) { builder, row in
            let result = row == 41 ? 77 : value(columns.map { $0.double(at: row) })
            switch target {
            case .float32: builder.append(Float(result))
            case .float64: builder.append(result)
            case .int32: builder.append(Int32(result))
            default: builder.append(UInt16(result))
            }
        }
        return DerivedSample(
            name: name, encoding: encoding, relation: Relation(sources: Array(sources.indices), form: form),
            block: block)
    }
}

@Suite struct DerivedBytesTests {
    @Test(arguments: DerivedSample.all)
    func committedBytesStillHoldTheirRows(sample: DerivedSample) throws {
        let pages = try sample.pages()
        let file = GoldenPageTests.folder.appendingPathComponent("\(sample.name).hex")
        if ProcessInfo.processInfo.environment["DRUMLIN_WRITE_GOLDEN"] == "1",
            !FileManager.default.fileExists(atPath: file.path)
        {
            try GoldenPageTests.hexadecimal(
                pages[sample.target].bytes, "\(sample.block.columns[sample.target].type.name) × 90, \(sample.encoding)"
            ).write(to: file, atomically: true, encoding: .utf8)
        }
        let bytes = try GoldenPageTests.bytes(of: String(contentsOf: file, encoding: .utf8))
        let reader = try sample.block.reader(bytes: bytes, of: pages, sample.target)
        #expect(reader.encoding == sample.encoding)
        let builder = ColumnBuilder(type: reader.type)
        try reader.decode(rows: 0..<90, into: builder)
        expectSame(builder.snapshot(), sample.block.columns[sample.target], sample.name)
        #expect(pages[sample.target].bytes == bytes)
        try sample.block.expectRows(sample.target, of: pages, sample.name)
    }

    @Test(arguments: DerivedSample.all)
    func anyChangedByteOrLengthGivesAnErrorOrSomeValues(sample: DerivedSample) throws {
        let pages = try sample.pages()
        let bytes = pages[sample.target].bytes
        for place in bytes.indices {
            for value in [0, 2, 0x7F, 0x80, 0xFF, bytes[place] ^ 1] {
                var changed = bytes
                changed[place] = value
                readEverything(changed, sample, pages)
            }
            readEverything(Array(bytes[..<place]), sample, pages)
        }
        readEverything(bytes + [0], sample, pages)
        readEverything(bytes + bytes, sample, pages)
    }

    @Test func randomRelationsGiveAnErrorOrSomeValues() throws {
        var random = SplitMix(state: 9)
        for sample in DerivedSample.all {
            let pages = try sample.pages()
            for _ in 0..<150 {
                let sources: [UInt8] = random.next() % 2 == 0 ? [1, 0] : [2, 0, 1]
                let tail = (0..<Int(random.next() % 40)).map { _ in
                    random.next() % 2 == 0 ? UInt8(random.next() % 6) : UInt8(truncatingIfNeeded: random.next())
                }
                readEverything([0, 48] + sources + [UInt8(random.next() % 7)] + tail, sample, pages)
            }
        }
    }

    private func readEverything(_ bytes: [UInt8], _ sample: DerivedSample, _ pages: [EncodedPage]) {
        guard let reader = try? sample.block.reader(bytes: bytes, of: pages, sample.target) else { return }
        let builder = ColumnBuilder(type: reader.type)
        guard (try? reader.decode(rows: 0..<90, into: builder)) != nil else { return }
        let decoded = builder.snapshot()
        for row in [0, 41, 89] {
            let point = ColumnBuilder(type: reader.type)
            guard (try? reader.append(row: row, to: point)) != nil else { continue }
            #expect(isSame(point.snapshot(), 0, decoded, row), "\(reader.encoding)")
        }
    }

    // MARK: Refusals

    private static func refusal(_ bytes: [UInt8], _ type: ColumnType = .float32) throws -> FormatError? {
        var block = TestBlock()
        block.add("a", .float32, count: 3) { $0.append(Float($1)) }
        block.add("text", .string, count: 3) { $0.append(string: "\($1)") }
        block.add("id", .uuid, count: 3) { builder, _ in _ = builder.append(value: .uuid(Array(0..<16))) }
        block.add("t", type, count: 3) { builder, _ in builder.appendNull() }
        let pages = block.columns.map { PageEncoder.encode($0) }
        let memory = PageMemory(bytes)
        do throws(FormatError) {
            var siblings = PageSiblings()
            for position in try memory.references(type: type).sources where position < 3 {
                siblings.sources.append(
                    SiblingPage(name: block.names[position], page: try block.reader(pages, position)))
            }
            _ = try memory.reader(type: type, rowCount: 3, siblings: siblings)
            return nil
        } catch { return error }
    }

    @Test func whatIsUnknownIsRefusedByName() throws {
        let relation = try Self.refusal([0, 48, 1, 0, 99, 0])
        #expect(relation?.code == .unsupported && relation?.message.contains("relation 99") == true)
        let operation = try Self.refusal([0, 48, 2, 0, 0, 2, 200, 0])
        #expect(operation?.code == .unsupported && operation?.message.contains("operation 200") == true)
        #expect(try Self.refusal([0, 48, 1, 0, 1, 0xF0, 0, 1, 0, 2, 0])?.code == .unsupported)
        #expect(try Self.refusal([0, 48, 1, 0, 3, 7, 2, 0])?.code == .unsupported)
    }

    @Test func whatMakesNoSenseIsRefused() throws {
        let bad: [[UInt8]] = [
            [0, 48], [0, 48, 0, 2, 0], [0, 48, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0],
            // Columns that are not there, text, uuid.
            [0, 48, 1, 9, 2, 5, 0], [0, 48, 1, 1, 2, 5, 0], [0, 48, 1, 2, 2, 5, 0],
            // Operations on the wrong number of columns, divisors and units of zero, exponents out of range.
            [0, 48, 1, 0, 2, 0, 0], [0, 48, 1, 0, 1, 0, 0, 0, 0, 2, 0], [0, 48, 1, 0, 1, 0, 0, 1, 19, 2, 0],
            [0, 48, 1, 0, 3, 0, 19, 0, 2, 1, 0, 0, 0], [0, 48, 1, 0, 5, 0, 0, 0, 0, 0],
            // Thresholds that do not ascend; steps without one.
            [0, 48, 1, 0, 4, 0, 0], [0, 48, 1, 0, 4, 2, 9, 2, 0, 0, 0, 0, 0, 0, 0, 0, 5, 2, 0, 0, 0, 0, 0],
            // Something behind the end.
            [0, 48, 1, 0, 2, 5, 0, 1],
        ]
        for bytes in bad { #expect(try Self.refusal(bytes)?.code != nil, "\(bytes)") }
        #expect(try Self.refusal([0, 48, 1, 0, 2, 5, 0]) == nil, "a copy is fine")
        #expect(try Self.refusal([0, 48, 1, 0, 2, 5, 0], .int32) != nil, "but not of a float as an integer")
        #expect(try Self.refusal([0, 48, 1, 0, 2, 5, 0], .uuid) != nil)
        #expect(try Self.refusal([0, 48, 1, 0, 2, 5, 0], .string) != nil)
    }

    @Test func aChildIsNeverDerived() throws {
        // Narrowed with a derived child.
        #expect(try Self.refusal([0, 8, 48, 1, 0, 2, 5, 0], .float64)?.code == .invalid)
    }

    @Test func aDerivedColumnIsNoSource() throws {
        let sample = DerivedSample.all[0]
        let pages = try sample.pages()
        let derived = try sample.block.reader(pages, sample.target)
        var siblings = PageSiblings()
        siblings.sources = [SiblingPage(name: "t", page: derived)]
        #expect(throws: FormatError.self) {
            try PageMemory([0, 48, 1, 2, 2, 5, 0]).reader(type: .float32, rowCount: 90, siblings: siblings)
        }
    }
}
