/// The values between two, both included, that a filter looks for in a page; NaN is never among them.
package enum SoughtRange: Sendable {
    /// Of integers, bools and times: wide enough for every type.
    case integers(ClosedRange<Int128>)
    case reals(ClosedRange<Double>)
}

/// Bits of the rows of a page, 32 a word from the lowest on: where a filter marks what it has found. A vector has a whole
/// number of words.
enum RowBits {
    static let vectorWordCount = PageLimits.vectorRowCount / 32

    /// Words of a page's rows.
    static func wordCount(_ rowCount: Int) -> Int { (rowCount + 31) / 32 }

    /// Sets the bits of a vector's rows to `isIn`.
    @inline(__always)
    static func fill(_ bits: UnsafeMutablePointer<UInt32>, _ isIn: Bool, valueCount: Int) {
        unsafe bits.update(repeating: isIn ? .max : 0, count: wordCount(valueCount))
    }

    /// Sets the bit of `row` to `isIn`.
    @inline(__always)
    static func set(_ bits: UnsafeMutablePointer<UInt32>, _ row: Int, _ isIn: Bool) {
        let place = UInt32(truncatingIfNeeded: row & 31)
        let word = unsafe bits[row &>> 5] & ~(1 &<< place)
        unsafe bits[row &>> 5] = word | (isIn ? 1 : 0) &<< place
    }
}

extension PageReader {
    /// Marks the rows whose values lie in `range` in `bits`, 32 rows a word from the lowest bit on, without decoding them.
    /// False where there are nulls or the codec cannot do it: the bits then mean nothing. Room for 32 words a vector.
    package func mark(_ range: SoughtRange, into bits: UnsafeMutablePointer<UInt32>) -> Bool {
        guard validity == nil, case .fixed(let node) = values, unsafe node.mark(range, into: bits) else { return false }
        // What a word has beyond the last row.
        let rest = UInt32(truncatingIfNeeded: rowCount & 31)
        if rest != 0 { unsafe bits[rowCount &>> 5] &= (1 &<< rest) &- 1 }
        return true
    }
}
