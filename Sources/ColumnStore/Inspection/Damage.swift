/// Bytes of a store that are not what was written: in which file, where, and what is wrong.
package struct Damage: Sendable, Hashable {
    package let path: String
    /// In bytes from the start of the file; nil where the whole file is meant.
    package let offset: Int?
    package let message: String

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
