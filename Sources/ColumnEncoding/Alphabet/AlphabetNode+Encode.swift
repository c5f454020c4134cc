import ColumnFormat

extension AlphabetNode {
    struct Analysis {
        let alphabets: [[UInt8]]
        /// Bytes of the node, its numbers packed.
        let byteCount: Int
    }

    /// The alphabet of each position, where all texts but nulls have the same length; else nil. O(bytes), and O(1)
    /// where lengths differ early.
    static func analyze(_ input: TextInput) -> Analysis? {
        guard let first = input.firstValid else { return nil }
        let length = input.length(at: first)
        guard (1...AlphabetPlan.maximumLength).contains(length) else { return nil }
        for row in 0..<input.count where input.length(at: row) != length && !input.isNull(row) { return nil }
        var seen = [Bool](repeating: false, count: length * 256)
        unsafe seen.withUnsafeMutableBufferPointer { seen in
            for row in 0..<input.count where !input.isNull(row) {
                let text = unsafe input.bytes(at: row)
                for i in 0..<length { unsafe seen[i &* 256 &+ Int(text[i])] = true }
            }
        }
        let alphabets = (0..<length).map { position in
            (0...UInt8.max).filter { seen[position * 256 + Int($0)] }
        }
        let plan = AlphabetPlan(alphabets: alphabets)
        var byteCount = 2
        for alphabet in alphabets { byteCount += 1 + alphabet.count }
        for group in plan.groups {
            // Numbers in order may take far fewer bits than this: a half is what the estimate leaves open.
            byteCount += input.count * BitPacking.width(group.product - 1) / 16
        }
        return Analysis(alphabets: alphabets, byteCount: byteCount)
    }

    static func encode(
        _ input: TextInput, analysis: Analysis, depth: Int, options: EncodingOptions
    ) -> EncodedNode {
        let plan = AlphabetPlan(alphabets: analysis.alphabets)
        var writer = ByteWriter(reservingCapacity: analysis.byteCount * 2)
        writer.append(code: .alphabet)
        writer.append(UInt8(plan.length))
        for alphabet in analysis.alphabets {
            writer.append(UInt8(truncatingIfNeeded: alphabet.count))
            writer.append(bytes: alphabet)
        }
        var digits = [UInt8](repeating: 0, count: plan.length * 256)
        for (position, alphabet) in analysis.alphabets.enumerated() {
            for (digit, letter) in alphabet.enumerated() { digits[position * 256 + Int(letter)] = UInt8(digit) }
        }
        var names: [String] = []
        for group in plan.groups {
            let numbers = numbers(of: input, group: group, plan: plan, digits: digits)
            let numberInput = FixedInput(numbers, count: input.count, shape: numberShape)
            let node = withExtendedLifetime(numbers) {
                FixedEncoder.encode(numberInput, depth: depth + 1, options: options)
            }
            writer.append(child: node)
            names.append(node.name)
        }
        return EncodedNode(bytes: writer.bytes, name: "alphabet(\(names.joined(separator: ", ")))")
    }

    /// The number of each row; a null has that of the row before it.
    private static func numbers(
        of input: TextInput, group: AlphabetPlan.Group, plan: AlphabetPlan, digits: [UInt8]
    ) -> RawBuffer {
        let buffer = RawBuffer(byteCapacity: input.count * 8)
        let numbers = unsafe buffer.base.assumingMemoryBound(to: UInt64.self)
        let first = group.steps[0].positions.lowerBound
        let last = group.steps[group.steps.count - 1].positions.upperBound
        var previous: UInt64 = 0
        unsafe digits.withUnsafeBufferPointer { digits in
            unsafe plan.positions.withUnsafeBufferPointer { positions in
                for row in 0..<input.count {
                    if !input.isNull(row) {
                        let text = unsafe input.bytes(at: row)
                        var number: UInt64 = 0
                        for p in first..<last {
                            let position = unsafe positions[p]
                            let digit = unsafe digits[position.index &* 256 &+ Int(text[position.index])]
                            number = number &* position.size &+ UInt64(digit)
                        }
                        previous = number
                    }
                    unsafe numbers[row] = previous
                }
            }
        }
        return buffer
    }
}
