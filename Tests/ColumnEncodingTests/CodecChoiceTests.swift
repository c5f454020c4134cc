import ColumnEncoding
import ColumnFormat
import Testing

@Suite struct CodecChoiceTests {
    @Test(arguments: CodecSample.all)
    func everyCodecIsChosenForItsKindOfData(sample: CodecSample) throws {
        let page = try expectRoundTrip(sample.slice, sample.name)
        if sample.isStillChosen { #expect(page.encoding == sample.encoding) }
    }

    @Test(arguments: CodecSample.all)
    func theSameRowsGiveTheSameBytesWhereverTheyLie(sample: CodecSample) {
        let moved = ColumnBuilder(type: sample.slice.type)
        for _ in 0..<7 { moved.appendNull() }
        moved.append(contentsOf: sample.slice)
        let slice = moved.snapshot().slice(7..<7 + sample.slice.count)
        #expect(PageEncoder.encode(slice).bytes == PageEncoder.encode(sample.slice).bytes)
    }

    @Test(arguments: allScalarTypes)
    func noPageIsMuchLargerThanItsValues(type: ColumnType) {
        for count in [1, 5, 100, 1_024, 3_000] {
            let page = PageEncoder.encode(ValueStyle.wild.slice(type, count: count, nulls: .alternating))
            #expect(page.bytes.count <= page.rawByteCount + count / 8 + 40)
        }
    }
}
