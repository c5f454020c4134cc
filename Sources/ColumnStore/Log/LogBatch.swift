package import ColumnFormat

/// Frames of a log, with the memory in which they lie. For one thread at a time.
@safe
package final class LogBatch: @unchecked Sendable {
    package internal(set) var frames: [LogFrame] = []
    /// The log that they are of.
    package internal(set) var path = ""
    /// Bytes that the frames take in their file.
    var byteCount: Int {
        guard let first = frames.first, let last = frames.last else { return 0 }
        return last.offset + last.header.frameByteCount - first.offset
    }

    var buffer: UnsafeMutableRawBufferPointer

    /// - Parameter byteCount: How much is read at a time. A larger frame makes it grow.
    package init(byteCount: Int = 1 << 18) {
        unsafe buffer = .allocate(byteCount: max(byteCount, 4_096), alignment: 64)
    }

    deinit { unsafe buffer.deallocate() }
}
