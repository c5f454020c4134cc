/// What is known of a pane, or of a sum of panes, without looking at its cells.
package struct PaneSummary: Equatable, Sendable {
    /// The cell ``ReservedCell/predictions``.
    package var predictions: Int64 = 0
    /// The cell ``ReservedCell/unlabeled``.
    package var unlabeled: Int64 = 0
    /// Σ value × weight(cell) over all cells, modulo 2^64, with pseudorandom weights.
    ///
    /// It is additive as the cells are, so that a window's fingerprint is the sum of those of its panes; equal cells
    /// have equal fingerprints whatever the order of events, and different ones differ but for chance (about 2^-64). So
    /// "did this window change since it was published" costs one addition a pane and eight bytes a window.
    package var fingerprint: Int64 = 0

    var isZero: Bool { predictions == 0 && unlabeled == 0 && fingerprint == 0 }

    mutating func add(_ other: PaneSummary) {
        predictions &+= other.predictions
        unlabeled &+= other.unlabeled
        fingerprint &+= other.fingerprint
    }

    mutating func subtract(_ other: PaneSummary) {
        predictions &-= other.predictions
        unlabeled &-= other.unlabeled
        fingerprint &-= other.fingerprint
    }

    /// The weight of a cell in the fingerprint: two rounds of multiply and fold over the cell's number.
    @inline(__always)
    package static func weight(of cell: UInt32) -> Int64 {
        var mixed = (UInt64(cell) &+ 1) &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed &>> 32)) &* 0xD6E8_FEB8_6659_FD93
        return Int64(bitPattern: mixed ^ (mixed &>> 32))
    }
}
