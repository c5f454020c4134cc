/// Turns the numbers of one group back into bytes.
///
/// Two neighbouring positions are written at once where a table of both is small. Such *units*, in turn, are taken
/// together in *steps* of at most 2^24 possibilities: a number is divided once a step, and inside a step a digit is
/// found by multiplication.
struct AlphabetWriter: Sendable {
    private static let stepLimit: UInt64 = 1 << 24
    private static let pairLimit: UInt64 = 4_096

    private enum Kind { case single, pair, optional }

    private struct Unit {
        let kind: Kind
        /// Where the unit's first byte is in the longest text.
        let index: Int
        let radix: UInt64
        /// ⌈2^40 ÷ radix⌉: (r · reciprocal) >> 40 is r ÷ radix for every r ≤ 2^24 and radix ≤ 2^16.
        let reciprocal: UInt64
        /// Where the unit's entries begin in `table`.
        let entries: Int
    }

    private struct Step {
        let units: Range<Int>
        let product: UInt64
        /// ⌊2^64 ÷ product⌋.
        let reciprocal: UInt64
    }

    let product: UInt64
    private let units: [Unit]
    private let steps: [Step]
    /// For each digit of a unit its bytes: one in the low half, or two; for an optional position the high half is 1
    /// where there is a byte. Units with the same alphabets share their entries.
    private let table: [UInt16]

    init(_ group: AlphabetPlan.Group) {
        product = group.product
        var units: [Unit] = []
        var table: [UInt16] = []
        var known: [(first: AlphabetPlan.Position, second: AlphabetPlan.Position?, entries: Int)] = []
        var i = 0
        while i < group.positions.count {
            let first = group.positions[i]
            var second: AlphabetPlan.Position?
            if i + 1 < group.positions.count {
                let next = group.positions[i + 1]
                let isPair = !first.isOptional && !next.isOptional && next.index == first.index + 1
                if isPair, first.radix * next.radix <= Self.pairLimit { second = next }
            }
            let isKnown = known.first {
                $0.first.alphabet == first.alphabet && $0.first.isOptional == first.isOptional
                    && $0.second?.alphabet == second?.alphabet
            }
            let entries = isKnown?.entries ?? table.count
            if isKnown == nil {
                known.append((first, second, entries))
                table += Self.entries(first, second)
            }
            let radix = first.radix * (second?.radix ?? 1)
            units.append(
                Unit(
                    kind: first.isOptional ? .optional : second == nil ? .single : .pair, index: first.index,
                    radix: radix, reciprocal: ((1 << 40) + radix - 1) / radix, entries: entries))
            i += second == nil ? 1 : 2
        }
        self.units = units
        self.table = table
        steps = Self.steps(units)
    }

    private static func entries(_ first: AlphabetPlan.Position, _ second: AlphabetPlan.Position?) -> [UInt16] {
        if first.isOptional { return [0] + first.alphabet.map { UInt16($0) | 0x100 } }
        guard let second else { return first.alphabet.map { UInt16($0) } }
        return first.alphabet.flatMap { low in second.alphabet.map { high in UInt16(low) | UInt16(high) << 8 } }
    }

    private static func steps(_ units: [Unit]) -> [Step] {
        var steps: [Step] = []
        var start = 0
        var product: UInt64 = 1
        func close(at end: Int) {
            guard end > start else { return }
            // A product is at least 2, so that the quotient fits.
            let reciprocal = product.dividingFullWidth((1, 0)).quotient
            steps.append(Step(units: start..<end, product: product, reciprocal: reciprocal))
            start = end
            product = 1
        }
        for (number, unit) in units.enumerated() {
            if product > stepLimit / unit.radix { close(at: number) }
            product *= unit.radix
        }
        close(at: units.count)
        return steps
    }

