#if DRUMLIN_INJECTED_BUGS
    import ColumnFormat
    import Foundation
    import TestSupport

    /// Lets one injected bug after the other bite, and tells who catches it. Exits with 1 where one is not caught.
    struct BugCommand {
        let arguments: SoakArguments

        init(_ arguments: SoakArguments) { self.arguments = arguments }

        func run() -> Never {
            var missed: [InjectedBug] = []
            print("| bug | caught by | seed |")
            print("|---|---|---|")
            for bug in InjectedBug.allCases {
                guard let (place, seed) = Self.find(bug, seconds: arguments.seconds) else {
                    print("| \(bug) | **nobody** | |")
                    missed.append(bug)
                    continue
                }
                let text = place.split(separator: "\n").first.map { String($0.prefix(150)) } ?? ""
                print("| \(bug) | \(text.replacing("|", with: "/")) | \(seed) |")
                fflush(nil)
            }
            exit(missed.isEmpty ? 0 : 1)
        }

        /// The first seed that shows a bug, or what damage does.
        private static func find(_ bug: InjectedBug, seconds: Double) -> (place: String, seed: String)? {
            defer { InjectedBug.activate(nil) }
            // The sample of the damage is made by a store without a bug.
            let sample = try? DamageSample()
            InjectedBug.activate(bug)
            let start = Date()
            // One operation in six: more lives in the same time, since what a bug needs is a rare history.
            var seed: UInt64 = 1
            while -start.timeIntervalSinceNow < seconds / 2 {
                if let violation = try? CrashRun(seed: seed, stride: 6).run().violation {
                    return (violation, "\(seed)")
                }
                seed += 1
            }
            guard let sample else { return ("a store cannot be made", "damage") }
            let report = DamageCommand.report(DamageTrial(sample), stride: 97, threadCount: 1)
            return report.violations.first.map { ($0, "damage") }
        }
    }
#endif
