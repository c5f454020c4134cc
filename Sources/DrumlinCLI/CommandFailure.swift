import ArgumentParser
import CommandSupport
import Drumlin

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// How a command ends that did not simply return: what it says, where, and with which status.
struct CommandFailure {
    let text: String
    let status: ExitStatus
    /// Help and version are answers, not errors.
    let isForStandardOutput: Bool

    init<Command: ParsableCommand>(_ error: any Error, of command: Command.Type) {
        switch error {
        case let error as any CommandErrorConvertible:
            text = error.commandError.report + "\n"
            status = error.commandError.status
            isForStandardOutput = false
        case let status as ExitStatusError:
            text = ""
            self.status = status.status
            isForStandardOutput = false
        default:
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
struct ExitStatusError: Error {
    let status: ExitStatus
}

/// Ends the process.
func endProcess(_ status: ExitStatus) -> Never { exit(status.rawValue) }
