/// What the layer of windows and panes refuses, or cannot do. The layer above adds the place.
package struct ViewError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: Sendable {
        /// A window, a time or an interval that makes no sense here; the message says what would.
        case invalidInput
        /// A page of cold panes could not be read back or written.
        case page
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
