/// One change of one cell.
@usableFromInline
package struct CellChange: Equatable, Sendable {
    package var delta: Int64
    package var cell: UInt32

    @usableFromInline
    init(delta: Int64, cell: UInt32) {
        self.delta = delta
        self.cell = cell
    }
}

/// What an event does to the cells of its pane: a reusable list that allocates only while it grows.
///
///     changes.removeAll()
///     changes.add(1, to: ReservedCell.predictions)
///     metric.addPrediction(score: 0.83, into: &changes)
///     try view.apply(changes, at: time)
///
/// A cell may come more than once. Adding a cell outside `0..<ReservedCell.limit` is a programmer's error.
@safe
package struct CellChanges: ~Copyable, CellSink {
    @usableFromInline var list: UnsafeMutablePointer<CellChange>
    @usableFromInline var capacity: Int
    /// How many changes of cells from ``ReservedCell/firstFree`` on are in the list.
    @usableFromInline package private(set) var count = 0
    @usableFromInline package private(set) var predictions: Int64 = 0
    @usableFromInline package private(set) var unlabeled: Int64 = 0

    package init(reservingCapacity capacity: Int = 64) {
        self.capacity = max(capacity, 8)
        unsafe list = .allocate(capacity: self.capacity)
    }

    deinit { unsafe list.deallocate() }

    @inlinable
    package mutating func add(_ delta: Int64, to cell: Int) {
        precondition(cell >= 0 && cell < 1 << 22, "a cell outside 0..<ReservedCell.limit")
        if cell < 2 {
            if cell == 0 { predictions &+= delta } else { unlabeled &+= delta }
            return
        }
        if count == capacity { grow() }
        unsafe (list + count).initialize(to: CellChange(delta: delta, cell: UInt32(truncatingIfNeeded: cell)))
        count &+= 1
    }

    /// Empties the list and keeps its memory.
    @inlinable
    package mutating func removeAll() {
        count = 0
        predictions = 0
        unlabeled = 0
    }

    /// Turns additions into removals and back.
    package mutating func negate() {
        predictions = 0 &- predictions
        unlabeled = 0 &- unlabeled
        for i in 0..<count { unsafe list[i].delta = 0 &- list[i].delta }
    }

    package var isEmpty: Bool { count == 0 && predictions == 0 && unlabeled == 0 }

    /// The change at `position`; those of the reserved cells are in ``predictions`` and ``unlabeled``.
    package subscript(position: Int) -> CellChange {
        precondition(position >= 0 && position < count, "position \(position) of \(count) changes")
        return unsafe list[position]
    }

    @usableFromInline
    mutating func grow() {
        let larger = UnsafeMutablePointer<CellChange>.allocate(capacity: capacity * 2)
        unsafe larger.moveInitialize(from: list, count: count)
        unsafe list.deallocate()
        unsafe list = larger
        capacity *= 2
    }
}
