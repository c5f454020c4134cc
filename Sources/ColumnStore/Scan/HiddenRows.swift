internal import ColumnFormat

/// Takes the rows that are not to be seen out of what a condition left. For one thread.
@safe
final class HiddenRows {
    private let mask = VectorMask()

    /// Of `taken` rows of a vector that `given` marks (nil: all) those that are to be seen. Valid until the next call.
    func removed(
        from given: UnsafePointer<UInt8>?, taken: Int, vector: Int, of block: SnapshotBlock
    ) -> (mask: UnsafePointer<UInt8>?, taken: Int) {
        if block.hidden.isEmpty || taken == 0 { return unsafe (given, taken) }
        let rows = block.rows(ofVector: vector)
        let hidden = block.hidden.intersection(UInt64(rows.lowerBound)..<UInt64(rows.upperBound))
        if hidden.isEmpty { return unsafe (given, taken) }
        if let given = unsafe given {
            unsafe mask.copy(given, count: rows.count)
        } else {
            mask.fill(true, count: rows.count)
        }
        for run in hidden.runs {
            for row in run { unsafe mask.bytes[Int(row) - rows.lowerBound] = 0 }
        }
        return unsafe (UnsafePointer(mask.bytes), mask.takenCount(of: rows.count))
    }
}
