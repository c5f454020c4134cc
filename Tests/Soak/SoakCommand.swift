import Foundation
import Synchronization
import TestSupport

/// Runs seeds on all cores until the time is up, and tells what they came to. Exits with 1 where a promise was broken.
struct SoakCommand {
    let arguments: SoakArguments

    init(_ arguments: SoakArguments) { self.arguments = arguments }

    func run() -> Never {
        if let seed = arguments.seed { replay(seed) }
        if arguments.isDamage { DamageCommand(arguments).run() }
        #if DRUMLIN_INJECTED_BUGS
            if arguments.isBugs { BugCommand(arguments).run() }
        #endif
        let start = Date()
        let next = Atomic<UInt64>(arguments.firstSeed)
        let end = arguments.seedCount.map { arguments.firstSeed + $0 } ?? .max
        let totals = Mutex(Totals())
        let finished = DispatchSemaphore(value: 0)
        for _ in 0..<arguments.threadCount {
            let thread = Thread {
                while -start.timeIntervalSinceNow < arguments.seconds {
                    let seed = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    guard seed < end else { break }
                    let report = Self.report(seed)
                    totals.withLock { $0.add(report, seed, since: start) }
                }
                finished.signal()
            }
            thread.stackSize = 16 << 20
            thread.start()
        }
        for _ in 0..<arguments.threadCount { finished.wait() }
        let result = totals.withLock { $0 }
        print(result.summary(from: arguments.firstSeed, since: start))
        exit(result.violationCount == 0 ? 0 : 1)
    }

    private static func report(_ seed: UInt64) -> CrashRun.Report {
        do {
            return try CrashRun(seed: seed).run()
        } catch {
            var report = CrashRun.Report()
            report.violation = "\(error)"
            return report
        }
    }

    private func replay(_ seed: UInt64) -> Never {
        do {
            let report = try CrashRun(seed: seed, keepsJournal: true) { print($0) }.run()
            print("seed \(seed): \(report.operationCount) operations, \(report.crashCount) crashes")
            guard let violation = report.violation else { exit(0) }
            print("VIOLATION \(violation)")
        } catch {
            print("\(error)")
        }
        exit(1)
    }
}

/// What all seeds came to.
struct Totals {
    private(set) var seedCount = 0
    private(set) var crashCount = 0
    private(set) var nestedCrashCount = 0
    private(set) var violationCount = 0
    private var lastPrint = 0.0

    mutating func add(_ report: CrashRun.Report, _ seed: UInt64, since start: Date) {
        seedCount += 1
        crashCount += report.crashCount
        nestedCrashCount += report.nestedCrashCount
        if let violation = report.violation {
            violationCount += 1
            print("VIOLATION seed \(seed), \(violation)  to see it again: soak --seed \(seed)")
        }
        let seconds = -start.timeIntervalSinceNow
        guard seconds - lastPrint >= 10 else { return }
        lastPrint = seconds
        print("\(Int(seconds)) s: up to seed \(seed), \(crashCount) crashes, \(violationCount) violations")
        fflush(nil)
    }

    func summary(from first: UInt64, since start: Date) -> String {
        let seconds = -start.timeIntervalSinceNow
        let rate = Int(Double(crashCount) / max(seconds, 1e-9))
        return "seeds \(first)..<\(first + UInt64(seedCount)), \(crashCount) simulated crashes "
            + "(\(nestedCrashCount) of them within recovery), \(violationCount) violations, "
            + "\(Int(seconds)) s, \(rate) crashes a second"
    }
}
