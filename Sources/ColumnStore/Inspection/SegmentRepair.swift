internal import ColumnFormat

/// The bytes of a damaged segment file with everything put right that can be known: the header, which is the same in all,
/// the trailer, where the footer is found without it, and single bits that a checksum tells.
struct SegmentRepair {
    private(set) var bytes: [UInt8]
    /// What was wrong, mended or not, apart from pages that several wrong bits spoil.
    private(set) var findings: [Damage] = []
    /// Nil where no footer can be read.
    private(set) var footer: SegmentFooter?

    private let path: String
    private let search: BitSearch

    /// A footer whose length is lost is looked for in so many bytes before the trailer.
    private static let searchedByteCount = 1 << 20

    /// - Parameter footerChecksum: What the manifest says of the footer, if it says anything.
    init(_ bytes: [UInt8], path: String, footerChecksum: UInt64?, search: BitSearch) {
        self.bytes = bytes
        self.path = path
        self.search = search
        guard bytes.count > SegmentFormat.headerByteCount + SegmentFormat.trailerByteCount, repairHeader() else {
            return
        }
        repairTrailer(footerChecksum)
        let trailer = bytes.count - SegmentFormat.trailerByteCount
        let length = Int(clamping: self.bytes.word(at: trailer + 8))
        guard length <= trailer - SegmentFormat.headerByteCount else { return }
        footer = try? unsafe self.bytes.withUnsafeBytesThrowing { (raw) throws(FormatError) in
            let part = unsafe UnsafeRawBufferPointer(rebasing: raw[trailer - length..<trailer])
            guard unsafe Checksum.of(part, seed: SegmentFormat.magic) == self.bytes.word(at: trailer) else {
                throw FormatError(.badChecksum, "the footer does not match its checksum")
            }
            return unsafe try SegmentFooter(reading: part, fileByteCount: trailer - length)
        }
        repairPages()
        repairPadding(before: trailer - length)
    }

    private mutating func note(_ message: String, at offset: Int, _ bit: FlippedBit? = nil) {
        var damage = Damage(message, path: path, offset: offset)
        damage.flippedBit = bit
        findings.append(damage)
    }

    /// False where the file is of a later version.
    private mutating func repairHeader() -> Bool {
        do throws(FormatError) {
            try unsafe bytes.withUnsafeBytesThrowing { (raw) throws(FormatError) in
                unsafe try SegmentFormat.checkHeader(raw)
            }
            return true
        } catch {
            guard error.code != .unsupported else { return false }
            let header = SegmentFormat.header()
            let wrong = header.indices.filter { bytes[$0] != header[$0] }
            let difference = wrong.first.map { bytes[$0] ^ header[$0] } ?? 0
            let isOne = wrong.count == 1 && difference.nonzeroBitCount == 1
            note(
                error.message, at: error.offset,
                isOne ? FlippedBit(byte: wrong[0], bit: difference.trailingZeroBitCount) : nil)
            bytes.replaceSubrange(0..<header.count, with: header)
            return true
        }
    }

    // MARK: The footer

    private mutating func repairTrailer(_ footerChecksum: UInt64?) {
        let trailer = bytes.count - SegmentFormat.trailerByteCount
        let (stored, length) = (bytes.word(at: trailer), bytes.word(at: trailer + 8))
        let magic = bytes.word(at: trailer + 16)
        if magic != SegmentFormat.magic {
            note(
                "the file does not end with a segment's trailer", at: trailer + 16,
                FlippedBit(of: magic, expected: SegmentFormat.magic, at: trailer + 16))
            write(SegmentFormat.magic, at: trailer + 16)
        }
        let room = UInt64(trailer - SegmentFormat.headerByteCount)
        if length <= room, repairFooter(trailer - Int(length)..<trailer, stored, footerChecksum) { return }
        guard let start = footerStart(before: trailer, checksums: [stored, footerChecksum ?? stored]) else { return }
        let found = UInt64(trailer - start)
        note(
            "the trailer has a wrong length of the footer", at: trailer + 8,
            FlippedBit(of: length, expected: found, at: trailer + 8))
        write(found, at: trailer + 8)
        write(checksum(ofFooter: start..<trailer), at: trailer)
    }

    /// Whether the footer in `place` is right, or now is.
    private mutating func repairFooter(_ place: Range<Int>, _ stored: UInt64, _ recorded: UInt64?) -> Bool {
        let computed = checksum(ofFooter: place)
        if computed == stored { return true }
        if computed == recorded || recorded == nil && (computed ^ stored).nonzeroBitCount == 1 {
            note(
                "the footer's checksum is wrong", at: place.upperBound,
                FlippedBit(of: stored, expected: computed, at: place.upperBound))
            write(computed, at: place.upperBound)
            return true
        }
        let bit = unsafe bytes.withUnsafeBytes { raw in
            let part = unsafe UnsafeRawBufferPointer(rebasing: raw[place])
            return unsafe search.find(in: part, seed: SegmentFormat.magic, expected: recorded ?? stored)
        }
        guard let bit = bit?.moved(by: place.lowerBound) else { return false }
        note("the footer does not match its checksum", at: place.lowerBound, bit)
        bytes.flip(bit)
        return true
    }

    private func footerStart(before trailer: Int, checksums: [UInt64]) -> Int? {
        let alignment = SegmentFormat.pageAlignment
        var start = (trailer - 1) / alignment * alignment
        let last = max(SegmentFormat.headerByteCount, trailer - Self.searchedByteCount)
        while start >= last {
            if checksums.contains(checksum(ofFooter: start..<trailer)) { return start }
            start -= alignment
        }
        return nil
    }

    private func checksum(ofFooter place: Range<Int>) -> UInt64 {
        unsafe bytes.withUnsafeBytes { raw in
            unsafe Checksum.of(UnsafeRawBufferPointer(rebasing: raw[place]), seed: SegmentFormat.magic)
        }
    }

    private mutating func write(_ word: UInt64, at offset: Int) {
        for place in 0..<8 { bytes[offset + place] = UInt8(truncatingIfNeeded: word >> (8 * UInt64(place))) }
    }

    // MARK: Pages

    private mutating func repairPadding(before end: Int) {
        for gap in footer?.padding(before: end) ?? [] {
            for place in gap where bytes[place] != 0 {
                note("a byte of padding is not zero", at: place, FlippedBit(ofZero: bytes[place], at: place))
                bytes[place] = 0
            }
        }
    }

    private mutating func repairPages() {
        guard let footer else { return }
        for (column, pages) in footer.columns.enumerated() {
            for (block, page) in pages.enumerated() {
                let place = page.offset..<page.offset + page.byteCount
                let (isRight, bit) = unsafe bytes.withUnsafeBytes { raw in
                    let part = unsafe UnsafeRawBufferPointer(rebasing: raw[place])
                    let seed = UInt64(page.offset)
                    if unsafe Checksum.of(part, seed: seed) == page.checksum { return (true, FlippedBit?.none) }
                    return (false, unsafe search.find(in: part, seed: seed, expected: page.checksum))
                }
                guard !isRight, let bit = bit?.moved(by: page.offset) else { continue }
                let name = footer.schema.columns[column].name
                note("block \(block) of column '\(name)' does not match its checksum", at: page.offset, bit)
                bytes.flip(bit)
            }
        }
    }
}
