/// Builds frames in memory, one behind the other, as they will lie in the file.
///
/// ```
/// builder.beginFrame()
/// try builder.beginSection(.rows, tableID: 3, schemaVersion: 1)
/// let row = try builder.reserve(rowByteCount)      // write at most so many bytes there …
/// builder.advance(by: rowByteCount)                // … and say how many they were
/// builder.endSection(rowCount: 1)
/// builder.endFrame(baseSequence: 17, arrivalMicroseconds: now, durableUpTo: 12)
/// ```
///
/// Takes memory only when the buffer has to grow. The calls must come in this order; that they do is a precondition.
@safe
package struct LogFrameBuilder: ~Copyable, Sendable {
    private var buffer: LogBuffer
    /// Bytes of finished frames. The buffer learns of them when it is given away: a field of this value costs no check of
    /// exclusive access.
    private var count: Int
    private var fileSeed: UInt64
    /// Where in the file the buffer's first byte goes.
    package private(set) var fileOffset: Int
    private var frameStart = -1
    private var sectionStart = -1
    private var position = 0
    private var sectionCount = 0
    private var rowCount = 0
    /// The number that the frame under construction will get, if the owner of the builder set it.
    package var baseSequence: UInt64 = 0

    package init(buffer: LogBuffer, fileSeed: UInt64, fileOffset: Int) {
        self.buffer = buffer
        count = buffer.count
        self.fileSeed = fileSeed
        self.fileOffset = fileOffset
        position = count
    }

    /// Bytes of finished frames that wait in the buffer.
    package var pendingByteCount: Int { count }
    /// Where in the file the next frame will begin.
    package var endOffset: Int { fileOffset + count }
    /// How many rows the sections ended so far in this frame have.
    package var frameRowCount: Int { rowCount }

    /// Gives the finished frames away and goes on in `replacement`, which must be empty.
    package mutating func takeBuffer(replacement: LogBuffer) -> LogBuffer {
        precondition(frameStart < 0 && replacement.count == 0, "a buffer is taken between two frames, for an empty one")
        let full = buffer
        full.count = count
        fileOffset += count
        buffer = replacement
        count = 0
        position = 0
        return full
    }

    /// Goes on in another file, from its first frame. Nothing may be pending.
    package mutating func moveTo(fileSeed: UInt64, fileOffset: Int) {
        precondition(frameStart < 0 && count == 0, "a file is left between two frames, with none pending")
        self.fileSeed = fileSeed
        self.fileOffset = fileOffset
    }

    package mutating func beginFrame() {
        precondition(frameStart < 0, "a frame was not ended")
        frameStart = count
        position = frameStart
        makeRoom(LogFrameHeader.byteCount)
        position += LogFrameHeader.byteCount
        sectionCount = 0
        rowCount = 0
    }

    /// Throws `.invalid` if the frame gets too large; the frame can then only be aborted.
    package mutating func beginSection(
        _ kind: LogSectionKind, tableID: UInt32, schemaVersion: UInt32
    ) throws(FormatError) {
        precondition(frameStart >= 0 && sectionStart < 0, "a section begins within a frame, outside of any section")
        guard sectionCount < LogFrameHeader.maximumSectionCount else {
            throw FormatError(.invalid, "a frame has at most \(LogFrameHeader.maximumSectionCount) sections")
        }
        let header = unsafe try reserve(LogSection.headerByteCount)
        unsafe header.storeBytes(of: kind.rawValue.littleEndian, as: UInt32.self)
        unsafe header.storeBytes(of: tableID.littleEndian, toByteOffset: 4, as: UInt32.self)
        unsafe header.storeBytes(of: schemaVersion.littleEndian, toByteOffset: 8, as: UInt32.self)
        sectionStart = position
        sectionCount += 1
        position += LogSection.headerByteCount
    }

    /// Room for `byteCount` more bytes of the section; valid until the next call. Throws `.invalid` if the frame gets too
    /// large.
    package mutating func reserve(_ byteCount: Int) throws(FormatError) -> UnsafeMutableRawPointer {
        guard position - frameStart + byteCount <= LogFrameHeader.maximumPayloadByteCount else {
            throw FormatError(
                .invalid, "a call of more than \(LogFrameHeader.maximumPayloadByteCount) bytes; split it into several")
        }
        makeRoom(byteCount)
        return unsafe buffer.base + position
    }

    /// Adds the first `byteCount` bytes of what was reserved to the section.
    package mutating func advance(by byteCount: Int) { position += byteCount }

    /// Adds bytes to the section. Throws `.invalid` if the frame gets too large.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) throws(FormatError) {
        let target = unsafe try reserve(bytes.count)
        if let source = bytes.baseAddress { unsafe target.copyMemory(from: source, byteCount: bytes.count) }
        position += bytes.count
    }

    /// Adds bytes to the section. Throws `.invalid` if the frame gets too large.
    package mutating func append(_ bytes: [UInt8]) throws(FormatError) {
        let target = unsafe try reserve(bytes.count)
        unsafe bytes.withUnsafeBytes { source in
            if let base = source.baseAddress { unsafe target.copyMemory(from: base, byteCount: source.count) }
        }
        position += bytes.count
    }

    package mutating func endSection(rowCount rows: Int) {
        precondition(sectionStart >= 0, "no section was begun")
        let header = unsafe buffer.base + sectionStart
        let byteCount = position - sectionStart - LogSection.headerByteCount
        unsafe header.storeBytes(of: UInt32(rows).littleEndian, toByteOffset: 12, as: UInt32.self)
        unsafe header.storeBytes(of: UInt32(byteCount).littleEndian, toByteOffset: 16, as: UInt32.self)
        rowCount += rows
        sectionStart = -1
    }

    /// Finishes the frame. It takes as many sequence numbers as it has rows, at least one; returns how many.
    @discardableResult
    package mutating func endFrame(
        baseSequence: UInt64, arrivalMicroseconds: Int64, durableUpTo: UInt64
    ) -> UInt32 {
        precondition(frameStart >= 0 && sectionStart < 0, "a frame ends after its last section")
        let payloadByteCount = position - frameStart - LogFrameHeader.byteCount
        let padded = (payloadByteCount + 7) & ~7
        makeRoom(padded - payloadByteCount + 8)
        let base = unsafe buffer.base + frameStart
        let payload = unsafe base + LogFrameHeader.byteCount
        for i in payloadByteCount..<padded { unsafe payload.storeBytes(of: 0, toByteOffset: i, as: UInt8.self) }
        let sequenceCount = UInt32(max(rowCount, 1))
        let checksum = unsafe LogFrameHeader.write(
            to: base, payloadByteCount: payloadByteCount, baseSequence: baseSequence,
            arrivalMicroseconds: arrivalMicroseconds, durableUpTo: durableUpTo, sequenceCount: sequenceCount,
            sectionCount: sectionCount,
            seed: LogFrameHeader.seed(file: fileSeed, offset: fileOffset + frameStart))
        let payloadChecksum = unsafe Checksum.of(UnsafeRawBufferPointer(start: payload, count: padded), seed: checksum)
        unsafe payload.storeBytes(of: payloadChecksum.littleEndian, toByteOffset: padded, as: UInt64.self)
        count = frameStart + LogFrameHeader.overheadByteCount + padded
        frameStart = -1
        return sequenceCount
    }

    /// Undoes everything since `beginFrame()`.
    package mutating func abortFrame() {
        precondition(frameStart >= 0, "no frame was begun")
        position = count
        frameStart = -1
        sectionStart = -1
    }

    @inline(__always)
    private mutating func makeRoom(_ byteCount: Int) {
        if position + byteCount > buffer.capacity {
            buffer = buffer.grown(to: max(position + byteCount, buffer.capacity * 2), keeping: position)
        }
    }
}
