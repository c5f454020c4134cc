internal import ColumnFormat

extension IndexRun {
    /// The one bit of an index file that keeps it from matching its checksums; nil where none does, or several.
    static func flippedBit(of bytes: [UInt8], _ search: BitSearch) -> FlippedBit? {
        let headerEnd = IndexRunFormat.headerByteCount - 8
        guard bytes.count >= IndexRunFormat.headerByteCount else { return nil }
        return unsafe bytes.withUnsafeBytes { raw in
            func part(_ range: Range<Int>) -> UnsafeRawBufferPointer {
                unsafe UnsafeRawBufferPointer(rebasing: raw[range])
            }
            let stored = bytes.word(at: headerEnd)
            guard unsafe Checksum.of(part(0..<headerEnd)) == stored else {
                return unsafe search.find(in: part(0..<headerEnd), seed: 0, stored: stored, at: headerEnd)
            }
            guard let header = unsafe try? IndexRunFormat.check(raw) else { return nil }
            let checksums = header.checksumOffset..<bytes.count
            guard unsafe Checksum.of(part(checksums), seed: IndexRunFormat.magic) == header.checksum else {
                let bit = unsafe search.find(
                    in: part(checksums), seed: IndexRunFormat.magic, expected: header.checksum)
                return bit?.moved(by: header.checksumOffset)
            }
            for number in 0..<header.pieceCount {
                let place = header.piece(number)
                let expected = bytes.word(at: header.checksumOffset + number * 8)
                guard unsafe Checksum.of(part(place), seed: UInt64(place.lowerBound)) != expected else { continue }
                let bit = unsafe search.find(in: part(place), seed: UInt64(place.lowerBound), expected: expected)
                return bit?.moved(by: place.lowerBound)
            }
            return nil
        }
    }
}
