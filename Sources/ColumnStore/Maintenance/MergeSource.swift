internal import ColumnEncoding
internal import ColumnFormat

/// Neighbouring segments of a table, read as one run of rows.
struct MergeSource {
    let segments: [SegmentReader]
    let schema: Schema

    var firstRow: UInt64 { segments[0].firstRow }
    var rowCount: Int { segments.reduce(0) { $0 + $1.rowCount } }

    /// All columns of some rows, counted from the first. Throws `.corrupt` with the file and the offset on damage.
    func columns(_ rows: Range<Int>) throws(StoreError) -> [ColumnSlice] {
        var result: [ColumnSlice] = []
        for (column, definition) in schema.columns.enumerated() {
            let builder = ColumnBuilder(type: definition.type, capacity: rows.count)
            var start = 0
            for segment in segments {
                let part = rows.clamped(to: start..<start + segment.rowCount)
                if !part.isEmpty {
                    try segment.read(
                        column: column, rows: (part.lowerBound - start)..<(part.upperBound - start), into: builder)
                }
                start += segment.rowCount
            }
            result.append(builder.snapshot())
        }
        return result
    }
}
