/// Numbers distinct words in the order in which they first come: an open-addressing table that grows.
struct WordTable {
    private(set) var words: [UInt64] = []
    private var slots: [UInt32]
    private var shift: UInt64

    init() {
        slots = Array(repeating: 0, count: 64)
        shift = 58
    }

    /// The word's number.
    mutating func number(of word: UInt64) -> UInt32 {
        let mask = slots.count - 1
        var slot = Self.slot(word, shift)
        while slots[slot] != 0 {
            let number = slots[slot] - 1
            if words[Int(number)] == word { return number }
            slot = (slot + 1) & mask
        }
        words.append(word)
        slots[slot] = UInt32(words.count)
        if words.count * 2 > slots.count { grow() }
        return UInt32(words.count - 1)
    }

    mutating func removeAll() {
        words.removeAll(keepingCapacity: true)
        for slot in slots.indices { slots[slot] = 0 }
    }

    @inline(__always)
    private static func slot(_ word: UInt64, _ shift: UInt64) -> Int {
        Int(truncatingIfNeeded: DistinctSketch.hash(word) &>> shift)
    }

    private mutating func grow() {
        slots = Array(repeating: 0, count: slots.count * 2)
        shift -= 1
        let mask = slots.count - 1
        for (number, word) in words.enumerated() {
            var slot = Self.slot(word, shift)
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = UInt32(number + 1)
        }
    }
}
