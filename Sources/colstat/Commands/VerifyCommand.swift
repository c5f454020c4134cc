import ArgumentParser
import ColumnStore
import CommandSupport

struct VerifyCommand: InspectingCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Reads everything and holds it against its checksums.",
        discussion: """
            Of a store: CURRENT and the manifest, every byte of every segment, index runs, checkpoints, and each frame \
            of the logs. Of a table, its segments and index runs.

            Prints each damage with its file and offset, the bit that is wrong where it is only one, which rows are \
            concerned, and what to do; exit status 1 if there was any.

            EXAMPLES
              colstat verify model.drumlin && echo all is as it was written
              colstat verify model.drumlin --values --json
            """)

    @OptionGroup var options: InspectionOptions

    @Flag(help: "Decode every value as well, and compare them with zone maps and the order of index entries.")
    var values = false

    func output(for terminal: Terminal) throws -> InspectionOutput {
        let start = ContinuousClock.now
        let bar = ProgressBar("verify", unit: "bytes")
        defer { bar.finish() }
        let inspection: Inspection
        do throws(StoreError) {
            inspection = try options.inspect(includingLog: true)
        } catch {
            guard error.code == .corrupt, let damages = try? Verification.manifestDamages(in: options.path),
                !damages.isEmpty
            else { throw error }
            let (path, counts) = (options.path, Verification.Counts())
            let text =
                options.json
                ? DamageRendering.json(path, counts, damages)
                : DamageRendering.lines(damages)
                    + "\(PrintableText.escaping(path)): the rest cannot be looked at without it\n"
            return InspectionOutput(text: text, damages: damages, tellsDamage: true)
        }
        var verification = Verification(inspection, decodesValues: values, pause: pauseBriefly) { share, bytes in
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
