internal import ColumnFormat
internal import ColumnStore

extension TaskState {
    /// What goes with predictions that are dropped.
    struct DroppedLabels {
        /// Feedback rows below go; a segment begins there, or the sealed rows end.
        var before: UInt64
        /// Feedback rows that were stored by id: of predictions that go, or that wait for one that would go at once.
        var erased: RowSet
        /// Ids that wait no longer.
        var expired: Set<[UInt8]>
    }
}

extension TaskState {
    /// The edge after a drop of all predictions below `row`: just behind the last of them, but behind none that stays, nor
    /// behind the clock, so that one prediction from the future does not shut out those of today.
    fileprivate func edge(ofDropBefore row: UInt64) -> Int64 {
        let times = predictions.segments.map { (isGoing: $0.endRow <= row, $0.times(column: tables.atColumn)) }
        let last = times.filter { $0.isGoing }.compactMap { $0.1?.upperBound }.max() ?? .min
        let first = times.filter { !$0.isGoing }.compactMap { $0.1?.lowerBound }.min() ?? .max
        return max(edge, min(last == .max ? last : last + 1, first, clock))
    }
}

extension TaskShared: RowDropping {
    /// Drops the predictions below `row` and the feedback for them. The windows keep what they have counted.
    func dropRows(before row: UInt64, in store: Store) throws(StoreError) {
        // What the logs say of rows that would go has to be sealed before: see TaskState.retractRemoved.
        try store.seal()
        let (name, edge) = store.read { _ in (state.name, state.edge(ofDropBefore: row)) }
        let dropped = try droppedLabels(predictionsBefore: row, edge: edge, store)
        // Before the rows go: an edge that lies too high hides nothing, one that lies too low would.
        var writer = ByteWriter()
        writer.append(edge)
        try store.setMetadata([TaskKeys(name).edge: writer.bytes])
        try store.write { core throws(StoreError) in
            let state = self.state
            guard !state.isDropped, state.predictions.firstRow < row,
                core.removals[state.predictions.id] == nil, core.removals[state.labels.id] == nil
            else { return }
            for id in dropped.expired {
                let isLate = unsafe try id.withUnsafeBytesThrowing { (bytes) throws(StoreError) in
                    unsafe try state.predictions.find(column: state.tables.idColumn, key: bytes) != nil
                }
                // Its prediction came meanwhile: tried again after the next seal.
                if isLate { return }
            }
            core.add(RowRemoval(droppedBefore: row), to: state.predictions)
            core.add(RowRemoval(droppedBefore: dropped.before, erased: dropped.erased), to: state.labels)
            try core.commit(arrival: core.lastArrival)
            state.storedEdge = edge
            state.counters.expired += dropped.expired.count
            state.pendingCount -= dropped.expired.count
            state.counters.labels -= dropped.erased.count
        }
        try eraseOrphanedViolations(in: store)
        try store.seal()
    }

    /// Finds the feedback that goes. What comes meanwhile stays: it cannot be for a prediction that goes by its id.
    private func droppedLabels(
        predictionsBefore row: UInt64, edge: Int64, _ store: Store
    ) throws(StoreError) -> TaskState.DroppedLabels {
        let (labels, segments, tables) = store.read { _ in
            (self.state.labels.snapshot(), self.state.labels.segments, self.state.tables)
        }
        var result = TaskState.DroppedLabels(before: labels.firstRow, erased: RowSet(), expired: [])
        var rows: [UInt64] = []
        var expired = Set<[UInt8]>()
        var waiting = Set<[UInt8]>()
        let scan = try labels.scan(columns: ["_id", "_at"], where: .isNotNull("_id"))
        while let batch = try scan.next() {
            for place in 0..<batch.rowCount {
                guard case .string(var id) = batch[place, "_id"] else { continue }
                let found = unsafe try id.withUTF8Throwing { (bytes) throws(StoreError) in
                    try store.read { _ throws(StoreError) in
                        unsafe try self.state.predictions.find(column: self.state.tables.idColumn, key: bytes)
                    }
                }
                let isExpired = found == nil && batch.slice("_at").int64(at: place) < edge
                if isExpired || found.map({ $0 < row }) ?? false { rows.append(batch.rowNumbers[place]) }
                if found == nil {
                    if isExpired { expired.insert(Array(id.utf8)) } else { waiting.insert(Array(id.utf8)) }
                }
            }
        }
        result.erased = RowSet(rows)
        result.expired = expired.subtracting(waiting)
        for segment in segments where segment.firstRow == result.before {
            guard
                try Self.isNeedless(segment, tables, predictionsBefore: row, erased: result.erased.union(labels.erased))
            else { break }
            result.before = segment.endRow
        }
        return result
    }

    /// Whether all feedback of a segment is for predictions that go.
    private static func isNeedless(
        _ segment: SegmentReader, _ tables: TaskTables, predictionsBefore row: UInt64, erased: RowSet
    ) throws(StoreError) -> Bool {
        for block in 0..<segment.footer.blockCount {
            let zone = segment.footer.columns[tables.labelRowColumn][block].zone
            if case .uint(let greatest)? = zone.maximum, greatest >= row { return false }
            if zone.maximum == nil, zone.nullCount < zone.rowCount { return false }
        }
        let ids = ColumnBuilder(type: .string, capacity: segment.rowCount)
        let isAnyByID = segment.footer.columns[tables.labelIDColumn].contains { $0.zone.nullCount < $0.zone.rowCount }
        guard isAnyByID else { return true }
        try segment.read(column: tables.labelIDColumn, rows: 0..<segment.rowCount, into: ids)
        let slice = ids.snapshot()
        return (0..<slice.count).allSatisfy { slice.isNull($0) || erased.contains(segment.firstRow + UInt64($0)) }
    }
}
