public import ColumnFormat

/// Drops rows of a table together with all that hangs on them.
package protocol RowDropping: Sendable {
    /// Drops the rows below `row`, where a segment begins or the sealed rows end. Called without the store's lock.
    func dropRows(before row: UInt64, in store: Store) throws(StoreError)
}

/// How much a table keeps. Each limit that is set holds by itself: rows that one of them lets go are dropped.
///
/// Rows go from the oldest on, segment by segment: as soon as the rows behind a segment are all that has to be kept. So a
/// table holds at least what is asked for, and at most a segment more.
public struct Retention: Sendable, Hashable {
    /// Rows whose time lies further back are dropped, by the table's `_at`, else its first column of times.
    public var age: TimeSpan?
    /// Rows before the newest this many are dropped.
    public var rowCount: Int?
    /// Segments before the newest of this many bytes are dropped.
    public var byteCount: Int?

    /// Limits; at least one has to be set, and all must be above zero.
    public init(age: TimeSpan? = nil, rowCount: Int? = nil, byteCount: Int? = nil) {
        self.age = age
        self.rowCount = rowCount
        self.byteCount = byteCount
    }

    var isValid: Bool {
        let isAnySet = age != nil || rowCount != nil || byteCount != nil
        return isAnySet && (age?.microseconds ?? 1) > 0 && (rowCount ?? 1) > 0 && (byteCount ?? 1) > 0
    }

    /// A merge must not hold up what this lets go: merged segments stay well below it.
    var mergeLimits: MergePlan.Limits {
        var limits = MergePlan.Limits()
        if let age { limits.timeSpan = max(1, age.microseconds / 8) }
        if let rowCount { limits.rowCount = min(limits.rowCount, max(1, rowCount / 8)) }
        if let byteCount { limits.byteCount = min(limits.byteCount, max(1, byteCount / 8)) }
        return limits
    }

    // MARK: Bytes

    static func key(_ table: String) -> String { "retention/" + table }

    /// Version, then age in µs, rows, bytes as varints; 0 where a limit is not set.
    var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.append(UInt8(1))
        for limit in [age?.microseconds ?? 0, Int64(rowCount ?? 0), Int64(byteCount ?? 0)] {
            writer.append(varint: UInt64(limit))
        }
        return writer.bytes
    }

    init(reading bytes: [UInt8]) throws(FormatError) {
        let limits = unsafe try bytes.withUnsafeBytesThrowing { raw throws(FormatError) in
            var reader = unsafe ByteReader(raw)
            guard try reader.read(UInt8.self) == 1 else {
                throw FormatError(.unsupported, "a retention of another version")
            }
            var limits: [Int] = []
            for _ in 0..<3 { limits.append(try reader.readCount(limit: 1 << 60, of: "what is kept")) }
            return limits
        }
        self.init(
            age: limits[0] > 0 ? TimeSpan(microseconds: Int64(limits[0])) : nil,
            rowCount: limits[1] > 0 ? limits[1] : nil, byteCount: limits[2] > 0 ? limits[2] : nil)
    }

    // MARK: What goes

    /// How many segments go, from the first on, of a table that has `memoryRowCount` rows behind them.
    func droppedSegmentCount(_ parts: [MergePlan.Part], memoryRowCount: Int, now: Int64) -> Int {
        var rows = parts.reduce(memoryRowCount) { $0 + $1.rowCount }
        var bytes = parts.reduce(0) { $0 + $1.byteCount }
        let oldest = now.subtractingReportingOverflow(age?.microseconds ?? 0)
        for (place, part) in parts.enumerated() {
            rows -= part.rowCount
            bytes -= part.byteCount
            let isOld =
                age != nil && !oldest.overflow && (part.times.map { $0.upperBound < oldest.partialValue } ?? false)
            let isTooMuch = rowCount.map { rows >= $0 } ?? false || byteCount.map { bytes >= $0 } ?? false
            guard isOld || isTooMuch else { return place }
        }
        return parts.count
    }
}
