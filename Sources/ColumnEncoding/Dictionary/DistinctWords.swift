/// Numbers distinct words in the order in which they first appear: an open-addressing table.
struct DistinctWords<Word: WordType> {
    private(set) var words: [Word] = []
    private let limit: Int
    /// Code + 1, 0 where free.
    private var slots: [UInt32]
    private var shift: UInt64

    /// Holds at most `limit` words.
    init(limit: Int) {
        self.limit = limit
        slots = Array(repeating: 0, count: 256)
        shift = 64 - 8
    }

    var count: Int { words.count }

    /// The word's number; nil where it would be one too many.
    @inline(__always)
    mutating func code(of word: Word) -> UInt32? {
        // Fibonacci hashing: the high bits of the product depend on all bits of the word.
        var slot = Int(truncatingIfNeeded: Self.hash(word) &>> shift)
        let mask = slots.count &- 1
        while true {
            let entry = slots[slot]
            if entry == 0 { break }
            if words[Int(entry &- 1)] == word { return entry &- 1 }
            slot = (slot &+ 1) & mask
        }
        if words.count == limit { return nil }
        words.append(word)
        slots[slot] = UInt32(words.count)
        if words.count * 2 > slots.count { grow() }
        return UInt32(words.count - 1)
    }

    @inline(__always)
    private static func hash(_ word: Word) -> UInt64 {
        let wide = UInt64(truncatingIfNeeded: word)
        return (wide ^ (wide &>> 32)) &* 0x9E37_79B9_7F4A_7C15
    }

    private mutating func grow() {
        let size = slots.count * 4
        shift -= 2
        slots = Array(repeating: 0, count: size)
        for (code, word) in words.enumerated() {
            var slot = Int(truncatingIfNeeded: Self.hash(word) &>> shift)
            while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = UInt32(code + 1)
        }
    }
}
