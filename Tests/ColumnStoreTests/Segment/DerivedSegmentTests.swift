import ColumnEncoding
import ColumnFormat
import ColumnStore
import TestSupport
import Testing

/// Columns of a segment that are stored as functions of others: found again, read alone, and never trusted.
struct DerivedSegmentTests {
    private static let rowCount = 66_000
    private static let schema = Schema([
        ColumnDefinition("a", .float32), ColumnDefinition("b", .float32), ColumnDefinition("distance", .float32),
        ColumnDefinition("sum", .float64), ColumnDefinition("note", .string),
    ])

    private static func columns() -> [ColumnSlice] {
        var random = SeededGenerator(seed: 5)
        let builders = schema.columns.map { ColumnBuilder(type: $0.type) }
        for row in 0..<rowCount {
            let (a, b) = (Float(random.next() % 900), Float(random.next() % 900))
            builders[0].append(a)
            builders[1].append(b)
            row == 65_540 ? builders[2].append(-1 as Float) : builders[2].append((a - b).magnitude)
            row % 100 == 3 ? builders[3].appendNull() : builders[3].append(Double(a) + Double(b))
            builders[4].append(string: row % 2 == 0 ? "even" : "odd")
        }
        return builders.map { $0.snapshot() }
    }

    private static func open(_ bytes: [UInt8]) throws -> SegmentReader {
        try SegmentReader(file: unsafe bytes.withUnsafeBytes { unsafe MappedFile(copying: $0) }, path: "dir/segment")
    }

    private static let rows = columns()
    private static let built = Result {
        try SegmentBuilder.bytes(tableName: "t", schema: schema, firstRow: 0, columns: rows)
    }

    private static func read(_ segment: SegmentReader, _ column: Int, _ rows: Range<Int>) throws -> ColumnSlice {
        let builder = ColumnBuilder(type: schema.columns[column].type)
        try segment.read(column: column, rows: rows, into: builder)
        return builder.snapshot()
    }

    @Test func derivedColumnsComeBackAndSayWhatTheyAre() throws {
        let segment = try Self.open(Self.built.get())
        #expect(segment.footer.columns[2].map(\.encoding) == ["|a − b|", "|a − b|, patches"])
        #expect(segment.footer.columns[3][0].encoding.hasPrefix("a + b"))
        #expect(segment.footer.columns[2][0].byteCount < 20)
        // Each alone, in a reader that has read nothing before.
        for column in Self.schema.columns.indices {
            let fresh = try Self.open(Self.built.get())
            let found = try Self.read(fresh, column, 0..<Self.rowCount)
            #expect(found.holdsSameValues(as: Self.rows[column]), "column \(column)")
            let part = try Self.read(fresh, column, 65_000..<65_700)
            #expect(part.holdsSameValues(as: Self.rows[column].slice(65_000..<65_700)))
        }
        for row in [0, 3, 1_023, 65_535, 65_536, 65_540, Self.rowCount - 1] {
            for column in [2, 3] {
                let value = try segment.withPage(column: column, row: row) { (page, row) throws(FormatError) in
                    try page.value(at: row)
                }
                #expect(value == Self.rows[column].value(at: row))
            }
        }
    }

    @Test func damageOfASourceIsDamageOfWhatIsDerivedFromIt() throws {
        var bytes = try Self.built.get()
        let source = try Self.open(bytes).footer.columns[0][0]
        bytes[source.offset + source.byteCount / 2] ^= 4
        let segment = try Self.open(bytes)
        let error = #expect(throws: StoreError.self) { try segment.page(column: 2, block: 0) }
        #expect(error?.code == .corrupt && error?.offset == source.offset && error?.message.contains("'a'") == true)
        #expect(try Self.read(segment, 1, 0..<10).count == 10, "the others can be read")
    }

