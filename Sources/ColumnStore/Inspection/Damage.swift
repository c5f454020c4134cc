/// Bytes of a store that are not what was written: in which file, where, what is wrong, what hangs on them, and what to do.
package struct Damage: Sendable, Hashable {
    package let path: String
    /// In bytes from the start of the file; nil where the whole file is meant.
    package let offset: Int?
    package let message: String
    package var table: String?
    package var column: String?
    /// The rows of the table that the bytes hold.
    package var rows: Range<UInt64>?
    /// The one bit that explains the damage, where one does.
    package var flippedBit: FlippedBit?
    package var remedy: String?

    package init(_ message: String, path: String, offset: Int? = nil) {
        self.path = path
        self.offset = offset
        self.message = message
    }

    /// The damage that `error` tells of; `path` is where it was found, if it does not say.
    package init(_ error: StoreError, path: String) {
        self.init(error.message, path: error.path ?? path, offset: error.offset)
    }
}
