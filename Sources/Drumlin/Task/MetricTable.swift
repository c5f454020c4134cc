package import ColumnFormat
package import ColumnStore

/// The table `metrics` of a task: the values of its windows as they were published.
package enum MetricTable {
    /// Without the task's name, which the table's own name has; with the number of the event that led to the row.
    package static let schema: Schema = {
        func text(_ name: String, isNullable: Bool = true) -> ColumnDefinition {
            ColumnDefinition(name, .string, isNullable: isNullable)
        }
        func number(_ name: String) -> ColumnDefinition { ColumnDefinition(name, .float64) }
        func time(_ name: String) -> ColumnDefinition { ColumnDefinition(name, .timestamp) }
        return Schema([
            text("metric", isNullable: false), text("model_version"), text("segment"),
            text("window", isNullable: false),
            time("window_start"), time("window_end"), ColumnDefinition("window_size", .int64),
            text("status", isNullable: false), ColumnDefinition("revision", .uint32, isNullable: false),
            time("computed_at"), number("value"), number("labeled_value"), number("unlabeled_value"), number("ci_low"),
            number("ci_high"), text("method"), ColumnDefinition("num_labeled", .uint64, isNullable: false),
            ColumnDefinition("num_unlabeled", .uint64, isNullable: false), number("label_delay_p50"),
            number("label_delay_p95"), number("effective_sample_size"), number("unsupported_mass"),
            number("bound_low"), number("bound_high"), time("coverage_from"), text("error"),
            ColumnDefinition("_source", .uint64, isNullable: false),
        ])
    }()

    private static let layout = RowLayout(schema)

    /// Adds one row; `source` is the sequence number of the event that it comes from.
    package static func append(_ row: MetricRow, source: UInt64, to writer: inout RowWriter) {
        writer.beginRow(layout)
        for (column, value) in (row.values.dropFirst() + [.uint(source)]).enumerated() {
            let fits = writer.value(value, column: column, definition: schema.columns[column])
            precondition(fits, "\(value) does not fit column \(schema.columns[column].name)")
        }
    }

    /// The row back from a batch of all columns.
    package static func row(_ batch: Batch, _ index: Int, task: String) -> MetricRow {
        func text(_ name: String) -> String? { if case .string(let v) = batch[index, name] { v } else { nil } }
        func number(_ name: String) -> Double? { if case .float64(let v) = batch[index, name] { v } else { nil } }
        func time(_ name: String) -> Timestamp? { if case .timestamp(let v) = batch[index, name] { v } else { nil } }
        func count(_ name: String) -> Int { if case .uint(let v) = batch[index, name] { Int(v) } else { 0 } }
        var size: Int64?
        if case .int(let seconds) = batch[index, "window_size"] { size = seconds }
        return MetricRow(
            task: task, metric: text("metric") ?? "", modelVersion: text("model_version"), segment: text("segment"),
            window: text("window") ?? "", start: time("window_start"), end: time("window_end"), size: size,
            status: text("status") ?? "", revision: count("revision"), computedAt: time("computed_at"),
            value: number("value"), labeledValue: number("labeled_value"), unlabeledValue: number("unlabeled_value"),
            ciLow: number("ci_low"), ciHigh: number("ci_high"), method: text("method"),
            labeledCount: count("num_labeled"), unlabeledCount: count("num_unlabeled"),
            labelDelayP50: number("label_delay_p50"), labelDelayP95: number("label_delay_p95"),
            effectiveSampleSize: number("effective_sample_size"), unsupportedMass: number("unsupported_mass"),
            boundLow: number("bound_low"), boundHigh: number("bound_high"), coverageFrom: time("coverage_from"),
            error: text("error"))
    }
}
