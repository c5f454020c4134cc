import ColumnFormat

/// The starts of a tumbling or sliding window: window number `ordinal` covers
/// `[ordinal × slide + offset, ordinal × slide + offset + size)`.
///
/// All in microseconds since the Unix epoch. Near the ends of Int64 the arithmetic saturates instead of trapping, so
/// that a time which the layers above would refuse cannot end the process here.
package struct WindowGrid: Hashable, Sendable {
    package let size: Int64
    package let slide: Int64
    package let offset: Int64

    /// Nil for `trailing` and `cumulative`. The window must be valid (see ``Window/validate()``).
    package init?(_ window: Window) {
        guard let size = window.size, let slide = window.slide else { return nil }
        precondition(size > 0 && slide > 0, "the window \(window) was not validated")
        self.size = size.microseconds
        self.slide = slide.microseconds
        offset = window.offset.microseconds
    }

    /// The number of windows that cover one instant, rounded up.
    package var overlap: Int64 { (size - 1) / slide + 1 }

    package func start(_ ordinal: Int64) -> Int64 { time(ordinal, after: offset) }
    package func end(_ ordinal: Int64) -> Int64 { time(ordinal, after: offset + size) }

    private func time(_ ordinal: Int64, after distance: Int64) -> Int64 {
        let (product, overflow) = ordinal.multipliedReportingOverflow(by: slide)
        let (sum, overflowOfSum) = product.addingReportingOverflow(distance)
        if !overflow, !overflowOfSum { return sum }
        return Int64(clamping: Int128(ordinal) * Int128(slide) + Int128(distance))
    }

    /// The newest window that contains `time`.
    package func lastOrdinal(containing time: Int64) -> Int64 {
        time.saturatingSubtract(offset).flooredQuotient(by: slide)
    }

    /// The oldest window that contains `time`.
    package func firstOrdinal(containing time: Int64) -> Int64 {
        time.saturatingSubtract(offset).saturatingSubtract(size).flooredQuotient(by: slide) + 1
    }

    /// The windows that contain `time`: never empty, since a slide is not longer than the size.
    package func ordinals(containing time: Int64) -> ClosedRange<Int64> {
        let last = lastOrdinal(containing: time)
        return min(last, firstOrdinal(containing: time))...last
    }

    /// The first window that starts at or after `time`.
    package func firstOrdinal(startingAtOrAfter time: Int64) -> Int64 {
        let below = time.saturatingSubtract(offset).flooredQuotient(by: slide)
        return start(below) >= time ? below : below + 1
    }

    /// The windows that start within `[from, to)`.
    package func ordinals(startingFrom from: Int64, to: Int64) -> Range<Int64> {
        let first = firstOrdinal(startingAtOrAfter: from)
        return first..<max(first, firstOrdinal(startingAtOrAfter: to))
    }

    /// The newest window that has ended at `time`.
    package func lastOrdinal(endingAtOrBefore time: Int64) -> Int64 {
        time.saturatingSubtract(size).saturatingSubtract(offset).flooredQuotient(by: slide)
    }
}
