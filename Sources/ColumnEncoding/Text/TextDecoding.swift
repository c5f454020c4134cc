import ColumnFormat

/// What the decoders of text share.
enum TextDecoding {
    /// The most that is copied in one step beyond the end of a short text.
    static let slack = 16

    /// Makes room for `byteCount` bytes of text and a little more to write into, or throws where a column cannot hold
    /// so many.
    static func reserve(_ byteCount: Int, in builder: ColumnBuilder) throws(FormatError) {
        guard builder.canAppend(byteCount: byteCount + slack) else {
            throw FormatError(.invalid, "\(byteCount) bytes of text are more than a column can hold in memory")
        }
        builder.reserve(heapByteCount: byteCount + slack)
    }

    /// Copies `byteCount` bytes in whole steps of 16: up to ``slack`` bytes more are read and written, though none where
    /// there are none to copy.
    @inline(__always)
    static func copy(_ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, byteCount: Int) {
        var i = 0
        while i < byteCount {
            let step = unsafe source.loadUnaligned(fromByteOffset: i, as: SIMD16<UInt8>.self)
            unsafe target.storeBytes(of: step, toByteOffset: i, as: SIMD16<UInt8>.self)
            i &+= 16
        }
    }
}
