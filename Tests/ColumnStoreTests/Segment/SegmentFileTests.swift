import ColumnFormat
import ColumnStore
import TestSupport
import Testing

/// Segments whose bytes are not what was written: an error that names the place, or the right rows; never anything else.
struct SegmentFileTests {
    private static let schema = Schema([
        ColumnDefinition("n", .int64), ColumnDefinition("s", .string), ColumnDefinition("t", .timestamp),
    ])
    private static let rows: [[String: Value]] = (0..<40).map { n in
        [
            "n": n % 4 == 0 ? .null : .int(Int64(n * n)), "s": .string("text \(n % 5)"),
            "t": .timestamp(Timestamp(microseconds: Int64(n) * 1_000)),
        ]
    }

    private static func columns() -> [ColumnSlice] {
        schema.columns.map { column in
            let builder = ColumnBuilder(type: column.type)
            for row in rows { _ = builder.append(value: row[column.name] ?? .null) }
            return builder.snapshot()
        }
    }

    private static func bytes() throws -> [UInt8] {
        try SegmentBuilder.bytes(tableName: "t", schema: schema, firstRow: 7, columns: columns())
    }

    private static func open(_ bytes: [UInt8]) throws -> SegmentReader {
        try SegmentReader(file: unsafe bytes.withUnsafeBytes { unsafe MappedFile(copying: $0) }, path: "dir/segment")
    }

    private static func read(_ segment: SegmentReader) throws -> [ColumnSlice] {
        var slices: [ColumnSlice] = []
        for (number, column) in segment.footer.schema.columns.enumerated() {
            let builder = ColumnBuilder(type: column.type)
            try segment.read(column: number, rows: 0..<segment.rowCount, into: builder)
            slices.append(builder.snapshot())
        }
        return slices
    }

    private static func holdsTheRows(_ segment: SegmentReader) throws -> Bool {
        let found = try read(segment)
        return segment.firstRow == 7 && found.count == 3
            && zip(found, columns()).allSatisfy { $0.holdsSameValues(as: $1) }
    }

    @Test func aSegmentHoldsItsRowsAndDescribesItself() throws {
        let bytes = try Self.bytes()
        #expect(try bytes == Self.bytes(), "the bytes are a function of the rows")
        let segment = try Self.open(bytes)
        #expect(try Self.holdsTheRows(segment))
        #expect(segment.footer.tableName == "t" && segment.footer.schema == Self.schema)
        #expect(segment.rowCount == 40 && segment.endRow == 47 && segment.byteCount == bytes.count)
        let zone = segment.footer.columns[0][0].zone
        #expect(zone.nullCount == 10 && zone.minimum == .int(1) && zone.maximum == .int(39 * 39))
        for column in segment.footer.columns {
            for page in column { #expect(page.offset % SegmentFormat.pageAlignment == 0 && !page.encoding.isEmpty) }
        }
    }

    @Test func everyDamagedByteIsSeenOrHarmless() throws {
        let bytes = try Self.bytes()
        var seen = 0
        for place in bytes.indices {
            for change in [UInt8(1) << UInt8(place % 8), 0xFF] {
                var damaged = bytes
                damaged[place] ^= change
                do {
                    #expect(try Self.holdsTheRows(Self.open(damaged)), "byte \(place)")
                } catch let error as StoreError {
                    seen += 1
                    let isKnown = error.code == .corrupt || error.code == .unsupportedVersion
                    #expect(isKnown && error.path == "dir/segment" && error.offset != nil, "byte \(place): \(error)")
                }
            }
        }
        // All but the zeros between pages.
        #expect(seen > bytes.count)
    }

    @Test func everyCutIsSeen() throws {
        let bytes = try Self.bytes()
        for count in 0..<bytes.count {
            let error = #expect(throws: StoreError.self, "\(count) bytes") { try Self.open(Array(bytes[..<count])) }
            #expect(error?.code == .corrupt && error?.path == "dir/segment" && error?.offset != nil)
        }
    }

    @Test func bytesBehindTheTrailerAreSeen() throws {
        #expect(throws: StoreError.self) { try Self.open(Self.bytes() + [0]) }
    }

    /// Footers with a right checksum and any one byte changed: nothing in them may be trusted.
    @Test func aFooterThatLiesIsNoTrap() throws {
        let bytes = try Self.bytes()
        let trailerStart = bytes.count - SegmentFormat.trailerByteCount
        let footerByteCount = Int(bytes[trailerStart + 8]) | Int(bytes[trailerStart + 9]) << 8
        let footer = Array(bytes[trailerStart - footerByteCount..<trailerStart])
        for place in footer.indices {
            for value in [0, 1, 0x7F, 0x80, 0xFF, footer[place] ^ 1, footer[place] &+ 1] {
                var changed = footer
                changed[place] = value
                let forged =
                    Array(bytes[..<(trailerStart - footerByteCount)]) + changed + SegmentFormat.trailer(footer: changed)
                guard let segment = try? Self.open(forged) else { continue }
                _ = try? Self.read(segment)
            }
        }
    }

    @Test func laterFormatsAndFeaturesAreRefusedByName() throws {
        let bytes = try Self.bytes()
        func changed<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, at offset: Int) -> [UInt8] {
            var writer = ByteWriter()
            writer.append(bytes: bytes)
            writer.patch(value, at: offset)
            let checksum = Checksum.of(Array(writer.bytes[..<(SegmentFormat.headerByteCount - 8)]))
            writer.patch(checksum, at: SegmentFormat.headerByteCount - 8)
            return writer.bytes
        }
        let later = #expect(throws: StoreError.self) { try Self.open(changed(UInt16(2), at: 8)) }
        #expect(later?.code == .unsupportedVersion && later?.offset == 8)
        let feature = #expect(throws: StoreError.self) { try Self.open(changed(UInt64(4), at: 16)) }
        #expect(feature?.code == .unsupportedVersion && feature?.message.contains("0x4") == true)
        #expect(try Self.holdsTheRows(Self.open(changed(UInt16(9), at: 10))), "a later minor version can be read")
        #expect(try Self.holdsTheRows(Self.open(changed(UInt64(9), at: 24))), "optional features can be passed over")
    }
}
