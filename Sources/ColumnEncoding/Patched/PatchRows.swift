import ColumnFormat

/// Which rows of a node are patched: a varint count, then the rows as UInt16, strictly ascending.
struct PatchRows: Sendable {
    private let rows: [UInt16]

    init(_ reader: inout ByteReader, count: Int) throws(FormatError) {
        let patchCount = try reader.readCount(limit: min(count, reader.remaining / 2), of: "patches")
        var rows: [UInt16] = []
        rows.reserveCapacity(patchCount)
        var previous = -1
        for _ in 0..<patchCount {
            let row = try reader.read(UInt16.self)
            guard Int(row) > previous, Int(row) < count else {
                throw FormatError(
                    .invalid, "patch of row \(row) after \(previous) of \(count)", at: reader.offset - 2)
            }
            previous = Int(row)
            rows.append(row)
        }
        self.rows = rows
    }

    var count: Int { rows.count }

    subscript(index: Int) -> Int { Int(rows[index]) }

    /// The first patch at or after `row`.
    private func firstIndex(at row: Int) -> Int {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if Int(rows[middle]) < row { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The patches of rows in `range`.
    func indices(in range: Range<Int>) -> Range<Int> {
        let first = firstIndex(at: range.lowerBound)
        var end = first
        if first < rows.count, Int(rows[first]) < range.upperBound { end = firstIndex(at: range.upperBound) }
        return first..<end
    }

    /// The patch of `row`, if it has one.
    func index(of row: Int) -> Int? {
        let index = firstIndex(at: row)
        return index < rows.count && Int(rows[index]) == row ? index : nil
    }
}