    /// Writes the bytes that `numbers`, each below `product`, stand for to texts of `length` bytes that lie together, and
    /// adds to `optionalCounts` how many optional ones each text has. Uses up the numbers.
    func write(
        _ numbers: UnsafeMutablePointer<UInt64>, count: Int, to texts: UnsafeMutablePointer<UInt8>, length: Int,
        optionalCounts: UnsafeMutablePointer<UInt16>?
    ) {
        let quotients = steps.count > 1 ? UnsafeMutablePointer<UInt64>.allocate(capacity: count) : nil
        defer { unsafe quotients?.deallocate() }
        for stepIndex in stride(from: steps.count - 1, through: 0, by: -1) {
            let step = steps[stepIndex]
            if stepIndex > 0, let quotients = unsafe quotients {
                unsafe Self.divide(numbers, by: step, count: count, quotients: quotients)
            }
            unsafe table.withUnsafeBufferPointer { table in
                for unitIndex in stride(from: step.units.upperBound - 1, through: step.units.lowerBound, by: -1) {
                    let unit = units[unitIndex]
                    let entries = unsafe table.baseAddress! + unit.entries
                    let target = unsafe UnsafeMutableRawPointer(texts + unit.index)
                    switch unit.kind {
                    case .single: unsafe writeSingle(numbers, count, unit, entries, target, length)
                    case .pair: unsafe writePair(numbers, count, unit, entries, target, length)
                    case .optional:
                        guard let optionalCounts = unsafe optionalCounts else { continue }
                        unsafe writeOptional(numbers, count, unit, entries, target, length, optionalCounts)
                    }
                }
            }
            if stepIndex > 0, let quotients = unsafe quotients {
                unsafe numbers.update(from: quotients, count: count)
            }
        }
    }

    /// Leaves in `numbers` the remainder of the division by the step's product.
    private static func divide(
        _ numbers: UnsafeMutablePointer<UInt64>, by step: Step, count: Int, quotients: UnsafeMutablePointer<UInt64>
    ) {
        for i in 0..<count {
            // The reciprocal is rounded down and numbers are below 2^62, so the quotient is right or one too small.
            let number = unsafe numbers[i]
            var quotient = number.multipliedFullWidth(by: step.reciprocal).high
            var rest = number &- quotient &* step.product
            if rest >= step.product {
                rest &-= step.product
                quotient &+= 1
            }
            unsafe quotients[i] = quotient
            unsafe numbers[i] = rest
        }
    }

    /// Takes the last digit off a number.
    @inline(__always)
    private func takeDigit(_ number: inout UInt64, _ unit: Unit) -> Int {
        let rest = (number &* unit.reciprocal) &>> 40
        let digit = number &- rest &* unit.radix
        number = rest
        return Int(truncatingIfNeeded: digit)
    }

    private func writeSingle(
        _ numbers: UnsafeMutablePointer<UInt64>, _ count: Int, _ unit: Unit, _ entries: UnsafePointer<UInt16>,
        _ first: UnsafeMutableRawPointer, _ length: Int
    ) {
        var target = unsafe first
        for i in 0..<count {
            let digit = unsafe takeDigit(&numbers[i], unit)
            unsafe target.storeBytes(of: UInt8(truncatingIfNeeded: entries[digit]), as: UInt8.self)
            unsafe target += length
        }
    }

    private func writePair(
        _ numbers: UnsafeMutablePointer<UInt64>, _ count: Int, _ unit: Unit, _ entries: UnsafePointer<UInt16>,
        _ first: UnsafeMutableRawPointer, _ length: Int
    ) {
        var target = unsafe first
        for i in 0..<count {
            let digit = unsafe takeDigit(&numbers[i], unit)
            unsafe target.storeBytes(of: entries[digit].littleEndian, as: UInt16.self)
            unsafe target += length
        }
    }

    private func writeOptional(
        _ numbers: UnsafeMutablePointer<UInt64>, _ count: Int, _ unit: Unit, _ entries: UnsafePointer<UInt16>,
        _ first: UnsafeMutableRawPointer, _ length: Int, _ optionalCounts: UnsafeMutablePointer<UInt16>
    ) {
        var target = unsafe first
        for i in 0..<count {
            let digit = unsafe takeDigit(&numbers[i], unit)
            let entry = unsafe entries[digit]
            unsafe target.storeBytes(of: UInt8(truncatingIfNeeded: entry), as: UInt8.self)
            unsafe optionalCounts[i] &+= entry &>> 8
            unsafe target += length
        }
    }
}
