package import ColumnFormat

/// Reads the frames of a log, or of a manifest, from bytes that nobody vouches for.
///
/// `next()` returns frame after frame and nil where the next one is not whole. There are then two ways on. Whoever recovers
/// a store calls `finish()`, which tells an end from a tear from damage. Whoever follows a log that another process is
/// writing calls `next()` again later.
///
/// Uses 1 MiB of memory, or as much as the largest frame. Never changes the file. Not for concurrent use.
@safe
package final class LogReader {
    package let header: LogFileHeader
    /// Where the frames read so far end, in bytes from the start of the file.
    package var offset: Int { frameEnd }
    private var frameEnd: Int
    /// The sequence number with which the next frame has to begin.
    package var nextSequence: UInt64 { sequenceEnd }
    private var sequenceEnd: UInt64

    private let file: any File
    private let limit: Int
    private let seed: UInt64
    private var buffer: UnsafeMutableRawBufferPointer
    /// Where in the file the buffer begins, and how many of its bytes are from the file.
    private var bufferOffset = 0
    private var bufferCount = 0

    /// - Parameter validByteCount: Where the frames of a torn file end, if an earlier recovery found out; what lies behind
    ///   is not looked at.
    /// - Throws: `.corrupt` if the file does not begin as such a file does, `.unsupportedVersion`, `.io`.
    package init(
        file: any File, kind: LogFileHeader.Kind = .log, number: UInt64? = nil, validByteCount: Int? = nil,
        chunkByteCount: Int = 1 << 20
    ) throws(StoreError) {
        self.file = file
        let bytes = try file.read(min(LogFileHeader.byteCount, try file.byteCount()), at: 0)
        do {
            header = unsafe try bytes.withUnsafeBytesThrowing { raw throws(FormatError) in
                unsafe try LogFileHeader(decoding: raw, kind: kind)
            }
        } catch {
            throw StoreError(error, path: file.path)
        }
        if let number, header.number != number {
            throw .corrupt("the header is that of number \(header.number), not \(number)", path: file.path, offset: 32)
        }
        limit = validByteCount ?? .max
        seed = header.seed
        frameEnd = LogFileHeader.byteCount
        sequenceEnd = header.firstSequence
        unsafe buffer = .allocate(byteCount: max(chunkByteCount, 4_096), alignment: 64)
    }

    deinit { unsafe buffer.deallocate() }

    /// The next frame, valid until the next call; nil where no whole frame follows.
    /// Throws `.corrupt` where frames are whole but do not follow each other, `.io`.
    package func next() throws(StoreError) -> LogFrame? {
        guard let frame = try peek() else {
            // What was read may be old by the next call.
            bufferCount = 0
            return nil
        }
        guard frame.header.baseSequence == nextSequence else {
            throw .corrupt(
                "a frame begins with sequence number \(frame.header.baseSequence), \(nextSequence) expected",
                path: file.path, offset: offset)
        }
        frameEnd += frame.header.frameByteCount
        sequenceEnd = frame.header.endSequence
        return frame
    }

    /// Fills a batch with the next frames: as many as one read brings, at most so many; none where no whole frame follows. They stay
    /// valid until the batch is filled again. Throws as ``next()``.
    package func next(_ batch: LogBatch, atMost count: Int = .max) throws(StoreError) {
        // A local array: appending to one that somebody else might see costs a check each time.
        var frames: [LogFrame] = []
        swap(&frames, &batch.frames)
        frames.removeAll(keepingCapacity: true)
        // Into the batch's own memory, which is then nobody else's.
        unsafe swap(&buffer, &batch.buffer)
        bufferCount = 0
        defer {
            unsafe swap(&buffer, &batch.buffer)
            bufferCount = 0
            swap(&frames, &batch.frames)
        }
        guard let first = try next() else { return }
        frames.append(first)
        // What is wrong with a later one is said when it is the first.
        while frames.count < count, let frame = try? peek(mayRead: false), frame.header.baseSequence == sequenceEnd {
            frameEnd += frame.header.frameByteCount
            sequenceEnd = frame.header.endSequence
            frames.append(frame)
        }
    }

    /// The frame at `offset`, if it is whole; without reading, if it is in memory besides.
    private func peek(mayRead: Bool = true) throws(StoreError) -> LogFrame? {
        guard try fill(LogFrameHeader.byteCount, at: offset, mayRead: mayRead) else { return nil }
        let header: LogFrameHeader
        do {
            header = unsafe try LogFrameHeader(
                decoding: bytes(LogFrameHeader.byteCount, at: offset), file: seed, offset: offset)
        } catch {
            // Its checksum is right, so this is what a later version wrote.
            if error.code == .unsupported { throw StoreError(error, path: file.path) }
            return nil
        }
        guard try fill(header.frameByteCount, at: offset, mayRead: mayRead) else { return nil }
        let payload = unsafe UnsafeRawBufferPointer(
            rebasing: bytes(header.frameByteCount, at: offset)[LogFrameHeader.byteCount...])
        guard unsafe header.matches(payload: payload) else { return nil }
        return unsafe LogFrame(
            header: header, offset: offset,
            payload: UnsafeRawBufferPointer(rebasing: payload[..<header.payloadByteCount]))
    }

    /// Goes on at the next whole frame behind a damage, for those who salvage. Returns how many sequence numbers are missing
    /// before it; nil, without going on, if no whole frame follows. Throws `.io`.
    package func skipDamage() throws(StoreError) -> UInt64? {
        let (start, sequence) = (offset, nextSequence)
        let end = min(try file.byteCount(), limit)
        while offset + LogFrameHeader.alignment < end {
            frameEnd += LogFrameHeader.alignment
            guard let frame = try peek() else { continue }
            sequenceEnd = frame.header.baseSequence
            return nextSequence &- min(sequence, nextSequence)
        }
        (frameEnd, sequenceEnd) = (start, sequence)
        bufferCount = 0
        return nil
    }

    /// Whether the file is still the one that was opened: its writer may have made it another log meanwhile, and then what was
    /// read may be too little. Throws `.io`.
    package func isCurrent() throws(StoreError) -> Bool {
        let bytes = try file.read(min(LogFileHeader.byteCount, try file.byteCount()), at: 0)
        return bytes == header.encoded()
    }

    /// Judges what lies behind the last whole frame.
    ///
    /// Zeros only: the end. Otherwise bytes that were on their way when the machine stopped, a *tear*; unless a later frame of
    /// this log says that what should be here was durable. Reads the rest of the file. While another process writes the file,
    /// what was no frame a moment ago may be one now: `hasMore` then asks to go on with `next()`.
    /// Throws `.corrupt` with the offset of the damage, `.io`.
    package func finish() throws(StoreError) -> LogEnd {
        if limit != .max, offset != limit {
            throw .corrupt(
                "no whole frame, although the log was valid up to byte \(limit)", path: file.path, offset: offset)
        }
        var position = offset
        var isTorn = false
        let end = min(try file.byteCount(), limit)
        while position < end {
            let count = min(end - position, 1 << 20)
            guard try fill(min(count, LogFrameHeader.byteCount), at: position, atMost: count) else { break }
            let available = min(bufferOffset + bufferCount, end) - position
            // Headers may straddle the chunk's end, so the next one begins where no whole header was left.
            let isLast = position + available >= end
            let usable = isLast ? available : (available - LogFrameHeader.byteCount) & ~7
            let chunk = unsafe bytes(available, at: position)
            isTorn = unsafe containsNonzero(UnsafeRawBufferPointer(rebasing: chunk[..<usable])) || isTorn
            if isTorn, let witness = unsafe witness(in: chunk, upTo: usable, at: position) {
                bufferCount = 0
                if try peek() != nil {
                    return LogEnd(validByteCount: offset, nextSequence: nextSequence, isTorn: false, hasMore: true)
                }
                throw .corrupt(
                    "the frame with sequence number \(nextSequence) is damaged; it was durable, as the frame at byte "
                        + "\(witness) says", path: file.path, offset: offset)
            }
            position += usable
        }
        bufferCount = 0
        return LogEnd(validByteCount: offset, nextSequence: nextSequence, isTorn: isTorn)
    }

    /// Where in `chunk`, which lies at `position`, a frame of this log says that what is missing was durable.
    private func witness(in chunk: UnsafeRawBufferPointer, upTo end: Int, at position: Int) -> Int? {
        let magic = LogFrameHeader.magic.littleEndian
        var i = 0
        while i + LogFrameHeader.byteCount <= chunk.count, i < end {
            defer { i += LogFrameHeader.alignment }
            guard unsafe chunk.loadUnaligned(fromByteOffset: i, as: UInt32.self) == magic, position + i > offset,
                let header = try? unsafe LogFrameHeader(
                    decoding: UnsafeRawBufferPointer(rebasing: chunk[i...]), file: seed, offset: position + i)
            else { continue }
            if header.durableUpTo > nextSequence { return position + i }
        }
        return nil
    }

    private func containsNonzero(_ chunk: UnsafeRawBufferPointer) -> Bool {
        var i = 0
        while i + 8 <= chunk.count {
            if unsafe chunk.loadUnaligned(fromByteOffset: i, as: UInt64.self) != 0 { return true }
            i += 8
        }
        while i < chunk.count {
            if unsafe chunk[i] != 0 { return true }
            i += 1
        }
        return false
    }

    /// The bytes that `fill` made available.
    private func bytes(_ byteCount: Int, at position: Int) -> UnsafeRawBufferPointer {
        let start = position - bufferOffset
        return unsafe UnsafeRawBufferPointer(rebasing: buffer[start..<start + byteCount])
    }

    /// Makes `byteCount` bytes at `position` available; false if the file ends before. Reads ahead, up to `atMost` bytes.
    private func fill(
        _ byteCount: Int, at position: Int, atMost: Int = 0, mayRead: Bool = true
    ) throws(StoreError) -> Bool {
        guard byteCount <= limit, position <= limit - byteCount else { return false }
        let wanted = max(byteCount, atMost)
        if position >= bufferOffset, position + wanted <= bufferOffset + bufferCount { return true }
        guard mayRead else { return false }
        // A frame's length is trusted only as far as the file reaches, or a short file could ask for a gigabyte.
        if unsafe byteCount > buffer.count {
            guard position + byteCount <= (try file.byteCount()) else { return false }
            unsafe buffer.deallocate()
            unsafe buffer = .allocate(byteCount: byteCount, alignment: 64)
        }
        bufferOffset = position
        bufferCount = 0
        bufferCount = unsafe try file.pread(into: buffer, at: position)
        return bufferCount >= byteCount
    }
}
