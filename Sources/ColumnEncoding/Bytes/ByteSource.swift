import CLZ4
import ColumnFormat
import Synchronization

/// Bytes at the bottom of a page: values as they are in memory, or the heap of text.
///
///     stored   12, bytes…
///     lz4      13, for each frame: UInt32 compressed byte count, then the frames one after the other
///
/// A frame holds 64 KiB of the bytes (the last one the rest), each compressed on its own as an LZ4 block; one whose
/// compressed byte count equals its raw one is stored as it is. How many bytes there are is known from the parent.
@safe
final class ByteSource: Sendable {
    static let frameByteCount = 65_536

    let count: Int
    private let isCompressed: Bool
    private nonisolated(unsafe) let base: UnsafeRawPointer?
    /// Where each frame begins in `base`, and where the last ends; empty where the bytes are stored.
    private let frameOffsets: [Int]
    /// The frame that a partial read decompressed last.
    private let cache = Mutex<(frame: Int, buffer: RawBuffer)?>(nil)

    /// Takes the rest of `reader` as `count` bytes.
    init(_ reader: inout ByteReader, count: Int) throws(FormatError) {
        self.count = count
        let byteCount = reader.remaining
        let raw = try reader.read(UInt8.self)
        switch NodeCode(rawValue: raw) {
        case .stored:
            isCompressed = false
            frameOffsets = []
            guard reader.remaining == count else {
                throw FormatError(.invalid, "\(reader.remaining) bytes stored, expected \(count)", at: reader.offset)
            }
        case .lz4:
            isCompressed = true
            frameOffsets = try Self.readFrameOffsets(&reader, count: count)
        default: throw FormatError(.unsupported, "unknown byte codec \(raw)", at: reader.offset - 1)
        }
        let rest = unsafe try reader.readBytes(reader.remaining)
        unsafe base = rest.baseAddress
        if let trace = NodeTrace.current {
            trace.begin()
            trace.end(isCompressed ? Self.compressedName : "stored", count: count, byteCount: byteCount)
        }
    }

    private static func readFrameOffsets(_ reader: inout ByteReader, count: Int) throws(FormatError) -> [Int] {
        let frameCount = (count + frameByteCount - 1) / frameByteCount
        guard frameCount <= reader.remaining / 4 else {
            throw FormatError(.truncated, "\(frameCount) frames in \(reader.remaining) bytes", at: reader.offset)
        }
        var offsets = [0]
        offsets.reserveCapacity(frameCount + 1)
        var total = 0
        for frame in 0..<frameCount {
            let byteCount = Int(try reader.read(UInt32.self))
            let rawCount = min(frameByteCount, count - frame * frameByteCount)
            // LZ4 makes at most 255 bytes of one: a few bytes cannot claim gigabytes.
            guard byteCount <= rawCount, byteCount * 255 >= rawCount else {
                throw FormatError(.invalid, "a frame of \(rawCount) bytes takes \(byteCount)", at: reader.offset - 4)
            }
            total += byteCount
            offsets.append(total)
        }
        guard total == reader.remaining else {
            throw FormatError(.invalid, "frames take \(total) bytes of \(reader.remaining)", at: reader.offset)
        }
        return offsets
    }

    /// `stored` is not worth a word: nil.
    var name: String? { isCompressed ? Self.compressedName : nil }

    static let compressedName = "lz4"

    /// The bytes where they need no decompression: valid while the page is.
    var stored: UnsafeRawBufferPointer? {
        isCompressed ? nil : unsafe UnsafeRawBufferPointer(start: base, count: count)
    }

    /// Copies bytes `range`, which lie within, to `destination`.
    func copy(_ range: Range<Int>, to destination: UnsafeMutableRawPointer) throws(FormatError) {
        guard !range.isEmpty else { return }
        guard isCompressed else {
            unsafe destination.copyMemory(from: base! + range.lowerBound, byteCount: range.count)
            return
        }
        var position = range.lowerBound
        while position < range.upperBound {
            let frame = position / Self.frameByteCount
            let frameStart = frame * Self.frameByteCount
            let end = min(range.upperBound, frameStart + Self.frameByteCount)
            let target = unsafe destination + (position - range.lowerBound)
            if position == frameStart, end - frameStart == rawCount(ofFrame: frame) {
                unsafe try decompress(frame, to: target)
            } else {
                let whole = try decompressed(frame)
                withExtendedLifetime(whole) {
                    unsafe target.copyMemory(from: whole.base + (position - frameStart), byteCount: end - position)
                }
            }
            position = end
        }
    }

    /// Bytes `range` in place, or in `scratch`.
    func bytes(_ range: Range<Int>, scratch: inout TextScratch) throws(FormatError) -> UnsafeRawBufferPointer {
        guard !range.isEmpty else { return unsafe UnsafeRawBufferPointer(start: nil, count: 0) }
        guard isCompressed else {
            return unsafe UnsafeRawBufferPointer(start: base! + range.lowerBound, count: range.count)
        }
        let frame = range.lowerBound / Self.frameByteCount
        if (range.upperBound - 1) / Self.frameByteCount == frame {
            let whole = try decompressed(frame)
            scratch.keep(whole)
            let start = unsafe whole.base + (range.lowerBound - frame * Self.frameByteCount)
            return unsafe UnsafeRawBufferPointer(start: start, count: range.count)
        }
        let target = unsafe scratch.reserve(range.count)
        unsafe try copy(range, to: target)
        return unsafe UnsafeRawBufferPointer(start: target, count: range.count)
    }

    private func rawCount(ofFrame frame: Int) -> Int { min(Self.frameByteCount, count - frame * Self.frameByteCount) }

    private func decompressed(_ frame: Int) throws(FormatError) -> RawBuffer {
        if let hit = cache.withLock({ $0?.frame == frame ? $0?.buffer : nil }) { return hit }
        let fresh = RawBuffer(byteCapacity: rawCount(ofFrame: frame))
        unsafe try decompress(frame, to: fresh.base)
        cache.withLock { $0 = (frame, fresh) }
        return fresh
    }

    private func decompress(_ frame: Int, to destination: UnsafeMutableRawPointer) throws(FormatError) {
        let rawCount = rawCount(ofFrame: frame)
        let source = unsafe base! + frameOffsets[frame]
        let byteCount = frameOffsets[frame + 1] - frameOffsets[frame]
        if byteCount == rawCount {
            unsafe destination.copyMemory(from: source, byteCount: rawCount)
            return
        }
        let written = unsafe LZ4_decompress_safe(source, destination, Int32(byteCount), Int32(rawCount))
        guard Int(written) == rawCount else {
            throw FormatError(.invalid, "frame \(frame) does not decompress to \(rawCount) bytes")
        }
    }
}
