internal import ColumnFormat

/// Reads the rows of one snapshot of a table, batch by batch.
///
/// A block of 65,536 rows whose zone maps show that no row can meet the condition is not read; within a block, the
/// vectors of a time column narrow the rows further; other columns are read only where a row is left. One thread uses a
/// scan; many scans may run at once, and none delays a writer.
public final class Scan {
    private let snapshot: TableSnapshot
    private let names: [String]
    private let positions: [Int]
    private let predicate: Predicate?
    private let firstRow: UInt64
    private var source = 0
    private var offset = 0
    /// Rows that were passed over by their zone maps alone.
    public private(set) var prunedRowCount = 0

    package init(
        snapshot: TableSnapshot, names: [String], positions: [Int], predicate: Predicate?, from firstRow: UInt64
    ) {
        self.snapshot = snapshot
        self.names = names
        self.positions = positions
        self.predicate = predicate
        self.firstRow = firstRow
    }

    /// The next rows, or nil at the end. Throws `StoreError.corrupt` with the file and the offset on damage.
    public func next() throws(StoreError) -> Batch? {
        while source < snapshot.sources.count {
            let current = snapshot.sources[source]
            guard offset < current.rowCount else {
                source += 1
                offset = 0
                continue
            }
            let rows = offset..<min(offset + SegmentFormat.blockRowCount, current.rowCount)
            offset = rows.upperBound
            if let batch = try read(current, rows: rows) { return batch }
        }
        return nil
    }

    /// Calls `body` with each batch that is left.
    public func forEach<E: Error>(_ body: (Batch) throws(E) -> Void) throws {
        while let batch = try next() { try body(batch) }
    }

    // MARK: One block

    private func read(_ source: RowSource, rows block: Range<Int>) throws(StoreError) -> Batch? {
        var rows = block
        if firstRow > source.firstRow {
            let skipped = firstRow - source.firstRow
            guard skipped < UInt64(rows.upperBound) else { return nil }
            rows = max(rows.lowerBound, Int(skipped))..<rows.upperBound
        }
        rows = narrowed(rows, of: source)
        guard !rows.isEmpty else { return nil }
        let base = source.firstRow + UInt64(rows.lowerBound)
        let gone = snapshot.erased.intersection(base..<base + UInt64(rows.count))
        guard gone.count < rows.count else { return nil }
        var cache: [Int: ColumnSlice] = [:]
        var selection: [Int]?
        if let predicate {
            for name in predicate.columns {
                let position = snapshot.schema.position(of: name)!
                cache[position] = try slice(of: source, column: position, rows: rows)
            }
            let truth = predicate.evaluate(count: rows.count) { cache[snapshot.schema.position(of: $0)!]! }
            let kept = truth.indices.filter { truth[$0] == 1 && (gone.isEmpty || !gone.contains(base + UInt64($0))) }
            if kept.isEmpty { return nil }
            if kept.count < rows.count { selection = kept }
        } else if !gone.isEmpty {
            selection = rows.indices.map { $0 - rows.lowerBound }.filter { !gone.contains(base + UInt64($0)) }
        }
        var columns: [ColumnSlice] = []
        for position in positions {
            let whole =
                if let known = cache[position] { known } else { try slice(of: source, column: position, rows: rows) }
            cache[position] = whole
            columns.append(selection.map { whole.gather($0) } ?? whole)
        }
        let numbers = selection.map { $0.map { base + UInt64($0) } } ?? (0..<rows.count).map { base + UInt64($0) }
        return Batch(columnNames: names, rowNumbers: numbers, columns: columns)
    }

    private func slice(of source: RowSource, column: Int, rows: Range<Int>) throws(StoreError) -> ColumnSlice {
        switch source {
        case .memory(_, let columns): return columns[column].slice(rows)
        case .segment(let segment):
            let builder = ColumnBuilder(type: snapshot.schema.columns[column].type, capacity: rows.count)
            try segment.read(column: column, rows: rows, into: builder)
            return builder.snapshot()
        }
    }

    // MARK: Pruning

    /// The rows of a block that may meet the condition, as one run: empty where its zone maps exclude all.
    private func narrowed(_ rows: Range<Int>, of source: RowSource) -> Range<Int> {
        guard let predicate, case .segment(let segment) = source else { return rows }
        let schema = snapshot.schema
        let type = { (name: String) in schema.columns[schema.position(of: name)!].type }
        let block = rows.lowerBound / SegmentFormat.blockRowCount
        let pages = { (name: String) in segment.footer.columns[schema.position(of: name)!][block] }
        guard predicate.outcomes(type: type, zone: { pages($0).zone }).canBeTrue else {
            prunedRowCount += rows.count
            return rows.lowerBound..<rows.lowerBound
        }
        let blockStart = block * SegmentFormat.blockRowCount
        var (low, high) = (rows.upperBound, rows.lowerBound)
        let vectors =
            (rows.count + rows.lowerBound - blockStart + SegmentFormat.vectorRowCount - 1)
            / SegmentFormat.vectorRowCount
        guard predicate.columns.contains(where: { !pages($0).vectorZones.isEmpty }) else { return rows }
        for vector in 0..<vectors {
            let zone = { (name: String) in
                let page = pages(name)
                return page.vectorZones.isEmpty ? page.zone : page.vectorZones[vector]
            }
            guard predicate.outcomes(type: type, zone: zone).canBeTrue else { continue }
            low = min(low, blockStart + vector * SegmentFormat.vectorRowCount)
            high = max(high, blockStart + (vector + 1) * SegmentFormat.vectorRowCount)
        }
        let kept =
            low < high ? max(low, rows.lowerBound)..<min(high, rows.upperBound) : rows.lowerBound..<rows.lowerBound
        prunedRowCount += rows.count - kept.count
        return kept
    }
}
