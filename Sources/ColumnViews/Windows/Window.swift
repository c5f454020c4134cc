public import ColumnFormat

/// Which stretches of event time a value is computed over.
///
/// Windows are half-open, `[start, end)`, and aligned to the Unix epoch in UTC plus an optional offset, so that every
/// process cuts time at the same places:
///
///     .tumbling(.hours(1))                    // 1h       one window after the other
///     .sliding(.days(7), every: .days(1))     // 7d/1d    a week, every day
///     .tumbling(.days(7), offset: .days(4))   // 7d+4d    weeks from Monday; the epoch was a Thursday
///     .trailing(.hours(1))                    // trailing:1h
///     .cumulative                             // cumulative
///     .count(1_000)                           // count:1000
///
/// An integer literal is a tumbling window of so many seconds: `windows: [60, 3600]`.
///
/// Any value can be built; a window is checked where it is registered (see `validate()`): lengths are whole seconds,
/// a size is positive and at most 36,500 days, a slide positive and no longer than the size (a longer one would leave
/// events in no window), an offset shorter than the slide and not negative.
public enum Window: Hashable, Sendable {
    /// Windows of one length, one after the other.
    case tumbling(TimeSpan, offset: TimeSpan = 0)
    /// Windows of one length that begin every `every`, and so overlap.
    case sliding(TimeSpan, every: TimeSpan, offset: TimeSpan = 0)
    /// One window that moves with the clock of the task: it ends at the end of the newest pane, which is the pane that
    /// holds the clock, and so holds the newest events and reaches back by between its size less one pane and its size.
    case trailing(TimeSpan)
    /// Everything since the beginning.
    case cumulative
    /// The last so many predictions in the order in which they came, whatever their times. Made from the rows when it is asked
    /// for, O(the number of rows), and again only after something has changed; it never closes, and is not published.
    case count(Int)
}

extension Window: ExpressibleByIntegerLiteral {
    /// A tumbling window of `seconds`.
    public init(integerLiteral seconds: Int64) { self = .tumbling(TimeSpan(integerLiteral: seconds)) }
}

extension Window {
    /// The length of a window; nil for `cumulative` and `count`.
    public var size: TimeSpan? {
        switch self {
        case .tumbling(let size, _), .sliding(let size, _, _), .trailing(let size): size
        case .cumulative, .count: nil
        }
    }

    /// The distance from one start to the next; nil for `trailing`, `cumulative` and `count`, which have one window only.
    public var slide: TimeSpan? {
        switch self {
        case .tumbling(let size, _): size
        case .sliding(_, let slide, _): slide
        case .trailing, .cumulative, .count: nil
        }
    }

    /// How far the starts are moved from the Unix epoch.
    public var offset: TimeSpan {
        switch self {
        case .tumbling(_, let offset), .sliding(_, _, let offset): offset
        case .trailing, .cumulative, .count: 0
        }
    }

    /// The longest size: 36,500 days.
    package static let maximumSize = TimeSpan.days(36_500)
    /// The most predictions of a window that counts them.
    package static let maximumCount = 1_000_000
    /// Whether the window is a stretch of time, and so the sum of panes.
    package var isOfTime: Bool { if case .count = self { false } else { true } }
    /// How many windows may cover one instant.
    package static let maximumOverlap: Int64 = 1_000_000

    /// Throws where this window could never be computed, and says why.
    package func validate() throws(ViewError) {
        if case .count(let count) = self, !(1...Window.maximumCount).contains(count) {
            throw invalid("it may count 1 to \(Window.maximumCount) predictions")
        }
        guard let size else { return }
        try requireWholeSeconds(size, "size")
        guard size > 0 else { throw invalid("its size must be at least 1s") }
        guard size <= Window.maximumSize else { throw invalid("its size may be at most 36500d") }
        guard let slide else { return }
        try requireWholeSeconds(slide, "slide")
        try requireWholeSeconds(offset, "offset")
        guard slide > 0 else { throw invalid("its slide must be at least 1s") }
        guard slide <= size else {
            throw invalid("its slide is longer than its size, so that some events would be in no window")
        }
        guard size.microseconds / slide.microseconds <= Window.maximumOverlap else {
            throw invalid("more than \(Window.maximumOverlap) windows would cover one instant: use a longer slide")
        }
        guard offset >= 0, offset < slide else {
            let same =
                offset.microseconds - offset.microseconds.flooredQuotient(by: slide.microseconds)
                &* slide.microseconds
            let advice = Window.text(of: TimeSpan(microseconds: same))
            throw invalid("its offset must be from 0s to less than its slide; +\(advice) gives the same windows")
        }
    }

    private func requireWholeSeconds(_ span: TimeSpan, _ what: String) throws(ViewError) {
        guard span.microseconds % 1_000_000 == 0 else {
            throw invalid("its \(what) of \(span.microseconds) µs is not a whole number of seconds")
        }
    }

    private func invalid(_ reason: String) -> ViewError {
        ViewError(.invalidInput, "the window \(self) is not possible: \(reason)")
    }
}
