import ColumnFormat

/// Prefix codes of at most 12 bits for symbols 0, 1, 2, …: canonical, so that the lengths say it all.
///
/// Codes are given in ascending order of length, among equal lengths in ascending order of symbol, each the one before
/// plus 1, shifted left where the length grows (RFC 1951, 3.2.2). They are read from the least significant bit on, with
/// the code's most significant bit first.
enum HuffmanCode {
    static let maximumLength = 12
    static let maximumSymbolCount = 1 << maximumLength

    /// The code of each symbol with its bits in the order in which they are written; 0 where the length is 0.
    static func codes(_ lengths: [UInt8]) -> [UInt16] {
        var next = firstCodes(lengths)
        return lengths.map { length in
            if length == 0 { return 0 }
            let code = next[Int(length)]
            next[Int(length)] &+= 1
            return reversed(code, length)
        }
    }

    /// For all values of the next `bits` bits a UInt16, symbol · 16 + length of the code they begin with; nil where lengths
    /// are not those of a complete code with codes of at most `bits` bits.
    static func table(_ lengths: [UInt8], bits: Int) -> RawBuffer? {
        var space = 0
        for length in lengths where length != 0 {
            guard length <= bits else { return nil }
            space += 1 << (bits - Int(length))
        }
        let entryCount = 1 << bits
        guard space == entryCount else { return nil }
        let table = RawBuffer(byteCapacity: entryCount * 2)
        let entries = unsafe table.base.assumingMemoryBound(to: UInt16.self)
        for (symbol, code) in codes(lengths).enumerated() where lengths[symbol] != 0 {
            let entry = UInt16(symbol) << 4 | UInt16(lengths[symbol])
            let step = 1 << Int(lengths[symbol])
            var place = Int(code)
            while place < entryCount {
                unsafe entries[place] = entry
                place &+= step
            }
        }
        return table
    }

    /// The lengths that make the sum of count · length smallest, each at most 12; 0 where the count is 0. At least two
    /// and at most 4,096 counts are not 0.
    ///
    /// Package-merge (L. Larmore and D. Hirschberg, "A fast algorithm for optimal length-limited Huffman codes", 1990):
    /// O(12 · symbols) after sorting.
    static func lengths(_ counts: [UInt32]) -> [UInt8] {
        var order: [UInt64] = []
        for (symbol, count) in counts.enumerated() where count != 0 {
            order.append(UInt64(count) << 16 | UInt64(symbol))
        }
        order.sort()
        let leaves = order.map { $0 >> 16 }
        // Each round pairs what the round before left, in order, and merges the pairs with the leaves.
        var isLeaf: [[Bool]] = []
        var items: [UInt64] = []
        for _ in 0..<maximumLength {
            var merged: [UInt64] = []
            var flags: [Bool] = []
            merged.reserveCapacity(leaves.count * 2)
            flags.reserveCapacity(leaves.count * 2)
            var (leaf, pair) = (0, 0)
            let pairCount = items.count / 2
            while leaf < leaves.count || pair < pairCount {
                let sum = pair < pairCount ? items[2 * pair] + items[2 * pair + 1] : UInt64.max
                if leaf < leaves.count, leaves[leaf] <= sum {
                    merged.append(leaves[leaf])
                    flags.append(true)
                    leaf += 1
                } else {
                    merged.append(sum)
                    flags.append(false)
                    pair += 1
                }
            }
            items = merged
            isLeaf.append(flags)
        }
        // Whatever leaf is among the cheapest 2m − 2 items, or in a pair among them, has its code made a bit longer.
        var lengths = [UInt8](repeating: 0, count: counts.count)
        var taken = 2 * leaves.count - 2
        for flags in isLeaf.reversed() {
            var leafCount = 0
            for item in 0..<taken where flags[item] { leafCount += 1 }
            for leaf in 0..<leafCount { lengths[Int(order[leaf] & 0xFFFF)] += 1 }
            taken = 2 * (taken - leafCount)
        }
        return lengths
    }

    private static func firstCodes(_ lengths: [UInt8]) -> [UInt16] {
        var lengthCounts = [UInt16](repeating: 0, count: maximumLength + 1)
        for length in lengths where length != 0 { lengthCounts[Int(length)] += 1 }
        var first = [UInt16](repeating: 0, count: maximumLength + 1)
        var code: UInt16 = 0
        for length in 1...maximumLength {
            code = (code &+ lengthCounts[length - 1]) &<< 1
            first[length] = code
        }
        return first
    }

    private static func reversed(_ code: UInt16, _ length: UInt8) -> UInt16 {
        var (rest, result) = (code, UInt16(0))
        for _ in 0..<length {
            result = result << 1 | rest & 1
            rest >>= 1
        }
        return result
    }
}
