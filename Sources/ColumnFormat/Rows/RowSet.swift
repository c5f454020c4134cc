/// A set of row numbers of a table, kept as runs: ascending, apart from each other, none empty.
package struct RowSet: Hashable, Sendable {
    package private(set) var runs: [Range<UInt64>] = []

    package init() {}

    package init(_ run: Range<UInt64>) { if !run.isEmpty { runs = [run] } }

    package init(_ rows: some Sequence<UInt64>) {
        for row in rows.sorted() {
            if let last = runs.last, row <= last.upperBound {
                if row == last.upperBound { runs[runs.count - 1] = last.lowerBound..<row + 1 }
            } else {
                runs.append(row..<row + 1)
            }
        }
    }

    package var isEmpty: Bool { runs.isEmpty }

    /// How many rows there are. O(runs).
    package var count: Int { runs.reduce(0) { $0 + Int($1.upperBound - $1.lowerBound) } }

    /// The place of the first run that ends behind `row`. O(log runs).
    private func place(of row: UInt64) -> Int {
        var (low, high) = (0, runs.count)
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].upperBound <= row { low = middle + 1 } else { high = middle }
        }
        return low
    }

    package func contains(_ row: UInt64) -> Bool {
        let place = place(of: row)
        return place < runs.count && runs[place].lowerBound <= row
    }

    package func overlaps(_ rows: Range<UInt64>) -> Bool {
        let place = place(of: rows.lowerBound)
        return place < runs.count && runs[place].lowerBound < rows.upperBound && !rows.isEmpty
    }

    /// Those that lie in `rows`. O(log runs + what is found).
    package func intersection(_ rows: Range<UInt64>) -> RowSet {
        var result = RowSet()
        for place in place(of: rows.lowerBound)..<runs.count {
            let part = runs[place].clamped(to: rows)
            if runs[place].lowerBound >= rows.upperBound { break }
            if !part.isEmpty { result.runs.append(part) }
        }
        return result
    }

    /// The first `count` of them, or all.
    package func prefix(_ count: Int) -> RowSet {
        var result = RowSet()
        var left = UInt64(max(0, count))
        for run in runs where left > 0 {
            let end = min(run.upperBound, run.lowerBound + min(left, UInt64(Int64.max)))
            result.runs.append(run.lowerBound..<end)
            left -= end - run.lowerBound
        }
        return result
    }

    /// The last `count` of them, or all.
    package func suffix(_ count: Int) -> RowSet {
        let total = self.count
        return count >= total ? self : subtracting(prefix(total - max(0, count)))
    }

    /// O(runs of both).
    package mutating func formUnion(_ other: RowSet) {
        guard !other.isEmpty else { return }
        var merged: [Range<UInt64>] = []
        merged.reserveCapacity(runs.count + other.runs.count)
        var (left, right) = (runs[...], other.runs[...])
        while let next = Self.popFirst(&left, &right) {
            if let last = merged.last, next.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, next.upperBound)
            } else {
                merged.append(next)
            }
        }
        runs = merged
    }

    private static func popFirst(
        _ left: inout ArraySlice<Range<UInt64>>, _ right: inout ArraySlice<Range<UInt64>>
    ) -> Range<UInt64>? {
        guard let a = left.first else { return right.popFirst() }
        guard let b = right.first, b.lowerBound < a.lowerBound else { return left.popFirst() }
        return right.popFirst()
    }

    /// Without those of `other`. O(runs of both).
    package func subtracting(_ other: RowSet) -> RowSet {
        guard !isEmpty, !other.isEmpty else { return self }
        var result = RowSet()
        for run in runs {
            var first = run.lowerBound
            for hole in other.intersection(run).runs {
                if first < hole.lowerBound { result.runs.append(first..<hole.lowerBound) }
                first = hole.upperBound
            }
            if first < run.upperBound { result.runs.append(first..<run.upperBound) }
        }
        return result
    }

    package func union(_ other: RowSet) -> RowSet {
        var result = self
        result.formUnion(other)
        return result
    }

    /// The same rows, counted `distance` further on.
    package func shifted(by distance: UInt64) -> RowSet {
        var result = RowSet()
        result.runs = runs.map { $0.lowerBound + distance..<$0.upperBound + distance }
        return result
    }

    /// The rows of `rows`, none of which is below `base`, counted from there.
    package init(offsets rows: RowSet, from base: UInt64) {
        runs = rows.runs.map { $0.lowerBound - base..<$0.upperBound - base }
    }

    // MARK: Bytes

    /// The number of runs, then for each the distance from the end of the one before and its length, as varints.
    package func write(to writer: inout ByteWriter) {
        writer.append(varint: UInt64(runs.count))
        var end: UInt64 = 0
        for run in runs {
            writer.append(varint: run.lowerBound - end)
            writer.append(varint: run.upperBound - run.lowerBound)
            end = run.upperBound
        }
    }

    /// Throws where the runs are not apart from each other, or a row is not below 2^63.
    package init(reading reader: inout ByteReader) throws(FormatError) {
        let count = try reader.readCount(limit: reader.remaining / 2, of: "runs of rows")
        runs.reserveCapacity(count)
        var end: UInt64 = 0
        for place in 0..<count {
            let start = reader.offset
            let (distance, length) = (try reader.readVarint(), try reader.readVarint())
            let limit = UInt64(Int64.max)
            guard length > 0, distance > 0 || place == 0, distance <= limit - end, length <= limit - end - distance
            else {
                throw FormatError(.invalid, "a run of \(length) rows \(distance) behind row \(end)", at: start)
            }
            runs.append(end + distance..<end + distance + length)
            end += distance + length
        }
    }
}
