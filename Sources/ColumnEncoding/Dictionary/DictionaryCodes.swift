internal import CDrumlinShims
import ColumnFormat

/// The codes of a dictionary, checked as they are decoded.
///
/// The table that they index has ``tableCount`` places, the next power of two, so that one OR of all codes of a vector
/// tells whether any lies outside. A code beyond the values, which no writer makes, finds an empty place.
struct DictionaryCodes: Sendable {
    let node: any FixedNode
    let tableCount: Int

    init(node: any FixedNode, valueCount: Int) {
        self.node = node
        tableCount = Self.tableCount(valueCount)
    }

    static func tableCount(_ valueCount: Int) -> Int { 1 << BitPacking.width(UInt32(valueCount - 1)) }

    /// The codes of at most 1,024 `rows`, each below `tableCount`.
    @inline(__always)
    func decode(_ rows: Range<Int>, into codes: UnsafeMutablePointer<UInt32>) throws(FormatError) {
        unsafe try node.decode(rows, into: UnsafeMutableRawPointer(codes))
        var bits: UInt32 = 0
        for i in 0..<rows.count { unsafe bits |= codes[i] }
        guard Int(bits) < tableCount else { throw outOfRange(UInt64(bits)) }
    }

    /// The codes of a vector, to ``VectorBuffer/narrow``, each below `tableCount`.
    func load(vector: Int, into buffer: VectorBuffer) throws(FormatError) {
        let count = node.rows(ofVector: vector).count
        let form = try node.load(vector: vector, into: buffer)
        if case .frame(let frame) = form, frame.base == 0, frame.factor == 1 {
            guard Int(frame.highest) >= tableCount else { return }
        } else {
            buffer.expand(form, byteWidth: 4, count: count)
            unsafe buffer.narrow.update(from: buffer.words.assumingMemoryBound(to: UInt32.self), count: count)
        }
        let bits = unsafe drumlin_or_u32(buffer.narrow, UInt32(count))
        guard Int(bits) < tableCount else { throw outOfRange(UInt64(bits)) }
    }

    /// The codes of a few rows, each below `tableCount`.
    func gather(
        _ places: FewRows, into codes: UnsafeMutablePointer<UInt32>, scratch: VectorScratch
    ) throws(FormatError) {
        unsafe try node.gather(places, byteWidth: 4, into: UnsafeMutableRawPointer(codes), scratch: scratch)
        let bits = unsafe drumlin_or_u32(codes, UInt32(places.count))
        guard Int(bits) < tableCount else { throw outOfRange(UInt64(bits)) }
    }

    func code(at row: Int) throws(FormatError) -> Int {
        let code = try node.word(at: row)
        guard code < UInt64(tableCount) else { throw outOfRange(code) }
        return Int(code)
    }

    private func outOfRange(_ code: UInt64) -> FormatError {
        FormatError(.invalid, "code \(code) for a dictionary of at most \(tableCount) values")
    }
}
