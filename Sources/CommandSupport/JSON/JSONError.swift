/// Text that is not the JSON it should be: not well-formed, with line and column, or well-formed with a value that is
/// not wanted, with the path of keys to it.
package struct JSONError: CommandErrorConvertible, Sendable, CustomStringConvertible {
    /// The file as messages name it; nil for a line of standard input, whose number the caller knows.
    package var file: String?
    /// Where in the text, both from 1; the column counts bytes. Nil where ``path`` says the place.
    package let line: Int?
    package let column: Int?
    /// The path of keys, as in `metrics[1].windows[0]`; nil for text that is not well-formed.
    package let path: String?
    package let message: String
    package var remedy: String?

    /// An error in the text itself.
    package init(line: Int, column: Int, _ message: String) {
        self.line = line
        self.column = column
        self.path = nil
        self.message = message
        remedy = "correct the JSON there, or what stands before it"
    }

    /// An error about the value at `path`, which is empty for the whole document.
    package init(path: String, _ message: String, remedy: String? = nil) {
        self.line = nil
        self.column = nil
        self.path = path
        self.message = message
        self.remedy = remedy
    }

    package var description: String { commandError.description }

    package var commandError: CommandError {
        var place = file ?? ""
        if let line, let column {
            place += place.isEmpty ? "line \(line), column \(column)" : ":\(line):\(column)"
        } else if let path, !path.isEmpty {
            place += place.isEmpty ? path : ", \(path)"
        }
        return CommandError(.wrongUse, message, at: place.isEmpty ? nil : place, remedy: remedy)
    }
}
