import CommandSupport
import Drumlin

/// The forms in which rows leave a store.
enum ExportFormat: String, CaseIterable {
    case csv, json
}

/// Turns batches of rows into the text of a file, from its first byte to its last.
struct RowText: ~Copyable {
    private let format: ExportFormat
    /// Whether control characters in texts are escaped: a terminal would obey them.
    private let escapesText: Bool
    /// The name of each column with what goes before its value in JSON: `{"id":`, `,"at":`.
    private let keys: [String]
    private var isFirstRow = true
    var buffer = FieldBuffer(capacity: 1 << 18)

    /// Begins the text of rows with the columns `names`.
    init(_ format: ExportFormat, columns names: [String], escapesText: Bool) {
        self.format = format
        self.escapesText = escapesText
        var keys: [String] = []
        for (position, name) in names.enumerated() {
            var key = FieldBuffer(capacity: 64)
            key.append(position == 0 ? "{" : ",")
            key.append(json: name)
            key.append(":")
            keys.append(unsafe String(decoding: key.bytes, as: UTF8.self))
        }
        self.keys = keys
        switch format {
        case .csv:
            for (position, name) in names.enumerated() {
                if position > 0 { buffer.append(byte: UInt8(ascii: ",")) }
                Self.append(header: escapesText ? PrintableText.escaping(name) : name, to: &buffer)
            }
            buffer.append(byte: UInt8(ascii: "\n"))
        case .json: buffer.append("[")
        }
    }

    /// A name that begins as other formats' files do would make readers take the file for one.
    private static func append(header name: String, to buffer: inout FieldBuffer) {
        guard name.hasPrefix("PAR1"), !name.utf8.contains(where: { $0 == 0x22 || $0 == 0x2C || $0 < 0x20 }) else {
            buffer.append(csv: name)
            return
        }
        buffer.append("\"" + name + "\"")
    }

    /// Appends rows; what was appended is in ``buffer``, which the caller empties.
    mutating func append(_ columns: [ExportedColumn], rows: Range<Int>) {
        switch format {
        case .csv:
            for row in rows {
                for position in columns.indices {
                    if position > 0 { buffer.append(byte: UInt8(ascii: ",")) }
                    if columns[position].isNull(row) { continue }
                    columns[position].appendCSV(row, escapesText: escapesText, to: &buffer)
                }
                buffer.append(byte: UInt8(ascii: "\n"))
            }
        case .json:
            for row in rows {
                buffer.append(isFirstRow ? "\n" : ",\n")
                isFirstRow = false
                for position in columns.indices {
                    buffer.append(keys[position])
                    if columns[position].isNull(row) {
                        buffer.append("null")
                    } else {
                        columns[position].appendJSON(row, to: &buffer)
                    }
                }
                buffer.append(columns.isEmpty ? "{}" : "}")
            }
        }
    }

    /// Appends what ends the text.
    mutating func end() {
        if format == .json { buffer.append("\n]\n") }
    }
}
