import ColumnFormat
import ColumnStore
import CommandSupport
import Drumlin

/// Rows of a table as text.
struct RowRendering {
    let definitions: [ColumnDefinition]
    let rows: InspectedRows

    // MARK: Text

    /// A table; where the terminal is too narrow for it, a list of columns for each row.
    func text(for terminal: Terminal) -> String {
        guard rows.rowCount > 0 else { return "no rows\n" }
        let table = table(isCut: terminal.isInteractive)
        let plain = table.rendered()
        guard let width = terminal.width,
            plain.split(separator: "\n").contains(where: { DisplayWidth.of(String($0)) > width })
        else { return terminal.isInteractive ? table.rendered(for: terminal) : plain }
        return lists(for: terminal)
    }

    private func table(isCut: Bool) -> TextTable {
        var table = TextTable(
            [.number("row")]
                + definitions.map { isNumber($0.type) ? .number($0.name) : .text($0.name, canShrink: false) })
        for row in 0..<rows.rowCount {
            table.add(
                [.init(String(rows.numbers[row]), .faint)]
                    + rows.columns.map { cell($0.value(at: row), isCut: isCut) })
        }
        return table
    }

    private func lists(for terminal: Terminal) -> String {
        var text = ""
        for row in 0..<rows.rowCount {
            var list = TextTable([.text("row", canShrink: false), .text(String(rows.numbers[row]))])
            for (definition, column) in zip(definitions, rows.columns) {
                list.add([.init(definition.name, .faint), cell(column.value(at: row), isCut: true)])
            }
            text += (row == 0 ? "" : "\n") + list.rendered(for: terminal)
        }
        return text
    }

    private func isNumber(_ type: ColumnType) -> Bool {
        switch type {
        case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .float32, .float64: true
        case .bool, .string, .bytes, .timestamp, .uuid, .vector: false
        }
    }

    /// A missing value is a dash, an empty text `""`. The table escapes what a terminal would obey.
    private func cell(_ value: Value, isCut: Bool) -> TextTable.Cell {
        let text: String
        switch value {
        case .null: return TextTable.Cell("–", .faint)
        case .string(let value): text = value.isEmpty ? "\"\"" : value
        default: text = value.description
        }
        return TextTable.Cell(isCut ? PrintableText.excerpt(text) : text)
    }

    // MARK: JSON

    func json() -> String {
        var json = JSONWriter(.lines)
        json.array { json in
            for row in 0..<rows.rowCount {
                json.object { json in
                    for (definition, column) in zip(definitions, rows.columns) {
                        json.member(definition.name) { Self.write(column.value(at: row), to: &$0) }
                    }
                }
            }
        }
        return json.text + "\n"
    }

    private static func write(_ value: Value, to json: inout JSONWriter) {
        switch value {
        case .null: json.null()
        case .bool(let value): json.value(value)
        case .int(let value): json.value(value)
        case .uint(let value): json.value(value)
        case .float32(let value): value.isFinite ? json.value(value) : json.value(special(Double(value)))
        case .float64(let value): value.isFinite ? json.value(value) : json.value(special(value))
        case .vector(let values):
            json.array { json in
                for value in values { write(.float32(value), to: &json) }
            }
        case .string, .bytes, .timestamp, .uuid: json.value(value.description)
        }
    }

    private static func special(_ value: Double) -> String {
        value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
    }
}
