/// The first 64 bytes of a log, and of a manifest, which is a log of edits.
///
/// ```
///  0  magic "DRUMLOG\n" or "DRUMMAN\n"
///  8  format major, minor: u16 each
/// 12  release that wrote it: u32, see ReleaseVersion
/// 16  id of the file: two u64, high half first
/// 32  number of the file: u64, as in its name
/// 40  first sequence number: u64
/// 48  reserved: u64, zero
/// 56  checksum of the 56 bytes before: u64
/// ```
///
/// A file gets its name only after its header is durable, so a file whose header is wrong was damaged.
package struct LogFileHeader: Equatable, Sendable {
    /// What the frames of a file hold.
    package enum Kind: Sendable {
        case log, manifest

        var magic: UInt64 {
            switch self {
            case .log: 0x0A47_4F4C_4D55_5244
            case .manifest: 0x0A4E_414D_4D55_5244
            }
        }
    }

    package static let byteCount = 64
    package static let majorVersion: UInt16 = 1
    package static let minorVersion: UInt16 = 0

    package let kind: Kind
    package let id: UniqueID
    package let number: UInt64
    package let firstSequence: UInt64
    /// The release that began the file; nil where it was before the first.
    package let writer: ReleaseVersion?

    package init(kind: Kind, id: UniqueID, number: UInt64, firstSequence: UInt64) {
        self.kind = kind
        self.id = id
        self.number = number
        self.firstSequence = firstSequence
        writer = .current
    }

    package func encoded() -> [UInt8] {
        var bytes = ByteWriter(reservingCapacity: Self.byteCount)
        bytes.append(kind.magic)
        bytes.append(Self.majorVersion)
        bytes.append(Self.minorVersion)
        bytes.append(writer?.code ?? 0)
        bytes.append(id.high)
        bytes.append(id.low)
        bytes.append(number)
        bytes.append(firstSequence)
        bytes.append(UInt64(0))
        bytes.append(Checksum.of(bytes.bytes))
        return bytes.bytes
    }

    /// Throws `.truncated`, `.badMagic`, `.badChecksum` or, for a later major version, `.unsupported`.
    package init(decoding bytes: UnsafeRawBufferPointer, kind: Kind) throws(FormatError) {
        var reader = unsafe ByteReader(bytes)
        let magic = try reader.read(UInt64.self)
        guard magic == kind.magic else {
            throw FormatError(.badMagic, "these are not the first bytes of a \(kind)")
        }
        let major = try reader.read(UInt16.self)
        try reader.skip(2)
        writer = ReleaseVersion(code: try reader.read(UInt32.self))
        let id = UniqueID(high: try reader.read(UInt64.self), low: try reader.read(UInt64.self))
        number = try reader.read(UInt64.self)
        firstSequence = try reader.read(UInt64.self)
        try reader.skip(8)
        let end = reader.offset
        let checksum = try reader.read(UInt64.self)
        guard unsafe Checksum.of(UnsafeRawBufferPointer(rebasing: bytes[..<end])) == checksum else {
            throw FormatError(.badChecksum, "the header of the \(kind) does not match its checksum", at: end)
        }
        guard major == Self.majorVersion else {
            throw FormatError(
                .unsupported, "format \(major) was found, this version reads format \(Self.majorVersion)", at: 8)
        }
        guard firstSequence <= UInt64(Int64.max) else {
            throw FormatError(.invalid, "a file that begins with sequence number \(firstSequence)", at: 40)
        }
        self.kind = kind
        self.id = id
    }

    /// What the frames' checksums are seeded with, beside their offsets.
    package var seed: UInt64 {
        var writer = ByteWriter(reservingCapacity: 16)
        writer.append(id.high)
        writer.append(id.low)
        return Checksum.of(writer.bytes)
    }
}
