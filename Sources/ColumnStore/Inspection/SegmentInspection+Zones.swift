package import ColumnFormat

/// The zone maps of one column of one block, of the rows that are there.
package struct InspectedZones: Sendable {
    package let block: ZoneMap
    /// Of its vectors; empty where the column has none.
    package let vectors: [ZoneMap]
}

extension SegmentInspection {
    /// The zone maps of a page as they would be without the rows of `removed`. Where the file has a value of one of them still,
    /// the page is decoded, so that no bound, count or sum is of a row that is gone.
    package func zones(column: Int, block: Int, without removed: RowSet) throws(StoreError) -> InspectedZones? {
        guard let reader else { return nil }
        let page = reader.footer.columns[column][block]
        let numbers = reader.footer.rowNumbers(ofBlock: block)
        let gone = removed.intersection(numbers)
        let holes = reader.footer.erased.intersection(numbers)
        guard !gone.subtracting(holes).isEmpty else {
            let vectors = page.vectorZones.indices.map { vector in
                page.vectorZones[vector].forgetting(holes.intersection(Self.rows(ofVector: vector, of: numbers)).count)
            }
            return InspectedZones(block: page.zone.forgetting(holes.count), vectors: vectors)
        }
        let builder = ColumnBuilder(type: reader.footer.schema.columns[column].type, capacity: page.zone.rowCount)
        try reader.read(column: column, rows: reader.footer.rows(ofBlock: block), into: builder)
        let slice = builder.snapshot()
        func zone(_ rows: Range<UInt64>) -> ZoneMap {
            let kept = ColumnBuilder(type: slice.type, capacity: rows.count)
            for run in RowSet(rows).subtracting(gone).runs {
                kept.append(
                    contentsOf: slice.slice(
                        Int(run.lowerBound - numbers.lowerBound)..<Int(run.upperBound - numbers.lowerBound)))
            }
            return ZoneMap(of: kept.snapshot())
        }
        return InspectedZones(
            block: zone(numbers),
            vectors: page.vectorZones.indices.map { zone(Self.rows(ofVector: $0, of: numbers)) })
    }

    private static func rows(ofVector vector: Int, of block: Range<UInt64>) -> Range<UInt64> {
        let first = block.lowerBound + UInt64(vector * SegmentFormat.vectorRowCount)
        return first..<min(first + UInt64(SegmentFormat.vectorRowCount), block.upperBound)
    }
}

extension ZoneMap {
    /// Without `count` rows that are null.
    fileprivate func forgetting(_ count: Int) -> ZoneMap {
        var zone = self
        zone.rowCount -= min(count, rowCount)
        zone.nullCount -= min(count, nullCount)
        return zone
    }
}
