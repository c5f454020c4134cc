/// The cursors that read the columns of a block together, for pages whose values come from other columns: what a condition has
/// loaded is not loaded again. For one thread.
package final class LoadedVectors {
    private struct Entry {
        weak var cursor: VectorCursor?
    }

    private var entries: [Entry] = []

    package init() {}

    func add(_ cursor: VectorCursor) { entries.append(Entry(cursor: cursor)) }

    /// The cursor that has vector `vector` of a page of these values loaded, none of which is null.
    func cursor(of values: any FixedNode, vector: Int) -> VectorCursor? {
        for entry in entries {
            if let cursor = entry.cursor, cursor.holds(vector, of: values) { return cursor }
        }
        return nil
    }
}
