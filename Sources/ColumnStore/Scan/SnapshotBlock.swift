internal import ColumnFormat

/// Up to 65,536 rows of one source of a snapshot: a block of a segment, or as many rows in memory.
struct SnapshotBlock {
    let source: RowSource
    /// Which block of the source.
    let number: Int
    /// Rows that are not to be seen, counted from the block's first: dropped, erased, or before the first one asked for.
    let hidden: RowSet

    /// The block's rows, counted from the source's first.
    var rows: Range<Int> {
        let first = number * SegmentFormat.blockRowCount
        return first..<min(first + SegmentFormat.blockRowCount, source.rowCount)
    }

    /// The table's number of the block's first row.
    var firstRow: UInt64 { source.firstRow + UInt64(rows.lowerBound) }

    var vectorCount: Int { (rows.count + SegmentFormat.vectorRowCount - 1) / SegmentFormat.vectorRowCount }

    /// The rows of a vector, counted from the block's first.
    func rows(ofVector vector: Int) -> Range<Int> {
        let first = vector * SegmentFormat.vectorRowCount
        return first..<min(first + SegmentFormat.vectorRowCount, rows.count)
    }

    /// The zone map of a column; nil for rows in memory, which have none.
    func zone(_ column: Int) -> ZoneMap? {
        guard case .segment(let segment) = source else { return nil }
        return segment.footer.columns[column][number].zone
    }

    /// The zone map of a vector of a column; that of the block where vectors have none.
    func zone(_ column: Int, vector: Int) -> ZoneMap? {
        guard case .segment(let segment) = source else { return nil }
        let page = segment.footer.columns[column][number]
        return page.vectorZones.isEmpty ? page.zone : page.vectorZones[vector]
    }

    /// Whether vectors of the column have zone maps of their own.
    func hasVectorZones(_ column: Int) -> Bool {
        guard case .segment(let segment) = source else { return false }
        return !segment.footer.columns[column][number].vectorZones.isEmpty
    }

    /// The error with its place.
    func error(_ error: FormatError, column: Int) -> StoreError {
        guard case .segment(let segment) = source else { return StoreError(error, path: "memory") }
        return StoreError(error.shifted(by: segment.footer.columns[column][number].offset), path: segment.path)
    }
}

extension TableSnapshot {
    /// The blocks that have rows to be seen, in the order of row numbers; rows with numbers below `first` are hidden.
    func blocks(from first: UInt64 = 0) -> [SnapshotBlock] {
        let first = max(first, firstRow)
        var blocks: [SnapshotBlock] = []
        for source in sources {
            for number in 0..<(source.rowCount + SegmentFormat.blockRowCount - 1) / SegmentFormat.blockRowCount {
                let start = source.firstRow + UInt64(number * SegmentFormat.blockRowCount)
                let end = min(start + UInt64(SegmentFormat.blockRowCount), source.firstRow + UInt64(source.rowCount))
                guard end > first else { continue }
                var hidden = erased.isEmpty ? RowSet() : erased.intersection(start..<end)
                if first > start { hidden.formUnion(RowSet(start..<first)) }
                guard hidden.count < Int(end - start) else { continue }
                blocks.append(
                    SnapshotBlock(source: source, number: number, hidden: RowSet(offsets: hidden, from: start)))
            }
        }
        return blocks
    }
}
