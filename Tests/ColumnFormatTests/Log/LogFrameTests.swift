import ColumnFormat
import TestSupport
import Testing

struct LogFrameTests {
    private func frame(_ rows: [UInt8], offset: Int = 64, seed: UInt64 = 5) throws -> [UInt8] {
        var builder = LogFrameBuilder(buffer: LogBuffer(byteCapacity: 0), fileSeed: seed, fileOffset: offset)
        builder.beginFrame()
        try builder.beginSection(.rows, tableID: 1, schemaVersion: 2)
        try builder.append(rows)
        builder.endSection(rowCount: 1)
        builder.endFrame(baseSequence: 17, arrivalMicroseconds: 1_234, durableUpTo: 11)
        return builder.takeBuffer(replacement: LogBuffer(byteCapacity: 0)).copy()
    }

    private func header(_ bytes: [UInt8], offset: Int = 64, seed: UInt64 = 5) throws -> LogFrameHeader {
        try unsafe bytes.withUnsafeBytes { unsafe try LogFrameHeader(decoding: $0, file: seed, offset: offset) }
    }

    /// The bytes of the format: a change here is a change of the format's version.
    @Test func aFrameHasItsBytes() throws {
        let bytes = try frame([0xAA, 0xBB, 0xCC])
        #expect(bytes.count == 48 + 24 + 8)
        #expect(Array(bytes[..<4]) == Array("DFRM".utf8))
        #expect(Array(bytes[4..<8]) == [23, 0, 0, 0])
        #expect(Array(bytes[8..<16]) == [17, 0, 0, 0, 0, 0, 0, 0])
        #expect(Array(bytes[16..<24]) == [0xD2, 0x04, 0, 0, 0, 0, 0, 0])
        #expect(Array(bytes[24..<32]) == [11, 0, 0, 0, 0, 0, 0, 0])
        #expect(Array(bytes[32..<40]) == [1, 0, 0, 0, 1, 0, 0, 0])
        let seed = 5 ^ (64 &* 0x9E37_79B9_7F4A_7C15 as UInt64)
        let headerChecksum = Checksum.of(Array(bytes[..<40]), seed: seed)
        #expect(Array(bytes[40..<48]) == littleEndian(headerChecksum))
        #expect(Array(bytes[48..<68]) == [1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0])
        #expect(Array(bytes[68..<72]) == [0xAA, 0xBB, 0xCC, 0])
        #expect(Array(bytes[72...]) == littleEndian(Checksum.of(Array(bytes[48..<72]), seed: headerChecksum)))
    }

    private func littleEndian(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }

    @Test func aHeaderIsGoodOnlyAtItsPlaceInItsFile() throws {
        let bytes = try frame([1])
        let header = try header(bytes)
        #expect(header.baseSequence == 17 && header.endSequence == 18 && header.durableUpTo == 11)
        #expect(header.frameByteCount == bytes.count)
        for (offset, seed) in [(72, 5), (0, 5), (64, 6)] as [(Int, UInt64)] {
            let error = #expect(throws: FormatError.self) { try self.header(bytes, offset: offset, seed: seed) }
            #expect(error?.code == .badChecksum)
        }
    }

