/// The frame of a segment file.
///
///     header    64 bytes: magic, versions, feature bits, checksum
///     pages     each at a multiple of 64 bytes; one column of one block
///     footer    ``SegmentFooter``
///     trailer   24 bytes: footer checksum, footer byte count, magic
package enum SegmentFormat {
    /// "DRUMLSEG" as a little-endian number.
    package static let magic: UInt64 = 0x4745_534C_4D55_5244
    package static let majorVersion: UInt16 = 1
    package static let minorVersion: UInt16 = 0
    /// Features that a reader must know to read the file right. None is defined yet.
    package static let knownReaderFeatures: UInt64 = 0
    package static let headerByteCount = 64
    package static let trailerByteCount = 24
    package static let pageAlignment = 64
    /// Rows of a block: the unit in which an encoding is chosen.
    package static let blockRowCount = 65_536
    /// Rows of a vector: the unit of decoding.
    package static let vectorRowCount = 1_024
    package static let maximumRowCount = 1_048_576
    package static let maximumFooterByteCount = 1 << 28

    package static func header() -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: headerByteCount)
        writer.append(magic)
        writer.append(majorVersion)
        writer.append(minorVersion)
        writer.append(UInt32(0))
        writer.append(knownReaderFeatures)
        writer.append(UInt64(0))  // optional features
        while writer.count < headerByteCount - 8 { writer.append(UInt8(0)) }
        writer.append(Checksum.of(writer.bytes))
        return writer.bytes
    }

    /// Refuses what is no segment, is damaged, or needs a later version.
    package static func checkHeader(_ bytes: UnsafeRawBufferPointer) throws(FormatError) {
        var reader = unsafe ByteReader(bytes)
        guard try reader.read(UInt64.self) == magic else {
            throw FormatError(.badMagic, "this is no Drumlin segment: it does not begin with DRUMLSEG")
        }
        let major = try reader.read(UInt16.self)
        try reader.skip(6)
        let features = try reader.read(UInt64.self)
        guard bytes.count >= headerByteCount else {
            throw FormatError(.truncated, "\(bytes.count) bytes, a header has \(headerByteCount)", at: bytes.count)
        }
        let stored = unsafe bytes.loadUnaligned(fromByteOffset: headerByteCount - 8, as: UInt64.self)
        let computed = unsafe Checksum.of(UnsafeRawBufferPointer(rebasing: bytes[..<(headerByteCount - 8)]))
        guard UInt64(littleEndian: stored) == computed else {
            throw FormatError(.badChecksum, "the header does not match its checksum", at: headerByteCount - 8)
        }
        guard major == majorVersion else {
            throw FormatError(.unsupported, "segment format \(major), this version reads format \(majorVersion)", at: 8)
        }
        let unknown = features & ~knownReaderFeatures
        guard unknown == 0 else {
            throw FormatError(
                .unsupported, "the segment needs reader feature bits 0x\(String(unknown, radix: 16))", at: 16)
        }
    }

    package static func trailer(footer: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: trailerByteCount)
        writer.append(Checksum.of(footer, seed: magic))
        writer.append(UInt64(footer.count))
        writer.append(magic)
        return writer.bytes
    }
}
