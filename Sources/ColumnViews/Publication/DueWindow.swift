/// A window whose values should be published now.
package struct DueWindow: Hashable, Sendable {
    /// Why a window is published.
    package enum Reason: String, Sendable {
        /// The watermark passed its end; its status may be final at once.
        case closed
        /// It is closed, its cells changed since it was published, and its next age has come.
        case changed
        /// It became final.
        case final
        /// An event came to a window that was final, or was empty when it closed.
        case reopened
        /// The clock passed an edge at which `trailing` and `cumulative` windows are published.
        case boundary
    }

    package let window: Window
    /// Microseconds since the Unix epoch; nil for `cumulative`.
    package let start: Int64?
    /// Microseconds since the Unix epoch; nil for `cumulative`.
    package let end: Int64?
    package let status: WindowStatus
    /// Counts the publications of this window from 1; it stays at 65,535. For `trailing` and `cumulative`, which are
    /// one window each, it counts all of theirs.
    package let revision: Int
    package let reason: Reason

    package init(window: Window, start: Int64?, end: Int64?, status: WindowStatus, revision: Int, reason: Reason) {
        self.window = window
        self.start = start
        self.end = end
        self.status = status
        self.revision = revision
        self.reason = reason
    }
}
