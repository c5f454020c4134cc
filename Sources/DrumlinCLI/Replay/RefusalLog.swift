import CommandSupport
import Drumlin

/// What to do about a bad row.
enum ErrorPolicy: String, CaseIterable {
    /// End with the first.
    case stop
    /// Leave it out, and go on.
    case skip
}

/// Counts the rows that were refused, and says why the first of them were.
final class RefusalLog {
    private(set) var count = 0
    private let policy: ErrorPolicy
    private let remedy: String?
    private let report: (String) -> Void

    /// How many refusals are written out; the rest are only counted.
    static let reportedCount = 10

    /// - Parameter remedy: what to do about an error that does not say so itself.
    init(_ policy: ErrorPolicy, remedy: String? = nil, report: @escaping (String) -> Void) {
        self.policy = policy
        self.remedy = remedy
        self.report = report
    }

    /// Counts a refusal.
    ///
    /// - Throws: `error` with its remedy where the policy is to stop.
    func refuse(_ error: CommandError) throws(CommandError) {
        count += 1
        if policy == .stop {
            var error = error
            if error.remedy == nil { error.remedy = remedy }
            throw error
        }
        if count <= Self.reportedCount {
            report("skipped: \(PrintableText.escaping(error.description))\n")
        } else if count == Self.reportedCount + 1 {
            report("skipped: more rows, which are only counted\n")
        }
    }
}
