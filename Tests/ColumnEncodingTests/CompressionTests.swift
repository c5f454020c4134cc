import ColumnEncoding
import ColumnFormat
import Testing

/// The last stage: how hard rows are pressed that are sealed, and rows that are written for long.
@Suite struct CompressionTests {
    /// Texts of random bytes that all end alike: LZ4 saves `shared` of 1,000 bytes.
    private func texts(shared: Int, count: Int = 60) -> ColumnSlice {
        var random = SplitMix(state: 1)
        let end = (0..<shared).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let builder = ColumnBuilder(type: .bytes)
        for _ in 0..<count {
            let text = (0..<1_000 - shared).map { _ in UInt8(truncatingIfNeeded: random.next()) } + end
            unsafe text.withUnsafeBytes { unsafe builder.append(bytes: $0) }
        }
        return builder.snapshot()
    }

    private func expectRoundTrip(_ slice: ColumnSlice, _ options: EncodingOptions) throws -> EncodedPage {
        let page = PageEncoder.encode(slice, options: options)
        let reader = try PageMemory(page.bytes).reader(type: slice.type, rowCount: slice.count)
        let builder = ColumnBuilder(type: slice.type)
        try reader.decode(rows: 0..<slice.count, into: builder)
        expectSame(builder.snapshot(), slice, page.encoding)
        return page
    }

    @Test func aSavingOfATenthIsTakenWhereRowsAreWrittenForLong() throws {
        let slice = texts(shared: 100)
        #expect(try expectRoundTrip(slice, .fresh).encoding == "text")
        #expect(try expectRoundTrip(slice, .compacted).encoding == "text(lz4)")
    }

    @Test func aSavingOfATwentiethIsTheLeast() throws {
        #expect(try expectRoundTrip(texts(shared: 40), .compacted).encoding == "text")
    }

    @Test func compactedRowsAreNoLarger() throws {
        for sample in CodecSample.all {
            let fresh = try expectRoundTrip(sample.slice, .fresh)
            let compacted = try expectRoundTrip(sample.slice, .compacted)
            #expect(compacted.bytes.count <= fresh.bytes.count, "\(sample.name)")
        }
    }

    @Test func texts1MiBLongComeBack() throws {
        var random = SplitMix(state: 2)
        let builder = ColumnBuilder(type: .bytes)
        for row in 0..<3 {
            let byte = UInt8(row) &* 100
            var text = [UInt8](repeating: byte, count: 1 << 20)
            for _ in 0..<2_000 {
                text[Int(random.next() % UInt64(text.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            unsafe text.withUnsafeBytes { unsafe builder.append(bytes: $0) }
        }
        for options in [EncodingOptions.fresh, .compacted] {
            let page = try expectRoundTrip(builder.snapshot(), options)
            #expect(page.encoding.contains("lz4"))
        }
    }
}
