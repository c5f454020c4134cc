/// How texts become a few integers: which bytes occur at each position, and which positions share an integer.
///
/// Positions are those of the longest text. Shorter ones leave out some of the *optional* positions, which lie together
/// behind the prefix that all texts share: everything after them is aligned to the right, as digits of a counter are.
///
/// The integer of a *group* of positions is a number in mixed radix, the first position its most significant digit. A
/// digit is the index of the position's byte in its alphabet; in an optional position 0 means no byte, and a byte's
/// digit is its index + 1. Positions with one possible digit belong to no group. Groups are not stored: each takes, in
/// order, as many of the other positions as keep the product of their radices at or below 2^62.
struct AlphabetPlan: Sendable {
    static let maximumLength = 255
    static let groupLimit: UInt64 = 1 << 62

    struct Position: Sendable {
        /// Where the byte is in the longest text.
        let index: Int
        let alphabet: [UInt8]
        let isOptional: Bool

        /// The number of digits.
        var radix: UInt64 { UInt64(alphabet.count) + (isOptional ? 1 : 0) }
    }

    struct Group: Sendable {
        let positions: [Position]
        /// How many texts the positions can make.
        let product: UInt64
    }

    /// Bytes of the longest text.
    let length: Int
    let optional: Range<Int>
    /// The byte of each position that has but one, else 0.
    let template: [UInt8]
    /// Whether a position has but one byte, and every text has it.
    let isConstant: [Bool]
    let groups: [Group]
    /// The positions that are constant.
    private let constants: [Int]

    /// The plan for the alphabets of all positions, each of 1…256 ascending bytes.
    init(alphabets: [[UInt8]], optional: Range<Int>) {
        length = alphabets.count
        self.optional = optional
        template = alphabets.map { $0.count == 1 ? $0[0] : 0 }
        let isConstant = alphabets.indices.map { alphabets[$0].count == 1 && !optional.contains($0) }
        self.isConstant = isConstant
        constants = alphabets.indices.filter { isConstant[$0] }
        var groups: [Group] = []
        var positions: [Position] = []
        var product: UInt64 = 1
        func closeGroup() {
            if !positions.isEmpty { groups.append(Group(positions: positions, product: product)) }
            positions = []
            product = 1
        }
        for (index, alphabet) in alphabets.enumerated() {
            let position = Position(index: index, alphabet: alphabet, isOptional: optional.contains(index))
            if position.radix == 1 { continue }
            if product > Self.groupLimit / position.radix { closeGroup() }
            positions.append(position)
            product *= position.radix
        }
        closeGroup()
        self.groups = groups
    }

    /// Bits of a text, were it one number.
    var bits: Double {
        groups.reduce(0) { total, group in group.positions.reduce(total) { $0 + Self.bits(Int($1.radix)) } }
    }

    /// log₂ of a radix, at most 257, within a hundredth, without a mathematical library: eight squarings.
    static func bits(_ radix: Int) -> Double {
        var bits = 0.0
        var rest = Double(radix)
        while rest >= 2 {
            rest /= 2
            bits += 1
        }
        var place = 0.5
        for _ in 0..<8 {
            rest *= rest
            if rest >= 2 {
                rest /= 2
                bits += place
            }
            place /= 2
        }
        return bits
    }

    /// Bytes of the longest text that all have.
    var requiredCount: Int { length - optional.count }

    /// Writes the bytes that are the same in every text to `count` texts that lie together; anything to their others.
    func fillTemplate(_ texts: UnsafeMutableRawPointer, count: Int) {
        guard !constants.isEmpty else { return }
        unsafe template.withUnsafeBytes { unsafe texts.copyMemory(from: $0.baseAddress!, byteCount: length) }
        var filled = 1
        while filled < count {
            // What is filled is copied behind itself: few calls, whatever the length.
            let next = min(filled, count - filled)
            unsafe (texts + filled * length).copyMemory(from: texts, byteCount: next * length)
            filled += next
        }
    }

    /// Whether `text`, which leaves out the first `missing` optional positions, has the constant bytes in their places.
    func hasConstants(of text: UnsafeRawPointer, missing: Int) -> Bool {
        for index in constants {
            let offset = index < optional.lowerBound ? index : index &- missing
            guard unsafe text.load(fromByteOffset: offset, as: UInt8.self) == template[index] else { return false }
        }
        return true
    }
}
