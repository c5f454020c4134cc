import Foundation
import Synchronization
import TestSupport

/// Damages every file of a small store in every way and tells what reading and verifying make of it. Exits with 1 where
/// there was a wrong answer, or damage that nobody finds.
struct DamageCommand {
    let arguments: SoakArguments

    init(_ arguments: SoakArguments) { self.arguments = arguments }

    func run() -> Never {
        do {
            let sample = try DamageSample()
            let trial = DamageTrial(sample)
            print("codecs in the sample: \(sample.codecs.sorted().joined(separator: " "))")
            print(Self.report(trial, stride: arguments.stride, threadCount: arguments.threadCount).text)
            exit(0)
        } catch {
            print("\(error)")
            exit(1)
        }
    }

    static func report(_ trial: DamageTrial, stride step: Int, threadCount: Int) -> DamageReport {
        let result = Mutex(DamageReport())
        for file in trial.files {
            let damages = trial.damages(of: file)
            let next = Atomic<Int>(0)
            DispatchQueue.concurrentPerform(iterations: threadCount) { _ in
                var report = DamageReport()
                while true {
                    let place = next.wrappingAdd(step, ordering: .relaxed).oldValue
                    guard place < damages.count else { break }
                    report.add(trial.outcome(of: damages[place], to: file), damages[place], file: file)
                }
                result.withLock { $0.add(report) }
            }
        }
        return result.withLock { $0 }
    }
}

extension DamageReport {
    /// A table of the kinds of files, then what was wrong.
    var text: String {
        func line(_ cells: [String]) -> String {
            cells.map { String(repeating: " ", count: max(0, 14 - $0.count)) + $0 }.joined()
        }
        var lines = [line(["file", "damages", "detected", "reads right", "no offset", "harmless"])]
        for (kind, part) in counts.sorted(by: { $0.key < $1.key }) + [("all", total)] {
            lines.append(
                line(
                    [kind]
                        + [part.tried, part.detected, part.readsRight, part.withoutOffset, part.harmless].map {
                            "\($0)"
                        }))
        }
        lines += harmlessPlaces.map { "harmless: \($0)" } + violations.map { "VIOLATION \($0)" }
        return lines.joined(separator: "\n")
    }
}
