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
}
