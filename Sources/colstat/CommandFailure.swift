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
        case let error as StoreError:
            let shown = error.inspectionError
            text = shown.report + "\n"
            status = shown.status
            isForStandardOutput = false
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

extension StoreError {
    /// The error as an inspector tells it: damage is what it is there to find, with the place of it.
    var inspectionError: CommandError {
        var error = commandError
        error.status = code == .corrupt ? .refused : .cannotRead
        if let offset { error.place = (path.map { $0 + ", " } ?? "") + "byte \(offset)" }
        return error
    }
}

/// Ends the process.
func endProcess(_ status: ExitStatus) -> Never { exit(status.rawValue) }

/// The directory from which relative paths count.
func currentDirectory() -> String {
    guard let pointer = unsafe getcwd(nil, 0) else { return "/" }
    defer { unsafe free(pointer) }
    return unsafe String(cString: pointer)
}

/// Lets some milliseconds pass.
func pauseBriefly() { _ = usleep(20_000) }
