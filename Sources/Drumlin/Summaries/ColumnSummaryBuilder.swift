internal import ColumnFormat
internal import ColumnStore

/// Makes the summary of a column from slices of it. For one thread.
final class ColumnSummaryBuilder {
    private var summary: ColumnSummary
    /// An open-addressing table: keys, and four sums for each; the key `free` marks a slot without one.
    private var keys: [UInt32]
    private var sums: [Int64]
    private var usedCount = 0
    private var shift: UInt32
    private static let free = UInt32.max

    init(_ form: ColumnSummary.Form, countsValues: Bool = true) {
        summary = ColumnSummary(form, countsValues: countsValues)
        keys = Array(repeating: Self.free, count: 256)
        sums = Array(repeating: 0, count: 256 * 4)
        shift = 32 - 8
    }

    /// What columns of a type are summarized as.
    static func form(of type: ColumnType) -> ColumnSummary.Form {
        switch type {
        case .string: .text
        case .bytes, .uuid, .vector, .timestamp: .opaque
        default: .number
        }
    }

    func add(_ slice: ColumnSlice) {
        summary.rowCount += Int64(slice.count)
        for row in 0..<slice.count {
            if slice.isNull(row) {
                summary.nullCount += 1
                continue
            }
            switch summary.form {
            case .opaque: break
            case .text: summary.hashes[unsafe Self.hash(slice.variableBytes(at: row))] += 1
            case .number: add(slice.double(at: row))
            }
        }
    }

    /// Adds a number that is not null.
    func addRow(_ value: Double) {
        summary.rowCount += 1
        add(value)
    }

    @inline(__always)
    private func add(_ value: Double) {
        guard !value.isNaN else {
            summary.nanCount += 1
            return
        }
        if !summary.hashes.isEmpty { summary.hashes[Self.hash(value)] &+= 1 }
        let (key, fraction) = ValueCell.find(value)
        let mask = keys.count &- 1
        var slot = Int((key &* 0x9E37_79B1) &>> shift)
        while keys[slot] != key {
            if keys[slot] == Self.free {
                keys[slot] = key
                usedCount += 1
                break
            }
            slot = (slot &+ 1) & mask
        }
        let coarse = fraction &>> 16
        sums[slot &* 4] &+= 1
        sums[slot &* 4 &+ 1] &+= coarse
        sums[slot &* 4 &+ 2] &+= fraction & 0xFFFF
        sums[slot &* 4 &+ 3] &+= coarse &* coarse
        if usedCount &* 4 > keys.count &* 3 { grow() }
    }

    private func grow() {
        let (oldKeys, oldSums) = (keys, sums)
        keys = Array(repeating: Self.free, count: oldKeys.count * 2)
        sums = Array(repeating: 0, count: oldSums.count * 2)
        shift -= 1
        for old in oldKeys.indices where oldKeys[old] != Self.free {
            var slot = Int((oldKeys[old] &* 0x9E37_79B1) &>> shift)
            while keys[slot] != Self.free { slot = (slot &+ 1) & (keys.count &- 1) }
            keys[slot] = oldKeys[old]
            for part in 0..<4 { sums[slot * 4 + part] = oldSums[old * 4 + part] }
        }
    }

    /// Ten bits by which a value is counted.
    static func hash(_ value: Double) -> Int {
        // −0 is 0.
        var mixed = (value == 0 ? 0 : value.bitPattern) &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed &>> 32)) &* 0xD6E8_FEB8_6659_FD93
        return Int(truncatingIfNeeded: mixed &>> 54)
    }

    static func hash(_ text: UnsafeRawBufferPointer) -> Int {
        Int(truncatingIfNeeded: unsafe Checksum.of(text, seed: 0) &>> 54)
    }

    /// The summary of all that was added.
    var result: ColumnSummary {
        var result = summary
        result.cells = keys.indices.filter { keys[$0] != Self.free }.map { slot in
            ColumnSummary.Cell(
                key: keys[slot], count: sums[slot * 4], coarse: sums[slot * 4 + 1], fine: sums[slot * 4 + 2],
                squares: sums[slot * 4 + 3])
        }.sorted { $0.key < $1.key }
        return result
    }
}
