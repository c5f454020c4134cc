import BenchmarkSupport
import ColumnFormat
import ColumnStore
import CommandSupport
import Drumlin

/// Everything that Columns measures of one table.
struct ColumnFigures {
    private let ways: [(name: String, figures: WayFigures)]
    private let lookups: LookupFigures?
    private let decodeGigabytesPerSecond: [(column: String, speed: Double)]
    private let sealRowsPerSecond: Double
    private let openMilliseconds: Double
    private let anonymousBytes: Int?

    init(store path: String, table name: String, plan: Plan) throws {
        openMilliseconds = try ProcessorTime.medianMilliseconds { try Store.openReadOnly(path).close() }
        ways = try [("drumlin", ZoneMapUse.full), ("drumlin, no zone maps", .none)].map { title, use in
            (title, try WayFigures(store: path, table: name, plan: plan, zoneMaps: use))
        }
        lookups = try plan.key.map { _ in try LookupFigures(store: path, table: name, keys: plan.keys) }
        let store = try Store.openReadOnly(path)
        let table = try store.table(name)
        anonymousBytes = try MemoryUse.anonymousBytes()
        let schema = try table.schema
        decodeGigabytesPerSecond = try schema.columns.map { column in
            (column.name, try Self.decodeSpeed(of: column.name, in: table))
        }
        sealRowsPerSecond = try Self.sealSpeed(of: table)
        try store.close()
    }

    /// GB of values a second, into memory.
    private static func decodeSpeed(of column: String, in table: Table) throws -> Double {
        var byteCount = 0
        let milliseconds = try ProcessorTime.medianMilliseconds {
            byteCount = 0
            let scan = try table.scan(columns: [column])
            while let batch = try scan.next() { byteCount += batch.slice(column).valueByteCount }
        }
        return Double(byteCount) / milliseconds / 1e6
    }

    /// Rows a second that become the bytes of a segment, verified; without the writes to disk and the index.
    private static func sealSpeed(of table: Table) throws -> Double {
        let schema = try table.schema
        let names = schema.columns.map(\.name)
        var blocks: [[ColumnSlice]] = []
        var rowCount = 0
        let scan = try table.scan()
        while blocks.count < 16, let batch = try scan.next() {
            // Blocks of a segment are whole but for the last.
            guard batch.rowCount == SegmentFormat.blockRowCount || blocks.isEmpty else { break }
            blocks.append(names.map { batch.slice($0) })
            rowCount += batch.rowCount
            if batch.rowCount < SegmentFormat.blockRowCount { break }
        }
        let milliseconds = try ProcessorTime.medianMilliseconds {
            let bytes = try SegmentBuilder.bytes(
                tableName: table.name, schema: schema, firstRow: 0, rowCount: rowCount
            ) { rows throws(StoreError) in blocks[rows.lowerBound / SegmentFormat.blockRowCount] }
            precondition(!bytes.isEmpty)
        }
        return Double(rowCount) / milliseconds * 1e3
    }

    /// The form of the formats in storage.py's output.
    var json: String {
        var json = JSONWriter(.indented)
        json.object { json in
            for (place, (name, figures)) in ways.enumerated() {
                json.member(name) { json in
                    json.object { json in
                        figures.write(to: &json)
                        if place == 0 { writeOthers(to: &json) }
                    }
                }
            }
        }
        return json.text
    }

    private func writeOthers(to json: inout JSONWriter) {
        lookups?.write(to: &json)
        json.member("open_ms", openMilliseconds)
        json.member("write_rows_per_s", sealRowsPerSecond)
        if let anonymousBytes { json.member("memory_bytes", Double(anonymousBytes)) }
        json.member("decode_gb_per_s") { json in
            json.object { json in
                for (column, speed) in decodeGigabytesPerSecond { json.member(column, speed) }
            }
        }
    }
}

extension ColumnSlice {
    /// Bytes of the values as they are in memory; of text the texts' own, and four for the place where each ends.
    fileprivate var valueByteCount: Int {
        if let width = type.byteWidth { return count * width }
        let offsets = unsafe pointer(as: UInt32.self)
        return unsafe Int(offsets[count] - offsets[0]) + 4 * count
    }
}
