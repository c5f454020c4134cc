import ArgumentParser
import ColumnStore
import CommandSupport

struct VerifyCommand: InspectingCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Reads everything and holds it against its checksums.",
        discussion: """
            Of a store: CURRENT and the manifest, every page of every segment decoded and compared with its zone map, \
            index runs, checkpoints, and each frame of the logs. Of a table, its segments and index runs.

            Prints each damage with its file and offset; exit status 1 if there was any.
            """)

    @OptionGroup var options: InspectionOptions

    func output(for terminal: Terminal) throws -> InspectionOutput {
        let start = ContinuousClock.now
        let bar = ProgressBar("verify", unit: "bytes")
        defer { bar.finish() }
        let inspection = try options.inspect(includingLog: true)
        var verification = Verification(inspection, pause: pauseBriefly) { share, bytes in
            if bar.isActive { bar.update(share: share, count: bytes) }
        }
        try verification.run()
        bar.finish()
        let seconds = start.duration(to: .now).inSeconds
        let (counts, damages) = (verification.counts, verification.damages)
        let text =
            options.json
            ? DamageRendering.json(inspection.path, counts, damages)
            : DamageRendering.text(inspection.path, counts, damages, seconds: seconds)
        return InspectionOutput(text: text, damages: damages, tellsDamage: true)
    }
}
