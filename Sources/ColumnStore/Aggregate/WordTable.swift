/// Numbers distinct words in the order in which they first come: a sorted list as long as that is ascending, as the intervals
/// of times are, then an open-addressing table that grows.
struct WordTable {
    private(set) var words: [UInt64] = []
    /// Empty as long as the words ascend.
    private var slots: [UInt32] = []
    private var shift: UInt64 = 64

    /// The word's number.
    mutating func number(of word: UInt64) -> UInt32 {
        if slots.isEmpty {
            guard let last = words.last, word <= last else {
                words.append(word)
                return UInt32(words.count - 1)
            }
            if word == last { return UInt32(words.count - 1) }
            if let known = ascendingNumber(of: word) { return known }
            grow(to: max(64, (words.count * 2).roundedUpToPowerOf2))
        }
        let mask = slots.count - 1
        var slot = Self.slot(word, shift)
        while slots[slot] != 0 {
            let number = slots[slot] - 1
            if words[Int(number)] == word { return number }
            slot = (slot + 1) & mask
        }
        words.append(word)
        slots[slot] = UInt32(words.count)
        if words.count * 2 > slots.count { grow(to: slots.count * 2) }
        return UInt32(words.count - 1)
    }

    mutating func removeAll() {
        words.removeAll(keepingCapacity: true)
        slots.removeAll()
    }

    private func ascendingNumber(of word: UInt64) -> UInt32? {
        var (low, high) = (0, words.count)
        while low < high {
            let middle = (low + high) / 2
            if words[middle] < word { low = middle + 1 } else { high = middle }
        }
        return words[low] == word ? UInt32(low) : nil
    }

    @inline(__always)
    private static func slot(_ word: UInt64, _ shift: UInt64) -> Int {
        Int(truncatingIfNeeded: DistinctSketch.hash(word) &>> shift)
    }

    /// Puts the words into `count` slots, a power of two.
    private mutating func grow(to count: Int) {
        slots = Array(repeating: 0, count: count)
        shift = UInt64(64 - count.trailingZeroBitCount)
        let mask = count - 1
        for (number, word) in words.enumerated() {
            var slot = Self.slot(word, shift)
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = UInt32(number + 1)
        }
    }
}

extension Int {
    /// The next power of two that is not smaller.
    fileprivate var roundedUpToPowerOf2: Int { 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
