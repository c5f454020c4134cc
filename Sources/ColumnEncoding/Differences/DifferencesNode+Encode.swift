import ColumnFormat

extension DifferencesNode {
    struct Analysis {
        /// What the node is likely to take.
        let byteCount: Int
        let decodeCost: Int
        /// Differences of differences are smaller still.
        let isNested: Bool
    }

    /// Bytes of the node, judged from a sample, if its differences are coded as well as a code can, or if their
    /// differences in turn are small; nil for a few values.
    static func analyze<Word: WordType>(_ values: UnsafePointer<Word>, count: Int) -> Analysis? {
        guard count > PageLimits.vectorRowCount / 2 else { return nil }
        let header = 16 + PageLimits.vectorCount(count) * MemoryLayout<Word>.size
        let coded = unsafe codedBitCount(values, count: count)
        let nested = unsafe nestedBitCount(values, count: count)
        let bits = min(coded, nested ?? coded)
        let byteCount = header + Int(bits / 8 * Double(count))
        let isNested = bits == nested
        let cost = isNested ? DecodeCost.delta : DecodeCost.huffman(byteCount: byteCount, count: count)
        return Analysis(byteCount: byteCount, decodeCost: DecodeCost.differences + cost, isNested: isNested)
    }

    /// The mean bits of a second difference, and what its vectors' headers take, where the first ones need twice as many.
    private static func nestedBitCount<Word: WordType>(_ values: UnsafePointer<Word>, count: Int) -> Double? {
        let bias: Word = 1 << Word(Word.bitWidth - 1)
        var (firstBits, secondBits, sampled) = (0, 0, 0)
        for run in Sample.runs(of: count) where run.count > 2 {
            var first = (low: Word.max, high: Word.min)
            var second = (low: Word.max, high: Word.min)
            for i in run.lowerBound + 2..<run.upperBound {
                let difference = unsafe values[i] &- values[i &- 1]
                let growth = unsafe difference &- (values[i &- 1] &- values[i &- 2])
                first = (min(first.low, difference ^ bias), max(first.high, difference ^ bias))
                second = (min(second.low, growth ^ bias), max(second.high, growth ^ bias))
            }
            firstBits += run.count * BitPacking.width(first.high &- first.low)
            secondBits += run.count * BitPacking.width(second.high &- second.low)
            sampled += run.count
        }
        guard secondBits * 2 < firstBits else { return nil }
        let header = Double(16 * MemoryLayout<Word>.size) / Double(PageLimits.vectorRowCount)
        return Double(secondBits) / Double(sampled) + header
    }

    /// The entropy of a difference in bits, and its share of their code's table. Where more than 256 different ones were
    /// sampled, that of their magnitudes' bit counts, and the bits below.
    private static func codedBitCount<Word: WordType>(_ values: UnsafePointer<Word>, count: Int) -> Double {
        var table = DistinctWords<Word>(limit: 256)
        var counts = [UInt32](repeating: 0, count: 256)
        var sampled = 0
        for run in Sample.runs(of: count) {
            for i in run where i > 0 {
                guard let code = unsafe table.code(of: values[i] &- values[i &- 1]) else {
                    return unsafe magnitudeBitCount(values, count: count)
                }
                counts[Int(code)] &+= 1
                sampled += 1
            }
        }
        return (Entropy.bits(counts, total: sampled) + Double(table.count) * 8) / Double(sampled)
    }

    private static func magnitudeBitCount<Word: WordType>(_ values: UnsafePointer<Word>, count: Int) -> Double {
        var counts = [UInt32](repeating: 0, count: Word.bitWidth + 1)
        var (sampled, lowBits) = (0, 0)
        for run in Sample.runs(of: count) {
            for i in run where i > 0 {
                let difference = unsafe values[i] &- values[i &- 1]
                let isNegative = difference.leadingZeroBitCount == 0
                let width = BitPacking.width(isNegative ? ~difference : difference)
                counts[width] &+= 1
                // The highest bit is known from the width; the sign is not.
                lowBits += max(width, 1)
                sampled += 1
            }
        }
        return (Entropy.bits(counts, total: sampled) + Double(lowBits)) / Double(sampled)
    }

    static func encode<Word: WordType>(
        _ input: FixedInput, as type: Word.Type, isNested: Bool, depth: Int, options: EncodingOptions
    ) -> EncodedNode {
        let values = unsafe input.words(as: type)
        let buffer = RawBuffer(byteCapacity: input.byteCount)
        let differences = unsafe buffer.base.assumingMemoryBound(to: type)
        for i in 1..<max(input.count, 1) { unsafe differences[i] = values[i] &- values[i &- 1] }
        // A first value's place repeats its neighbour, or goes on in its way, which widens no range.
        for start in stride(from: 0, to: input.count - 1, by: PageLimits.vectorRowCount) {
            unsafe differences[start] = differences[start + 1]
            if isNested, start + 2 < input.count {
                unsafe differences[start] &+= differences[start + 1] &- differences[start + 2]
            }
        }
        let shape = FixedShape(kind: .signed, byteWidth: input.shape.byteWidth)
        let child = withExtendedLifetime(buffer) {
            FixedEncoder.encode(
                FixedInput(buffer, count: input.count, shape: shape), depth: depth + 1, options: options)
        }
        var writer = ByteWriter(reservingCapacity: child.byteCount + 1)
        writer.append(code: .differences)
        for start in stride(from: 0, to: input.count, by: PageLimits.vectorRowCount) {
            unsafe writer.append(values[start])
        }
        writer.append(bytes: child.bytes)
        return EncodedNode(
            bytes: writer.bytes, name: "differences(\(child.name))",
            decodeCost: DecodeCost.differences + child.decodeCost)
    }
}
