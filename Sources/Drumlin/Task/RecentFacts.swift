internal import ColumnStore

/// What the cells need to know of the newest predictions, by row: most labels are for one of these, and need not read the
/// columns of a sealed segment then. At most ``limit`` predictions, 20 MB.
final class RecentFacts {
    static let limit = 1 << 19

    private struct Entry {
        var row = UInt64.max
        var at: Int64 = 0
        var facts = PredictionFacts(score: .nan)
    }

    /// Row r is at r mod the count, which is a power of two.
    private var entries = [Entry](repeating: Entry(), count: 1_024)
    private var insertedCount = 0

    func insert(row: UInt64, at: Int64, facts: PredictionFacts) {
        if insertedCount == entries.count, entries.count < Self.limit { grow() }
        insertedCount = min(insertedCount + 1, Self.limit)
        entries[place(of: row)] = Entry(row: row, at: at, facts: facts)
    }

    func removeAll() {
        entries = [Entry](repeating: Entry(), count: 1_024)
        insertedCount = 0
    }

    /// Begins to load what is known of a row.
    func prefetch(row: UInt64) {
        unsafe entries.withUnsafeBufferPointer { entries in
            if let base = entries.baseAddress { unsafe Prefetch.line(at: base + place(of: row)) }
        }
    }

    func find(row: UInt64) -> (facts: PredictionFacts, at: Int64)? {
        let entry = entries[place(of: row)]
        return entry.row == row ? (entry.facts, entry.at) : nil
    }

    private func place(of row: UInt64) -> Int { Int(truncatingIfNeeded: row) & (entries.count - 1) }

    private func grow() {
        let old = entries
        entries = [Entry](repeating: Entry(), count: old.count * 2)
        for entry in old where entry.row != .max { entries[place(of: entry.row)] = entry }
    }
}
