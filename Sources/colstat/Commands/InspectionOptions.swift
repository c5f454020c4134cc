import ArgumentParser
import ColumnStore
import CommandSupport

/// What all verbs take.
struct InspectionOptions: ParsableArguments {
    @Argument(help: "A store, a table or task in one, a folder of segments, or a segment file.")
    var path: String

    @Flag(help: "JSON instead of text for people.")
    var json = false

    /// Opens the path and calls `body`; again if another process replaced files meanwhile, so `body` must only read.
    func inspect<R>(
        includingLog: Bool, _ body: (Inspection) throws(StoreError) -> R
    ) throws(StoreError) -> R {
        try Inspection.read(path, includingLog: includingLog, currentDirectory: currentDirectory(), body)
    }

    func inspect(includingLog: Bool) throws(StoreError) -> Inspection {
        try inspect(includingLog: includingLog) { $0 }
    }
}

/// A verb that prints one text and tells of damage by its exit status.
protocol InspectingCommand: ParsableCommand {
    var options: InspectionOptions { get }

    /// The text, and the damage that was met on the way.
    func output(for terminal: Terminal) throws -> InspectionOutput
}

/// What a verb has to say.
struct InspectionOutput {
    let text: String
    var damages: [Damage] = []
    /// Whether there is damage that the text tells of in its own way.
    var hasDamage = false
    /// Whether the text lists the damage; else it goes to standard error.
    var tellsDamage = false
}

extension InspectingCommand {
    func run() throws {
        try execute(for: .standardOutput, write: StandardOutput.write, complain: StandardError.write)
    }

    /// Prints what there is to print and, apart from it, the damage; then ends with the status for that.
    func execute(
        for terminal: Terminal, write: (String) throws(CommandError) -> Void, complain: (String) -> Void
    ) throws {
        let output = try output(for: options.json ? .none : terminal)
        try write(output.text)
        guard output.hasDamage || !output.damages.isEmpty else { return }
        if !output.tellsDamage { complain(DamageRendering.lines(output.damages)) }
        throw ExitStatusError(status: .refused)
    }
}
