package import ColumnFormat

/// The bytes of an index run: the hashes of the keys of a range of rows of one table, sorted, in buckets.
///
///     header     64 bytes
///     directory  where each bucket begins: 2^b + 1 numbers of d bits; then zeros up to a multiple of 8
///     entries    n numbers of 32 − b + r bits, in the order of (hash, row); then zeros up to a multiple of 8
///     checksums  a UInt64 for each 4,096 bytes of the directory, then of the entries; the last piece of each is the rest
///
/// A bucket holds the hashes that agree in their upper b bits. An entry is the rest of a hash (upper bits) and a row,
/// counted from the run's first (r lower bits), so that nothing of a hash is lost: two runs merge in one pass through both,
/// without a look at a key. Bucket k begins at entry ⌊k · n ÷ 2^b⌋ + directory[k] − 2^(d − 1): hashes are spread evenly, so
/// that a few bits say how far a bucket is from where it would be.
///
/// Numbers are packed without gaps, lower bits first: number i has the bits i · width … of the section.
package enum IndexRunFormat {
    package static let magic: UInt64 = 0x5844_494C_4D55_5244
    package static let version: UInt16 = 2
    package static let headerByteCount = 64
    /// What one checksum guards.
    package static let pieceByteCount = 4_096
    /// The most bits of a packed number: with the shift of up to 7 it is read by one load.
    package static let maximumPackedBits = 57
    /// Bits of a number in a directory that can say everything.
    package static let widestDirectoryBits = 34
    /// The most rows that a run covers.
    package static let maximumRowCount = UInt64(UInt32.max) - 1
    package static let maximumEntryCount = Int(UInt32.max) - 1

    /// What a run holds and how; everything else about its bytes follows.
    package struct Header: Sendable, Equatable {
        package var firstRow: UInt64
        package var endRow: UInt64
        package var entryCount: Int
        /// b: the upper bits of a hash, which choose its bucket.
        package var bucketBits: Int
        /// r: the bits of a row.
        package var rowBits: Int
        /// d: the bits of a number in the directory.
        package var directoryBits: Int
        /// The checksum of the checksums.
        package var checksum: UInt64 = 0

        /// The layout for `entryCount` entries, at least one, of some rows: 8 to 16 entries a bucket.
        package init(entryCount: Int, firstRow: UInt64, endRow: UInt64) {
            self.firstRow = firstRow
            self.endRow = endRow
            self.entryCount = entryCount
            rowBits = IndexRunFormat.bits(for: endRow - firstRow - 1)
            bucketBits = max(0, IndexRunFormat.bits(for: UInt64(entryCount)) - 4, rowBits - 25)
            // Five standard deviations of a bucket's place in the middle of the run.
            let deviation = 5 * Double(entryCount).squareRoot() / 2 + 2
            directoryBits = min(
                IndexRunFormat.bits(for: UInt64(deviation)) + 1, IndexRunFormat.widestDirectoryBits)
        }

        package var entryBits: Int { 32 - bucketBits + rowBits }
        package var bucketCount: Int { 1 << bucketBits }
        package var rowCount: UInt64 { endRow - firstRow }

        package var directoryOffset: Int { IndexRunFormat.headerByteCount }
        package var directoryByteCount: Int { IndexRunFormat.byteCount(bucketCount + 1, width: directoryBits) }
        package var entryOffset: Int { directoryOffset + directoryByteCount }
        package var entryByteCount: Int { IndexRunFormat.byteCount(entryCount, width: entryBits) }
        package var checksumOffset: Int { entryOffset + entryByteCount }
        package var directoryPieceCount: Int { IndexRunFormat.pieceCount(directoryByteCount) }
        package var pieceCount: Int { directoryPieceCount + IndexRunFormat.pieceCount(entryByteCount) }
        package var byteCount: Int { checksumOffset + pieceCount * 8 }

        /// The place in the file of what a checksum guards.
        package func piece(_ number: Int) -> Range<Int> {
            let isEntries = number >= directoryPieceCount
            let place = (isEntries ? number - directoryPieceCount : number) * IndexRunFormat.pieceByteCount
            let start = (isEntries ? entryOffset : directoryOffset) + place
            return start..<min(start + IndexRunFormat.pieceByteCount, isEntries ? checksumOffset : entryOffset)
        }

        /// Where bucket `number` would begin if all were alike.
        @inline(__always)
        package func expectedStart(ofBucket number: Int) -> Int {
            Int(truncatingIfNeeded: (UInt64(truncatingIfNeeded: number) &* UInt64(entryCount)) &>> UInt64(bucketBits))
        }

        package func bytes() -> [UInt8] {
            var writer = ByteWriter(reservingCapacity: IndexRunFormat.headerByteCount)
            writer.append(IndexRunFormat.magic)
            writer.append(IndexRunFormat.version)
            writer.append(UInt8(bucketBits))
            writer.append(UInt8(rowBits))
            writer.append(UInt8(directoryBits))
            writer.pad(to: 16)
            writer.append(firstRow)
            writer.append(endRow)
            writer.append(UInt64(entryCount))
            writer.append(checksum)
            writer.append(UInt64(0))
            writer.append(Checksum.of(writer.bytes))
            return writer.bytes
        }
    }

    /// Checks header and bounds.
    package static func check(_ bytes: UnsafeRawBufferPointer) throws(FormatError) -> Header {
        var reader = unsafe ByteReader(bytes)
        guard try reader.read(UInt64.self) == magic else {
            throw FormatError(.badMagic, "this is no index run: it does not begin with DRUMLIDX")
        }
        let version = try reader.read(UInt16.self)
        let (bucketBits, rowBits) = (try reader.read(UInt8.self), try reader.read(UInt8.self))
        let directoryBits = try reader.read(UInt8.self)
        try reader.skip(3)
        let (firstRow, endRow) = (try reader.read(UInt64.self), try reader.read(UInt64.self))
        let entryCount = try reader.read(UInt64.self)
        let checksum = try reader.read(UInt64.self)
        try reader.skip(8)
        let stored = try reader.read(UInt64.self)
        guard unsafe Checksum.of(UnsafeRawBufferPointer(rebasing: bytes[..<56])) == stored else {
            throw FormatError(.badChecksum, "the header does not match its checksum", at: 56)
        }
        guard version <= Self.version else {
            throw FormatError(.unsupported, "index run version \(version), this version reads \(Self.version)", at: 8)
        }
        // No release wrote an earlier one.
        guard version == Self.version else { throw FormatError(.invalid, "index run version \(version)", at: 8) }
        guard endRow > firstRow, endRow - firstRow <= maximumRowCount, endRow <= UInt64(Int64.max) else {
            throw FormatError(.invalid, "rows \(firstRow) to \(endRow)", at: 16)
        }
        guard entryCount >= 1, entryCount <= UInt64(maximumEntryCount) else {
            throw FormatError(.invalid, "\(entryCount) entries", at: 32)
        }
        var header = Header(entryCount: Int(entryCount), firstRow: firstRow, endRow: endRow)
        header.bucketBits = Int(bucketBits)
        header.rowBits = Int(rowBits)
        header.directoryBits = Int(directoryBits)
        header.checksum = checksum
        guard header.bucketBits <= 32, (1...widestDirectoryBits).contains(header.directoryBits),
            header.rowBits <= 32, (1...maximumPackedBits).contains(header.entryBits)
        else {
            throw FormatError(.invalid, "\(bucketBits), \(rowBits) and \(directoryBits) bits", at: 10)
        }
        guard header.byteCount == bytes.count else {
            throw FormatError(.truncated, "\(bytes.count) bytes, expected \(header.byteCount)", at: bytes.count)
        }
        return header
    }

    /// Holds the checksums against theirs.
    package static func check(checksumsOf header: Header, in bytes: UnsafeRawBufferPointer) throws(FormatError) {
        let checksums = unsafe UnsafeRawBufferPointer(rebasing: bytes[header.checksumOffset...])
        guard unsafe Checksum.of(checksums, seed: magic) == header.checksum else {
            throw FormatError(.badChecksum, "the checksums do not match theirs", at: header.checksumOffset)
        }
    }

    /// Bits that `value` needs.
    static func bits(for value: UInt64) -> Int { 64 - value.leadingZeroBitCount }

    static func byteCount(_ count: Int, width: Int) -> Int { (count * width + 63) / 64 * 8 }

    static func pieceCount(_ byteCount: Int) -> Int { (byteCount + pieceByteCount - 1) / pieceByteCount }

    /// Number `index` of a section. Reads 8 bytes, which may reach into what comes after the section.
    @inline(__always)
    static func number(_ section: UnsafeRawPointer, _ index: Int, width: Int) -> UInt64 {
        let bit = index &* width
        let word = unsafe UInt64(littleEndian: section.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self))
        return (word &>> UInt64(truncatingIfNeeded: bit & 7)) & ~(UInt64.max &<< UInt64(truncatingIfNeeded: width))
    }
}
