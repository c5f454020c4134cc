internal import ColumnFormat

/// Which neighbouring segments of a table to put together.
///
/// Every rotation seals every table, so a table with few rows gets many small segments. In the background a run of
/// neighbours is merged when that makes them at least four times as large as the largest of them, or twice where more
/// than half a full segment comes of it. So a row is written O(log₄ n) times, and n rows lie in O(log n) segments beside
/// the full ones. A compaction merges whatever fits.
package enum MergePlan {
    /// What a segment is to the plan.
    package struct Part: Sendable {
        package var rowCount: Int
        package var byteCount: Int
        /// The times of its rows, where the table has them.
        package var times: ClosedRange<Int64>?

        package init(rowCount: Int, byteCount: Int, times: ClosedRange<Int64>? = nil) {
            self.rowCount = rowCount
            self.byteCount = byteCount
            self.times = times
        }
    }

    /// How large a merged segment may be.
    package struct Limits: Sendable {
        package var rowCount = SegmentFormat.maximumRowCount
        /// Its bytes are in memory, twice for a moment, before they are written.
        package var byteCount = 64 << 20
        /// µs from its first time to its last, so that what has an age to go at can go.
        package var timeSpan = Int64.max

        package init() {}

        fileprivate func allow(_ parts: ArraySlice<Part>) -> Bool {
            var (rows, bytes, times) = (0, 0, nil as ClosedRange<Int64>?)
            for part in parts {
                rows += part.rowCount
                bytes += part.byteCount
                guard let other = part.times else { continue }
                times =
                    min(
                        times?.lowerBound ?? other.lowerBound, other.lowerBound)...max(
                        times?.upperBound ?? other.upperBound, other.upperBound)
            }
            let span = times.map { $0.upperBound.subtractingReportingOverflow($0.lowerBound) }
            return rows <= rowCount && bytes <= byteCount
                && (span.map { !$0.overflow && $0.partialValue <= timeSpan } ?? true || timeSpan == .max)
        }
    }

    /// The next run to merge in the background: the newest, and of those that end alike the shortest. Nil where there is
    /// none that is worth it.
    package static func next(_ parts: [Part], limits: Limits = Limits()) -> Range<Int>? {
        var end = parts.count
        while end > 1 {
            var first = end - 1
            var (rows, largest) = (parts[first].rowCount, parts[first].rowCount)
            while first > 0, limits.allow(parts[(first - 1)..<end]) {
                first -= 1
                rows += parts[first].rowCount
                largest = max(largest, parts[first].rowCount)
                if rows >= 4 * largest || rows >= 2 * largest && rows > limits.rowCount / 2 { return first..<end }
            }
            end -= 1
        }
        return nil
    }

    /// All runs that a compaction merges: from the first segment on, as many as fit each time.
    package static func all(_ parts: [Part], limits: Limits = Limits()) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var first = 0
        while first < parts.count {
            var end = first + 1
            while end < parts.count, limits.allow(parts[first...end]) { end += 1 }
            if end - first > 1 { runs.append(first..<end) }
            first = end
        }
        return runs
    }
}
