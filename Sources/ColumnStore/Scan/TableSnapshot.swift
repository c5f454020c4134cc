internal import ColumnEncoding
package import ColumnFormat

/// A run of a table's rows that lie in one place.
package enum RowSource: Sendable {
    case segment(SegmentReader)
    case memory(firstRow: UInt64, columns: [ColumnSlice])

    package var firstRow: UInt64 {
        switch self {
        case .segment(let segment): segment.firstRow
        case .memory(let firstRow, _): firstRow
        }
    }

    package var rowCount: Int {
        switch self {
        case .segment(let segment): segment.rowCount
        case .memory(_, let columns): columns[0].count
        }
    }
}

/// One consistent version of a table. Rows appended later do not show; rows in it stay readable as long as it lives.
package struct TableSnapshot: Sendable {
    package let name: String
    package let schema: Schema
    /// In the order of row numbers.
    package let sources: [RowSource]
    /// Rows with lower numbers were dropped.
    package let firstRow: UInt64
    /// Rows that are in ``sources`` and gone all the same.
    package let erased: RowSet

    package init(
        name: String, schema: Schema, sources: [RowSource], firstRow: UInt64 = 0, erased: RowSet = RowSet()
    ) {
        self.name = name
        self.schema = schema
        self.sources = sources
        self.firstRow = firstRow
        self.erased = erased
    }

    package var rowCount: Int {
        let hidden = sources.first.map { max(firstRow, $0.firstRow) - $0.firstRow } ?? 0
        return sources.reduce(0) { $0 + $1.rowCount } - Int(hidden) - erased.count
    }

    package func isLive(_ row: UInt64) -> Bool { row >= firstRow && !erased.contains(row) }

    /// The number behind the last row.
    package var endRow: UInt64 { sources.last.map { $0.firstRow + UInt64($0.rowCount) } ?? firstRow }

    /// The value of one row of any column, boxed. Throws `.notFound` where there is no such row.
    package func value(row: UInt64, column: Int) throws(StoreError) -> Value {
        guard let source = sources.last(where: { $0.firstRow <= row }), row - source.firstRow < UInt64(source.rowCount)
        else { throw StoreError(.notFound, "table '\(name)' has no row \(row)") }
        let place = Int(row - source.firstRow)
        switch source {
        case .memory(_, let columns): return columns[column].value(at: place)
        case .segment(let segment):
            return try segment.withPage(column: column, row: place) { (page, place) throws(FormatError) in
                try page.value(at: place)
            }
        }
    }

    /// Reads `columns` (all where nil) of the rows that meet `predicate`, from `firstRow` on. Throws `.invalidInput` for
    /// columns that do not exist or cannot be compared so.
    package func scan(
        columns: [String]? = nil, where predicate: Predicate? = nil, from firstRow: UInt64 = 0
    ) throws(StoreError) -> Scan {
        let names = columns ?? schema.columns.map(\.name)
        var positions: [Int] = []
        for name in names {
            guard let position = schema.position(of: name) else {
                throw StoreError(
                    .invalidInput, "table '\(self.name)' has no column '\(name)'",
                    remedy: "its columns are \(schema.columns.map(\.name).joined(separator: ", "))")
            }
            positions.append(position)
        }
        try predicate?.check(against: schema)
        return Scan(
            snapshot: self, names: names, positions: positions, predicate: predicate, from: max(firstRow, self.firstRow)
        )
    }
}
