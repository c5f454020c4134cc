import ColumnFormat

/// Which rows of a node are patched: a varint count, then the rows as UInt16, strictly ascending.
struct PatchRows: Sendable {
    private let rows: [UInt16]
    /// Where the patches of each vector begin, and where the last ends: a search stays within one vector.
    private let starts: [UInt32]

    init(_ reader: inout ByteReader, count: Int) throws(FormatError) {
        let patchCount = try reader.readCount(limit: min(count, reader.remaining / 2), of: "patches")
        let offset = reader.offset
        let bytes = unsafe try reader.readBytes(patchCount * 2)
        var rows: [UInt16] = []
        rows.reserveCapacity(patchCount)
        var starts = [UInt32](repeating: 0, count: PageLimits.vectorCount(count) + 1)
        var previous = -1
        for i in 0..<patchCount {
            let row = unsafe UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: i &* 2, as: UInt16.self))
            guard Int(row) > previous, Int(row) < count else {
                throw FormatError(.invalid, "patch of row \(row) after \(previous) of \(count)", at: offset + i * 2)
            }
            previous = Int(row)
            rows.append(row)
            starts[Int(row) / PageLimits.vectorRowCount + 1] += 1
        }
        for vector in 1..<starts.count { starts[vector] += starts[vector - 1] }
        self.rows = rows
        self.starts = starts
    }

    var count: Int { rows.count }
    var isEmpty: Bool { rows.isEmpty }

    @inline(__always)
    subscript(index: Int) -> Int { Int(rows[index]) }

    @inline(__always)
    func withUnsafeBufferPointer<R>(_ body: (UnsafeBufferPointer<UInt16>) -> R) -> R {
        unsafe rows.withUnsafeBufferPointer { unsafe body($0) }
    }

    /// The first patch at or after `row`. O(log(patches of a vector)).
    @inline(__always)
    private func firstIndex(at row: Int) -> Int {
        let vector = row / PageLimits.vectorRowCount
        guard vector + 1 < starts.count else { return rows.count }
        var (low, high) = (Int(starts[vector]), Int(starts[vector + 1]))
        while low < high {
            let middle = (low + high) / 2
            if Int(rows[middle]) < row { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The patches of a vector. O(1).
    @inline(__always)
    func indices(ofVector vector: Int) -> Range<Int> { Int(starts[vector])..<Int(starts[vector + 1]) }

    /// The patches of rows in `range`.
    func indices(in range: Range<Int>) -> Range<Int> {
        if rows.isEmpty { return 0..<0 }
        let first = firstIndex(at: range.lowerBound)
        return first..<max(first, firstIndex(at: range.upperBound))
    }

    /// The patch of `row`, if it has one.
    @inline(__always)
    func index(of row: Int) -> Int? {
        if rows.isEmpty { return nil }
        let index = firstIndex(at: row)
        return index < rows.count && Int(rows[index]) == row ? index : nil
    }
}