    @Test func everyFlippedBitIsSeen() throws {
        let bytes = try frame([1, 2, 3, 4, 5])
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            guard let header = try? header(damaged) else { continue }
            #expect(bit / 8 >= LogFrameHeader.byteCount)
            let matches = unsafe damaged.withUnsafeBytes {
                unsafe header.matches(payload: UnsafeRawBufferPointer(rebasing: $0[LogFrameHeader.byteCount...]))
            }
            #expect(!matches, "bit \(bit)")
        }
    }

    /// Headers whose checksum is right, with fields that no writer produces.
    @Test func impossibleHeadersAreRefused() throws {
        let bytes = try frame([1])
        func altered(_ place: Int, _ values: [UInt8]) -> [UInt8] {
            var altered = bytes
            altered.replaceSubrange(place..<place + values.count, with: values)
            let checksum = Checksum.of(Array(altered[..<40]), seed: LogFrameHeader.seed(file: 5, offset: 64))
            altered.replaceSubrange(40..<48, with: littleEndian(checksum))
            return altered
        }
        #expect(try header(altered(8, [18])).baseSequence == 18)
        let impossible: [(Int, [UInt8], FormatError.Code)] = [
            (4, [1, 0, 0, 0x40], .invalid), (32, [0, 0, 0, 0], .invalid),
            (8, [UInt8](repeating: 0xFF, count: 8), .invalid), (38, [1, 0], .unsupported),
        ]
        for (place, values, code) in impossible {
            let error = #expect(throws: FormatError.self) { try header(altered(place, values)) }
            #expect(error?.code == code)
        }
        for length in 0..<LogFrameHeader.byteCount {
            let error = #expect(throws: FormatError.self) { try header(Array(bytes[..<length])) }
            #expect(error?.code == .truncated)
        }
    }

    /// Sections are checked although the payload's checksum was right: a later version may write what this one cannot read.
    @Test func sectionsThatReachBeyondTheirFrameAreRefused() throws {
        var generator = SeededGenerator(seed: 8)
        for round in 0..<3_000 {
            var payload = (0..<Int.random(in: 0...80, using: &generator)).map { _ in
                UInt8.random(in: 0...(round % 2 == 0 ? 3 : 255), using: &generator)
            }
            if round % 3 == 0 { payload += [1, 0, 0, 0] }
            var header = try self.header(try frame([]))
            header.payloadByteCount = payload.count
            header.sectionCount = Int.random(in: 0...4, using: &generator)
            unsafe payload.withUnsafeBytes { raw in
                var sections = unsafe LogFrame(header: header, offset: 0, payload: raw).sections
                while let section = try? sections.next() {
                    let count = unsafe section.bytes.count
                    #expect(count <= raw.count)
                }
            }
        }
    }

    @Test func manyFramesLieBehindEachOther() throws {
        var builder = LogFrameBuilder(buffer: LogBuffer(byteCapacity: 0), fileSeed: 5, fileOffset: 1_000)
        var offsets: [Int] = []
        for size in 0..<300 {
            offsets.append(builder.endOffset - 1_000)
            builder.beginFrame()
            if size % 7 == 0 {
                builder.abortFrame()
                builder.beginFrame()
            }
            try builder.beginSection(.rows, tableID: 1, schemaVersion: 1)
            try builder.append([UInt8](repeating: UInt8(truncatingIfNeeded: size), count: size))
            builder.endSection(rowCount: size)
            let count = builder.endFrame(baseSequence: UInt64(size), arrivalMicroseconds: 0, durableUpTo: 0)
            #expect(count == UInt32(max(size, 1)))
        }
        let bytes = builder.takeBuffer(replacement: LogBuffer(byteCapacity: 0)).copy()
        #expect(builder.endOffset == 1_000 + bytes.count)
        for (size, offset) in offsets.enumerated() {
            let header = try self.header(Array(bytes[offset...]), offset: 1_000 + offset)
            #expect(header.baseSequence == UInt64(size))
        }
    }

    @Test func aFrameHasALargestSize() throws {
        var builder = LogFrameBuilder(buffer: LogBuffer(byteCapacity: 0), fileSeed: 5, fileOffset: 64)
        builder.beginFrame()
        try builder.beginSection(.rows, tableID: 1, schemaVersion: 1)
        #expect(throws: FormatError.self) { _ = unsafe try builder.reserve(LogFrameHeader.maximumPayloadByteCount) }
        builder.abortFrame()
        builder.beginFrame()
        for _ in 0..<LogFrameHeader.maximumSectionCount {
            try builder.beginSection(.event, tableID: 0, schemaVersion: 0)
            builder.endSection(rowCount: 0)
        }
        #expect(throws: FormatError.self) { try builder.beginSection(.event, tableID: 0, schemaVersion: 0) }
    }
}
