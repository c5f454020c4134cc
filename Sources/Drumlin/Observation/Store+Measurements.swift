internal import ColumnFormat
public import ColumnStore
internal import Synchronization

extension Store {
    /// What the store, its tasks and their models come to right now, for a system that watches processes.
    ///
    /// Of each metric and kind of window it is the newest window that has closed, and the one there is where it never closes
    /// (`cumulative`, trailing). So there are as many samples as there are tables, and metrics × windows registered, however
    /// many events, windows and ids there have been: 4,096 of a family at most.
    ///
    /// In a process that writes, the tasks are those that it has opened; else all of them. Values of closures are those last
    /// published; windows of a number of predictions, and slices, are left out. It opens no file and waits for no disk, reads what was added
    /// to the tables of alerts since the last call, and holds the store's lock for as long as it takes to copy counters and the
    /// cells of these windows.
    ///
    /// Throws `.closed` after `close()`, `.io` or `.corrupt` where alerts cannot be read.
    public func measurements() throws(StoreError) -> [MeasurementFamily] {
        var collector = MeasurementCollector()
        try collectTables(&collector)
        collectStatus(&collector)
        for name in taskNames {
            // To open a task is its owner's: with the schema that it wants, before anybody else.
            guard isReadOnly || attachments.withLock({ $0[TaskKeys(name).schema] }) != nil else { continue }
            do throws(StoreError) {
                try task(name).collect(&collector)
            } catch {
                // Dropped meanwhile.
                if error.code != .notFound { throw error }
            }
        }
        return collector.families
    }

    private func collectTables(_ collector: inout MeasurementCollector) throws(StoreError) {
        struct Sizes {
            let name: String
            let rows: Int
            let appended: UInt64
            let segments: Int
            let bytes: Int
        }
        let sizes = try read { core throws(StoreError) in
            if core.isClosed { throw StoreError(.closed, "the store was closed", path: path) }
            return core.tables.values.map { table in
                let bytes =
                    table.segments.reduce(0) { $0 + $1.byteCount } + table.runs.reduce(0) { $0 + $1.byteCount }
                return Sizes(
                    name: table.name, rows: table.rowCount, appended: table.endRow, segments: table.segments.count,
                    bytes: bytes)
            }
        }
        for table in sizes.sorted(by: { $0.name < $1.name }) {
            let labels = [MeasurementFamily.Label("table", table.name)]
            collector.add(table.rows, to: .tableRows, labels)
            collector.add(table.appended, to: .tableAppendedRows, labels)
            collector.add(table.segments, to: .tableSegments, labels)
            collector.add(table.bytes, to: .tableBytes, labels)
        }
    }

    private func collectStatus(_ collector: inout MeasurementCollector) {
        let (status, maintenance) = (status, maintenanceStatus)
        collector.add(status.memoryRows, to: .memoryRows)
        collector.add(status.memoryByteCount, to: .memoryBytes)
        collector.add(status.unsealedSets, to: .unsealedSets)
        collector.add(status.indexRuns, to: .indexRuns)
        if !isReadOnly {
            collector.add(status.logByteCount, to: .logBytes)
            func ahead(of end: UInt64) -> UInt64 { status.nextSequence - min(end, status.nextSequence) }
            collector.add(status.unwrittenByteCount, to: .unwrittenLogBytes)
            collector.add(ahead(of: status.writtenUpTo), to: .unwrittenRows)
            collector.add(ahead(of: status.durableUpTo), to: .undurableRows)
        }
        collector.add(status.waitedCalls, to: .waitedCalls)
        collector.add(Double(status.waitedMicroseconds) / 1e6, to: .waitSeconds)
        collector.add(status.refusedCalls, to: .refusedCalls)
        collector.add(status.droppedCalls, to: .droppedCalls)
        collector.add(status.droppedEvents, to: .droppedRows)
        for (part, failure) in [
            ("log", status.logFailure), ("seal", status.sealFailure), ("maintenance", maintenance.failure),
        ] {
            collector.add(failure == nil ? 0 : 1, to: .failing, [.init("part", part)])
        }
        collector.add(maintenance.merges, to: .merges)
        collector.add(maintenance.writtenBytes, to: .maintenanceBytes)
        collector.add(maintenance.droppedRows, to: .retiredRows)
        collector.add(maintenance.purgedRows, to: .purgedRows)
    }
}
