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
                guard let page = try? reader.page(column: column, block: block) else { continue }
                let cursor = VectorCursor(type: definition.type)
                cursor.open(page)
                for vector in 0..<min((rows.count + 1_023) / 1_024, 4) where (try? cursor.load(vector)) != nil {
                    if !definition.type.isVariableLength { cursor.expand() }
                }
            }
        }
        Self.readWidened(reader)
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

    /// As a table has it whose columns were widened since, and which got one more.
    private static func readWidened(_ reader: SegmentReader) {
        let footer = reader.footer
        guard footer.rowCount <= 70_000, footer.schema.columns.allSatisfy({ $0.type.dimension <= 16 }) else { return }
        let columns = footer.schema.columns.map { column -> ColumnDefinition in
            guard !footer.schema.indexed.contains(column.name) else { return column }
            let type: ColumnType =
                switch column.type {
                case .int8, .int16, .int32: .int64
                case .uint8, .uint16, .uint32: .uint64
                case .float32: .float64
                default: column.type
                }
            return ColumnDefinition(column.name, type, isNullable: column.isNullable)
        }
        let schema = Schema(columns + [ColumnDefinition("one more", .float64)], indexed: footer.schema.indexed)
        guard schema.defect == nil, ColumnMapping(from: footer.schema, to: schema) != nil else { return }
        let widened = reader.presented(as: schema)
        for (column, definition) in widened.footer.schema.columns.enumerated().prefix(64) {
            let builder = ColumnBuilder(type: definition.type)
            let rows = 0..<min(footer.rowCount, 2_000)
            guard (try? widened.read(column: column, rows: rows, into: builder)) != nil else { continue }
            require(builder.count == rows.count, "\(builder.count) widened rows of \(rows.count)")
        }
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
            Self.segment(schema, rides, erased: RowSet([3, 4, 9])), Self.relations, Self.blocks,
        ]
    }

    /// Columns that follow from others, in every form.
    private static var relations: [UInt8] {
        let names = ["a", "b", "distance", "sum", "ratio", "steps", "minute", "hour", "count", "product"]
        let types: [ColumnType] = [
            .float32, .float32, .float32, .float64, .float32, .uint16, .int64, .float32, .int32, .int32,
        ]
        let schema = Schema(zip(names, types).map { ColumnDefinition($0, $1) })
        var choice = SplitMix(state: 5)
        let rows = (0..<1_100).map { row -> [String: Value] in
            let (a, b, n) = (Float(choice.below(64)), Float(choice.below(64)), choice.below(50))
            let minute = choice.below(4_000)
            var values: [String: Value] = ["a": .float32(a), "b": .float32(b), "count": .int(Int64(n))]
            values["distance"] = .float32((a - b).magnitude)
            values["sum"] = .float64(Double(a) + Double(b) + 0.5)
            values["ratio"] = .float32(a / Float(n + 3))
            let step: UInt64 = a < 8 ? 2 : a < 30 ? 9 : a < 55 ? 4 : 1
            values["steps"] = .uint(step)
            values["minute"] = .int(Int64(minute))
            values["hour"] = .float32(Float(minute / 60 % 24))
            values["product"] = .int(Int64(n * 8 + row % 3))
            return values
        }
        return segment(schema, rows)
    }

    /// More rows than a block has, of few bytes.
    private static var blocks: [UInt8] {
        let schema = Schema([
            ColumnDefinition("at", .timestamp), ColumnDefinition("kind", .string), ColumnDefinition("flag", .bool),
            ColumnDefinition("code", .int32),
        ])
        let rows = (0..<66_000).map { row -> [String: Value] in
            var values: [String: Value] = ["kind": .string(row < 30_000 ? "taxi" : "bus")]
            values["at"] = .timestamp(Timestamp(microseconds: Int64(row) * 1_000_000))
            values["code"] = .int(Int64(row / 9_000))
            if row % 20_000 != 7 { values["flag"] = .bool(true) }
            return values
        }
        return segment(schema, rows)
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
