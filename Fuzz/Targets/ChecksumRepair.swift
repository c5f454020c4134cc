import ColumnFormat
import ColumnStore

/// Makes checksums right, so that the fuzzer gets to what lies behind them.
enum ChecksumRepair {
    /// A log or a manifest: the header, and each frame that can be one by its length.
    static func log(_ bytes: inout [UInt8], kind: LogFileHeader.Kind) {
        guard bytes.count >= LogFileHeader.byteCount else { return }
        let magic = LogFileHeader(kind: kind, id: UniqueID(high: 0, low: 0), number: 1, firstSequence: 1).encoded()
        bytes.replaceSubrange(0..<10, with: magic[0..<10])
        bytes.set(Checksum.of(Array(bytes[0..<56])), at: 56)
        let seed = Checksum.of(Array(bytes[16..<32]))
        var offset = LogFileHeader.byteCount
        while bytes.count - offset >= LogFrameHeader.overheadByteCount {
            bytes.set(UInt64(LogFrameHeader.magic), at: offset, byteCount: 4)
            let padded = Int(bytes.word(offset + 4) & 0xFFFF_FFFF + 7) & ~7
            guard padded <= bytes.count - offset - LogFrameHeader.overheadByteCount else { return }
            let frameSeed = LogFrameHeader.seed(file: seed, offset: offset)
            bytes.set(Checksum.of(Array(bytes[offset..<offset + 40]), seed: frameSeed), at: offset + 40)
            let payload = offset + LogFrameHeader.byteCount
            bytes.set(
                Checksum.of(Array(bytes[payload..<payload + padded]), seed: bytes.word(offset + 40)),
                at: payload + padded)
            offset = payload + padded + 8
        }
    }

    /// A segment: the header, the trailer, and, where the footer can be read, the checksums of the pages.
    static func segment(_ bytes: inout [UInt8]) {
        guard bytes.count >= SegmentFormat.headerByteCount + SegmentFormat.trailerByteCount else { return }
        bytes.replaceSubrange(0..<SegmentFormat.headerByteCount, with: SegmentFormat.header())
        var trailer = bytes.count - SegmentFormat.trailerByteCount
        bytes.set(SegmentFormat.magic, at: trailer + 16)
        guard let length = Int(exactly: bytes.word(trailer + 8)), length <= trailer - SegmentFormat.headerByteCount
        else {
            return
        }
        let start = trailer - length
        let footer = unsafe bytes.withUnsafeBytes { raw in
            unsafe try? SegmentFooter(
                reading: UnsafeRawBufferPointer(rebasing: raw[start..<trailer]), fileByteCount: start)
        }
        if var footer {
            for column in footer.columns.indices {
                for block in footer.columns[column].indices {
                    let page = footer.columns[column][block]
                    footer.columns[column][block].checksum = Checksum.of(
                        Array(bytes[page.offset..<page.offset + page.byteCount]), seed: UInt64(page.offset))
                }
            }
            let rewritten = footer.bytes()
            bytes.replaceSubrange(start..<trailer, with: rewritten)
            trailer = start + rewritten.count
            bytes.set(UInt64(rewritten.count), at: trailer + 8)
        }
        bytes.set(Checksum.of(Array(bytes[start..<trailer]), seed: SegmentFormat.magic), at: trailer)
    }

    /// An index run: pieces, their checksums, the header.
    static func index(_ bytes: inout [UInt8]) {
        guard bytes.count >= IndexRunFormat.headerByteCount else { return }
        bytes.set(IndexRunFormat.magic, at: 0)
        bytes.set(Checksum.of(Array(bytes[0..<56])), at: 56)
        guard let header = header(bytes) else { return }
        for number in 0..<header.pieceCount {
            let place = header.piece(number)
            bytes.set(
                Checksum.of(Array(bytes[place]), seed: UInt64(place.lowerBound)), at: header.checksumOffset + number * 8
            )
        }
        bytes.set(Checksum.of(Array(bytes[header.checksumOffset...]), seed: IndexRunFormat.magic), at: 40)
        bytes.set(Checksum.of(Array(bytes[0..<56])), at: 56)
    }

    private static func header(_ bytes: [UInt8]) -> IndexRunFormat.Header? {
        unsafe bytes.withUnsafeBytes { unsafe try? IndexRunFormat.check($0) }
    }
}
