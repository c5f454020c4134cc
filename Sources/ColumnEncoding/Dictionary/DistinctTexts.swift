import ColumnFormat

/// Numbers distinct texts in the order in which they first appear, each standing for its first row.
struct DistinctTexts {
    private(set) var rows: [Int] = []
    /// Bytes of the distinct texts together.
    private(set) var byteCount = 0
    private let input: TextInput
    private let limit: Int
    private var hashes: [UInt64] = []
    private var slots: [UInt32]

    init(_ input: TextInput, limit: Int) {
        self.input = input
        self.limit = limit
        slots = Array(repeating: 0, count: 256)
    }

    var count: Int { rows.count }

    /// The number of the text in `row`; nil where it would be one too many.
    mutating func code(ofRow row: Int) -> UInt32? {
        let text = unsafe input.bytes(at: row)
        let hash = unsafe Checksum.of(text)
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let code = Int(slots[slot] - 1)
            if hashes[code] == hash, unsafe equalTexts(input.bytes(at: rows[code]), text) { return UInt32(code) }
            slot = (slot + 1) & mask
        }
        if rows.count == limit { return nil }
        rows.append(row)
        hashes.append(hash)
        byteCount += text.count
        slots[slot] = UInt32(rows.count)
        if rows.count * 2 > slots.count { grow() }
        return UInt32(rows.count - 1)
    }

    private mutating func grow() {
        let size = slots.count * 4
        slots = Array(repeating: 0, count: size)
        for (code, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & (size - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = UInt32(code + 1)
        }
    }
}
