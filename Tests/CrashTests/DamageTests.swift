import TestSupport
import Testing

/// Damage to every file of a small closed store: the right data, or an error that names the file; and `colstat verify` finds
/// it. A share of all places; `soak --damage all` goes through every bit, sector and length.
@Suite("Damaged files")
struct DamageTests {
    private static let sample = Result { try DamageSample() }

    @Test("The sample has most codecs, and all kinds of files")
    func sample() throws {
        let sample = try Self.sample.get()
        #expect(sample.codecs.count >= 20, "\(sample.codecs.sorted())")
        let files = DamageTrial(sample).files
        for kind in ["CURRENT", "MANIFEST", "log-", ".seg", ".idx", ".ckpt"] {
            #expect(files.contains { $0.contains(kind) }, "\(kind)")
        }
    }

    @Test("Every kind of damage, in some places", arguments: 0..<4)
    func someDamage(part: Int) throws {
        let trial = DamageTrial(try Self.sample.get())
        var report = DamageReport()
        for (number, file) in trial.files.enumerated() where number % 4 == part {
            let damages = trial.damages(of: file)
            // Neighbours share no factor with it, so that all bits of a byte have their turn.
            for place in stride(from: 0, to: damages.count, by: max(1, damages.count / 19) | 1) {
                report.add(trial.outcome(of: damages[place], to: file), damages[place], file: file)
            }
            report.add(trial.outcome(of: .deleted, to: file), .deleted, file: file)
        }
        #expect(report.violations == [])
        #expect(report.harmlessPlaces == [])
        #expect(report.total.detected == report.total.tried)
    }
}
