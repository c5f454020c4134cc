/// One window in time: what its kind is, and where it lies.
package struct WindowInterval: Hashable, Sendable {
    package let window: Window
    /// Microseconds since the Unix epoch; nil for `cumulative`.
    package let start: Int64?
    /// Microseconds since the Unix epoch; nil for `cumulative`.
    package let end: Int64?

    package init(window: Window, start: Int64?, end: Int64?) {
        self.window = window
        self.start = start
        self.end = end
    }
}
