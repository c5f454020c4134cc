import ColumnEncoding
import ColumnFormat
import ColumnStore
import TestSupport

/// A segment file: opened, every page read in bulk and by rows, inspected, mended. What decodes makes a segment again that
/// holds the same.
struct SegmentTarget: FuzzTarget {
    func run(_ bytes: [UInt8]) {
        guard let reader = try? SegmentReader(file: bytes.mapped, path: "x.seg") else { return }
        let footer = reader.footer
        let written = footer.bytes()
        let again = unsafe written.withUnsafeBytes {
            unsafe try? SegmentFooter(reading: $0, fileByteCount: bytes.count)
        }
        // By its bytes: a NaN in a zone map equals nothing.
        require(again?.bytes() == written, "the footer comes back as another one")
        var columns: [ColumnSlice] = []
        for (column, definition) in footer.schema.columns.enumerated().prefix(64) {
            // A block of a column of few bytes may be large: that is what encodings are for.
            for block in 0..<min(footer.blockCount, 2) {
                let rows = footer.rows(ofBlock: block)
                guard rows.count * max(definition.type.dimension, 1) <= 1 << 20 else { continue }
                let builder = ColumnBuilder(type: definition.type)
                guard (try? reader.read(column: column, rows: rows, into: builder)) != nil else { continue }
                require(builder.count == rows.count, "\(builder.count) rows of \(rows.count)")
                if footer.blockCount == 1 { columns.append(builder.snapshot()) }
                _ = try? reader.nodes(column: column, block: block)
                _ = try? reader.withPage(column: column, row: rows.upperBound - 1) { (page, row) throws(FormatError) in
                    try page.value(at: row)
                }
            }
        }
        guard columns.count == footer.schema.columns.count, footer.rowCount <= 2_048,
            columns.allSatisfy({ $0.type != .string || $0.isText }), footer.erased.isEmpty
        else { return }
        for (slice, definition) in zip(columns, footer.schema.columns) where !definition.isNullable {
            if (0..<slice.count).contains(where: { slice.isNull($0) }) { return }
        }
        guard
            let copy = try? SegmentBuilder.bytes(
                tableName: footer.tableName, schema: footer.schema, firstRow: footer.firstRow, columns: columns)
        else { fatalError("rows that were read cannot be written") }
        require((try? SegmentReader(file: copy.mapped, path: "y.seg")) != nil, "a segment of them cannot be read")
    }

    func repair(_ bytes: inout [UInt8], using choice: inout SplitMix) { ChecksumRepair.segment(&bytes) }

    var seeds: [[UInt8]] {
        let rides = (0..<40).map { row in
            ["id": Value.string("ride-\(row)"), "at": .timestamp(Timestamp(microseconds: Int64(row) * 60_000_000))]
        }
        let schema = Schema(
            [ColumnDefinition("id", .string, isNullable: false), ColumnDefinition("at", .timestamp)], indexed: ["id"])
        return [
            Self.segment(EveryType.schema, EveryType.rows(0..<20, seed: 3)), Self.segment(schema, rides),
            Self.segment(schema, rides, erased: RowSet([3, 4, 9])),
        ]
    }

    static func segment(_ schema: Schema, _ rows: [[String: Value]], erased: RowSet = RowSet()) -> [UInt8] {
        let columns = schema.columns.map { column in
            let builder = ColumnBuilder(type: column.type)
            for row in rows where !builder.append(value: row[column.name] ?? .null) { builder.appendNull() }
            return builder.snapshot()
        }
        return
            (try? SegmentBuilder.bytes(
                tableName: "rides", schema: schema, firstRow: 0, columns: columns, erased: erased)) ?? []
    }
}
