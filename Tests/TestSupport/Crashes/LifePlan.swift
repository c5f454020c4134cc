import ColumnStore

/// What kind of life a seed has.
package struct LifePlan: Sendable {
    package var sessionCount: Int
    package var stepCount: Int
    /// Rows go by their number; metrics are then registered at the beginning only.
    package var hasRetention: Bool
    package var hasTask: Bool
    /// The disk fails and fills up now and then.
    package var hasFaults: Bool
    package var memtableByteCount: Int
    /// Appends come between what maintenance reads and writes; memtables are large then, since such a call must not wait.
    package var hasInterruptions: Bool

    /// Some sessions do without the task, whose rows are sealed all the same: its windows are made from the rows again, and
    /// its clock is not moved beyond them.
    package var leavesTaskAlone: Bool

    package init(seed: UInt64) {
        var random = SeededGenerator(seed: seed ^ 0x5EED)
        sessionCount = Int.random(in: 1...3, using: &random)
        stepCount = Int.random(in: 8...22, using: &random)
        hasRetention = Int.random(in: 0..<3, using: &random) == 0
        hasTask = Int.random(in: 0..<4, using: &random) != 0
        hasFaults = Int.random(in: 0..<3, using: &random) == 0
        hasInterruptions = Int.random(in: 0..<4, using: &random) == 0
        memtableByteCount = hasInterruptions ? 1 << 20 : [600, 1_500, 4_000, 1 << 20].randomElement(using: &random)!
        leavesTaskAlone = !hasRetention && Int.random(in: 0..<3, using: &random) == 0
    }
}
