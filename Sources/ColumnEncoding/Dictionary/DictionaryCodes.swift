import ColumnFormat

/// The codes of a dictionary, checked against the number of its values as they are decoded.
struct DictionaryCodes: Sendable {
    let node: any FixedNode
    let valueCount: Int

    /// The codes of at most 1,024 `rows`, each below `valueCount`.
    @inline(__always)
    func decode(_ rows: Range<Int>, into codes: UnsafeMutablePointer<UInt32>) throws(FormatError) {
        unsafe try node.decode(rows, into: UnsafeMutableRawPointer(codes))
        var highest: UInt32 = 0
        for i in 0..<rows.count { unsafe highest = max(highest, codes[i]) }
        guard Int(highest) < valueCount else { throw outOfRange(highest) }
    }

    func code(at row: Int) throws(FormatError) -> Int {
        let code = try node.word(at: row)
        guard code < UInt64(valueCount) else { throw outOfRange(UInt32(truncatingIfNeeded: code)) }
        return Int(code)
    }

    private func outOfRange(_ code: UInt32) -> FormatError {
        FormatError(.invalid, "code \(code) for a dictionary of \(valueCount) values")
    }
}
