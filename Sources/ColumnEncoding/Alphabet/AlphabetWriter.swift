/// Turns the numbers of one group back into bytes.
///
/// Two neighbouring positions are one *unit* where a table of both is small; so are a position and the constant byte behind
/// it. Units are taken together in *chunks* of at most 2^32 possibilities. A number is divided once a chunk; the remainder,
/// as a fraction of the chunk's product in 64 bits, then gives its digits from the first to the last: each is what
/// a multiplication by its radix carries beyond the point. That is exact: the fraction is too large by less than
/// 2^−32, and neighbouring fractions lie at least as far apart.
struct AlphabetWriter: Sendable {
    private static let chunkLimit: UInt64 = 1 << 32
    private static let pairLimit: UInt64 = 4_096

    enum Kind { case single, pair, optional }

    struct Unit {
        let kind: Kind
        /// Where the unit's first byte is in the longest text.
        let index: Int
        let radix: UInt64
        /// Where the unit's entries begin in `table`.
        let entries: Int
    }

    struct Chunk {
        let units: Range<Int>
        let product: UInt64
        /// ⌊2^64 ÷ product⌋ + 1, which makes a fraction of a number below the product.
        let scale: UInt64
        /// number ÷ product is (number · reciprocal) >> (64 + shift) for numbers below 2^62.
        let reciprocal: UInt64
        let shift: UInt64
        let isPairs: Bool
    }

    let product: UInt64
    let units: [Unit]
    /// The most significant first.
    let chunks: [Chunk]
    /// For each digit of a unit its bytes: one in the low half, or two; for an optional position the high half is 1
    /// where there is a byte. Units with the same alphabets share their entries.
    let table: [UInt16]

    /// The writer of `group` for texts whose constant bytes are in `template`.
    init(_ group: AlphabetPlan.Group, template: [UInt8], isConstant: [Bool]) {
        product = group.product
        var units: [Unit] = []
        var table: [UInt16] = []
        var known: [(first: AlphabetPlan.Position, second: [UInt8], entries: Int)] = []
        var i = 0
        while i < group.positions.count {
            let first = group.positions[i]
            let next = first.index + 1
            var second: [UInt8] = []
            var taken = 1
            if !first.isOptional, next < template.count {
                if isConstant[next] {
                    second = [template[next]]
                } else if i + 1 < group.positions.count, group.positions[i + 1].index == next,
                    !group.positions[i + 1].isOptional,
                    first.radix * group.positions[i + 1].radix <= Self.pairLimit
                {
                    second = group.positions[i + 1].alphabet
                    taken = 2
                }
            }
            let isKnown = known.first {
                $0.first.alphabet == first.alphabet && $0.first.isOptional == first.isOptional && $0.second == second
            }
            let entries = isKnown?.entries ?? table.count
            if isKnown == nil {
                known.append((first, second, entries))
                table += Self.entries(first, second)
            }
            units.append(
                Unit(
                    kind: first.isOptional ? .optional : second.isEmpty ? .single : .pair, index: first.index,
                    radix: first.radix * UInt64(max(second.count, 1)), entries: entries))
            i += taken
        }
        self.units = units
        self.table = table
        chunks = Self.chunks(units)
    }

    private static func entries(_ first: AlphabetPlan.Position, _ second: [UInt8]) -> [UInt16] {
        if first.isOptional { return [0] + first.alphabet.map { UInt16($0) | 0x100 } }
        if second.isEmpty { return first.alphabet.map { UInt16($0) } }
        return first.alphabet.flatMap { low in second.map { high in UInt16(low) | UInt16(high) << 8 } }
    }

    /// Every chunk but the first takes as many units as it may, from the last on.
    private static func chunks(_ units: [Unit]) -> [Chunk] {
        var chunks: [Chunk] = []
        var end = units.count
        while end > 0 {
            var start = end
            var product: UInt64 = 1
            while start > 0, product <= chunkLimit / units[start - 1].radix {
                start -= 1
                product *= units[start].radix
            }
            // With 2^(l − 1) < product ≤ 2^l the reciprocal is 2^(62 + l) ÷ product, rounded up: exact below 2^62.
            let l = UInt64(64 - (product - 1).leadingZeroBitCount)
            let reciprocal = product.dividingFullWidth(((1 << 62) >> (64 - l), l == 64 ? 0 : (1 << 62) << l)).quotient
            chunks.append(
                Chunk(
                    units: start..<end, product: product, scale: product.dividingFullWidth((1, 0)).quotient + 1,
                    reciprocal: reciprocal + 1, shift: l < 2 ? 0 : l - 2,
                    isPairs: units[start..<end].allSatisfy { $0.kind == .pair }))
            end = start
        }
        return chunks.reversed()
    }
}
