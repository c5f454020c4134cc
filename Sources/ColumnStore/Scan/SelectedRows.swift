internal import ColumnFormat

/// The rows of one block that a scan hands out, in order.
struct SelectedRows: Sendable {
    /// Rows that lie together, counted from the block's first.
    enum Piece: Sendable {
        case whole(Range<Int>)
        /// Places within a vector, ascending.
        case some(vector: Int, places: [UInt32])
    }

    private(set) var pieces: [Piece] = []
    private(set) var count = 0

    mutating func append(_ rows: Range<Int>) {
        guard !rows.isEmpty else { return }
        count += rows.count
        if case .whole(let before)? = pieces.last, before.upperBound == rows.lowerBound {
            pieces[pieces.count - 1] = .whole(before.lowerBound..<rows.upperBound)
        } else {
            pieces.append(.whole(rows))
        }
    }

    mutating func append(vector: Int, places: [UInt32]) {
        guard !places.isEmpty else { return }
        count += places.count
        pieces.append(.some(vector: vector, places: places))
    }

    /// The rows where they all lie together.
    var range: Range<Int>? {
        if pieces.count == 1, case .whole(let rows) = pieces[0] { rows } else { nil }
    }

    /// The number of each row, where that of the block's first is `first`.
    func numbers(from first: UInt64) -> [UInt64] {
        var result: [UInt64] = []
        result.reserveCapacity(count)
        for piece in pieces {
            switch piece {
            case .whole(let rows): for row in rows { result.append(first + UInt64(row)) }
            case .some(let vector, let places):
                let start = first + UInt64(vector * SegmentFormat.vectorRowCount)
                for place in places { result.append(start + UInt64(place)) }
            }
        }
        return result
    }
}
