/// Takes additive changes to the cells of one pane.
///
/// A cell is an Int64 that only ever has integers added to it, so the state of a pane does not depend on the order of
/// events, a removal undoes an addition exactly, and two panes merge by adding their cells.
package protocol CellSink: ~Copyable {
    /// Adds `delta` to `cell`, wrapping on overflow (which a later removal undoes).
    mutating func add(_ delta: Int64, to cell: Int)
}
