/// The two cells whose meaning this layer knows. They are kept in every pane's head, outside its table of cells.
package enum ReservedCell {
    /// How many predictions were counted: a window has a row exactly while this is above zero.
    package static let predictions = 0
    /// How many of them lack a label: a window without any is final once it is closed.
    package static let unlabeled = 1
    /// The first cell that is free for the layer above.
    package static let firstFree = 2
    /// Cells are numbered below this; buffers of merged cells are dense.
    package static let limit = 1 << 22
}
