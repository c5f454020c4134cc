/// The fixed part of a frame: one call, in a log whose frames follow each other without gaps from byte 64 on.
///
/// ```
///  0  magic "DFRM": u32
///  4  payload byte count: u32, at most 2^30
///  8  base sequence: u64, the number of the frame's first row
/// 16  arrival: i64, µs since the Unix epoch
/// 24  durableUpTo: u64; all sequence numbers below it were durable when the frame was built
/// 32  sequence count: u32, how many numbers the frame takes, at least 1
/// 36  section count: u16
/// 38  flags: u16, zero; a reader refuses what it does not know
/// 40  checksum of the 40 bytes before: u64, seeded with the file's id and the frame's offset
/// 48  payload: the sections, then zeros up to a multiple of 8
///  …  checksum of the payload and the zeros: u64, seeded with the header's checksum
/// ```
///
/// The seeds catch what is left from an older file and what was written to the wrong place. The header has a checksum of
/// its own so that its length can be trusted before the payload is read. The log's id is in the seed, hence not in each frame.
package struct LogFrameHeader: Equatable, Sendable {
    package static let byteCount = 48
    /// The header and the checksum behind the payload.
    package static let overheadByteCount = 56
    package static let magic: UInt32 = 0x4D52_4644
    /// Frames begin at multiples of this.
    package static let alignment = 8
    package static let maximumPayloadByteCount = 1 << 30
    package static let maximumSectionCount = Int(UInt16.max)

    package var payloadByteCount: Int
    package var baseSequence: UInt64
    package var arrivalMicroseconds: Int64
    package var durableUpTo: UInt64
    package var sequenceCount: UInt32
    package var sectionCount: Int
    /// As found; also the seed of the payload's checksum.
    package var checksum: UInt64

    package var endSequence: UInt64 { baseSequence &+ UInt64(sequenceCount) }
    package var paddedPayloadByteCount: Int { (payloadByteCount + 7) & ~7 }
    package var frameByteCount: Int { paddedPayloadByteCount + Self.overheadByteCount }

    @inline(__always)
    package static func seed(file: UInt64, offset: Int) -> UInt64 {
        file ^ (UInt64(truncatingIfNeeded: offset) &* 0x9E37_79B9_7F4A_7C15)
    }

    /// Reads the header at `bytes`, which lies at `offset` of a file with the seed `file`.
    /// Throws `.truncated`, `.badMagic`, `.badChecksum` or `.invalid`.
    package init(decoding bytes: UnsafeRawBufferPointer, file: UInt64, offset: Int) throws(FormatError) {
        guard bytes.count >= Self.byteCount, let base = bytes.baseAddress else {
            throw FormatError(.truncated, "\(bytes.count) bytes left of a frame's header", at: offset)
        }
        guard unsafe UInt32(littleEndian: base.loadUnaligned(as: UInt32.self)) == Self.magic else {
            throw FormatError(.badMagic, "no frame begins here", at: offset)
        }
        unsafe checksum = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: 40, as: UInt64.self))
        let expected = unsafe Checksum.of(
            UnsafeRawBufferPointer(start: base, count: 40), seed: Self.seed(file: file, offset: offset))
        #if DRUMLIN_INJECTED_BUGS
            let isTrusted = InjectedBug.trustLength.isOn
        #else
            let isTrusted = false
        #endif
        guard checksum == expected || isTrusted else {
            throw FormatError(.badChecksum, "a frame's header does not match its checksum", at: offset)
        }
        let length = unsafe UInt32(littleEndian: base.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        unsafe baseSequence = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        unsafe arrivalMicroseconds = Int64(littleEndian: base.loadUnaligned(fromByteOffset: 16, as: Int64.self))
        unsafe durableUpTo = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
        unsafe sequenceCount = UInt32(littleEndian: base.loadUnaligned(fromByteOffset: 32, as: UInt32.self))
        unsafe sectionCount = Int(UInt16(littleEndian: base.loadUnaligned(fromByteOffset: 36, as: UInt16.self)))
        let flags = unsafe UInt16(littleEndian: base.loadUnaligned(fromByteOffset: 38, as: UInt16.self))
        payloadByteCount = Int(length)
        guard flags == 0 else {
            throw FormatError(.unsupported, "a frame has the unknown flags \(flags)", at: offset + 38)
        }
        guard payloadByteCount <= Self.maximumPayloadByteCount, sequenceCount > 0,
            baseSequence <= UInt64(Int64.max) - UInt64(sequenceCount)
        else { throw FormatError(.invalid, "a frame's header has lengths out of bounds", at: offset) }
    }

    /// Whether the payload, its padding and its checksum, which begin at `bytes`, are what was written.
    package func matches(payload bytes: UnsafeRawBufferPointer) -> Bool {
        #if DRUMLIN_INJECTED_BUGS
            if InjectedBug.trustPayload.isOn { return true }
        #endif
        let padded = paddedPayloadByteCount
        guard bytes.count >= padded + 8, let base = bytes.baseAddress else { return false }
        let found = unsafe UInt64(littleEndian: base.loadUnaligned(fromByteOffset: padded, as: UInt64.self))
        return unsafe Checksum.of(UnsafeRawBufferPointer(start: base, count: padded), seed: checksum) == found
    }

    /// Writes the header at `base`, with its checksum, which is returned.
    @inline(__always)
    static func write(
        to base: UnsafeMutableRawPointer, payloadByteCount: Int, baseSequence: UInt64, arrivalMicroseconds: Int64,
        durableUpTo: UInt64, sequenceCount: UInt32, sectionCount: Int, seed: UInt64
    ) -> UInt64 {
        unsafe base.storeBytes(of: magic.littleEndian, as: UInt32.self)
        unsafe base.storeBytes(of: UInt32(payloadByteCount).littleEndian, toByteOffset: 4, as: UInt32.self)
        unsafe base.storeBytes(of: baseSequence.littleEndian, toByteOffset: 8, as: UInt64.self)
        unsafe base.storeBytes(of: arrivalMicroseconds.littleEndian, toByteOffset: 16, as: Int64.self)
        unsafe base.storeBytes(of: durableUpTo.littleEndian, toByteOffset: 24, as: UInt64.self)
        unsafe base.storeBytes(of: sequenceCount.littleEndian, toByteOffset: 32, as: UInt32.self)
        unsafe base.storeBytes(of: UInt16(sectionCount).littleEndian, toByteOffset: 36, as: UInt16.self)
        unsafe base.storeBytes(of: UInt16(0), toByteOffset: 38, as: UInt16.self)
        let checksum = unsafe Checksum.of(UnsafeRawBufferPointer(start: base, count: 40), seed: seed)
        unsafe base.storeBytes(of: checksum.littleEndian, toByteOffset: 40, as: UInt64.self)
        return checksum
    }
}
