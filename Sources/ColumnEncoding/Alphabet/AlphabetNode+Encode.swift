import ColumnFormat

extension AlphabetNode {
    struct Analysis {
        let alphabets: [[UInt8]]
        let optional: Range<Int>
        /// Bytes of the node, its numbers packed; half of it where they may turn out to be in order.
        let byteCount: Int
        /// Bits of a text.
        let bits: Double
        /// Whether a text is made of one or two numbers, as ids are.
        let isShort: Bool
    }

    /// The alphabet of each position; nil where texts are too long, or differ too much in length. O(bytes).
    static func analyze(_ input: TextInput) -> Analysis? {
        guard let lengths = lengths(of: input), lengths.upperBound <= AlphabetPlan.maximumLength else { return nil }
        let length = lengths.upperBound
        // An optional position costs every row: more than a few are better stored as lengths.
        guard length >= 1, lengths.count - 1 <= max(8, length / 4) else { return nil }
        let prefix = lengths.count == 1 ? 0 : commonPrefix(of: input, limit: lengths.lowerBound)
        let optional = prefix..<prefix + (lengths.count - 1)
        var seen = [Bool](repeating: false, count: length * 256)
        unsafe seen.withUnsafeMutableBufferPointer { seen in
            for row in 0..<input.count where !input.isNull(row) {
                let text = unsafe input.bytes(at: row)
                for i in 0..<prefix { unsafe seen[i &* 256 &+ Int(text[i])] = true }
                let shift = length &- text.count
                for i in prefix..<text.count { unsafe seen[(i &+ shift) &* 256 &+ Int(text[i])] = true }
            }
        }
        let alphabets = (0..<length).map { position in (0...UInt8.max).filter { seen[position * 256 + Int($0)] } }
        let plan = AlphabetPlan(alphabets: alphabets, optional: optional)
        var bits = 0
        for group in plan.groups { bits += BitPacking.width(group.product - 1) }
        var byteCount = 4
        for alphabet in alphabets { byteCount += 1 + alphabet.count }
        byteCount += input.count * bits / (plan.groups.count <= 2 ? 16 : 8)
        return Analysis(
            alphabets: alphabets, optional: optional, byteCount: byteCount, bits: plan.bits,
            isShort: plan.groups.count <= 2)
    }

    /// The shortest and the longest length of all texts but nulls.
    private static func lengths(of input: TextInput) -> ClosedRange<Int>? {
        guard let first = input.firstValid else { return nil }
        var shortest = input.length(at: first)
        var longest = shortest
        for row in first..<input.count where !input.isNull(row) {
            shortest = min(shortest, input.length(at: row))
            longest = max(longest, input.length(at: row))
        }
        return shortest...longest
    }

    /// How many of their first `limit` bytes all texts share.
    private static func commonPrefix(of input: TextInput, limit: Int) -> Int {
        guard let first = input.firstValid else { return 0 }
        let text = unsafe input.bytes(at: first)
        var common = limit
        for row in first..<input.count where !input.isNull(row) {
            let other = unsafe input.bytes(at: row)
            var i = 0
            while unsafe i < common && text[i] == other[i] { i &+= 1 }
            common = i
            if common == 0 { break }
        }
        return common
    }

    static func encode(
        _ input: TextInput, analysis: Analysis, depth: Int, options: EncodingOptions
    ) -> EncodedNode {
        let plan = AlphabetPlan(alphabets: analysis.alphabets, optional: analysis.optional)
        var writer = ByteWriter(reservingCapacity: analysis.byteCount * 2)
        writer.append(code: .alphabet)
        writer.append(UInt8(plan.length))
        writer.append(UInt8(plan.optional.isEmpty ? 0 : plan.optional.lowerBound))
        writer.append(UInt8(plan.optional.count))
        for alphabet in analysis.alphabets {
            writer.append(UInt8(truncatingIfNeeded: alphabet.count))
            writer.append(bytes: alphabet)
        }
        var names: [String] = []
        for group in plan.groups {
            let numbers = numbers(of: input, group: group, plan: plan)
            let numberInput = FixedInput(numbers, count: input.count, shape: numberShape)
            let node = withExtendedLifetime(numbers) {
                FixedEncoder.encode(numberInput, depth: depth + 1, options: options)
            }
            writer.append(child: node)
            names.append(node.name)
        }
        return EncodedNode(bytes: writer.bytes, name: "alphabet(\(names.joined(separator: ", ")))")
    }

    /// What is added to a number for each byte of each of the group's positions.
    private static func weights(_ group: AlphabetPlan.Group) -> [UInt64] {
        var weights = [UInt64](repeating: 0, count: group.positions.count * 256)
        var weight: UInt64 = 1
        for (p, position) in group.positions.enumerated().reversed() {
            for (digit, letter) in position.alphabet.enumerated() {
                weights[p * 256 + Int(letter)] = UInt64(digit + (position.isOptional ? 1 : 0)) * weight
            }
            weight *= position.radix
        }
        return weights
    }

    /// The number of each row; a null has that of the row before it.
    private static func numbers(of input: TextInput, group: AlphabetPlan.Group, plan: AlphabetPlan) -> RawBuffer {
        let buffer = RawBuffer(byteCapacity: input.count * 8)
        let numbers = unsafe buffer.base.assumingMemoryBound(to: UInt64.self)
        let weights = weights(group)
        let indices = group.positions.map(\.index)
        let prefix = plan.optional.lowerBound
        var previous: UInt64 = 0
        unsafe weights.withUnsafeBufferPointer { weights in
            unsafe indices.withUnsafeBufferPointer { indices in
                for row in 0..<input.count {
                    if !input.isNull(row) {
                        let text = unsafe input.bytes(at: row)
                        let shift = plan.length &- text.count
                        var number: UInt64 = 0
                        for p in 0..<indices.count {
                            let index = unsafe indices[p]
                            // Behind the prefix a short text has its bytes at the right; what it lacks adds 0.
                            let source = index < prefix ? index : index &- shift
                            if source >= prefix || index < prefix {
                                unsafe number &+= weights[p &* 256 &+ Int(text[source])]
                            }
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
