package import ColumnFormat

/// The panes of a part of a view's events: cells as in the view, of the same width, and nothing of its own beside – no windows,
/// no clock, no publications. What is published of a part is published with the whole.
///
/// Not safe for concurrent use, as the view.
package final class SlicePanes {
    private var panes: PaneStore
    package let width: PaneWidth

    package init(width: PaneWidth, byteLimit: Int) {
        self.width = width
        panes = PaneStore(byteLimit: byteLimit)
    }

    package var byteCount: Int { panes.byteCount }

    /// Adds what an event does to the pane of `time`, as to the view's own.
    package func apply(_ changes: borrowing CellChanges, at time: Int64) throws(ViewError) {
        try panes.apply(changes, to: width.index(of: time))
    }

    /// Writes the sum of the panes between two times into `buffer`, as ``WindowedView/cells(of:into:count:)`` does. The ends
    /// lie on edges of panes: they are those of a window of the view.
    package func cells(of interval: WindowInterval, into buffer: inout [Int64], count: Int = 0) throws(ViewError) {
        try panes.merge(range(interval), into: &buffer, count: count)
    }

    package func summary(of interval: WindowInterval) throws(ViewError) -> PaneSummary {
        if interval.start == nil, interval.end == nil { return panes.total }
        return try panes.summary(of: range(interval))
    }

    private func range(_ interval: WindowInterval) -> Range<Int64> {
        let first = interval.start.map(width.index) ?? .min
        return first..<max(first, interval.end.map(width.index) ?? .max)
    }

    package func encode(to writer: inout ByteWriter) throws(ViewError) { try panes.encode(to: &writer) }

    package init(width: PaneWidth, byteLimit: Int, from reader: inout ByteReader) throws(FormatError) {
        self.width = width
        var panes = PaneStore(byteLimit: byteLimit)
        try panes.decode(from: &reader)
        self.panes = panes
    }
}
