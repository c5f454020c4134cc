/// Numbers distinct words in the order in which they first appear: an open-addressing table of fixed size.
@safe
struct DistinctWords<Word: WordType>: ~Copyable {
    private(set) var count = 0
    private let limit: Int
    private let words: UnsafeMutablePointer<Word>
    /// Code + 1, 0 where free.
    private let slots: UnsafeMutablePointer<UInt32>
    private let mask: Int
    private let shift: UInt64

    /// Holds at most `limit` words.
    init(limit: Int) {
        self.limit = limit
        // At most half of the slots are ever taken.
        let slotBits = max(4, BitPacking.width(UInt64(limit)) + 1)
        mask = (1 << slotBits) - 1
        shift = UInt64(64 - slotBits)
        unsafe words = .allocate(capacity: max(limit, 1))
        unsafe slots = .allocate(capacity: mask + 1)
        unsafe slots.initialize(repeating: 0, count: mask + 1)
    }

    deinit {
        unsafe words.deallocate()
        unsafe slots.deallocate()
    }

    subscript(code: Int) -> Word {
        precondition(code >= 0 && code < count, "code \(code) of \(count)")
        return unsafe words[code]
    }

    /// The word's number; nil where it would be one too many.
    @inline(__always)
    mutating func code(of word: Word) -> UInt32? {
        // Fibonacci hashing: the high bits of the product depend on all bits of the word.
        let wide = UInt64(truncatingIfNeeded: word)
        let hash = (wide ^ (wide &>> 32)) &* 0x9E37_79B9_7F4A_7C15
        var slot = Int(truncatingIfNeeded: hash &>> shift)
        while true {
            let entry = unsafe slots[slot]
            if entry == 0 { break }
            if unsafe words[Int(truncatingIfNeeded: entry &- 1)] == word { return entry &- 1 }
            slot = (slot &+ 1) & mask
        }
        if count == limit { return nil }
        unsafe words[count] = word
        count &+= 1
        unsafe slots[slot] = UInt32(truncatingIfNeeded: count)
        return UInt32(truncatingIfNeeded: count &- 1)
    }
}
