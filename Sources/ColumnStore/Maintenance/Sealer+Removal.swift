internal import ColumnFormat

extension Sealer {
    /// What the manifest has to know of the rows that went: their numbers, and the files that go with them as a whole.
    func removalEdits(_ generation: FrozenGeneration, besides others: [ManifestEdit]) -> [ManifestEdit] {
        var edits: [ManifestEdit] = []
        let live = liveState
        for (id, removal) in generation.removals.sorted(by: { $0.key < $1.key }) {
            guard let table = live.tables[id] else { continue }
            if removal.droppedBefore > table.firstRow {
                edits += table.segments.filter { $0.endRow <= removal.droppedBefore }.map {
                    .segmentRemoved(tableID: id, fileName: $0.fileName)
                }
                edits += table.indexRuns.filter { $0.endRow <= removal.droppedBefore }.map {
                    .indexRunRemoved(tableID: id, fileName: $0.fileName)
                }.filter { !others.contains($0) }
                edits.append(.rowsDropped(tableID: id, beforeRow: removal.droppedBefore))
            }
            if !removal.erased.isEmpty { edits.append(.rowsErased(tableID: id, removal.erased)) }
            // A checkpoint that still counts the rows, of views that nobody opened since: they are made from the rows.
            let owner = String(table.name.prefix { $0 != "/" })
            if live.checkpoints[owner] != nil, generation.checkpoints[owner] == nil {
                let edit = ManifestEdit.checkpointRemoved(name: owner)
                if !edits.contains(edit) { edits.append(edit) }
            }
        }
        return edits
    }
}
