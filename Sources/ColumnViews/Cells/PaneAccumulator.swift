/// Collects what many events do to one pane: a dense array of cells and a list of those that were touched.
///
/// Where events come nearly in the order of time, a pane's table is then reached once for many of them. Adding a cell outside
/// `0..<cellCount` is a programmer's error.
package struct PaneAccumulator: CellSink {
    @usableFromInline var cells: [Int64]
    @usableFromInline var touched: [UInt32] = []

    package init(cellCount: Int) {
        cells = [Int64](repeating: 0, count: cellCount)
        touched.reserveCapacity(min(cellCount, 4_096))
    }

    @inlinable
    package mutating func add(_ delta: Int64, to cell: Int) {
        let before = cells[cell]
        // A cell that comes back to zero may be listed twice: moving it empties it, so that the second finds nothing.
        if before == 0 { touched.append(UInt32(truncatingIfNeeded: cell)) }
        cells[cell] = before &+ delta
    }

    package var isEmpty: Bool { touched.isEmpty }

    /// Appends what was collected to `changes`, and is empty again.
    package mutating func move(to changes: inout CellChanges) {
        for cell in touched {
            let delta = cells[Int(cell)]
            guard delta != 0 else { continue }
            changes.add(delta, to: Int(cell))
            cells[Int(cell)] = 0
        }
        touched.removeAll(keepingCapacity: true)
    }
}
