/// Writes CSV as ``CSVReader`` reads it: commas, LF, quotes only where they are needed, null as an empty field.
package struct CSVWriter {
    package private(set) var text = ""

    package init() {}

    /// Appends one row; nil is null.
    package mutating func row(_ fields: [String?]) {
        for (index, field) in fields.enumerated() {
            if index > 0 { text += "," }
            if let field { append(field) }
        }
        // An empty line is no row to a reader.
        if fields.count == 1, (fields[0] ?? "").isEmpty { text += "\"\"" }
        text += "\n"
    }

    /// Gives what was written since the last call, so that a long table need not be held whole.
    package mutating func take() -> String {
        defer { text = "" }
        return text
    }

    private mutating func append(_ field: String) {
        let needsQuotes = field.utf8.contains { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }
        guard needsQuotes else {
            text += field
            return
        }
        text += "\""
        for scalar in field.unicodeScalars {
            if scalar == "\"" { text += "\"" }
            text.unicodeScalars.append(scalar)
        }
        text += "\""
    }
}
