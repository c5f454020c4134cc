/// One column of one block as it goes to a segment.
package struct EncodedPage: Sendable {
    package let bytes: [UInt8]
    /// Bytes of the values in memory: rows × width, or the text and four bytes a row for where it ends.
    package let rawByteCount: Int
    /// The codecs, outermost first: `dictionary(bitPacked, values: text(lz4))`.
    package let encoding: String
}