    /// A segment whose page of `column` in the first block has other bytes, with right checksums.
    private static func forged(_ column: Int, _ change: (inout [UInt8]) -> Void) throws -> SegmentReader {
        var bytes = try built.get()
        var footer = try open(bytes).footer
        let record = footer.columns[column][0]
        var page = Array(bytes[record.offset..<record.offset + record.byteCount])
        change(&page)
        bytes.replaceSubrange(record.offset..<record.offset + record.byteCount, with: page)
        footer.columns[column][0].checksum = Checksum.of(page, seed: UInt64(record.offset))
        let trailerStart = bytes.count - SegmentFormat.trailerByteCount
        var writer = ByteWriter()
        writer.append(bytes: bytes[trailerStart...])
        let byteCount = (0..<8).reduce(0) { $0 | Int(writer.bytes[8 + $1]) << (8 * $1) }
        let footerBytes = footer.bytes()
        return try open(
            Array(bytes[..<(trailerStart - byteCount)]) + footerBytes + SegmentFormat.trailer(footer: footerBytes))
    }

    @Test func sourcesThatCannotBeAreRefused() throws {
        // Flags, code, number of sources, the first of them.
        for (position, words) in [(2, "column 2"), (9, "column 9"), (3, "'sum' is derived"), (4, "'note'")] {
            let segment = try Self.forged(2) { $0[3] = UInt8(position) }
            let error = #expect(throws: StoreError.self, "\(position)") { try segment.page(column: 2, block: 0) }
            #expect(error?.code == .corrupt && error?.message.contains(words) == true, "\(String(describing: error))")
            #expect(error?.path == "dir/segment" && error?.offset != nil)
            #expect(try segment.page(column: 2, block: 1).isDerived, "the other page is whole")
        }
    }

    @Test func aCycleIsRefusedFromBothSides() throws {
        for first in [2, 3] {
            let segment = try Self.forged(2) { $0[3] = 3 }
            // Whether or not the other page was read before.
            if first == 3 { _ = try? segment.page(column: 3, block: 0) }
            #expect(throws: StoreError.self) { try segment.page(column: 2, block: 0) }
        }
    }

    @Test func aValidityThatCannotBeIsRefused() throws {
        let cases = [(0, "column 0"), (2, "'distance' is derived"), (3, "column 3"), (4, "column 4"), (9, "column 9")]
        for (position, words) in cases {
            // Flags, the column.
            let segment = try Self.forged(3) { $0.replaceSubrange(0..<2, with: [3, UInt8(position)]) }
            let error = #expect(throws: StoreError.self, "\(position)") { try segment.page(column: 3, block: 0) }
            #expect(error?.code == .corrupt && error?.message.contains(words) == true, "\(String(describing: error))")
            #expect(try segment.page(column: 0, block: 0).rowCount == 65_536, "the others can be read")
        }
    }

    @Test func aRelationOfALaterVersionIsRefusedByNameAndTheFileIsNot() throws {
        let segment = try Self.forged(2) { $0[5] = 77 }
        let error = #expect(throws: StoreError.self) { try segment.page(column: 2, block: 0) }
        #expect(error?.code == .unsupportedVersion && error?.message.contains("relation 77") == true)
        for column in [0, 1, 3, 4] {
            #expect(try Self.read(segment, column, 0..<Self.rowCount).holdsSameValues(as: Self.rows[column]))
        }
    }

    @Test func everyChangedByteOfADerivedPageIsSeenOrHarmless() throws {
        let count = try Self.open(Self.built.get()).footer.columns[2][0].byteCount
        for place in 0..<count {
            for value in [0, 1, 2, 5, 0x80, 0xFF] as [UInt8] {
                let segment = try Self.forged(2) { $0[place] = value }
                _ = try? Self.read(segment, 2, 0..<3_000)
                _ = try? segment.withPage(column: 2, row: 7) { (page, row) throws(FormatError) in
                    try page.value(at: row)
                }
            }
        }
    }
}
