/// An error as a person at a terminal needs it: what went wrong, where, and what to do about it.
package struct CommandError: Error, Sendable, CustomStringConvertible {
    /// The status with which the command ends.
    package var status: ExitStatus
    /// What went wrong, as a clause without a full stop.
    package var message: String
    /// The file and line, the option or the key path; nil where there is none.
    package var place: String?
    /// What to do about it; nil where nothing sensible can be said.
    package var remedy: String?

    package init(_ status: ExitStatus, _ message: String, at place: String? = nil, remedy: String? = nil) {
        self.status = status
        self.message = message
        self.place = place
        self.remedy = remedy
    }

    /// One line, without the remedy: `labels.csv:17: 3 fields, expected 4`.
    package var description: String {
        guard let place else { return message }
        return "\(place): \(message)"
    }

    /// What goes to standard error: `error: place: message`, and the remedy on a line of its own. Control characters
    /// that came with the data are escaped.
    package var report: String {
        var text = "error: " + PrintableText.escaping(description)
        if let remedy { text += "\n  remedy: " + PrintableText.escaping(remedy) }
        return text
    }
}

/// An error that knows how to present itself to a person.
package protocol CommandErrorConvertible: Error {
    /// The error with its status, place and remedy.
    var commandError: CommandError { get }
}

extension CommandError: CommandErrorConvertible {
    package var commandError: CommandError { self }
}
