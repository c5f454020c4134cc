package import ColumnFormat

/// The length of a pane, the unit of time in which state is kept, and the numbering of panes: pane `index` covers
/// `[index × width, (index + 1) × width)`, so that the edges of every registered window are edges of panes.
package struct PaneWidth: Hashable, Sendable {
    package let microseconds: Int64

    /// Where only `cumulative` is registered any width would do: a day keeps the panes few, and lets intervals of days
    /// be asked for after the fact.
    package static let ofCumulativeOnly = PaneWidth(microseconds: TimeSpan.days(1).microseconds)

    private init(microseconds: Int64) { self.microseconds = microseconds }

    /// The widest that divides all sizes, slides and offsets. Throws where a window is invalid or the width would be
    /// below a second.
    package init(dividing windows: [Window]) throws(ViewError) {
        var width: Int64 = 0
        for window in windows {
            try window.validate()
            guard window.isOfTime else { throw ViewError(.invalidInput, "the window \(window) is not made of panes") }
            for length in [window.size, window.slide, window.offset] {
                width = PaneWidth.greatestCommonDivisor(width, length?.microseconds ?? 0)
            }
        }
        if width == 0 {
            self = .ofCumulativeOnly
            return
        }
        guard width >= 1_000_000 else {
            throw ViewError(
                .invalidInput,
                "together these windows need panes of \(width) µs, shorter than 1s: \(windows.map(\.description))")
        }
        microseconds = width
    }

    /// A width read back; throws nothing but returns nil below a second or above the longest window.
    init?(stored microseconds: Int64) {
        guard microseconds >= 1_000_000, microseconds <= Window.maximumSize.microseconds else { return nil }
        self.microseconds = microseconds
    }

    package var span: TimeSpan { TimeSpan(microseconds: microseconds) }

    /// The pane that holds `time`.
    package func index(of time: Int64) -> Int64 { time.flooredQuotient(by: microseconds) }
    package func start(_ index: Int64) -> Int64 { index.saturatingMultiply(microseconds) }
    package func end(_ index: Int64) -> Int64 { start(index + 1) }

    package func divides(_ length: Int64) -> Bool { length % microseconds == 0 }
    package func divides(_ other: PaneWidth) -> Bool { divides(other.microseconds) }

    /// Whether all edges of the window's windows are edges of panes.
    package func divides(_ window: Window) -> Bool {
        [window.size, window.slide, window.offset].allSatisfy { divides($0?.microseconds ?? 0) }
    }

    /// The panes of `[start, end)`, whose ends must lie on edges of panes.
    package func panes(from start: Int64, to end: Int64) -> Range<Int64> {
        let first = index(of: start)
        return first..<max(first, index(of: end))
    }

    private static func greatestCommonDivisor(_ a: Int64, _ b: Int64) -> Int64 {
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }
}
