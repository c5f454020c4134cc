internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

/// The table `summaries` of a task: a row for each column of each window that was judged, and one for the state of its alerts.
enum SummaryTable {
    static let name = "summaries"
    /// In the place of a column: the alerts' state after the window.
    static let state = "_state"
    /// In the place of a column: the number of predictions, in no bytes.
    static let volume = "_volume"

    static let schema = Schema([
        ColumnDefinition("window", .string, isNullable: false),
        ColumnDefinition("window_start", .timestamp, isNullable: false),
        ColumnDefinition("column", .string, isNullable: false),
        ColumnDefinition("num_rows", .uint64, isNullable: false),
        ColumnDefinition("summary", .bytes, isNullable: false),
        ColumnDefinition("_source", .uint64, isNullable: false),
    ])

    private static let layout = RowLayout(schema)

    static func append(
        _ window: Window, start: Int64, column: String, rowCount: Int64, bytes: [UInt8], source: UInt64,
        to writer: inout RowWriter
    ) {
        writer.beginRow(layout)
        let values: [Value] = [
            .string(window.description), .timestamp(Timestamp(microseconds: start)), .string(column),
            .uint(UInt64(max(0, rowCount))), .bytes(bytes), .uint(source),
        ]
        for (column, value) in values.enumerated() {
            let fits = writer.value(value, column: column, definition: schema.columns[column])
            precondition(fits, "\(value) does not fit column \(schema.columns[column].name)")
        }
    }

    /// The state of a window's alerts as it was written last; nil where there is none.
    static func state(_ snapshot: TableSnapshot, _ window: Window) throws(StoreError) -> [UInt8]? {
        let ofState = Predicate.and([
            .equal("window", .string(window.description)), .equal("column", .string(state)),
        ])
        let newest = try snapshot.aggregate([.max("_source")], where: ofState).rows.first?.values.first
        guard let newest, newest != .null else { return nil }
        let scan = try snapshot.scan(columns: ["summary"], where: .and([ofState, .equal("_source", newest)]))
        var result: [UInt8]?
        while let batch = try scan.next() {
            for place in 0..<batch.rowCount {
                if case .bytes(let bytes) = batch[place, "summary"] { result = bytes }
            }
        }
        return result
    }

    /// What is kept of windows from some start on.
    static func records(
        _ snapshot: TableSnapshot, _ window: Window, from start: Int64, grid: WindowGrid, columns: [SummarizedColumn]
    ) throws(StoreError) -> [WindowRecord] {
        let forms = Dictionary(uniqueKeysWithValues: columns.map { ($0.name, $0.form) })
        let scan = try snapshot.scan(
            columns: ["window_start", "column", "num_rows", "summary"],
            where: .and([
                .equal("window", .string(window.description)),
                .greaterOrEqual("window_start", .timestamp(Timestamp(microseconds: start))),
            ]))
        var records: [Int64: WindowRecord] = [:]
        while let batch = try scan.next() {
            for place in 0..<batch.rowCount {
                guard case .timestamp(let time) = batch[place, "window_start"],
                    case .string(let name) = batch[place, "column"], name != state,
                    case .uint(let count) = batch[place, "num_rows"]
                else { continue }
                let ordinal = grid.lastOrdinal(containing: time.microseconds)
                var record =
                    records[ordinal] ?? WindowRecord(ordinal: ordinal, rowCount: 0, columns: [:])
                if name == volume {
                    record.rowCount = Int64(clamping: count)
                } else if case .bytes(let bytes) = batch[place, "summary"], let form = forms[name] {
                    let summary = try summary(bytes, snapshot.name)
                    // A column whose type was widened to another kind begins anew.
                    if summary.form == form { record.columns[name] = summary }
                }
                records[ordinal] = record
            }
        }
        return records.values.sorted { $0.ordinal < $1.ordinal }
    }

    private static func summary(_ bytes: [UInt8], _ table: String) throws(StoreError) -> ColumnSummary {
        let result = unsafe bytes.withUnsafeBytes { raw in
            Result { () throws(FormatError) in
                var reader = unsafe ByteReader(raw)
                return try ColumnSummary(from: &reader)
            }
        }
        do {
            return try result.get()
        } catch {
            throw StoreError(error, path: "table '\(table)'")
        }
    }
}
