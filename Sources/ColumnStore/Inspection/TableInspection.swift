package import ColumnFormat

/// A table as the manifest and the footers of its segments describe it.
package struct TableInspection: Sendable {
    package let name: String
    /// Its number in the store; nil without a store.
    package let id: UInt32?
    package let schemas: SchemaHistory
    /// In the order of their rows.
    package let segments: [SegmentInspection]
    package let indexRuns: [IndexRunRecord]
    /// Rows that are gone by what the manifest, the segments and, where it was read, the log say.
    package private(set) var removed: RowSet
    /// Those of them that files may still hold: until the next compaction.
    package private(set) var erased: RowSet
    /// Rows of the log, also those that were erased there.
    private var loggedRowCount = 0
    private let firstRow: UInt64

    /// - Parameter record: What the manifest says; nil without a store.
    init(name: String, record: TableRecord?, schemas: SchemaHistory, segments: [SegmentInspection]) {
        self.name = name
        id = record?.id
        self.schemas = schemas
        self.segments = segments
        indexRuns = record?.indexRuns ?? []
        firstRow = record?.firstRow ?? 0
        erased = record?.erased ?? RowSet()
        removed = segments.reduce(RowSet(0..<firstRow).union(erased)) { $0.union($1.footer?.erased ?? RowSet()) }
    }

    /// Takes over what the log has of the table.
    mutating func add(loggedRowCount count: Int, _ removal: RowRemoval) {
        loggedRowCount = count
        erased.formUnion(removal.erased)
        removed.formUnion(removal.rows)
    }

    /// The number behind the last sealed row.
    package var sealedEndRow: UInt64 { segments.last?.endRow ?? firstRow }
    /// The number behind the last row, where the log was read: as many rows as the table ever got.
    package var endRow: UInt64 { sealedEndRow + UInt64(loggedRowCount) }
    /// Rows that are in no segment yet; 0 where the log was not read.
    package var logRowCount: Int { liveCount(sealedEndRow..<sealedEndRow + UInt64(loggedRowCount)) }

    private func liveCount(_ rows: Range<UInt64>) -> Int { rows.count - removed.intersection(rows).count }

    /// Rows of a segment that are not gone.
    package func rowCount(of segment: SegmentInspection) -> Int { liveCount(segment.firstRow..<segment.endRow) }

    package var schema: Schema { schemas.current }

    package var sealedRowCount: Int { segments.reduce(0) { $0 + rowCount(of: $1) } }
    package var rowCount: Int { sealedRowCount + logRowCount }
    /// Bytes of the segment files.
    package var segmentByteCount: Int { segments.reduce(0) { $0 + $1.byteCount } }
    package var rawByteCount: Int { segments.reduce(0) { $0 + $1.rawByteCount } }
    package var encodedByteCount: Int { segments.reduce(0) { $0 + $1.encodedByteCount } }
    package var indexByteCount: Int { indexRuns.reduce(0) { $0 + Int(clamping: $1.byteCount) } }

    /// The column that tells the time of a row: `_at`, else the first one of times.
    package var timeColumn: Int? {
        if let at = schema.position(of: "_at"), schema.columns[at].type == .timestamp { return at }
        return schema.columns.firstIndex { $0.type == .timestamp }
    }

    /// The first and last time of the sealed rows, from the zone maps.
    package var timeRange: ClosedRange<Timestamp>? {
        guard let timeColumn else { return nil }
        return segments.reduce(into: nil) { (range: inout ClosedRange<Timestamp>?, segment) in
            guard let other = segment.timeRange(column: timeColumn, without: removed) else { return }
            range =
                min(
                    range?.lowerBound ?? other.lowerBound, other.lowerBound)...max(
                    range?.upperBound ?? other.upperBound, other.upperBound)
        }
    }

    /// What each column takes, over all segments. O(pages).
    package var columns: [ColumnInspection] {
        schema.columns.enumerated().map { position, definition in
            var column = ColumnInspection(definition)
            for segment in segments {
                guard let footer = segment.footer, position < footer.columns.count else { continue }
                // Of a segment from before the column there is nothing on disk.
                for (block, page) in footer.columns[position].enumerated() where page.byteCount > 0 {
                    let rows = footer.rowNumbers(ofBlock: block)
                    column.add(
                        page, removedCount: removed.intersection(rows).count,
                        holeCount: footer.erased.intersection(rows).count)
                }
            }
            return column
        }
    }
}

/// What one column of a table takes in its segments.
package struct ColumnInspection: Sendable {
    /// The pages that have one encoding.
    package struct Encoding: Sendable {
        package let name: String
        package fileprivate(set) var pageCount = 0
        package fileprivate(set) var rowCount = 0
        package fileprivate(set) var byteCount = 0
    }

    package let definition: ColumnDefinition
    package private(set) var rowCount = 0
    package private(set) var nullCount = 0
    package private(set) var rawByteCount = 0
    package private(set) var encodedByteCount = 0
    private var pages: [String: Encoding] = [:]

    init(_ definition: ColumnDefinition) { self.definition = definition }

    /// The encodings of the pages, that of most rows first.
    package var encodings: [Encoding] {
        pages.values.sorted { $0.rowCount == $1.rowCount ? $0.name < $1.name : $0.rowCount > $1.rowCount }
    }

    /// - Parameters:
    ///   - removedCount: Rows of the page that are gone.
    ///   - holeCount: Those of them that are nulls in the page.
    mutating func add(_ page: PageRecord, removedCount: Int, holeCount: Int) {
        let liveCount = page.zone.rowCount - removedCount
        rowCount += liveCount
        nullCount += min(page.zone.nullCount - min(holeCount, page.zone.nullCount), liveCount)
        rawByteCount += page.rawByteCount
        encodedByteCount += page.byteCount
        var encoding = pages[page.encoding] ?? Encoding(name: page.encoding)
        encoding.pageCount += 1
        encoding.rowCount += liveCount
        encoding.byteCount += page.byteCount
        pages[page.encoding] = encoding
    }
}
