internal import ColumnEncoding
internal import ColumnFormat
internal import Synchronization

/// Keeps what is sealed in order: puts small segments together, in the background and when asked to.
///
/// One step at a time, on a thread of its own, so that sealing is not held up. A step reads segments that nobody changes,
/// writes what takes their place so that it is whole and durable, and makes it live with one commit of the manifest; then
/// the old files are unlinked. Who has them mapped reads on. A crash leaves either the old files or the new ones live, and
/// the next opening removes the others.
final class Maintenance: Sendable {
    private let sealer: Sealer
    private let executor: any BackgroundExecutor
    /// Held during a step.
    private let steps = Mutex<Void>(())
    private let isStopping = Atomic<Bool>(false)
    private let counters: Mutex<MaintenanceStatus>

    init(sealer: Sealer, environment: StoreEnvironment) {
        self.sealer = sealer
        executor = environment.makeExecutor("drumlin-upkeep")
        counters = Mutex(MaintenanceStatus(metadata: sealer.liveState.metadata))
    }

    var status: MaintenanceStatus { counters.withLock { $0 } }

    /// Ends the step that runs, at its next block, without an effect.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        executor.stop()
    }

    /// Looks, in the background, for something to do in a store that has new segments.
    func begin(in store: Store) {
        executor.submit { [weak store] in
            guard let store else { return }
            self.runAll(in: store)
        }
    }

    /// Returns when the background has done all there was to do.
    func wait() { executor.drain() }

    private func runAll(in store: Store) {
        do throws(StoreError) {
            try steps.withLock { _ throws(StoreError) in try applyRetention(in: store) }
            while try runNext(in: store) {}
            try steps.withLock { _ throws(StoreError) in
                counters.withLock { $0.failure = nil }
                if MaintenanceStatus(metadata: sealer.liveState.metadata).failure != nil { _ = try commit([]) { _ in } }
            }
        } catch {
            guard !isStopping.load(ordering: .acquiring) else { return }
            counters.withLock { $0.failure = error }
            // For those who look at the store from outside; what keeps from writing cannot be written down.
            if error.code == .corrupt { steps.withLock { _ in _ = try? commit([]) { _ in } } }
        }
    }

    /// Makes `edits` durable together with the counters as `count` changes them. Only within ``steps``.
    private func commit(
        _ edits: [ManifestEdit], _ count: (inout MaintenanceStatus) -> Void
    ) throws(StoreError) -> [String] {
        var status = status
        count(&status)
        let obsolete = try sealer.commit(edits + [.metadataSet(key: MaintenanceStatus.key, bytes: status.bytes)])
        counters.withLock { $0 = status }
        return obsolete
    }

    /// One step; false where there is none.
    private func runNext(in store: Store) throws(StoreError) -> Bool {
        try steps.withLock { _ throws(StoreError) in
            for table in try liveTables(of: store) {
                try checkRunning()
                guard let run = MergePlan.next(table.parts, limits: table.limits) else { continue }
                try merge(run, of: table, in: store)
                return true
            }
            return false
        }
    }

    // MARK: Compaction

    func compact(_ store: Store, progress: (Double) -> Void) throws(StoreError) -> CompactionSummary {
        try steps.withLock { _ throws(StoreError) in
            var summary = CompactionSummary()
            (summary.segmentsBefore, summary.bytesBefore) = sizes()
            let droppedBefore = status.droppedRows
            try applyRetention(in: store)
            summary.droppedRows = status.droppedRows - droppedBefore
            let tables = try liveTables(of: store)
            let total = tables.reduce(0) { sum, table in
                sum + runsToWrite(table).reduce(0) { $0 + table.byteCount(of: $1) }
            }
            var done = 0
            for table in tables {
                // What is erased of segments that were sealed meanwhile has to wait: those are not written here.
                let erased = erasedRows(of: table.state).intersection(0..<(table.segments.last?.endRow ?? 0))
                // From the newest, so that the places of those that come stay.
                for run in runsToWrite(table).reversed() {
                    try checkRunning()
                    summary.rewrittenRows += try merge(run, of: table, in: store)
                    done += table.byteCount(of: run)
                    progress(Double(done) / Double(max(total, 1)))
                }
                if !erased.isEmpty {
                    try purge(erased, of: table.state, in: store)
                    summary.purgedRows += erased.count
                }
            }
            (summary.segmentsAfter, summary.bytesAfter) = sizes()
            progress(1)
            return summary
        }
    }

    /// Neighbours to merge, and single segments that hold values of erased rows or are from before a change of the schema.
    private func runsToWrite(_ table: LiveTable) -> [Range<Int>] {
        var runs = MergePlan.all(table.parts, limits: table.limits)
        let erased = erasedRows(of: table.state)
        for (place, segment) in table.segments.enumerated() where !runs.contains(where: { $0.contains(place) }) {
            let rows = erased.intersection(segment.firstRow..<segment.endRow)
            if segment.isConverted || !rows.subtracting(segment.footer.erased).isEmpty {
                runs.append(place..<place + 1)
            }
        }
        return runs.sorted { $0.lowerBound < $1.lowerBound }
    }

    /// Rows that are gone and whose values the files may still hold. Those whose erasure is only in the log are not among
    /// them: the views would need the values after a crash.
    private func erasedRows(of table: TableState) -> RowSet { sealer.liveState.tables[table.id]?.erased ?? RowSet() }

    /// The segments are written: takes the rows out of the index too, and forgets that there is something to do.
    private func purge(_ erased: RowSet, of table: TableState, in store: Store) throws(StoreError) {
        let (written, removed) = try sealer.purgeIndex(of: table, erased, in: store)
        guard sealer.liveState.tables[table.id] != nil else { return }
        _ = try commit([.rowsPurged(tableID: table.id, erased)]) { counters in
            counters.writtenBytes += written
            counters.removedBytes += removed
            counters.purgedRows += erased.count
        }
    }

    private func sizes() -> (segments: Int, bytes: Int) {
        let tables = sealer.liveState.tables.values
        return (
            tables.reduce(0) { $0 + $1.segments.count },
            tables.reduce(0) { sum, table in
                sum + table.segments.reduce(0) { $0 + Int(clamping: $1.byteCount) }
                    + table.indexRuns.reduce(0) { $0 + Int(clamping: $1.byteCount) }
            }
        )
    }

    /// What is sealed of a table, as of one moment.
    private struct LiveTable {
        let state: TableState
        let schema: Schema
        let segments: [SegmentReader]
        let memoryRowCount: Int
        let retention: Retention?
        let parts: [MergePlan.Part]

        var limits: MergePlan.Limits { retention?.mergeLimits ?? MergePlan.Limits() }

        func byteCount(of run: Range<Int>) -> Int { parts[run].reduce(0) { $0 + $1.byteCount } }
    }

    private func liveTables(of store: Store) throws(StoreError) -> [LiveTable] {
        let found = store.read { core in
            core.tables.values.sorted { $0.id < $1.id }.map {
                (state: $0, schema: $0.schema, segments: $0.segments, memoryRowCount: Int($0.endRow - $0.sealedEndRow))
            }
        }
        var tables: [LiveTable] = []
        for table in found {
            let retention = try store.retention(of: table.state.name)
            // Times matter only where rows have an age to go at.
            let time = retention?.age == nil ? nil : table.schema.timeColumn
            tables.append(
                LiveTable(
                    state: table.state, schema: table.schema, segments: table.segments,
                    memoryRowCount: table.memoryRowCount,
                    retention: retention,
                    parts: table.segments.map {
                        MergePlan.Part(rowCount: $0.rowCount, byteCount: $0.byteCount, times: $0.times(column: time))
                    }))
        }
        return tables
    }

    // MARK: Retention

    /// Drops what the tables need not keep; returns how many rows that was.
    func dropRows(in store: Store) throws(StoreError) -> Int {
        try steps.withLock { _ throws(StoreError) in
            let before = status.droppedRows
            try applyRetention(in: store)
            return status.droppedRows - before
        }
    }

    private func applyRetention(in store: Store) throws(StoreError) {
        for table in try liveTables(of: store) {
            try checkRunning()
            guard let retention = table.retention else { continue }
            let now = store.read { core in
                store.options.arrival == .wall
                    ? store.options.environment.clock.now.microseconds : core.lastArrival.microseconds
            }
            let count = retention.droppedSegmentCount(table.parts, memoryRowCount: table.memoryRowCount, now: now)
            guard count > 0 else { continue }
            let end = table.segments[count - 1].endRow
            let going = store.read { _ in
                RowSet(table.state.firstRow..<max(end, table.state.firstRow)).subtracting(table.state.erased).count
            }
            try store.dropRows(of: table.state, before: end)
            guard store.read({ _ in table.state.firstRow }) >= end else { continue }
            _ = try commit([]) { counters in
                counters.droppedSegments += count
                counters.droppedRows += going
                counters.removedBytes += table.byteCount(of: 0..<count)
            }
        }
    }

    // MARK: Merges

    /// Writes one segment for several and puts it in their place. Returns how many rows it has.
    @discardableResult
    private func merge(_ run: Range<Int>, of table: LiveTable, in store: Store) throws(StoreError) -> Int {
        let old = Array(table.segments[run])
        let source = MergeSource(segments: old, schema: table.schema)
        let rows = source.firstRow..<(source.firstRow + UInt64(source.rowCount))
        guard let records = sealer.liveState.tables[table.state.id]?.segments.filter({ rows.contains($0.firstRow) }),
            records.count == old.count
        else { return 0 }
        let erased = old.reduce(erasedRows(of: table.state).intersection(rows)) { $0.union($1.footer.erased) }
        let bytes = try SegmentBuilder.bytes(
            tableName: table.state.name, schema: source.schema, firstRow: source.firstRow, rowCount: source.rowCount,
            erased: erased, options: .compacted
        ) { (part) throws(StoreError) in
            try checkRunning()
            return try source.columns(part)
        }
        let (name, file) = try sealer.write(bytes, table: table.state.name, extension: "seg")
        let merged = try SegmentReader(file: file, path: FilePath.join(sealer.directory, name))
        guard merged.byteCount == bytes.count, merged.firstRow == source.firstRow, merged.rowCount == source.rowCount
        else { throw .corrupt("the merged segment reads back as another one", path: merged.path) }
        var edits = records.map { ManifestEdit.segmentRemoved(tableID: table.state.id, fileName: $0.fileName) }
        edits.append(
            .segmentAdded(
                tableID: table.state.id,
                SegmentRecord(
                    fileName: name, firstRow: merged.firstRow, rowCount: UInt64(merged.rowCount),
                    byteCount: UInt64(bytes.count), footerChecksum: merged.footerChecksum,
                    firstSequence: records.map(\.firstSequence).min() ?? 0,
                    lastSequence: records.map(\.lastSequence).max() ?? 0)))
        let obsolete = try commit(edits) { counters in
            counters.merges += 1
            counters.mergedSegments += old.count
            counters.rewrittenRows += merged.rowCount
            counters.writtenBytes += bytes.count
            counters.removedBytes += table.byteCount(of: run)
        }
        store.read { _ in table.state.replaceSegments(old, with: merged) }
        sealer.removeFiles(obsolete, logsBelow: 0)
        return merged.rowCount
    }

    private func checkRunning() throws(StoreError) {
        if isStopping.load(ordering: .acquiring) {
            throw StoreError(.closed, "the store was closed", remedy: "open it again to go on")
        }
    }
}
