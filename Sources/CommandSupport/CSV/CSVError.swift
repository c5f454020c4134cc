/// What is wrong with a CSV file, and where.
package struct CSVError: CommandErrorConvertible, Sendable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// The file cannot be opened or read.
        case cannotRead
        /// The file has no header, or is no text.
        case notCSV
        /// A column that was asked for is not there, or is there twice.
        case column
        /// A row has more or fewer fields than the header.
        case fieldCount
        /// A quotation mark or a carriage return where RFC 4180 has none.
        case quoting
        /// A row beyond ``CSVReader/maximumRowByteCount``.
        case rowTooLong
        /// A field that is not what its column needs.
        case value
    }

    package let code: Code
    /// The file as messages name it.
    package let file: String
    /// The line on which the row begins, from 1; nil where the whole file is meant.
    package let line: Int?
    /// The column's name, where one field is meant.
    package let column: String?
    /// What is wrong, with the value where there is one.
    package let message: String
    package let remedy: String?

    package init(
        _ code: Code, file: String, line: Int? = nil, column: String? = nil, _ message: String, remedy: String? = nil
    ) {
        self.code = code
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.remedy = remedy
    }

    /// Whether the rows after this one can still be read: true for a bad row or field, false for a bad file.
    package var isRowError: Bool { code == .fieldCount || code == .quoting || code == .value }

    package var place: String {
        var text = file
        if let line { text += ":\(line)" }
        if let column { text += ", column \"\(column)\"" }
        return text
    }

    package var description: String { commandError.description }

    package var commandError: CommandError {
        let status: ExitStatus =
            switch code {
            case .cannotRead, .notCSV, .rowTooLong: .cannotRead
            case .column: .wrongUse
            case .fieldCount, .quoting, .value: .refused
            }
        return CommandError(status, message, at: place, remedy: remedy)
    }
}
