import CommandSupport
import Drumlin

/// The forms in which rows are printed.
enum OutputFormat: String, CaseIterable {
    case table, json, csv
}

/// Rows of results for machines: the same keys in the same order in each form.
enum RowRendering {
    /// One array, a row on each line; the keys are always all there, missing values are null.
    static func json(_ keys: [String], _ rows: [[Value]]) -> String {
        var json = JSONWriter(.lines)
        json.array { json in
            for row in rows {
                json.object { json in
                    for (key, value) in zip(keys, row) { json.member(key) { write(value, to: &$0) } }
                }
            }
        }
        return json.text + "\n"
    }

    /// A header and a line for each row; missing values are empty.
    static func csv(_ keys: [String], _ rows: [[Value]]) -> String {
        var csv = CSVWriter()
        csv.row(keys)
        for row in rows { csv.row(row.map(field)) }
        return csv.text
    }

    private static func write(_ value: Value, to json: inout JSONWriter) {
        switch value {
        case .null: json.null()
        case .int(let value): json.value(value)
        case .uint(let value): json.value(value)
        case .float64(let value): json.value(value)
        case .float32(let value): json.value(value)
        case .bool(let value): json.value(value)
        default: json.value(value.description)
        }
    }

    private static func field(_ value: Value) -> String? {
        switch value {
        case .null: nil
        case .float64(let number) where !number.isFinite: nil
        default: value.description
        }
    }
}
