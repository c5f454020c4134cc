import ArgumentParser

/// How a command ends that did not simply return: what it says, where, and with which status.
package struct CommandFailure {
    package let text: String
    package let status: ExitStatus
    /// Help and version are answers, not errors.
    package let isForStandardOutput: Bool

    package init<Command: RootCommand>(_ error: any Error, of command: Command.Type) {
        if let shown = command.presented(error) {
            text = shown.report + "\n"
            status = shown.status
            isForStandardOutput = false
        } else if let status = error as? ExitStatusError {
            text = ""
            self.status = status.status
            isForStandardOutput = false
        } else {
            // Says again what was typed.
            let message = PrintableText.escapingLines(command.fullMessage(for: error))
            let isCapitalized = message.hasPrefix("Error: ")
            text = message.isEmpty ? "" : (isCapitalized ? "error: " + message.dropFirst(7) : message) + "\n"
            isForStandardOutput = command.exitCode(for: error) == .success
            status = isForStandardOutput ? .fine : .wrongUse
        }
    }
}

/// Ends a command that has already said all there is to say.
package struct ExitStatusError: Error {
    package let status: ExitStatus

    package init(status: ExitStatus) { self.status = status }
}
