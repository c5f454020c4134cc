package import Drumlin

extension StoreError: CommandErrorConvertible {
    /// The error with the place and the exit status that the commands give it.
    package var commandError: CommandError {
        let status: ExitStatus =
            switch code {
            case .invalidInput, .duplicateID, .schemaMismatch, .alreadyExists: .refused
            default: .cannotRead
            }
        return CommandError(status, message, at: path, remedy: remedy)
    }

    /// Whether one event was refused, so that the next may be accepted; false where the store itself is in trouble.
    package var isAboutTheEvent: Bool { code == .invalidInput || code == .duplicateID || code == .schemaMismatch }
}
