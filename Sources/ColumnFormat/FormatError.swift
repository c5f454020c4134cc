/// What is wrong with some bytes. The layer that knows the file adds its path: see `StoreError`.
package struct FormatError: Error, Equatable, Sendable, CustomStringConvertible {
    package struct Code: Equatable, Sendable {
        package let name: String
        /// The bytes end before the structure does.
        package static let truncated = Code(name: "truncated")
        package static let badMagic = Code(name: "bad magic")
        package static let badChecksum = Code(name: "bad checksum")
        /// Written by a later version, or with a feature that this version does not know.
        package static let unsupported = Code(name: "unsupported")
        /// A value that no writer produces: a length out of bounds, an unknown code, an offset outside the file.
        package static let invalid = Code(name: "invalid")
    }

    package let code: Code
    /// What was found, and what was expected.
    package let message: String
    /// Where, in bytes from the start of what was being read.
    package let offset: Int

    package init(_ code: Code, _ message: String, at offset: Int = 0) {
        self.code = code
        self.message = message
        self.offset = offset
    }

    /// The same error, seen from a place `distance` bytes before.
    package func shifted(by distance: Int) -> FormatError {
        FormatError(code, message, at: offset + distance)
    }

    package var description: String { "\(code.name) at byte \(offset): \(message)" }
}
