package import ColumnFormat

/// How rows that were written with one schema of a table are read with a later one.
///
/// Columns are the same by their ids, whatever they are called and wherever they stand. A column that the rows lack is
/// null in all of them; one of another type is widened.
package struct ColumnMapping: Sendable {
    package enum Source: Sendable, Equatable {
        /// As it is, at this position of the rows.
        case same(Int)
        /// In a narrower type.
        case widened(Int)
        case missing
    }

    /// One for each column of the later schema.
    package let sources: [Source]
    private let types: [ColumnType]

    /// Nil where `rows` cannot be read as `schema`: the two are not of one table.
    package init?(from rows: Schema, to schema: Schema) {
        var sources: [Source] = []
        for (column, id) in zip(schema.columns, schema.columnIDs) {
            guard let position = rows.columnIDs.firstIndex(of: id) else {
                guard column.isNullable else { return nil }
                sources.append(.missing)
                continue
            }
            let source = rows.columns[position]
            guard column.isNullable || !source.isNullable else { return nil }
            if source.type == column.type {
                sources.append(.same(position))
            } else {
                guard source.type.widens(to: column.type) else { return nil }
                sources.append(.widened(position))
            }
        }
        // A column whose id is known no more would be lost.
        guard rows.columnIDs.allSatisfy({ schema.columnIDs.contains($0) }) else { return nil }
        self.sources = sources
        types = schema.columns.map(\.type)
    }

    /// Whole columns of `rowCount` rows as the later schema has them.
    package func columns(_ columns: [ColumnSlice], rowCount: Int) -> [ColumnSlice] {
        sources.indices.map { place in
            switch sources[place] {
            case .same(let position): columns[position]
            case .widened(let position): columns[position].widened(to: types[place])
            case .missing: .nulls(rowCount, type: types[place])
            }
        }
    }

    /// The footer of a segment as if it had been written with the later schema. Pages that are not there take no bytes.
    package func footer(_ footer: SegmentFooter, schema: Schema) -> SegmentFooter {
        let columns = sources.indices.map { place in
            switch sources[place] {
            case .same(let position): footer.columns[position]
            case .widened(let position):
                footer.columns[position].map { page in
                    var page = page
                    page.zone = page.zone.widened(to: types[place])
                    page.vectorZones = VectorZones(page.vectorZones.map { $0.widened(to: types[place]) })
                    return page
                }
            case .missing:
                (0..<footer.blockCount).map { block in
                    PageRecord(
                        offset: 0, byteCount: 0, rawByteCount: 0, checksum: 0, encoding: "missing",
                        zone: .nulls(footer.rows(ofBlock: block).count), vectorZones: VectorZones())
                }
            }
        }
        var result = SegmentFooter(
            tableName: footer.tableName, schema: schema, firstRow: footer.firstRow, rowCount: footer.rowCount,
            columns: columns)
        result.erased = footer.erased
        return result
    }
}
