import ColumnFormat

/// How texts of one length become a few integers: which bytes occur at each position, and which positions share an
/// integer.
///
/// The integer of a group of positions is a number in mixed radix: the index of each position's byte in its alphabet is a
/// digit, the first position the most significant. Inside a group, neighbouring positions whose alphabets multiply to at
/// most 2^24 form a *step*, so that decoding divides once a step and finds the digits in it by multiplication.
struct AlphabetPlan: Sendable {
    static let maximumLength = 255
    static let stepLimit: UInt64 = 1 << 24
    static let groupLimit: UInt64 = 1 << 62

    struct Position: Sendable {
        let index: Int
        let size: UInt64
        /// ⌈2^32 ÷ size⌉: (r · reciprocal) >> 32 is r ÷ size for every r below 2^24.
        let reciprocal: UInt64
        /// Where its 256 bytes begin in ``AlphabetPlan/letters``.
        let letters: Int
    }

    struct Step: Sendable {
        let product: UInt64
        let positions: Range<Int>
        /// ⌊2^64 ÷ product⌋.
        let reciprocal: UInt64

        init(product: UInt64, positions: Range<Int>) {
            self.product = product
            self.positions = positions
            // A product is at least 2, so that this fits.
            reciprocal = product.dividingFullWidth((1, 0)).quotient
        }
    }

    struct Group: Sendable {
        let product: UInt64
        let steps: [Step]
    }

    let length: Int
    /// The bytes that all texts share, 0 where they differ.
    let template: [UInt8]
    /// The positions where texts differ, in order.
    let positions: [Position]
    let groups: [Group]
    /// For each of `positions`, 256 bytes: digit → letter, the last letter repeated beyond the alphabet.
    let letters: [UInt8]

    /// The plan for the alphabets of all positions, each 1…256 ascending bytes.
    init(alphabets: [[UInt8]]) {
        length = alphabets.count
        template = alphabets.map { $0.count == 1 ? $0[0] : 0 }
        var positions: [Position] = []
        var letters: [UInt8] = []
        for (index, alphabet) in alphabets.enumerated() where alphabet.count > 1 {
            let size = UInt64(alphabet.count)
            positions.append(
                Position(
                    index: index, size: size, reciprocal: ((1 << 32) + size - 1) / size, letters: letters.count))
            letters += alphabet
            letters += Array(repeating: alphabet[alphabet.count - 1], count: 256 - alphabet.count)
        }
        self.positions = positions
        self.letters = letters
        groups = Self.grouped(positions)
    }

    /// Fills each group and each step with as many positions as go in.
    private static func grouped(_ positions: [Position]) -> [Group] {
        var groups: [Group] = []
        var steps: [Step] = []
        var groupProduct: UInt64 = 1
        var stepProduct: UInt64 = 1
        var stepStart = 0
        func closeStep(at end: Int) {
            if end > stepStart { steps.append(Step(product: stepProduct, positions: stepStart..<end)) }
            stepStart = end
            stepProduct = 1
        }
        func closeGroup(at end: Int) {
            closeStep(at: end)
            if !steps.isEmpty { groups.append(Group(product: groupProduct, steps: steps)) }
            steps = []
            groupProduct = 1
        }
        for (number, position) in positions.enumerated() {
            if groupProduct > groupLimit / position.size { closeGroup(at: number) }
            if stepProduct > stepLimit / position.size { closeStep(at: number) }
            groupProduct *= position.size
            stepProduct *= position.size
        }
        closeGroup(at: positions.count)
        return groups
    }
}
