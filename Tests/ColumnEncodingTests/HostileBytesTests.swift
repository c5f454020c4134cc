import ColumnEncoding
import ColumnFormat
import Testing

/// Whatever the bytes: an error or some values, never a trap, and never a read outside (run these with
/// `--sanitize=address` to see that).
@Suite struct HostileBytesTests {
    @Test(arguments: CodecSample.all)
    func anyFlippedByteGivesAnErrorOrSomeValues(sample: CodecSample) {
        let bytes = PageEncoder.encode(sample.slice).bytes
        // All of the headers, and samples of the packed bytes.
        for position in bytes.indices where position < 150 || position % 13 == 0 {
            for mask: UInt8 in [0x01, 0x02, 0x80, 0xFF] {
                var changed = bytes
                changed[position] ^= mask
                readEverything(changed, sample.slice.type, sample.slice.count)
            }
        }
    }

    @Test(arguments: CodecSample.all)
    func anyOtherLengthGivesAnErrorOrSomeValues(sample: CodecSample) {
        let bytes = PageEncoder.encode(sample.slice).bytes
        for length in bytes.indices where length < 200 || length % 29 == 0 || length + 20 > bytes.count {
            readEverything(Array(bytes[..<length]), sample.slice.type, sample.slice.count)
        }
        readEverything(bytes + [0], sample.slice.type, sample.slice.count)
        readEverything(bytes + bytes, sample.slice.type, sample.slice.count)
    }

    @Test(arguments: CodecSample.all)
    func anotherTypeOrRowCountGivesAnErrorOrSomeValues(sample: CodecSample) {
        let bytes = PageEncoder.encode(sample.slice).bytes
        for type in allScalarTypes { readEverything(bytes, type, sample.slice.count) }
        for count in [1, 2, sample.slice.count - 1, sample.slice.count + 1, 1_025, 65_536] {
            readEverything(bytes, sample.slice.type, count)
        }
    }

    @Test(arguments: allScalarTypes)
    func randomBytesGiveAnErrorOrSomeValues(type: ColumnType) {
        var random = SplitMix(state: 5)
        for code in Array(0..<26) + Array(32..<40) as [UInt8] {
            for _ in 0..<120 {
                let tail = (0..<Int(random.next() % 60)).map { _ in
                    random.next() % 3 == 0 ? UInt8(random.next() % 25) : UInt8(truncatingIfNeeded: random.next())
                }
                readEverything([0, code] + tail, type, Int(random.next() % 9) + 1)
            }
        }
    }

    @Test func aPageOfNoRowsOrTooManyIsRefused() {
        for count in [-1, 0, 65_537, .max] {
            #expect(throws: FormatError.self) { try PageMemory([0, 2, 0]).reader(type: .int8, rowCount: count) }
        }
    }

    @Test func nestingWithoutEndIsRefused() {
        // Narrowed is only for float64, run-length for anything: runs of runs of runs.
        var bytes: [UInt8] = [2, 1]
        for _ in 0..<40 { bytes = [5, 1, 5, 2, 1, 0, 0, 0] + bytes }
        #expect(throws: FormatError.self) { try PageMemory([0] + bytes).reader(type: .uint8, rowCount: 1) }
    }

    /// Opens, decodes and reads points; any error is fine.
    private func readEverything(_ bytes: [UInt8], _ type: ColumnType, _ count: Int) {
        let memory = PageMemory(bytes)
        guard let reader = try? memory.reader(type: type, rowCount: count) else { return }
        let builder = ColumnBuilder(type: type)
        builder.appendNull()
        do throws(FormatError) {
            try reader.decode(rows: 0..<count, into: builder)
            #expect(builder.count == count + 1)
        } catch {
            #expect(builder.count == 1, "a failed decode left rows behind")
        }
        let piece = ColumnBuilder(type: type)
        try? reader.decode(rows: count / 3..<count - count / 4, into: piece)
        let cursor = VectorCursor(type: type)
        cursor.open(reader)
        for vector in 0..<(count + 1_023) / 1_024 where (try? cursor.load(vector)) != nil {
            if !type.isVariableLength { cursor.expand() }
        }
        let decoded = builder.snapshot()
        for row in [0, count / 2, count - 1] {
            guard let value = try? reader.value(at: row), builder.count == count + 1 else { continue }
            // A point read and a bulk read agree even on nonsense.
            let point = ColumnBuilder(type: type)
            guard point.append(value: value) else { continue }
            if type != .string { #expect(isSame(point.snapshot(), 0, decoded, row + 1)) }
        }
    }
}
