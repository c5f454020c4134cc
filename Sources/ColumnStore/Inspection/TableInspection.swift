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
    /// Rows that are in no segment yet; 0 where the log was not read.
    package var logRowCount = 0

    package var schema: Schema { schemas.current }

    package var sealedRowCount: Int { segments.reduce(0) { $0 + $1.rowCount } }
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
            guard let other = segment.timeRange(column: timeColumn) else { return }
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
                for page in footer.columns[position] where page.byteCount > 0 { column.add(page) }
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

    mutating func add(_ page: PageRecord) {
        rowCount += page.zone.rowCount
        nullCount += page.zone.nullCount
        rawByteCount += page.rawByteCount
        encodedByteCount += page.byteCount
        var encoding = pages[page.encoding] ?? Encoding(name: page.encoding)
        encoding.pageCount += 1
        encoding.rowCount += page.zone.rowCount
        encoding.byteCount += page.byteCount
        pages[page.encoding] = encoding
    }
}
