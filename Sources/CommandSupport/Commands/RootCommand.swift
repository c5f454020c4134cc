package import ArgumentParser

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A command as people type it first: runs as ArgumentParser would, with the exit statuses and the errors of this project.
package protocol RootCommand: ParsableCommand {
    /// An error as the command tells it; nil for those that ArgumentParser tells.
    static func presented(_ error: any Error) -> CommandError?
}

extension RootCommand {
    package static func presented(_ error: any Error) -> CommandError? {
        (error as? any CommandErrorConvertible)?.commandError
    }

    /// The command that `arguments` ask for, with its options.
    package static func parse(_ arguments: [String]) throws -> any ParsableCommand { try parseAsRoot(arguments) }

    /// Runs what `arguments` ask for; returns how it ended where it did not simply return.
    package static func run(_ arguments: [String]) -> CommandFailure? {
        do {
            try checkName(arguments)
            var command = try parse(arguments)
            try command.run()
            return nil
        } catch {
            return CommandFailure(error, of: Self.self)
        }
    }

    /// Says which commands there are where the first argument is none: the parser would call it unexpected.
    private static func checkName(_ arguments: [String]) throws(CommandError) {
        guard configuration.defaultSubcommand == nil, let name = arguments.first, !name.hasPrefix("-") else { return }
        var names: [String] = []
        for command in configuration.subcommands { names.append(command.configuration.commandName ?? "") }
        guard name != "help", !names.contains(name) else { return }
        throw CommandError(
            .wrongUse, "there is no command \"\(PrintableText.excerpt(name))\"",
            remedy: "the commands are \(names.joined(separator: ", ")); --help has examples")
    }

    /// Runs what the process was started with, and ends it where that did not simply return.
    package static func runProcess() {
        guard let failure = run(Array(CommandLine.arguments.dropFirst())) else { return }
        if failure.isForStandardOutput {
            try? StandardOutput.write(failure.text)
        } else {
            StandardError.write(failure.text)
        }
        endProcess(failure.status)
    }
}

/// Within a command `exit` is ArgumentParser's.
private func endProcess(_ status: ExitStatus) -> Never { exit(status.rawValue) }
