/// The cursors that read the columns of a block together, for pages whose values come from other columns: what a condition has
/// loaded is not loaded again. For one thread.
@safe
package final class LoadedVectors {
    /// Each takes itself out before it goes. Not weak: what is referred to weakly is counted slowly from then on.
    private struct Entry {
        unowned(unsafe) let cursor: VectorCursor
    }

    private var entries: [Entry] = []

    package init() {}

    func add(_ cursor: VectorCursor) { entries.append(Entry(cursor: cursor)) }

    func remove(_ cursor: VectorCursor) { entries.removeAll { unsafe $0.cursor === cursor } }

    /// The cursor that has vector `vector` of a page of these values loaded, none of which is null.
    func cursor(of values: any FixedNode, vector: Int) -> VectorCursor? {
        for entry in entries where unsafe entry.cursor.holds(vector, of: values) { return unsafe entry.cursor }
        return nil
    }
}
