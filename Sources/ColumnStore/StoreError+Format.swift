package import ColumnFormat

extension StoreError {
    /// Damage in a file: the store refuses to guess, and says how to take out what is whole.
    package static func corrupt(
        _ message: String, path: String, offset: Int? = nil, cause: (any Error)? = nil
    ) -> StoreError {
        StoreError(
            .corrupt, message, path: path, offset: offset,
            remedy: "restore the file from a backup; `colstat verify` lists everything that is damaged",
            cause: cause)
    }

    /// What a decoder found, with the file it was found in; `base` is where in the file the decoded bytes start.
    package init(_ error: FormatError, path: String, base: Int = 0) {
        if error.code == .unsupported {
            self.init(
                .unsupportedVersion, error.message, path: path, offset: base + error.offset,
                remedy: "open it with a later version of Drumlin")
        } else {
            self = .corrupt(error.message, path: path, offset: base + error.offset, cause: error)
        }
    }
}
